//! The queue: in order for each account, in turn between accounts, and nothing left behind.

use encoding::limits::{QUEUE_BYTES, QUEUE_MESSAGES, QUEUE_MESSAGES_PER_OWNER};
use encoding::{AccountIndex, Amount, Entrypoint, Kt1Address, TicketIndex};
use host::{Host, HostError, StepError, Subtree};
use outbox::{Call, EnqueuedBefore, Full, Owner, Pending, Queue, QueuedMessage, Withdrawal};
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};

fn empty() -> NativeHost {
    NativeHost::over(Durable::default())
}

fn open(host: &NativeHost) -> Queue<'_, NativeHost> {
    Queue::open(Subtree::new(host, "/work")).unwrap()
}

/// A message of one call of the entrypoint `text`.
fn pending(text: &str) -> Pending {
    let entrypoint = Entrypoint::new(text.as_bytes()).unwrap();
    let call = Call { destination: Kt1Address([7; 20]), entrypoint, receiver: None };
    Pending::Withdrawals(vec![Withdrawal { ticket: TicketIndex(7), amount: Amount::new(1), call }])
}

/// The entrypoint of its first call.
fn text(pending: &Pending) -> String {
    match pending {
        Pending::Withdrawals(all) => all[0].call.entrypoint.to_string(),
        Pending::Held { call, .. } => call.entrypoint.to_string(),
    }
}

fn account(index: u32) -> Owner {
    Owner::Account(AccountIndex(index))
}

fn push(queue: &mut Queue<'_, NativeHost>, index: u32, text: &str) {
    queue.enqueue(account(index), &pending(text)).unwrap();
}

/// Takes the next message out; says whose and which it was.
fn take(queue: &mut Queue<'_, NativeHost>) -> Option<(u32, String)> {
    let departure = queue.next_message().unwrap()?;
    queue.dequeue(&departure).unwrap();
    let QueuedMessage { owner: Owner::Account(account), pending, .. } = departure else {
        panic!("whose is {departure:?}");
    };
    Some((account.0, text(&pending)))
}

fn take_all(queue: &mut Queue<'_, NativeHost>) -> Vec<String> {
    std::iter::from_fn(|| take(queue)).map(|(_, text)| text).collect()
}

#[test]
fn an_empty_queue_has_nothing_first_and_nothing_stored() {
    let host = empty();
    let queue = open(&host);
    assert_eq!(queue.pending(), 0);
    assert_eq!(queue.next_message(), Ok(None));
    assert_eq!(queue.all(), Ok(Vec::new()));
    assert_eq!(host.has("/work"), Ok(false), "opening and asking writes nothing");
}

#[test]
fn one_account_is_served_in_the_order_of_its_messages() {
    let host = empty();
    let mut queue = open(&host);
    for text in ["a", "b", "c", "d"] {
        push(&mut queue, 5, text);
    }
    assert_eq!(queue.pending(), 4);
    assert_eq!(take_all(&mut queue), ["a", "b", "c", "d"]);
    assert_eq!((queue.pending(), queue.next_message()), (0, Ok(None)));
}

