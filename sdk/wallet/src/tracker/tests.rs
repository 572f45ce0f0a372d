//! Which message belongs to which withdrawal, and what is remembered of that.

use super::outboxes::Ask;
use super::*;
use crate::limits::SEARCH_LEVELS;
use crate::outbox::OutboxMessage;
use crate::withdrawal::Withdrawal;
use encoding::{Amount, Counter, Entrypoint, Hash32, Kt1Address, Ticket};
use encoding::{TicketContent, Tz4Address};
use layer1::json::outbox_message;
use outbox::Message;

fn payout(amount: u64) -> Payout {
    let content = TicketContent::String(b"gold".to_vec());
    Payout {
        destination: Kt1Address([4; 20]),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        ticket: Ticket { ticketer: Kt1Address([9; 20]), content },
        amount: Amount::new(amount),
        receiver: None,
    }
}

fn bytes(amount: u64) -> Vec<u8> {
    let mut message = Message::new();
    message.push(&payout(amount)).unwrap();
    message.encode()
}

/// A withdrawal of that amount, applied in a level.
fn applied(number: u8, amount: u64, level: i32) -> (LoggedWithdrawal, TrackedWithdrawal) {
    let withdrawal = Withdrawal {
        hash: Hash32([number; 32]),
        account: Tz4Address([1; 20]),
        counter: Counter::FIRST,
        expires: None,
        payout: payout(amount),
        sent: Level(level - 1),
    };
    let tracked = TrackedWithdrawal {
        withdrawal: withdrawal.clone(),
        stage: WithdrawalStage::NotFound,
        result: Some(Level(level)),
        id: None,
        reason: None,
        executed: None,
        searched: None,
    };
    (LoggedWithdrawal::new(withdrawal), tracked)
}

/// Outboxes of levels from 1 on, by the amounts of their messages.
fn outboxes(levels: &[&[u64]]) -> Outboxes<impl Ask> {
    let levels: Vec<Vec<u64>> = levels.iter().map(|level| level.to_vec()).collect();
    let ask = move |level: Level| {
        let at = usize::try_from(level.0 - 1).ok();
        Ok(at.and_then(|at| levels.get(at)).map(|amounts| {
            let told = |(index, amount): (u32, &u64)| OutboxMessage {
                id: OutboxMessageId { level, index },
                message: outbox_message(&bytes(*amount)).unwrap(),
            };
            (0..).zip(amounts).map(told).collect()
        }))
    };
    Outboxes::new(ask)
}

fn ids(all: &[TrackedWithdrawal]) -> Vec<Option<(i32, u32)>> {
    all.iter().map(|one| one.id.map(|id| (id.level.0, id.index))).collect()
}

#[test]
fn equal_messages_are_taken_in_order_and_each_once() {
    let all = [applied(1, 5, 1), applied(2, 5, 1), applied(3, 7, 2), applied(4, 5, 3)];
    let (records, mut all): (Vec<_>, Vec<_>) = all.into_iter().unzip();
    let mut outboxes = outboxes(&[&[7, 5], &[5, 7], &[5]]);
    assign(&records, &mut all, Level(3), &mut outboxes).unwrap();
    assert_eq!(ids(&all), [Some((1, 1)), Some((2, 0)), Some((2, 1)), Some((3, 0))]);
    assert_eq!(outboxes.asked(), 3);
}

#[test]
fn what_is_remembered_is_kept_unless_it_was_taken_back() {
    let (one, two) = (applied(1, 5, 1), applied(2, 5, 1));
    let (mut records, mut all) = (vec![one.0, two.0], vec![one.1, two.1]);
    let at = |level, index| Some(OutboxMessageId { level: Level(level), index });
    records[1].found = at(1, 0);
    records[0].searched = Some(Level(1));
    let before = all.clone();
    assign(&records, &mut all, Level(2), &mut outboxes(&[&[5], &[5]])).unwrap();
    assert_eq!(ids(&all), [Some((2, 0)), Some((1, 0))]);
    // A node that has forgotten the level changes nothing.
    records[1].found = at(0, 3);
    all.clone_from(&before);
    assign(&records, &mut all, Level(2), &mut outboxes(&[&[5], &[5]])).unwrap();
    assert_eq!(ids(&all), [Some((2, 0)), Some((0, 3))]);
    // Another message is there now.
    records[1].found = at(1, 0);
    all.clone_from(&before);
    assign(&records, &mut all, Level(2), &mut outboxes(&[&[8, 5], &[5]])).unwrap();
    assert_eq!(ids(&all), [Some((2, 0)), Some((1, 1))]);
}

#[test]
fn searches_end_and_go_on_from_there() {
    let (mut record, tracked) = applied(1, 5, 1);
    let many = i32::try_from(SEARCH_LEVELS).unwrap() + 10;
    let mut levels: Vec<&[u64]> = vec![&[]; usize::try_from(many).unwrap()];
    *levels.last_mut().unwrap() = &[5];
    let mut all = [tracked];
    assign(&[record.clone()], &mut all, Level(many), &mut outboxes(&levels)).unwrap();
    let searched = all[0].searched.unwrap();
    assert_eq!((all[0].id, searched), (None, Level(many - 10)));
    let finalized = Level(many - 2);
    let news = news(&record, &all[0], finalized);
    assert!(news.contains(&LogEntry::Searched(record.withdrawal.hash, searched)), "{news:?}");
    record.searched = Some(searched);
    assign(&[record.clone()], &mut all, Level(many), &mut outboxes(&levels)).unwrap();
    assert_eq!(ids(&all), [Some((many, 0))]);
    // The last two levels may be taken back: nothing of them is remembered.
    let news = super::news(&record, &all[0], finalized);
    assert_eq!(news, [LogEntry::Applied(record.withdrawal.hash, Level(1))]);
}

#[test]
fn those_that_were_sent_last_wait() {
    let all = [applied(1, 5, 1), applied(2, 5, 1), applied(3, 7, 2), applied(4, 5, 3)];
    let mut all = all.map(|(_, tracked)| tracked);
    settle_waiting(&OutboxQueue::of(vec![bytes(5), bytes(8), bytes(5)]), &mut all);
    let stages = all.map(|one| one.stage);
    assert_eq!(
        stages,
        [
            WithdrawalStage::NotFound,
            WithdrawalStage::Accepted,
            WithdrawalStage::NotFound,
            WithdrawalStage::Accepted
        ]
    );
}
