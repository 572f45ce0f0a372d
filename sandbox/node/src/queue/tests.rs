//! What levels take, what is refused, and what is there again after an end at any moment.

use std::path::PathBuf;

use pvm::{Config, Pvm};
use store::{Persistent, inbox_hash};

use super::*;
use crate::digest::digest;
use crate::limits::{
    MAX_EXTERNAL_BYTES, MAX_LEVEL_BYTES, MAX_MESSAGES_PER_REQUEST, MAX_QUEUED_MESSAGES,
    MESSAGE_OVERHEAD_BYTES,
};

const KERNEL: &str = r#"(module (memory (export "memory") 1) (func (export "kernel_run")))"#;

fn injected(queue: &mut Queue, payloads: &[Vec<u8>]) -> Vec<MessageId> {
    let ids = queue.inject(payloads, None, false).unwrap();
    queue.sync().unwrap();
    ids
}

/// The level in which a message was.
fn level_of(status: Option<MessageStatus>) -> Option<i32> {
    match status? {
        MessageStatus::Included { level, .. } => Some(level),
        MessageStatus::Pending => None,
    }
}

#[test]
fn a_level_takes_what_a_block_holds_and_the_rest_waits() {
    let mut queue = Queue::in_memory();
    let full = vec![7; MAX_EXTERNAL_BYTES];
    injected(&mut queue, &vec![full; 200]);
    let level = queue.next_level(0);
    assert_eq!(level.len(), MAX_LEVEL_BYTES / (4_096 + MESSAGE_OVERHEAD_BYTES));
    queue.include(0, level.len(), 5);
    assert_eq!(queue.pending().count(), 200 - level.len());
}

#[test]
fn limits_refuse_all_or_nothing() {
    let mut queue = Queue::in_memory();
    let long = vec![vec![1], vec![0; MAX_EXTERNAL_BYTES + 1]];
    assert!(matches!(queue.inject(&long, None, false), Err(NodeError::TooMuch { .. })));
    assert!(!queue.has_staged());
    let most = vec![vec![1]; MAX_MESSAGES_PER_REQUEST];
    for number in 0..MAX_QUEUED_MESSAGES / MAX_MESSAGES_PER_REQUEST {
        queue.inject(&most, None, false).unwrap();
        if number % 2 == 0 {
            queue.sync().unwrap();
        }
    }
    assert!(queue.inject(&[vec![1]], None, false).is_err());
    assert!(queue.inject(&vec![vec![1]; MAX_MESSAGES_PER_REQUEST + 1], None, false).is_err());
}

#[test]
fn duplicates_are_dropped_only_if_asked() {
    let mut queue = Queue::in_memory();
    let twice = [vec![1], vec![1]];
    let ids = queue.inject(&twice, None, true).unwrap();
    assert_eq!(ids[0], ids[1]);
    queue.sync().unwrap();
    assert_eq!(queue.inject(&twice, None, true).unwrap(), ids);
    let ids = injected(&mut queue, &twice);
    assert_ne!(ids[0], ids[1]);
    assert_eq!(queue.pending().count(), 3);
    queue.include(0, 1, 9);
    assert_eq!(level_of(queue.status(&digest("message", &[&[1]]))), Some(9));
    queue.clear().unwrap();
    assert_eq!(queue.status(&ids[0]), None);
}

#[test]
fn those_with_an_order_come_first_and_the_least_before_the_others() {
    let mut queue = Queue::in_memory();
    for (payload, order) in [(1, None), (2, Some(9)), (3, Some(3)), (4, None), (5, Some(9))] {
        queue.inject(&[vec![payload]], order, false).unwrap();
        queue.sync().unwrap();
    }
    let taken: Vec<u8> = queue.next_level(0).iter().map(|message| message[1]).collect();
    assert_eq!(taken, [3, 2, 5, 1, 4]);
}

/// A rollup and the record of its queue, removed at the end.
struct Kept {
    folder: PathBuf,
    rollup: Persistent,
}

impl Kept {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("node-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let wasm = wat::parse_str(KERNEL).unwrap();
        let pvm = Pvm::originate_wasm(&wasm, Config::default()).unwrap();
        let rollup = Persistent::create(&folder.join("rollup"), pvm).unwrap();
        Self { folder, rollup }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("queue")
    }

    /// As another process would find it.
    fn reopened(&self) -> Queue {
        Queue::open(&self.path(), self.rollup.store()).unwrap()
    }