#[test]
fn a_flood_of_one_account_keeps_the_others_waiting_for_one_turn_only() {
    let host = empty();
    let mut queue = open(&host);
    for text in ["a1", "a2", "a3", "a4"] {
        push(&mut queue, 1, text);
    }
    push(&mut queue, 2, "b1");
    push(&mut queue, 3, "c1");
    push(&mut queue, 2, "b2");
    assert_eq!(take_all(&mut queue), ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
}

#[test]
fn who_has_nothing_left_and_comes_back_stands_at_the_end() {
    let host = empty();
    let mut queue = open(&host);
    push(&mut queue, 1, "a1");
    push(&mut queue, 2, "b1");
    push(&mut queue, 2, "b2");
    push(&mut queue, 3, "c1");
    assert_eq!(take(&mut queue), Some((1, "a1".to_owned())));
    push(&mut queue, 1, "a2");
    // Another message of one who stands in the ring changes nobody's turn.
    push(&mut queue, 3, "c2");
    assert_eq!(take_all(&mut queue), ["b1", "c1", "a2", "b2", "c2"]);
}

#[test]
fn looking_at_the_first_takes_nothing() {
    let host = empty();
    let mut queue = open(&host);
    push(&mut queue, 1, "a");
    push(&mut queue, 2, "b");
    let first = queue.next_message().unwrap().unwrap();
    assert_eq!((first.owner, &first.pending), (account(1), &pending("a")));
    assert_eq!(queue.next_message(), Ok(Some(first)));
    assert_eq!(queue.pending(), 2);
}

#[test]
fn all_lists_what_waits_owner_by_owner_beginning_with_whose_turn_it_is() {
    let host = empty();
    let mut queue = open(&host);
    for (index, text) in [(1, "a1"), (2, "b1"), (1, "a2"), (3, "c1"), (1, "a3")] {
        push(&mut queue, index, text);
    }
    let all =
        |queue: &Queue<'_, _>| -> Vec<String> { queue.all().unwrap().iter().map(text).collect() };
    assert_eq!(all(&queue), ["a1", "a2", "a3", "b1", "c1"]);
    take(&mut queue);
    assert_eq!(all(&queue), ["b1", "c1", "a2", "a3"]);
    take(&mut queue);
    assert_eq!(all(&queue), ["c1", "a2", "a3"], "an empty queue is in no turn");
}

#[test]
fn records_longer_than_one_host_call_moves_come_out_whole() {
    let host = empty();
    let mut queue = open(&host);
    let one = |number: u32| {
        let Pending::Withdrawals(mut all) = pending("burn") else { panic!("it is a withdrawal") };
        all[0].amount = Amount::new(u64::MAX - u64::from(number));
        all.remove(0)
    };
    let messages: Vec<Pending> = [1, 53, 54, 55, 108, 120]
        .map(|calls| Pending::Withdrawals((0..calls).map(one).collect()))
        .into();
    assert!(messages.iter().any(|pending| pending.to_bytes().len() > 4_096));
    for pending in &messages {
        queue.enqueue(account(u32::MAX), pending).unwrap();
    }
    // Another draft reads it, as another run does.
    let mut queue = open(&host);
    assert_eq!(queue.all().unwrap(), messages);
    for expected in &messages {
        let departure = queue.next_message().unwrap().unwrap();
        assert_eq!(&departure.pending, expected);
        queue.dequeue(&departure).unwrap();
    }
    assert_eq!(queue.pending(), 0);
}

/// The queue's ends as they are stored: so many messages wait, of so many bytes.
fn with_ends(pending: u64, bytes: u64) -> NativeHost {
    let host = empty();
    let ends = [pending, 0, 0, pending, bytes].map(u64::to_be_bytes).concat();
    host.write_at("/work/outbox/ends", 0, &ends).unwrap();
    host
}

#[test]
fn the_queue_has_a_bound_in_messages_and_one_in_bytes() {
    let room = |pending, kept, bytes, before_it| {
        open(&with_ends(pending, kept)).room(account(1), bytes, before_it)
    };
    let none = EnqueuedBefore::default();
    let before_it = EnqueuedBefore { messages: 1, bytes: 50, of_owner: 0 };
    let full = |messages, bytes| Err(StepError::Refused(Full::Queue { messages, bytes }));
    assert_eq!(room(QUEUE_MESSAGES - 1, 0, 50, none), Ok(()));
    assert_eq!(room(QUEUE_MESSAGES - 1, 0, 50, before_it), full(QUEUE_MESSAGES, 50));
    assert_eq!(room(QUEUE_MESSAGES, 0, 50, none), full(QUEUE_MESSAGES, 0));
    assert_eq!(room(1, QUEUE_BYTES - 50, 50, none), Ok(()));
    assert_eq!(room(1, QUEUE_BYTES - 50, 51, none), full(1, QUEUE_BYTES - 50));
    assert_eq!(room(1, QUEUE_BYTES - 99, 50, before_it), full(2, QUEUE_BYTES - 49));
}

#[test]
fn one_owner_has_a_bound_and_leaves_the_others_their_room() {
    let host = empty();
    let mut queue = open(&host);
    for _ in 1..QUEUE_MESSAGES_PER_OWNER {
        push(&mut queue, 1, "a");
    }
    let before_it = EnqueuedBefore { messages: 1, bytes: 50, of_owner: 1 };
    let full = Err(StepError::Refused(Full::Owner(QUEUE_MESSAGES_PER_OWNER)));
    assert_eq!(queue.room(account(1), 50, EnqueuedBefore::default()), Ok(()));
    assert_eq!(queue.room(account(1), 50, before_it), full);
    push(&mut queue, 1, "a");
    assert_eq!(queue.room(account(1), 50, EnqueuedBefore::default()), full);
    assert_eq!(queue.room(account(2), 50, EnqueuedBefore::default()), Ok(()));
    assert_eq!(queue.room(Owner::Depositor([1; 20]), 50, EnqueuedBefore::default()), Ok(()));
    take(&mut queue);
    assert_eq!(queue.room(account(1), 50, EnqueuedBefore::default()), Ok(()));
}

#[test]
fn what_left_is_not_counted_any_more() {
    let host = empty();
    let mut queue = open(&host);
    for index in 0..3 {
        push(&mut queue, index, "burn");
    }
    take_all(&mut queue);
    let ends = host.read("/work/outbox/ends").unwrap();
    assert_eq!(ends[24..], [0; 16], "no message and no byte waits");
}

#[test]
fn a_queue_over_another_root_is_another_queue() {
    let host = empty();
    push(&mut open(&host), 1, "a");
    let mut other = Queue::open(Subtree::new(&host, "/other")).unwrap();
    assert_eq!(other.pending(), 0);
    push(&mut other, 1, "b");
    assert_eq!(take_all(&mut open(&host)), ["a"]);
    assert_eq!(take_all(&mut other), ["b"]);
}

/// The paths under `/work` after a kernel that does this.
fn paths_after(kernel: impl FnMut(&NativeHost) + 'static) -> Vec<String> {
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), Config::default());
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!(report.first_trap(), None);
    pvm.durable().values_under("/work").map(|(path, _)| path).collect()
}

