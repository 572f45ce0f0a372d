//! Every host function: its results, its error codes, and which of two errors wins.

use super::*;
use crate::durable::Key;
use crate::memory::Linear;
use crate::preimages::preimage_hash;
use std::collections::HashMap;
use std::sync::mpsc::channel;

const SIZE: usize = 16_384;
/// Where a second key, a buffer, and an address outside of memory are.
const SECOND: i32 = 1_000;
const BUFFER: i32 = 4_096;
const OUTSIDE: i32 = 16_384;

/// A host and a memory of its kernel.
struct Bench {
    host: Host,
    memory: Vec<u8>,
}

impl Bench {
    fn new() -> Self {
        let mut host = Host::default();
        for (path, value) in [
            ("/v", "0123456789"),
            ("/empty", ""),
            ("/t/x", "x"),
            ("/t/y/z", "z"),
            ("/both", "b"),
            ("/both/c", "c"),
            ("/readonly/r", "r"),
        ] {
            host.durable.set(path, value.as_bytes()).unwrap();
        }
        Self { host, memory: vec![0; SIZE] }
    }

    fn location(&mut self, at: i32, text: &str) -> (i32, i32) {
        let start = usize::try_from(at).unwrap();
        self.memory[start..start + text.len()].copy_from_slice(text.as_bytes());
        (at, abi_len(text.as_bytes()))
    }

    fn buffer(&self, len: i32) -> &[u8] {
        &self.memory[4_096..4_096 + usize::try_from(len).unwrap()]
    }

