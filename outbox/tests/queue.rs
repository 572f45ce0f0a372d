//! The queue: in order for each account, in turn between accounts, and nothing left behind.

use encoding::{AccountIndex, Amount, TicketIndex};
use host::{Host, HostError, Subtree};
use outbox::{Departure, Queue, Waiting};
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};

fn empty() -> NativeHost {
    NativeHost::over(Durable::default())
}

fn open(host: &NativeHost) -> Queue<'_, NativeHost> {
    Queue::open(Subtree::new(host, "/work")).unwrap()
}

/// A message that says `text`, and carries one ticket.
fn waiting(text: &str) -> Waiting {
    let tickets = vec![(TicketIndex(7), Amount::new(text.len().try_into().unwrap()))];
    Waiting { message: text.as_bytes().to_vec(), tickets }
}

fn push(queue: &mut Queue<'_, NativeHost>, account: u32, text: &str) {
    queue.push(AccountIndex(account), &waiting(text)).unwrap();
}

/// Takes the next message out; says whose and which it was.
fn take(queue: &mut Queue<'_, NativeHost>) -> Option<(u32, String)> {
    let departure = queue.first().unwrap()?;
    queue.take(&departure).unwrap();
    let Departure { account, waiting, .. } = departure;
    Some((account.0, String::from_utf8(waiting.message).unwrap()))
}

fn take_all(queue: &mut Queue<'_, NativeHost>) -> Vec<String> {
    std::iter::from_fn(|| take(queue)).map(|(_, text)| text).collect()
}

#[test]
fn an_empty_queue_has_nothing_first_and_nothing_stored() {
    let host = empty();
    let queue = open(&host);
    assert_eq!(queue.waiting(), 0);
    assert_eq!(queue.first(), Ok(None));
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
    assert_eq!(queue.waiting(), 4);
    assert_eq!(take_all(&mut queue), ["a", "b", "c", "d"]);
    assert_eq!((queue.waiting(), queue.first()), (0, Ok(None)));
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
    let first = queue.first().unwrap().unwrap();
    assert_eq!((first.account, &first.waiting), (AccountIndex(1), &waiting("a")));
    assert_eq!(queue.first(), Ok(Some(first)));
    assert_eq!(queue.waiting(), 2);
}

#[test]
fn all_lists_what_waits_lane_by_lane_beginning_with_whose_turn_it_is() {
    let host = empty();
    let mut queue = open(&host);
    for (account, text) in [(1, "a1"), (2, "b1"), (1, "a2"), (3, "c1"), (1, "a3")] {
        push(&mut queue, account, text);
    }
    let all = |queue: &Queue<'_, _>| -> Vec<String> {
        let all = queue.all().unwrap().into_iter();
        all.map(|waiting| String::from_utf8(waiting.message).unwrap()).collect()
    };
    assert_eq!(all(&queue), ["a1", "a2", "a3", "b1", "c1"]);
    take(&mut queue);
    assert_eq!(all(&queue), ["b1", "c1", "a2", "a3"]);
    take(&mut queue);
    assert_eq!(all(&queue), ["c1", "a2", "a3"], "a lane that is empty is in no turn");
}

#[test]
fn messages_longer_than_one_call_moves_come_out_whole() {
    let host = empty();
    let mut queue = open(&host);
    let messages: Vec<Waiting> = [0, 1, 2_033, 2_034, 2_035, 2_048, 4_068, 4_096]
        .iter()
        .map(|size| {
            let message =
                (0..*size).map(|at: usize| (at % 249).to_le_bytes()[0] ^ u8::from(at >= 2_048));
            let calls = u32::try_from(size % 7).unwrap();
            let tickets =
                (0..calls).map(|call| (TicketIndex(call), Amount::new(u64::MAX - u64::from(call))));
            Waiting { message: message.collect(), tickets: tickets.collect() }
        })
        .collect();
    for waiting in &messages {
        queue.push(AccountIndex(1), waiting).unwrap();
    }
    // Another draft reads it, as another run does.
    let mut queue = open(&host);
    assert_eq!(queue.all().unwrap(), messages);
    for expected in &messages {
        let departure = queue.first().unwrap().unwrap();
        assert_eq!(&departure.waiting, expected);
        queue.take(&departure).unwrap();
    }
    assert_eq!(queue.waiting(), 0);
}

#[test]
fn a_message_of_as_many_calls_as_ever_fit_keeps_all_its_tickets() {
    // A call has more than 60 bytes, so 4,096 hold fewer than a hundred.
    let host = empty();
    let tickets: Vec<_> =
        (0..100).map(|n| (TicketIndex(u32::MAX - n), Amount::new(n.into()))).collect();
    let waiting = Waiting { message: vec![0xab; 4_096], tickets };
    open(&host).push(AccountIndex(u32::MAX), &waiting).unwrap();
    let departure = open(&host).first().unwrap().unwrap();
    assert_eq!((departure.account, departure.waiting), (AccountIndex(u32::MAX), waiting));
}

#[test]
fn a_queue_over_another_root_is_another_queue() {
    let host = empty();
    push(&mut open(&host), 1, "a");
    let mut other = Queue::open(Subtree::new(&host, "/other")).unwrap();
    assert_eq!(other.waiting(), 0);
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
            for (account, count) in [(1, 5), (2, 1), (3, 3)] {
                for number in 0..count {
                    push(&mut queue, account, &format!("{round}-{account}-{number}"));
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
    let host = broken("ends", 31);
    let queue = Queue::open(Subtree::new(&host, "/work"));
    assert_eq!(queue.err(), Some(HostError::Corrupt("/outbox/ends")));
}