#[test]
fn an_emptied_queue_leaves_nothing_but_its_ends() {
    let paths = paths_after(|host| {
        for round in 0..3 {
            let mut queue = open(host);
            for (index, count) in [(1, 5), (2, 1), (3, 3)] {
                for number in 0..count {
                    push(&mut queue, index, &format!("{round}_{index}_{number}"));
                }
            }
            assert_eq!(take_all(&mut open(host)).len(), 9);
        }
    });
    assert_eq!(paths, ["/work/outbox/ends"]);
}

#[test]
fn a_waiting_message_has_one_value_and_its_account_two() {
    let paths = paths_after(|host| {
        let mut queue = open(host);
        for text in ["gone", "a", "b"] {
            push(&mut queue, 4, text);
        }
        take(&mut queue);
    });
    let expected = ["ends", "lane/4", "message/1", "message/2", "next/1", "turn/1"];
    assert_eq!(paths, expected.map(|path| format!("/work/outbox/{path}")));
}

#[test]
fn numbers_go_on_where_they_were_so_that_no_path_is_used_twice() {
    let host = empty();
    push(&mut open(&host), 1, "a");
    take(&mut open(&host));
    push(&mut open(&host), 1, "b");
    assert_eq!(host.has("/work/outbox/message/1"), Ok(true));
    assert_eq!(host.has("/work/outbox/message/0"), Ok(false));
    assert_eq!(take_all(&mut open(&host)), ["b"]);
}

#[test]
fn what_is_missing_or_cut_short_is_corrupt() {
    let broken = |path: &str, cut: usize| {
        let host = empty();
        let mut queue = open(&host);
        push(&mut queue, 1, "a");
        push(&mut queue, 1, "b");
        let path = format!("/work/outbox/{path}");
        let value = host.read(&path).unwrap();
        host.delete(&path).unwrap();
        host.write_at(&path, 0, &value[..value.len().min(cut)]).unwrap();
        host
    };
    for (path, what) in [
        ("turn/0", "/outbox/turn"),
        ("lane/1", "/outbox/lane"),
        ("message/0", "/outbox/message"),
        ("next/0", "/outbox/next"),
    ] {
        for cut in [0, 1] {
            let host = broken(path, cut);
            assert_eq!(open(&host).all(), Err(HostError::Corrupt(what)), "{path} cut to {cut}");
        }
    }
    let host = broken("ends", 39);
    let queue = Queue::open(Subtree::new(&host, "/work"));
    assert_eq!(queue.err(), Some(HostError::Corrupt("/outbox/ends")));
}
