//! The inbox: what is in it, in which order, and how it is read.

use super::calls::{check_in, config, since};
use crate::common::kernel_of;
use pvm::Version::{self, V0, V6};
use pvm::{Config, DalAttestedSlots, InfoPerLevel, LevelInbox, Pvm};

/// Copies the whole inbox to the outbox, each message with its 8 bytes of information in front.
const ECHO: &str = "(local $n i32)
    (loop $more
        (local.set $n (call $read_input (i32.const 992) (i32.const 1000) (i32.const 4088)))
        (if (local.get $n) (then
            (drop (call $write_output (i32.const 992) (i32.add (local.get $n) (i32.const 8))))
            (br $more))))";

fn echo(version: Version) -> Pvm {
    Pvm::originate_wasm(&kernel_of(version, ECHO), config(version)).unwrap()
}

fn numbered(level: u8, messages: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let messages = (0_u8..).zip(messages);
    messages.map(|(id, message)| [&[level, 0, 0, 0, id, 0, 0, 0], &message[..]].concat()).collect()
}

#[test]
fn an_inbox_is_start_info_messages_end() {
    for version in since(V0) {
        let mut pvm = echo(version);
        pvm.set_info_per_level(InfoPerLevel { predecessor_timestamp: 258, predecessor: [7; 32] });
        let info = [&[0, 3, 0, 0, 0, 0, 0, 0, 1, 2][..], &[7; 32]].concat();
        for level in 0..2 {
            let report = pvm.run_level(&[b"\x01a".to_vec(), b"\x01b".to_vec()]).unwrap();
            let inbox =
                [vec![0, 1], info.clone(), b"\x01a".to_vec(), b"\x01b".to_vec(), vec![0, 2]];
            assert_eq!(report.outbox, numbered(level, &inbox), "{version}");
        }
    }
}

#[test]
fn the_first_inbox_is_that_after_the_origination() {
    for version in since(V0) {
        let config = Config { version, ..Config::on_chain([1; 20], 41) };
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, ECHO), config).unwrap();
        let report = pvm.run_level(&[]).unwrap();
        assert_eq!(report.outbox[0], [42, 0, 0, 0, 0, 0, 0, 0, 0, 1], "{version}");
    }
}

#[test]
fn a_migration_comes_third_and_attested_slots_come_before_the_end() {
    let mut pvm = echo(V6);
    let attested = DalAttestedSlots {
        published_level: 1,
        slots: 160,
        slot_bytes: 380_832,
        page_bytes: 3_967,
        publishers: vec![([2; 21], vec![0, 3])],
    };
    let report = pvm
        .run_inbox(&LevelInbox {
            migration: Some("u025_025"),
            messages: &[b"\x01a".to_vec()],
            attested_slots: &[attested],
        })
        .unwrap();
    let tail = hex::decode("00050000000100a00005cfa00f7f00000016").unwrap();
    let attested = [&tail[..], &[2; 21], &[9]].concat();
    let migration = hex::decode("000400000008753032355f303235").unwrap();
    let info = [&[0, 3][..], &[0; 40]].concat();
    let inbox = [vec![0, 1], info, migration, b"\x01a".to_vec(), attested, vec![0, 2]];
    assert_eq!(report.outbox, numbered(0, &inbox));
}

#[test]
fn nothing_runs_before_the_end_of_the_level() {
    // Counts what is there in its first run, without asking for another.
    let body = "(loop $more (if (call $read) (then (drop (call $count)) (br $more))))";
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap();
        let report = pvm.run_level(&[vec![1], vec![1]]).unwrap();
        assert_eq!(report.runs.len(), 1);
        assert_eq!(crate::common::number(&pvm, "/count"), 5, "{version}");
    }
}

#[test]
fn read_input_tells_level_and_place() {
    for version in since(V0) {
        let rows = [
            ("read_input INFO BUFFER 4096", 2),
            ("same INFO '\0\0\0\0\0\0\0\0'", 1),
            ("same BUFFER '\0\u{1}'", 1),
            ("read_input INFO BUFFER 4096", 42),
            ("same INFO '\0\0\0\0\u{1}\0\0\0'", 1),
            ("read_input INFO BUFFER 4096", 2),
            ("same BUFFER '\0\u{2}'", 1),
            // Nothing is left, and nothing is written.
            ("read_input INFO BUFFER 4096", 0),
            ("same INFO '\0\0\0\0\u{2}\0\0\0'", 1),
        ];
        check_in(&rows, config(version), &[]);
    }
}

#[test]
fn read_input_moves_4096_bytes_and_drops_the_rest_of_a_message() {
    for version in since(V0) {
        let rows = [
            ("read_input INFO BUFFER 1", 1),
            ("read_input INFO BUFFER 4096", 42),
            ("read_input INFO BUFFER 2147483647", 4_096),
            ("read_input INFO BUFFER 3", 3),
            ("read_input INFO BUFFER 4096", 2),
            ("read_input INFO BUFFER 4096", 0),
        ];
        check_in(&rows, config(version), &[vec![1; 4_096], vec![1; 9]]);
    }
}

#[test]
fn read_input_into_the_end_of_memory_fails_and_keeps_the_message() {
    for version in since(V0) {
        let rows = [
            // A range that ends where memory ends is refused, though it lies inside.
            ("read_input END-8 BUFFER 4096", -6),
            ("read_input INFO END-4096 4096", -6),
            ("read_input INFO BUFFER -1", -6),
            ("read_input END-9 END-4097 4096", 2),
            ("read_input INFO BUFFER 4096", 42),
        ];
        check_in(&rows, config(version), &[]);
    }
}

#[test]
fn what_is_not_read_is_gone_with_the_level() {
    // Reads one message a level.
    let body = "(drop (call $read))
        (drop (call $write_output (i32.const 980) (i32.const 8)))";
    for version in since(V0) {
        let mut pvm = Pvm::originate_wasm(&kernel_of(version, body), config(version)).unwrap();
        for level in 0..2 {
            let report = pvm.run_level(&[vec![1]]).unwrap();
            assert_eq!(report.outbox, [[level, 0, 0, 0, 0, 0, 0, 0]], "{version}");
            assert_eq!(report.unread, 3, "{version}");
        }
    }
}
