//! Records on the disk, and what is to be done about them.

use std::fs;
use std::path::PathBuf;

use bls::SecretKey;
use encoding::{Counter, Kt1Address, TicketContent};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use tx_kernel::results::{Outcome, ResultCode};

use super::*;

const ROLLUP: RollupAddress = RollupAddress([7; 20]);

/// A folder, removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("toru-payments-{name}-{}", std::process::id());
        Folder(std::env::temp_dir().join(name))
    }

    fn store(&self) -> PaymentStore {
        PaymentStore::new(&self.0.join("new"), &ROLLUP)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn ticket(id: u8) -> Ticket {
    Ticket { ticketer: Kt1Address([9; 20]), content: TicketContent::NatBytes(id.into(), None) }
}

/// A transaction of one counter, signed, that pays rows.
fn sent(counter: u64, rows: &[usize]) -> Sent {
    let secret = SecretKey::derive(&[1; 32]).unwrap();
    let payer = secret.public_key().address();
    let to = rows.iter().map(|_| (Name::Address(Tz4Address([3; 20])), Amount::new(1))).collect();
    let moves = vec![Action::Transfers { ticket: TicketName::Full(ticket(0)), to }];
    let signer = Name::Address(payer);
    let operation =
        Operation { signer, counter: Counter::new(counter), memo: None, actions: moves };
    let transaction = Transaction { expires: Some(Level(50)), operations: vec![operation] };
    let mut signable = Signable::new(ROLLUP, transaction).unwrap();
    signable.sign(&secret).unwrap();
    Sent {
        signable,
        rows: rows.to_vec(),
        head: Level(4),
        block: "BL1".to_owned(),
        end: None,
        batcher: None,
    }
}

/// Four rows in two transactions.
fn payments(digest: Option<u8>) -> Payments {
    let row = |line: u64| Row {
        line,
        to: Tz4Address([3; 20]),
        ticket: ticket(u8::try_from(line % 2).unwrap()),
        amount: Amount::new(u64::MAX - line),
        memo: (line == 3).then(|| vec![0xff, 0]),
    };
    Payments {
        rollup: ROLLUP,
        payer: SecretKey::derive(&[1; 32]).unwrap().public_key().address(),
        file: digest.map(|byte| Source { name: "p.csv".to_owned(), digest: Hash32([byte; 32]) }),
        rows: (2..6).map(row).collect(),
        transactions: vec![sent(0, &[0, 1]), sent(1, &[2, 3])],
        messages: vec![vec![1, 2, 3]],
        plans: digest.map(|byte| Hash32([byte + 1; 32])).into_iter().collect(),
    }
}

#[test]
fn what_is_written_is_read() {
    let folder = Folder::new("all");
    let store = folder.store();
    let digest = Hash32([5; 32]);
    assert!(store.read(&digest).unwrap().is_empty());
    let lock = store.lock().unwrap();
    let first = store.add(payments(Some(5)), &lock).unwrap();
    let mut second = store.add(payments(Some(6)), &lock).unwrap();
    let third = store.add(payments(None), &lock).unwrap();
    let read = |digest: &Hash32| -> Vec<Payments> {
        store.read(digest).unwrap().into_iter().map(|one| one.payments).collect()
    };
    assert_eq!(read(&digest), [payments(Some(5)), payments(Some(6)), payments(None)]);
    // What is over is found by its file only.
    let refused =
        TransactionStatus::Refused(Level(7), Outcome::new(ResultCode::BalanceTooLow, 1, 2));
    let ends = [TransactionStatus::Applied(Level(6)), refused];
    let before = second.path().to_owned();
    assert!(second.payments.settle(&ends, &ends));
    assert!(!second.payments.settle(&ends, &ends) && second.payments.is_settled());
    // Rows of a file that were not paid are to be told of; a single payment is not.
    store.update(&mut second, &lock).unwrap();
    assert!(second.path() == before && read(&digest)[1] == second.payments);
    let single = Payments { file: None, ..second.payments.clone() };
    assert!(single.is_over() && !second.payments.is_over());
    second.payments.transactions.push(sent(2, &[2, 3]));
    second.payments.transactions[2].end = Some(TransactionStatus::Applied(Level(9)));
    store.update(&mut second, &lock).unwrap();
    assert!(!before.exists() && second.path().exists());
    assert_eq!(read(&digest), [payments(Some(5)), payments(None)]);
    assert_eq!(read(&Hash32([6; 32]))[1], second.payments);
    // A crash between the two files of one record leaves the one that is over in charge.
    fs::copy(second.path(), &before).unwrap();
    assert_eq!(read(&Hash32([6; 32])).len(), 3);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(first.path()), 0o600);
        assert_eq!(mode(first.path().parent().unwrap()), 0o700);
    }
    // Whoever goes on with a record sees what others have done to it.
    assert_eq!(store.reread(&first, &lock).unwrap().payments, payments(Some(5)));
    assert_eq!(store.reread(&second, &lock).unwrap().payments, second.payments);
    assert!(third.path().to_string_lossy().contains("000003-"));
}