    /// What a level does, with the play of it or without.
    fn level(&mut self, queue: &mut Queue, played: bool) -> i32 {
        let messages = queue.next_level(0);
        let level = self.rollup.store().next_level().unwrap();
        queue.intend(level, 0, messages.len(), &inbox_hash(&messages)).unwrap();
        if played {
            self.rollup.run_level(&messages).unwrap();
        }
        level
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn what_was_taken_waits_until_its_level_was_played_and_not_after() {
    let mut kept = Kept::new("queue-levels");
    let mut queue = Queue::create(&kept.path()).unwrap();
    let first = injected(&mut queue, &[vec![1], vec![]]);
    queue.inject(&[vec![9]], None, false).unwrap();
    drop(queue);

    // What was only staged was not taken.
    let mut queue = kept.reopened();
    let waiting = [vec![1, 1], vec![1]];
    assert_eq!(queue.next_level(0), waiting);
    // Not played, then played, and the process ended before it could say so.
    kept.level(&mut queue, false);
    let mut queue = kept.reopened();
    assert_eq!(queue.next_level(0), waiting);
    kept.level(&mut queue, false);
    let level = kept.level(&mut queue, true);
    let late = injected(&mut queue, &[vec![5]]);
    drop(queue);
    for _ in 0..2 {
        let queue = kept.reopened();
        assert_eq!(level_of(queue.status(&first[0])), Some(level));
        assert_eq!(queue.status(&late[0]), Some(MessageStatus::Pending));
        assert_eq!(queue.next_level(0), [vec![1, 5]]);
    }
    // Another inbox was played in the level that was meant.
    let mut queue = kept.reopened();
    kept.level(&mut queue, false);
    kept.rollup.run_level(&[vec![1, 6]]).unwrap();
    assert_eq!(kept.reopened().next_level(0), [vec![1, 5]]);
}

#[test]
fn orders_and_duplicates_are_known_to_the_next_process() {
    let mut kept = Kept::new("queue-orders");
    let mut queue = Queue::create(&kept.path()).unwrap();
    for (payload, order) in [(1, None), (2, Some(9)), (3, Some(3))] {
        queue.inject(&[vec![payload]], order, true).unwrap();
        queue.sync().unwrap();
    }
    let mut queue = kept.reopened();
    assert_eq!(queue.next_level(0), [vec![1, 3], vec![1, 2], vec![1, 1]]);
    let level = kept.level(&mut queue, true);
    let mut queue = kept.reopened();
    let again = queue.inject(&[vec![2]], None, true).unwrap();
    assert!(!queue.has_staged());
    assert_eq!(level_of(queue.status(&again[0])), Some(level));
}

#[test]
fn an_end_while_going_back_leaves_all_or_nothing() {
    let mut kept = Kept::new("queue-back");
    let mut queue = Queue::create(&kept.path()).unwrap();
    let start = kept.rollup.store().last();
    let ids = injected(&mut queue, &[vec![1]]);
    let level = kept.level(&mut queue, true);
    queue.include(0, 1, level);
    injected(&mut queue, &[vec![2]]);
    queue.intend_to_clear(start).unwrap();
    // It had not gone back yet.
    let mut queue = kept.reopened();
    assert_eq!(level_of(queue.status(&ids[0])), Some(level));
    assert_eq!(queue.next_level(0), [vec![1, 2]]);
    // It was refused, and things went on.
    queue.intend_to_clear(level).unwrap();
    injected(&mut queue, &[vec![3]]);
    let mut queue = kept.reopened();
    assert_eq!(queue.next_level(0), [vec![1, 2], vec![1, 3]]);
    // It had.
    queue.intend_to_clear(start).unwrap();
    kept.rollup.revert(store::KeptState::Level(start)).unwrap();
    let mut queue = kept.reopened();
    assert_eq!((queue.status(&ids[0]), queue.next_level(0).len()), (None, 0));
    // Messages of the same bytes are other messages all the same.
    assert!(!ids.contains(&injected(&mut queue, &[vec![1]])[0]));
}

#[test]
fn messages_of_layer_1_come_first_and_are_counted() {
    let mut kept = Kept::new("queue-before");
    let mut queue = Queue::create(&kept.path()).unwrap();
    let ids = injected(&mut queue, &[vec![1], vec![2]]);
    let inbox = [vec![vec![0, 0, 7]], queue.next_level(0)].concat();
    let level = kept.rollup.store().next_level().unwrap();
    queue.intend(level, 1, 2, &inbox_hash(&inbox)).unwrap();
    kept.rollup.run_level(&inbox).unwrap();
    let mut said = kept.reopened();
    assert_eq!(said.next_level(0), Vec::<Vec<u8>>::new());
    queue.include(1, 2, level);
    said.sync().unwrap();
    for queue in [queue, said] {
        for (index, id) in (1..).zip(&ids) {
            let included = MessageStatus::Included { level, index: Some(index) };
            assert_eq!(queue.status(id), Some(included));
        }
    }
    // What a block holds is shared with them.
    let mut queue = Queue::in_memory();
    injected(&mut queue, &[vec![7; 100]]);
    assert_eq!(queue.next_level(MAX_LEVEL_BYTES - 104).len(), 0);
    assert_eq!(queue.next_level(MAX_LEVEL_BYTES - 105).len(), 1);
}

#[test]
fn the_record_does_not_grow_without_end() {
    let mut kept = Kept::new("queue-tidy");
    let mut queue = Queue::create(&kept.path()).unwrap();
    let full = vec![vec![7; MAX_EXTERNAL_BYTES]; 100];
    let mut greatest = 0;
    for _ in 0..40 {
        injected(&mut queue, &full);
        let level = kept.level(&mut queue, true);
        queue.include(0, 100, level);
        queue.tidy();
        greatest = greatest.max(std::fs::metadata(kept.path()).unwrap().len());
    }
    assert!(greatest < 3 * record::TIDY_BYTES, "{greatest}");
    assert_eq!(kept.reopened().included.len(), 4_000);
}

#[test]
fn lines_that_mean_nothing_are_refused() {
    for line in [
        "",
        "sent",
        "sent x",
        "message 1 - 00 00",
        "level 1 2 3",
        "level 1 0 2 3",
        "back",
        "else 1",
    ] {
        assert_eq!(Record::read(line), None, "{line}");
    }
    let kept = Kept::new("queue-lines");
    std::fs::write(kept.path(), format!("{HEADER}\nnonsense\n")).unwrap();
    let opened = Queue::open(&kept.path(), kept.rollup.store());
    assert!(matches!(opened, Err(NodeError::Record { .. })));
}
