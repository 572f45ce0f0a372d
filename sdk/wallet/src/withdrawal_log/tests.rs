//! What is written is read, whatever a crash has cut off.

use super::*;
use encoding::{
    Amount, Counter, Entrypoint, Kt1Address, Level, Payout, Ticket, TicketContent, Tz4Address,
};
use std::fs;
use tx_kernel::results::{Outcome, ResultCode};

use crate::outbox::OutboxMessageId;
use crate::withdrawal::Withdrawal;

/// A folder, removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("toru-log-{name}-{}", std::process::id());
        Folder(std::env::temp_dir().join(name))
    }

    fn log(&self) -> WithdrawalLog {
        WithdrawalLog::new(&self.0.join("new"), &RollupAddress([7; 20]))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn withdrawal(number: u8) -> Withdrawal {
    Withdrawal {
        hash: Hash32([number; 32]),
        account: Tz4Address([1; 20]),
        counter: Counter::new(u64::MAX),
        expires: (number > 1).then_some(Level(9)),
        payout: Payout {
            destination: Kt1Address([2; 20]),
            entrypoint: Entrypoint::new(if number > 1 { b"burn" } else { b"" }).unwrap(),
            ticket: Ticket {
                ticketer: Kt1Address([3; 20]),
                content: TicketContent::String(b"gold".to_vec()),
            },
            amount: Amount::new(u64::MAX - 1),
            receiver: None,
        },
        sent: Level(4),
    }
}

#[test]
fn what_is_written_is_read_and_the_last_word_counts() {
    let folder = Folder::new("all");
    let log = folder.log();
    assert_eq!(log.read().unwrap(), []);
    let (one, two) = (withdrawal(1), withdrawal(2));
    let id = OutboxMessageId { level: Level(6), index: 3 };
    let refused = WithdrawalEnd::Refused(Some(Outcome::new(ResultCode::BalanceTooLow, 1, 2)));
    log.append(&[LogEntry::Sent(one.clone())]).unwrap();
    log.append(&[
        LogEntry::Applied(one.hash, Level(5)),
        LogEntry::Sent(two.clone()),
        LogEntry::Searched(one.hash, Level(5)),
        LogEntry::Found(one.hash, id),
        LogEntry::Ended(two.hash, refused),
        LogEntry::Ended(one.hash, WithdrawalEnd::Lost),
        LogEntry::Ended(one.hash, WithdrawalEnd::Executed),
    ])
    .unwrap();
    let first = LoggedWithdrawal {
        withdrawal: one.clone(),
        applied: Some(Level(5)),
        searched: Some(Level(5)),
        found: Some(id),
        end: Some(WithdrawalEnd::Executed),
    };
    let second = LoggedWithdrawal { end: Some(refused), ..LoggedWithdrawal::new(two) };
    assert_eq!(log.read().unwrap(), [first, second.clone()]);
    log.append(&[LogEntry::Sent(one.clone())]).unwrap();
    assert_eq!(log.read().unwrap(), [second, LoggedWithdrawal::new(one)]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(log.path()), 0o600);
        assert_eq!(mode(log.path().parent().unwrap()), 0o700);
    }
}

#[test]
fn a_line_that_was_cut_off_anywhere_loses_itself_alone() {
    let folder = Folder::new("cut");
    let log = folder.log();
    log.append(&[LogEntry::Sent(withdrawal(1)), LogEntry::Sent(withdrawal(2))]).unwrap();
    let whole = fs::read(log.path()).unwrap();
    let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    for cut in first..whole.len() - 1 {
        fs::write(log.path(), &whole[..cut]).unwrap();
        assert_eq!(log.read().unwrap(), [LoggedWithdrawal::new(withdrawal(1))], "{cut}");
        log.append(&[LogEntry::Sent(withdrawal(3))]).unwrap();
        let both = [LoggedWithdrawal::new(withdrawal(1)), LoggedWithdrawal::new(withdrawal(3))];
        assert_eq!(log.read().unwrap(), both, "{cut}");
    }
    // A line without its end is whole.
    fs::write(log.path(), &whole[..whole.len() - 1]).unwrap();
    log.append(&[LogEntry::Applied(withdrawal(2).hash, Level(5))]).unwrap();
    assert_eq!(log.read().unwrap()[1].applied, Some(Level(5)));
}

#[test]
fn lines_of_others_are_refused_by_their_number() {
    let folder = Folder::new("others");
    let log = folder.log();
    log.append(&[LogEntry::Sent(withdrawal(1))]).unwrap();
    let good = fs::read_to_string(log.path()).unwrap();
    for bad in [
        "{}".to_owned(),
        "hello".to_owned(),
        r#"{"executed": {"hash": "00"}}"#.to_owned(),
        r#"{"paid": {"hash": "00"}}"#.to_owned(),
        good.trim().replace("tz4", "tz1"),
        good.trim().replace("\"content\":\"", "\"content\":\"ff"),
    ] {
        fs::write(log.path(), format!("{good}{bad}\n")).unwrap();
        let failure = log.read();
        assert!(matches!(failure, Err(WithdrawalLogError::Line { line: 2, .. })), "{failure:?}");
    }
}

#[test]
fn an_executed_withdrawal_may_be_called_claimed() {
    let folder = Folder::new("claimed");
    let log = folder.log();
    log.append(&[
        LogEntry::Sent(withdrawal(1)),
        LogEntry::Ended(Hash32([1; 32]), WithdrawalEnd::Executed),
    ])
    .unwrap();
    let read = log.read().unwrap();
    let text = fs::read_to_string(log.path()).unwrap();
    let old = text.replace("executed", "claimed");
    assert_ne!(old, text);
    fs::write(log.path(), old).unwrap();
    assert_eq!(log.read().unwrap(), read);
}