#[test]
fn nothing_is_written_through_a_link_and_drafts_are_no_records() {
    let folder = Folder::new("links");
    let store = folder.store();
    let lock = store.lock().unwrap();
    let kept = store.add(payments(Some(5)), &lock).unwrap();
    let inside = kept.path().parent().unwrap().to_owned();
    let half = inside.join(".000001-0123456789abcdef.json.a1B2c3.new");
    fs::write(&half, "half").unwrap();
    fs::write(inside.join("notes.json"), "mine").unwrap();
    assert_eq!(store.read(&Hash32([5; 32])).unwrap().len(), 1);
    // What a killed process has left behind does not pile up; what is not ours stays.
    store.add(payments(None), &lock).unwrap();
    assert!(!half.exists() && inside.join("notes.json").exists());
    #[cfg(unix)]
    {
        let victim = folder.0.join("victim");
        fs::write(&victim, "whole").unwrap();
        let name = kept.path().to_string_lossy().replace("000001", "000003");
        std::os::unix::fs::symlink(&victim, &name).unwrap();
        let mut kept = kept;
        store.update(&mut kept, &lock).unwrap();
        fs::remove_file(&name).unwrap();
        std::os::unix::fs::symlink(&victim, kept.path().with_extension("x")).unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "whole");
    }
}

#[test]
fn a_record_that_does_not_fit_itself_is_refused() {
    let folder = Folder::new("bad");
    let store = folder.store();
    let lock = store.lock().unwrap();
    let kept = store.add(payments(Some(5)), &lock).unwrap();
    let good = fs::read_to_string(kept.path()).unwrap();
    let hash = kept.payments.transactions[0].signable.hash().to_string();
    let other = Tz4Address([3; 20]).to_string();
    let payer = format!("\"payer\":\"{}\"", kept.payments.payer);
    for bad in [
        good.replace("\"version\":1", "\"version\":2"),
        good.replace(&hash, &"0".repeat(64)),
        good.replace(&payer, &format!("\"payer\":\"{other}\"")),
        good.replace("\"rows\":[2,3]", "\"rows\":[2,4]"),
        good.replace("\"ticket\":1", "\"ticket\":2"),
        good[..good.len() / 2].to_owned(),
        String::new(),
    ] {
        assert_ne!(bad, good);
        fs::write(kept.path(), bad).unwrap();
        let read = store.read(&Hash32([5; 32]));
        assert!(matches!(read, Err(PaymentsError::Malformed { .. })), "{read:?}");
    }
}

#[test]
fn nothing_is_signed_anew_while_anything_can_land() {
    let open = TransactionStatus::Open(None);
    let early =
        TransactionStatus::Open(Some((Level(5), Outcome::new(ResultCode::CounterMismatch, 0, 1))));
    let (paid, dead) = (TransactionStatus::Applied(Level(5)), TransactionStatus::Replaced);
    let refused =
        TransactionStatus::Refused(Level(5), Outcome::new(ResultCode::BalanceTooLow, 1, 2));
    let all = payments(None);
    let next = |now: [TransactionStatus; 2], settled: [TransactionStatus; 2]| {
        PaymentProgress { now: now.to_vec(), settled: settled.to_vec() }.next(&all)
    };
    assert_eq!(next([paid, paid], [open, open]), NextStep::Nothing);
    assert_eq!(next([open, open], [open, open]), NextStep::Send(vec![0, 1]));
    assert_eq!(next([paid, early], [open, open]), NextStep::Send(vec![1]));
    // One that is dead waits for those that are not, and then for layer 1.
    assert_eq!(next([dead, early], [dead, early]), NextStep::Send(vec![1]));
    assert_eq!(next([paid, dead], [paid, open]), NextStep::Wait);
    assert_eq!(
        next(
            [TransactionStatus::Expired, TransactionStatus::Expired],
            [open, TransactionStatus::Expired]
        ),
        NextStep::Wait
    );
    assert_eq!(next([paid, refused], [paid, refused]), NextStep::SignAnew(vec![2, 3]));
    assert_eq!(
        next([TransactionStatus::Expired; 2], [TransactionStatus::Expired; 2]),
        NextStep::SignAnew(vec![0, 1, 2, 3])
    );
    assert_eq!(
        next([TransactionStatus::Forgotten, paid], [TransactionStatus::Forgotten, paid]),
        NextStep::Unknown(vec![0, 1])
    );
    // A row counts by what was signed for it last.
    let mut again = payments(None);
    again.transactions.push(sent(2, &[2, 3]));
    let progress = PaymentProgress { now: vec![paid, dead, paid], settled: vec![paid, dead, open] };
    assert_eq!(progress.rows(&again), [paid; 4]);
    assert_eq!(progress.next(&again), NextStep::Nothing);
    let progress = PaymentProgress { now: vec![paid, dead, dead], settled: vec![paid, dead, dead] };
    assert_eq!(progress.next(&again), NextStep::SignAnew(vec![2, 3]));
}

#[test]
fn an_end_is_remembered_only_when_no_reorganisation_takes_it_back() {
    let mut all = payments(None);
    let (paid, open) = (TransactionStatus::Applied(Level(5)), TransactionStatus::Open(None));
    assert!(!all.settle(&[paid, open], &[open, open]));
    // In another level, as the branch is another.
    assert!(!all.settle(&[paid, open], &[TransactionStatus::Applied(Level(6)), open]));
    assert!(all.settle(&[paid, open], &[paid, open]));
    assert_eq!(all.transactions[0].end, Some(paid));
    assert!(!all.is_settled());
}
