//! The PVM's error codes as errors, and what the host may answer that it never should.

use encoding::{Level, MessageId, RollupAddress};
use host::{Call, CallHandler, Host, HostError, Metadata};
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};

/// A host whose every function answers the same number, and writes nothing but the message's level, 7,
/// and index.
struct Answers {
    code: i32,
    id: i32,
}

impl CallHandler for Answers {
    fn handle(&self, call: Call<'_>) -> i32 {
        if let Call::ReadInput { info, .. } = call {
            (info.level, info.id) = (7, self.id);
        }
        self.code
    }
}

const fn answering(code: i32) -> Answers {
    Answers { code, id: 3 }
}

/// Every code of the ABI, and some that are none.
const CODES: [(i32, HostError); 15] = [
    (-1, HostError::KeyTooLong),
    (-2, HostError::InvalidKey),
    (-3, HostError::NoValue),
    (-4, HostError::BadOffset),
    (-5, HostError::ValueTooLarge),
    (-6, HostError::BadAddress),
    (-7, HostError::IoTooLarge),
    (-8, HostError::Other(-8)),
    (-9, HostError::Readonly),
    (-10, HostError::NoTree),
    (-11, HostError::OutboxFull),
    (-12, HostError::Other(-12)),
    (-13, HostError::Other(-13)),
    (-14, HostError::Other(-14)),
    (i32::MIN, HostError::Other(i32::MIN)),
];

#[test]
fn every_code_is_its_error_in_every_function() {
    for (code, error) in CODES {
        let host = answering(code);
        assert_eq!(host.next_input(), Err(error));
        assert_eq!(host.output(b"x"), Err(error));
        assert_eq!(host.has("/a"), Err(error));
        assert_eq!(host.write_at("/a", 0, b"x"), Err(error));
        assert_eq!(host.delete("/a"), Err(error));
        assert_eq!(host.copy("/a", "/b"), Err(error));
        assert_eq!(host.rename("/a", "/b"), Err(error));
        assert_eq!(host.metadata(), Err(error));
    }
}

#[test]
fn of_all_errors_a_read_forgives_the_two_that_say_there_is_nothing() {
    for (code, error) in CODES {
        let host = answering(code);
        let nothing = matches!(error, HostError::NoValue | HostError::BadOffset);
        let expected = if nothing { Ok(Vec::new()) } else { Err(error) };
        assert_eq!(host.read_at("/a", 0, 9), expected);
        assert_eq!(host.read("/a"), expected);
        let expected = if nothing { Ok(None) } else { Err(error) };
        assert_eq!(host.read_record::<9>("/a", "what"), expected);
    }
}

#[test]
fn errors_say_what_they_are() {
    let full = HostError::OutboxFull.to_string();
    assert_eq!(full, "the outbox of this level is full: host code -11");
    let other = HostError::Other(-12).to_string();
    assert_eq!(other, "a code that no call of ours should get: host code -12");
    let corrupt = HostError::Corrupt("/counts").to_string();
    assert_eq!(corrupt, "a value in durable storage is not what its layout says: /counts");
}

#[test]
fn no_bytes_are_the_end_of_the_inbox() {
    assert_eq!(answering(0).next_input(), Ok(None));
    let end = NativeHost::over(Durable::default()).next_input();
    assert_eq!(end, Ok(None));
}

#[test]
fn a_message_has_the_level_and_the_place_that_the_host_gave() {
    let id = MessageId { level: Level(7), index: 3 };
    assert_eq!(answering(5).next_input(), Ok(Some((id, vec![0; 5]))));
    assert_eq!(answering(4_096).next_input(), Ok(Some((id, vec![0; 4_096]))));
    // A place below zero is none.
    assert_eq!(Answers { code: 5, id: -2 }.next_input(), Err(HostError::Other(-2)));
}

#[test]
fn metadata_of_another_size_is_corrupt() {
    for size in [0, 1, 20, 23, 25] {
        let metadata = answering(size).metadata();
        assert_eq!(metadata, Err(HostError::Corrupt("the rollup's metadata")), "{size} bytes");
    }
    let rollup = RollupAddress([0; 20]);
    let expected = Metadata { rollup, origination_level: Level(0) };
    assert_eq!(answering(24).metadata(), Ok(expected));
}

/// Runs this as the kernel of one level with one message, and returns that level's outbox.
fn level_of(kernel: impl FnMut(&NativeHost) + 'static, message: Vec<u8>) -> Vec<Vec<u8>> {
    let config = Config { rollup: [9; 20], origination_level: 0x0102_0304, ..Config::default() };
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), config);
    let report = pvm.run_level(&[message]).unwrap();
    assert_eq!(report.first_trap(), None);
    report.outbox
}

#[test]
fn metadata_is_what_the_rollup_was_originated_with() {
    level_of(
        |host| {
            let rollup = RollupAddress([9; 20]);
            let expected = Metadata { rollup, origination_level: Level(0x0102_0304) };
            assert_eq!(host.metadata(), Ok(expected));
        },
        Vec::new(),
    );
}

#[test]
fn the_longest_message_is_handed_over_whole_and_in_its_place() {
    let longest: Vec<u8> = (0..4_096_usize).map(|at| (at % 253).to_le_bytes()[0]).collect();
    let expected = longest.clone();
    level_of(
        move |host| {
            let mut messages = Vec::new();
            while let Some((id, message)) = host.next_input().unwrap() {
                messages.push((id.index, message));
            }
            let places: Vec<u32> = messages.iter().map(|(index, _)| *index).collect();
            assert_eq!(places, [0, 1, 2, 3], "start, information, ours, end");
            assert_eq!(messages[2].1, expected);
        },
        longest,
    );
}

#[test]
fn the_outbox_takes_a_hundred_messages_of_4096_bytes() {
    let outbox = level_of(
        |host| {
            assert_eq!(host.output(&[0; 4_097]), Err(HostError::IoTooLarge));
            for _ in 0..100 {
                assert_eq!(host.output(&[1; 4_096]), Ok(()));
            }
            assert_eq!(host.output(b"one more"), Err(HostError::OutboxFull));
        },
        Vec::new(),
    );
    assert_eq!(outbox, vec![vec![1; 4_096]; 100]);
}
