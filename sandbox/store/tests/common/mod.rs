//! A folder for each test, and a kernel that does what its messages say.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::fs;
use std::path::{Path, PathBuf};

use pvm::{Config, NativeHost, NativeProgram, Pvm};
use store::{Persistent, Store};

/// A folder, removed at the end of its test.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// One that is in memory, where the system has such: for tests that make many files and do not
    /// care how they get to the disk.
    pub fn in_memory(name: &str) -> Self {
        let memory = Path::new("/dev/shm");
        if !memory.is_dir() {
            return Self::new(name);
        }
        let path = memory.join(format!("store-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The names of all that is in it.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the kernel is told to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    Write(String, u32, Vec<u8>),
    Delete(String),
    DeleteValue(String),
    Copy(String, String),
    Move(String, String),
    Output(Vec<u8>),
    Trap,
    Reboot,
    Create(String, u32),
}

/// Bytes that a path takes in a message.
const PATH_BYTES: usize = 50;

impl Change {
    /// As an external message: a byte for the change, two paths behind their lengths, each with a
    /// room of its own, a number, bytes.
    pub fn message(&self) -> Vec<u8> {
        let (code, from, to, number, bytes) = match self {
            Self::Write(path, at, bytes) => (0, path.as_str(), "", *at, &bytes[..]),
            Self::Delete(path) => (1, path.as_str(), "", 0, &b""[..]),
            Self::DeleteValue(path) => (2, path.as_str(), "", 0, &b""[..]),
            Self::Copy(from, to) => (3, from.as_str(), to.as_str(), 0, &b""[..]),
            Self::Move(from, to) => (4, from.as_str(), to.as_str(), 0, &b""[..]),
            Self::Output(bytes) => (5, "", "", 0, &bytes[..]),
            Self::Trap => (6, "", "", 0, &b""[..]),
            Self::Reboot => (7, "", "", 0, &b""[..]),
            Self::Create(path, len) => (8, path.as_str(), "", *len, &b""[..]),
        };
        let mut message = vec![1, code];
        for path in [from, to] {
            message.push(u8::try_from(path.len()).unwrap());
            let mut room = path.as_bytes().to_vec();
            room.resize(PATH_BYTES, 0);
            message.extend(room);
        }
        message.extend(number.to_le_bytes());
        message.extend(bytes);
        message
    }
}

/// Messages of a level.
pub fn messages(changes: &[Change]) -> Vec<Vec<u8>> {
    changes.iter().map(Change::message).collect()
}

/// The kernel that does so. Deeds that are refused change nothing.
pub fn kernel() -> Vec<u8> {
    wat::parse_str(
        r#"(module
      (import "smart_rollup_core" "read_input" (func $read (param i32 i32 i32) (result i32)))
      (import "smart_rollup_core" "write_output" (func $output (param i32 i32) (result i32)))
      (import "smart_rollup_core" "store_write"
        (func $write (param i32 i32 i32 i32 i32) (result i32)))
      (import "smart_rollup_core" "store_delete" (func $delete (param i32 i32) (result i32)))
      (import "smart_rollup_core" "store_delete_value"
        (func $delete_value (param i32 i32) (result i32)))
      (import "smart_rollup_core" "store_copy"
        (func $copy (param i32 i32 i32 i32) (result i32)))
      (import "smart_rollup_core" "store_move"
        (func $move (param i32 i32 i32 i32) (result i32)))
      (import "smart_rollup_core" "store_create"
        (func $create (param i32 i32 i32) (result i32)))
      (memory (export "mem") 1)
      (data (i32.const 100) "/kernel/env/reboot")
      (func $from (result i32) (i32.const 1003))
      (func $from_len (result i32) (i32.load8_u (i32.const 1002)))
      (func $to (result i32) (i32.const 1054))
      (func $to_len (result i32) (i32.load8_u (i32.const 1053)))
      (func $number (result i32) (i32.load (i32.const 1104)))
      (func $do (param $change i32) (param $bytes i32)
        (if (i32.eq (local.get $change) (i32.const 0)) (then (drop (call $write
          (call $from) (call $from_len) (call $number) (i32.const 1108) (local.get $bytes)))))
        (if (i32.eq (local.get $change) (i32.const 1)) (then (drop
          (call $delete (call $from) (call $from_len)))))
        (if (i32.eq (local.get $change) (i32.const 2)) (then (drop
          (call $delete_value (call $from) (call $from_len)))))
        (if (i32.eq (local.get $change) (i32.const 3)) (then (drop
          (call $copy (call $from) (call $from_len) (call $to) (call $to_len)))))
        (if (i32.eq (local.get $change) (i32.const 4)) (then (drop
          (call $move (call $from) (call $from_len) (call $to) (call $to_len)))))
        (if (i32.eq (local.get $change) (i32.const 5)) (then (drop
          (call $output (i32.const 1108) (local.get $bytes)))))
        (if (i32.eq (local.get $change) (i32.const 6)) (then (unreachable)))
        (if (i32.eq (local.get $change) (i32.const 7)) (then (drop (call $write
          (i32.const 100) (i32.const 18) (i32.const 0) (i32.const 0) (i32.const 0)))))
        (if (i32.eq (local.get $change) (i32.const 8)) (then (drop
          (call $create (call $from) (call $from_len) (call $number))))))
      (func (export "kernel_run") (local $n i32)
        (loop $next
          (local.set $n (call $read (i32.const 980) (i32.const 1000) (i32.const 4096)))
          (if (local.get $n) (then
            (if (i32.load8_u (i32.const 1000)) (then
              (call $do (i32.load8_u (i32.const 1001))
                        (i32.sub (local.get $n) (i32.const 108)))))
            (br $next))))))"#,
    )
    .unwrap()
}

/// How the rollups of the tests are set up.
pub fn config() -> Config {
    Config::on_chain([9; 20], 100)
}

/// A PVM that has played nothing yet. Its first level is 101.
pub fn pvm() -> Pvm {
    Pvm::originate_wasm(&kernel(), config()).unwrap()
}

/// A rollup as WASM of six levels, of which each writes, moves and sends.
pub fn busy(path: &Path) -> Store {
    let mut real = Persistent::create(path, pvm()).unwrap();
    for level in 0..6u8 {
        let changes = [
            Change::Write(format!("/v/{level}"), 0, vec![level; 700]),
            Change::Move("/v/1".to_owned(), "/v/7".to_owned()),
            Change::Output(vec![level; 9]),
            Change::Output(vec![7]),
        ];
        real.run_level(&messages(&changes)).unwrap();
    }
    real.into_store()
}

/// A small rollup with a few levels.
pub fn played(path: &Path) -> Store {
    let kernel = NativeProgram::new(|_: &NativeHost| ());
    let mut pvm = Pvm::originate(Box::new(kernel), config());
    pvm.durable_mut().set("/long", &[3; 4_200]).unwrap();
    let mut real = Persistent::create(path, pvm).unwrap();
    for level in 0..3 {
        real.run_level(&vec![b"\x01x".to_vec(); level]).unwrap();
    }
    real.snapshot("here").unwrap();
    real.run_level(&[]).unwrap();
    real.into_store()
}

/// All of a store as an export.
pub fn exported(store: &Store) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.export(&mut bytes).unwrap();
    bytes
}
