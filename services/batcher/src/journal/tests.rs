//! What is put on the disk is there after a start, and is forgotten in time.

use batcher_api::{Receipt, Settled, SubmittedTransaction};
use encoding::{Hash32, Level, RollupAddress};
use tx_kernel::results::{Outcome, ResultCode};

use super::{Journal, KeptBatch, KeptEnding, KeptProgress, KeptTransaction, Write, acceptance_key};
use crate::error::StartError;
use crate::pool::{Ending, Outcomes, Spot};

fn hash(number: u8) -> Hash32 {
    Hash32([number; 32])
}

fn transaction(since: u64) -> KeptTransaction {
    KeptTransaction {
        submitted: SubmittedTransaction { transaction: "00".into(), ..Default::default() },
        expires: 100,
        received: 3,
        promised: 13,
        receipt: Receipt { key: "edpk".into(), signature: "00".into() },
        since,
    }
}

fn applied(level: i32) -> KeptEnding {
    let spot = Spot { level, index: 2, number: 7, batch: None, message: None, cosigned: false };
    let outcomes = Outcomes::new(&[Outcome::new(ResultCode::BalanceTooLow, u64::MAX, 1)]);
    let ending = Ending::Result { settled: Settled::Failed, spot, outcomes };
    KeptEnding { ending, why: None, level }
}

fn batch(number: u64) -> KeptBatch {
    KeptBatch {
        number,
        message: "01".into(),
        transactions: vec![hash(1).to_string()],
        individual: vec![0],
        progress: KeptProgress::Sent(4),
        message_id: Some("scmsg1".into()),
    }
}

#[test]
fn what_has_not_come_to_its_end_is_there_after_a_start() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.rollup().unwrap(), None);
    journal.set_rollup(&RollupAddress([5; 20])).unwrap();
    let writes = [
        Write::Accepted(hash(1), transaction(1)),
        Write::Accepted(hash(2), transaction(2)),
        Write::Accepted(hash(3), transaction(3)),
        Write::Ended(hash(2), applied(9)),
        Write::Ended(hash(3), applied(9)),
        Write::Final(hash(3)),
        Write::Batch(hash(11), batch(8)),
        Write::Batch(hash(12), batch(6)),
        Write::Batch(hash(13), batch(7)),
        Write::BatchEnded(hash(13), Level(9)),
    ];
    journal.commit(&writes, None).unwrap();
    assert!(matches!(Journal::open(&path), Err(StartError::InUse(_))));
    drop(journal);

    let journal = Journal::open(&path).unwrap();
    assert_eq!(journal.rollup().unwrap(), Some(RollupAddress([5; 20])));
    let contents = journal.contents().unwrap();
    let open: Vec<_> =
        contents.transactions.iter().map(|(hash, _, ending)| (*hash, ending.clone())).collect();
    assert_eq!(open, [(hash(1), None), (hash(2), Some(applied(9)))]);
    let numbers: Vec<u64> = contents.batches.iter().map(|(_, kept)| kept.number).collect();
    assert_eq!(numbers, [6, 8], "in the order in which they were made");
    // What is final is found all the same.
    let (kept, ending) = journal.transaction(&hash(3)).unwrap().unwrap();
    assert_eq!((kept.since, ending), (3, Some(applied(9))));
    assert_eq!(journal.batch(&hash(13)).unwrap(), Some(batch(7)));
    // One that has not ended after all.
    journal.commit(&[Write::Pending(hash(2))], None).unwrap();
    assert_eq!(journal.transaction(&hash(2)).unwrap().unwrap().1, None);
}

#[test]
fn what_has_ended_is_kept_as_long_as_results_are() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::open(&folder.path().join("journal.redb")).unwrap();
    let mut writes = Vec::new();
    for (number, level) in [(1, 10), (2, 20), (3, 30)] {
        writes.push(Write::Accepted(hash(number), transaction(1)));
        writes.push(Write::Ended(hash(number), applied(level)));
        writes.push(Write::Batch(hash(number + 10), batch(u64::from(number))));
        writes.push(Write::BatchEnded(hash(number + 10), Level(level)));
    }
    // The first is not final: it stays, however old.
    writes.extend([Write::Final(hash(2)), Write::Final(hash(3))]);
    journal.commit(&writes, None).unwrap();
    journal.commit(&[], Some(Level(30))).unwrap();
    let there = |number| journal.transaction(&hash(number)).unwrap().is_some();
    assert_eq!([there(1), there(2), there(3)], [true, false, true]);
    let there = |number| journal.batch(&hash(number)).unwrap().is_some();
    assert_eq!([there(11), there(12), there(13)], [false, false, true]);
}

#[test]
fn what_is_no_journal_is_not_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.redb");
    std::fs::write(&path, "something else").unwrap();
    assert!(Journal::open(&path).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "something else");
}

#[test]
fn the_key_is_made_once_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acceptance.key");
    let key = acceptance_key(&path).unwrap();
    assert_eq!(acceptance_key(&path).unwrap().to_bytes(), key.to_bytes());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    std::fs::write(&path, "no key").unwrap();
    assert!(matches!(acceptance_key(&path), Err(StartError::Foreign { .. })));
}