    fn on_key(
        &mut self,
        path: &str,
        body: impl FnOnce(&mut Durable, Key<'_>) -> Result<i32, Code>,
    ) -> i32 {
        let key = self.location(0, path);
        let memory = Linear::new(&mut self.memory);
        self.host.on_key(HostFn::StoreHas, &memory, key, body).unwrap()
    }

    fn has(&mut self, path: &str) -> i32 {
        self.on_key(path, |durable, key| Ok(durable.kind(key)))
    }

    fn read(&mut self, path: &str, offset: i32, dst: i32, max: i32) -> i32 {
        let key = self.location(0, path);
        self.host.store_read(&mut Linear::new(&mut self.memory), key, offset, dst, max).unwrap()
    }

    fn write(&mut self, path: &str, offset: i32, src: i32, n: i32) -> i32 {
        let key = self.location(0, path);
        self.host.store_write(&Linear::new(&mut self.memory), key, offset, src, n).unwrap()
    }

    fn copy(&mut self, from: &str, to: &str) -> i32 {
        let (from, to) = (self.location(0, from), self.location(SECOND, to));
        self.host.store_copy(&Linear::new(&mut self.memory), from, to).unwrap()
    }

    fn rename(&mut self, from: &str, to: &str) -> i32 {
        let (from, to) = (self.location(0, from), self.location(SECOND, to));
        self.host.store_move(&Linear::new(&mut self.memory), from, to).unwrap()
    }

    fn read_input(&mut self, info: i32, dst: i32, max: i32) -> i32 {
        self.host.read_input(&mut Linear::new(&mut self.memory), info, dst, max).unwrap()
    }

    fn write_output(&mut self, src: i32, n: i32) -> i32 {
        self.host.write_output(&Linear::new(&mut self.memory), src, n).unwrap()
    }

    fn reveal(&mut self, request: &[u8], max: i32) -> Result<i32, Halted> {
        self.memory[..request.len()].copy_from_slice(request);
        let request = (0, abi_len(request));
        self.host.reveal(&mut Linear::new(&mut self.memory), request, BUFFER, max)
    }
}

#[test]
fn keys() {
    let mut bench = Bench::new();
    assert_eq!(bench.has(&"/a".repeat(120)), 0);
    assert_eq!(bench.has(&"/".repeat(241)), -1);
    for bad in ["v", "/", "/v/", "//v", "/v@", "/a//b"] {
        assert_eq!(bench.has(bad), -2, "{bad}");
    }
    let has = |bench: &mut Bench, key| {
        let memory = Linear::new(&mut bench.memory);
        bench.host.on_key(HostFn::StoreHas, &memory, key, |_, _| Ok(0)).unwrap()
    };
    assert_eq!(has(&mut bench, (OUTSIDE, 241)), -1, "the length is checked first");
    assert_eq!(has(&mut bench, (OUTSIDE - 1, 2)), -6);
    assert_eq!(has(&mut bench, (-1, 1)), -6, "the last address of 4 GiB");
    assert_eq!(has(&mut bench, (0, -1)), -8, "a negative length is no range");
    assert_eq!(has(&mut bench, (OUTSIDE, -1)), -8);
    assert_eq!(has(&mut bench, (-1, 0)), 0, "nothing is read of an empty key, which is the root");
}

#[test]
fn has_exists_and_sizes() {
    let mut bench = Bench::new();
    let kinds = [("/none", 0), ("/v", 1), ("/t", 2), ("/both", 3), ("/empty", 1), ("", 2)];
    for (path, kind) in kinds {
        assert_eq!(bench.has(path), kind, "{path}");
        let exists = bench.on_key(path, |durable, key| Ok(i32::from(durable.exists(key))));
        assert_eq!(exists, i32::from(kind > 0), "{path}");
    }
    for (path, size) in [("/v", 10), ("/empty", 0), ("/t", -3), ("/none", -3), ("/readonly/r", 1)] {
        assert_eq!(bench.on_key(path, |durable, key| durable.value_size(key)), size, "{path}");
    }
    for (path, children) in [("/none", 0), ("/v", 1), ("/t", 2), ("/both", 2), ("", 5)] {
        let listed =
            bench.on_key(path, |durable, key| Ok(i32::try_from(durable.list_size(key)).unwrap()));
        assert_eq!(listed, children, "{path}");
    }
}

#[test]
fn read() {
    let mut bench = Bench::new();
    assert_eq!(bench.read("/v", 0, BUFFER, 4), 4);
    assert_eq!(bench.buffer(4), b"0123");
    assert_eq!(bench.read("/v", 7, BUFFER, 2_048), 3);
    assert_eq!(bench.buffer(3), b"789");
    assert_eq!(bench.read("/v", 3, BUFFER, 0), 0);
    assert_eq!(bench.read("/readonly/r", 0, BUFFER, 1), 1);
    // Size, existence, offset, memory: in this order.
    assert_eq!(bench.read("/none", 99, OUTSIDE, 2_049), -7);
    assert_eq!(bench.read("/none", 99, OUTSIDE, 2_048), -3);
    assert_eq!(bench.read("/t", 0, BUFFER, 1), -3);
    assert_eq!(bench.read("/v", 10, OUTSIDE, 1), -4);
    assert_eq!(bench.read("/v", -1, OUTSIDE, 1), -4);
    assert_eq!(bench.read("/empty", 0, BUFFER, 1), -4);
    assert_eq!(bench.read("/v", 0, OUTSIDE, 1), -6);
    assert_eq!(bench.read("/v", 0, BUFFER, -1), -8);
    // What counts is what is read, not the room for it.
    assert_eq!(bench.read("/v", 0, OUTSIDE - 10, 2_048), 10);
    assert_eq!(bench.read("/v", 0, OUTSIDE - 9, 2_048), -6);
}

#[test]
fn write() {
    let mut bench = Bench::new();
    bench.location(BUFFER, "ABCDEF");
    assert_eq!(bench.write("/new/value", 0, BUFFER, 6), 0);
    assert_eq!(bench.write("/new/value", 6, BUFFER, 2), 0);
    assert_eq!(bench.write("/new/value", 1, BUFFER, 2), 0);
    assert_eq!(bench.host.durable.get("/new/value").as_deref(), Some(&b"AABDEFAB"[..]));
    assert_eq!(bench.write("/made", 0, BUFFER, 0), 0, "an empty write makes an empty value");
    assert_eq!(bench.has("/made"), 1);
    assert_eq!(bench.write("/v", 0, BUFFER, 2_048), 0);
    // Overflow, memory, readonly, size, offset: in this order.
    assert_eq!(bench.write("/readonly/r", 9, OUTSIDE, i32::MAX), -5);
    assert_eq!(bench.write("/readonly/r", 9, BUFFER, -1), -5);
    assert_eq!(bench.write("/readonly/r", 9, OUTSIDE, 2_049), -6);
    assert_eq!(bench.write("/readonly/r", 9, BUFFER, 2_049), -9);
    assert_eq!(bench.write("", 0, BUFFER, 1), -9);
    assert_eq!(bench.write("/new/other", 9, BUFFER, 2_049), -7);
    assert_eq!(bench.write("/new/other", 1, BUFFER, 1), -4);
    assert_eq!(bench.write("/new/other", -1, BUFFER, 1), -8);
    assert_eq!(bench.has("/new/other"), 0, "what fails leaves nothing behind");
    assert_eq!(bench.write("/readonly.x", 0, BUFFER, 1), 0);
}

#[test]
fn delete_and_create() {
    let mut bench = Bench::new();
    let delete = |bench: &mut Bench, path: &str| {
        bench.on_key(path, |durable, key| durable.delete_tree(key).map(|()| 0))
    };
    let delete_value = |bench: &mut Bench, path: &str| {
        bench.on_key(path, |durable, key| durable.delete_value(key).map(|()| 0))
    };
    for path in ["", "/readonly", "/readonly/r", "/readonly/none"] {
        assert_eq!(delete(&mut bench, path), -9, "{path}");
        assert_eq!(delete_value(&mut bench, path), -9, "{path}");
    }
    assert_eq!(delete(&mut bench, "/none"), 0);
    assert_eq!(delete_value(&mut bench, "/none"), 0);
    assert_eq!(delete_value(&mut bench, "/both"), 0);
    assert_eq!(bench.has("/both"), 2);
    assert_eq!(delete(&mut bench, "/both"), 0);
    assert_eq!(bench.has("/both"), 0);

    let create = |bench: &mut Bench, path: &str, size| {
        bench.on_key(path, |durable, key| durable.create(key, size).map(|()| 0))
    };
    assert_eq!(create(&mut bench, "/readonly/r", -1), -5);
    assert_eq!(create(&mut bench, "/readonly/r", 1), -9);
    assert_eq!(create(&mut bench, "/v", 1), -13);
    assert_eq!(create(&mut bench, "/t", 3), 0);
    assert_eq!(bench.host.durable.get("/t").as_deref(), Some(&[0; 3][..]));
    assert_eq!(create(&mut bench, "/huge", i32::MAX), 0);
    assert_eq!(bench.write("/huge", i32::MAX - 1, BUFFER, 1), -5, "old size and count overflow");
    assert_eq!(bench.read("/huge", i32::MAX - 1, BUFFER, 9), 1);
}

#[test]
fn copy_and_move() {
    let mut bench = Bench::new();
    assert_eq!(bench.copy("/none", "/readonly/x"), -9);
    assert_eq!(bench.copy("/none", "/x"), -10);
    assert_eq!(bench.copy("/v", ""), -9);
    assert_eq!(bench.copy("/readonly", "/r"), 0, "from readonly is fine");
    assert_eq!(bench.host.durable.get("/r/r").as_deref(), Some(&b"r"[..]));
    assert_eq!(bench.copy("/t", "/both"), 0);
    assert_eq!(bench.has("/both"), 2, "all of the target is replaced");
    assert_eq!(bench.has("/both/c"), 0);
    assert_eq!(bench.rename("/readonly/none", "/x"), -9);
    assert_eq!(bench.rename("/none", "/readonly"), -9);
    assert_eq!(bench.rename("/none", "/x"), -10);
    assert_eq!(bench.rename("/t", "/v"), 0);
    assert_eq!(bench.has("/t"), 0);
    assert_eq!(bench.has("/v"), 2);
    // Of two bad keys the first wins.
    assert_eq!(bench.copy("bad", &"/".repeat(241)), -2);
    assert_eq!(bench.copy(&"/".repeat(241), "bad"), -1);
    assert_eq!(bench.copy("", "/whole"), 0);
    assert_eq!(bench.has("/whole/readonly/r"), 1);
}

#[test]
fn list_names_and_hash() {
    let mut bench = Bench::new();
    let mut nth = |path: &str, index, dst, max| {
        let key = bench.location(0, path);
        let memory = &mut Linear::new(&mut bench.memory);
        bench.host.store_get_nth_key(memory, key, index, dst, max).unwrap()
    };
    assert_eq!(nth("/none", 0, BUFFER, 9), -10);
    assert_eq!(nth("/t", 2, BUFFER, 9), -12);
    assert_eq!(nth("", 3, OUTSIDE, 9), -6);
    assert_eq!(nth("/v", 0, OUTSIDE, 9), 0, "the value's own name is empty");
    assert_eq!(nth("", 2, BUFFER, 2), 2);
    assert_eq!(nth("", 2, BUFFER, 100), 8);
    assert_eq!(bench.buffer(8), b"readonly");
    let mut hash = |path: &str, dst, max| {
        let key = bench.location(0, path);
        bench.host.store_get_hash(&mut Linear::new(&mut bench.memory), key, dst, max)
    };
    assert_eq!(hash("/none", BUFFER, 32).unwrap(), -10);
    assert_eq!(hash("/v", BUFFER, 32).unwrap(), 32);
    assert_eq!(hash("/v", BUFFER, 5).unwrap(), 5);
    assert_eq!(hash("/v", OUTSIDE - 1, 32).unwrap(), -6);
    assert_eq!(hash("/v", -1, 0).unwrap(), 0, "nothing is written");
    // Of what is not there nothing would be written.
    assert_eq!(hash("/none", BUFFER, -1).unwrap(), -10);
    assert!(hash("/v", BUFFER, -1).is_err());
    assert!(matches!(bench.host.halt, Some(Halt::StuckCall(_))));
}

#[test]
fn input() {
    let mut bench = Bench::new();
    bench.host.level = 7;
    bench.host.inbox = VecDeque::from([(0, vec![1, 2, 3]), (1, vec![9; 4_096]), (2, vec![4; 10])]);
    // A range that ends where memory ends is bad, and the message stays.
    assert_eq!(bench.read_input(OUTSIDE - 8, BUFFER, 4_096), -6);
    assert_eq!(bench.read_input(0, OUTSIDE - 4_096, 4_096), -6);
    assert_eq!(bench.read_input(0, BUFFER, -1), -6);
    assert_eq!(bench.host.inbox.len(), 3);
    assert_eq!(bench.read_input(OUTSIDE - 9, OUTSIDE - 4_097, 4_096), 3);
    assert_eq!(bench.memory[SIZE - 9..], [7, 0, 0, 0, 0, 0, 0, 0, 0]);
    assert_eq!(bench.read_input(0, BUFFER, i32::MAX), 4_096, "the maximum is clamped");
    assert_eq!(bench.memory[..8], [7, 0, 0, 0, 1, 0, 0, 0]);
    assert_eq!(bench.read_input(0, BUFFER, 4), 4, "the rest of a message is lost");
    assert_eq!(bench.read_input(0, BUFFER, 4), 0);
}

#[test]
fn output() {
    let mut bench = Bench::new();
    assert_eq!(bench.write_output(OUTSIDE, 4_097), -7);
    assert_eq!(bench.write_output(OUTSIDE, 1), -6);
    assert_eq!(bench.write_output(0, -1), -8);
    assert_eq!(bench.write_output(OUTSIDE - 4_096, 4_096), 0);
    assert_eq!(bench.write_output(-1, 0), 0, "nothing is read of an empty message");
    assert_eq!(bench.host.outbox.last(), Some(&Vec::new()));
    for _ in 2..100 {
        assert_eq!(bench.write_output(0, 0), 0);
    }
    assert_eq!(bench.write_output(0, 0), -11);
    assert_eq!(bench.write_output(OUTSIDE, 1), -6, "memory is checked before the outbox");
    assert_eq!(bench.host.outbox.len(), 100);
}

#[test]
fn reveals() {
    let mut bench = Bench::new();
    let hash = preimage_hash(b"preimage");
    bench.host.preimages = Some(Box::new(HashMap::from([(hash, b"preimage".to_vec())])));
    bench.host.metadata = [3; 24];
    let request: Vec<u8> = [&[0][..], &hash].concat();
    assert_eq!(bench.reveal(&request, 4_096).unwrap(), 8);
    assert_eq!(bench.buffer(8), b"preimage");
    assert_eq!(bench.reveal(&request, 3).unwrap(), 3);
    assert_eq!(bench.reveal(&[1], 4_096).unwrap(), 24);
    assert_eq!(bench.buffer(24), [3; 24]);
    // What cannot be decoded, and what is not active, is empty.
    for empty in [&[][..], &[0], &request[..33], &[1, 0], &[2, 0, 0, 0, 9, 0, 0, 0], &[3], &[9]] {
        assert_eq!(bench.reveal(empty, 4_096).unwrap(), 0, "{empty:?}");
    }
    let memory = &mut Linear::new(&mut bench.memory);
    assert_eq!(bench.host.reveal(memory, (0, 4_097), BUFFER, 1).unwrap(), -7);
    assert_eq!(bench.host.reveal(memory, (OUTSIDE, 1), BUFFER, 1).unwrap(), -6);
    assert_eq!(bench.host.reveal(memory, (OUTSIDE, -1), BUFFER, 1).unwrap(), -8);
    assert_eq!(bench.host.reveal(memory, (-1, 0), -1, 1).unwrap(), 0, "no request, no answer");
    assert_eq!(bench.host.reveal_metadata(memory, BUFFER, 20).unwrap(), 20);
    assert_eq!(bench.host.reveal_metadata(memory, -1, 0).unwrap(), 0, "nothing is written");

    let unknown = [[0; 2].as_slice(), &[8; 32]].concat();
    assert!(bench.reveal(&unknown, 4_096).is_err());
    assert!(matches!(bench.host.halt, Some(Halt::MissingPreimage { .. })));
    assert!(bench.reveal(&[1], 4_096).is_err(), "nothing is executed after a halt");
}

#[test]
fn debug_output_never_fails() {
    let mut bench = Bench::new();
    let (sender, said) = channel();
    bench.host.log = Some(Box::new(move |text| sender.send(text.to_owned()).unwrap()));
    let (src, n) = bench.location(0, "hi");
    let memory = Linear::new(&mut bench.memory);
    for (src, n) in [(src, n), (OUTSIDE, 1), (0, -1), (-5, i32::MAX)] {
        bench.host.write_debug(&memory, src, n).unwrap();
    }
    assert_eq!(said.try_iter().collect::<Vec<_>>(), ["hi"]);
}

#[test]
fn the_hook_traps_one_call_instead_of_executing_it() {
    let mut bench = Bench::new();
    bench.host.trap_at = Some(1);
    bench.host.recording = true;
    assert_eq!(bench.write("/x", 0, BUFFER, 1), 0);
    let key = bench.location(0, "/y");
    let memory = Linear::new(&mut bench.memory);
    assert!(bench.host.store_write(&memory, key, 0, BUFFER, 1).is_err());
    assert_eq!(bench.host.halt, Some(Halt::InjectedTrap { host_call: 1 }));
    assert_eq!(bench.host.calls, 1);
    assert_eq!(bench.host.record, [HostCall { run: 0, function: HostFn::StoreWrite, result: 0 }]);
    bench.host.halt = None;
    assert_eq!(bench.has("/y"), 0);
}
