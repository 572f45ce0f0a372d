//! What became of messages that leave no result under the hash of what is in them, over a node that answers
//! as Octez's does.

use crate::common::{Octez, ROLLUP, account, secret, ticket};
use encoding::{Amount, Counter, Level, MessageId, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};
use wallet::bundle::bundle;
use wallet::error::TicketError;
use wallet::follow::status_at_head;
use wallet::inboxes::{Search, Whereabouts, carried};
use wallet::limits::{GONE_LEVELS, HOLDINGS_TICKETS};
use wallet::pins::{Pin, PinKind, Pins};
use wallet::queue::named;
use wallet::rpc::Node;
use wallet::state::RollupState;
use wallet::transaction::Signable;

/// A signed payment of gold, and the message that carries it, without its tag.
fn pay(from: u8, counter: u64, to: Tz4Address, expires: Option<i32>) -> (Signable, Vec<u8>) {
    let ticket = TicketName::Full(ticket("gold"));
    let operation = Operation {
        signer: Name::Address(account(from)),
        counter: Counter::new(counter),
        memo: None,
        actions: vec![Action::Transfers { ticket, to: vec![(Name::Address(to), Amount::new(1))] }],
    };
    let transaction = Transaction { expires: expires.map(Level), operations: vec![operation] };
    let mut signable = Signable::new(ROLLUP, transaction).unwrap();
    signable.sign(&secret(from)).unwrap();
    let message = bundle(&ROLLUP, std::slice::from_ref(&signable), &[]).unwrap().remove(0);
    (signable, message[1..].to_vec())
}

/// The same, carried by a message that registers nobody.
fn without_registration(signable: &Signable) -> Vec<u8> {
    let message = bundle(&ROLLUP, std::slice::from_ref(signable), &signable.signers()).unwrap();
    message[0][1..].to_vec()
}

fn funded() -> (Octez, Node) {
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("gold"), 100);
    octez.deposit(account(2), &ticket("gold"), 100);
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    (octez, node)
}

fn search(signable: &Signable) -> Search {
    Search::new(vec![signable.hash()])
}

/// Where it is, now.
fn whereabouts(search: &mut Search, node: &Node) -> Whereabouts {
    search.look(node).unwrap()[0].clone()
}

/// The reason for which its message was refused whole.
fn refusal(whereabouts: &Whereabouts) -> Outcome {
    match whereabouts {
        Whereabouts::InLevel(_, Some(MessageResult::Refused(reason))) => *reason,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_message_that_is_refused_whole_is_found_by_the_hash_of_what_is_in_it() {
    let (octez, node) = funded();
    let (first, message) = pay(1, 0, account(2), None);
    octez.send(&message);
    octez.bake(1);
    assert!(status_at_head(&node, &first.hash()).unwrap().is_some());

    let (unknown, _) = pay(2, 0, account(1), None);
    let (stale, stale_message) = pay(1, 0, account(3), None);
    let (broken, broken_message) = pay(1, 1, account(2), None);
    let (expired, expired_message) = pay(1, 2, account(2), Some(1));
    // The signature of another message over this one.
    let end = broken_message.len() - 96;
    let other = &stale_message[stale_message.len() - 96..];
    let broken_message = [&broken_message[..end], other].concat();
    for (signable, message, expected) in [
        (&unknown, without_registration(&unknown), ResultCode::UnknownSigner),
        (&stale, stale_message, ResultCode::AllStale),
        (&broken, broken_message, ResultCode::WrongSignature),
    ] {
        let mut search = search(signable);
        octez.send(&message);
        assert_eq!(whereabouts(&mut search, &node), Whereabouts::Queued, "{expected}");
        octez.bake(1);
        assert_eq!(status_at_head(&node, &signable.hash()).unwrap(), None, "{expected}");
        assert_eq!(refusal(&whereabouts(&mut search, &node)).code, expected);
        // Whoever begins to look later finds it too.
        octez.bake(2);
        let mut later = Search::new(vec![first.hash(), signable.hash()]);
        let positions = later.look(&node).unwrap();
        assert_eq!(refusal(&positions[1]).code, expected);
        assert!(matches!(positions[0], Whereabouts::InLevel(_, Some(MessageResult::Done(_)))));
    }
    // One that has expired by itself has a result of its own, as its message was taken.
    octez.send(&expired_message);
    octez.bake(1);
    assert!(status_at_head(&node, &expired.hash()).unwrap().is_some());
}

#[test]
fn places_are_those_of_the_inbox_whatever_else_is_in_it() {
    let (octez, node) = funded();
    octez.deposit(account(3), &ticket("tin"), 1);
    octez.send(b"of another rollup");
    let (payment, message) = pay(1, 0, account(2), None);
    octez.send(&message);
    octez.bake(1);
    let (found, _) = status_at_head(&node, &payment.hash()).unwrap().unwrap();
    assert_eq!(found.message, MessageId { level: Level(2), index: 4 });
    let there = carried(&node, &ROLLUP, found.message, &payment.hash()).unwrap().unwrap();
    assert_eq!((there.message, there.transaction), (found.message, Some(0)));
    assert_eq!(&*there.batch.transaction(0).unwrap(), payment.transaction());
    let Whereabouts::InLevel(searched, _) = whereabouts(&mut search(&payment), &node) else {
        panic!("not found")
    };
    assert_eq!(*searched, there);
    let other = MessageId { level: Level(2), index: 3 };
    assert_eq!(carried(&node, &ROLLUP, other, &payment.hash()).unwrap(), None);
    let beyond = MessageId { level: Level(77), index: 3 };
    assert_eq!(carried(&node, &ROLLUP, beyond, &payment.hash()).unwrap(), None);
}

#[test]
fn what_a_node_has_no_more_is_known_to_be_gone() {
    let (octez, node) = funded();
    octez.bake(3);
    let (payment, message) = pay(1, 0, account(2), None);
    let mut search = search(&payment);
    octez.send(&message);
    octez.bake(1);
    assert!(matches!(whereabouts(&mut search, &node), Whereabouts::InLevel(..)));
    octez.revert(3);
    assert_eq!(whereabouts(&mut search, &node), Whereabouts::Nowhere { since: Level(0) });
    assert!(search.is_gone(0, true) && !search.is_gone(0, false));
    // On a chain that others bake it may be on its way, in an operation of layer 1.
    for level in 1..=GONE_LEVELS {
        octez.bake(1);
        whereabouts(&mut search, &node);
        assert_eq!(search.is_gone(0, false), level == GONE_LEVELS, "{level}");
    }
    // It comes all the same.
    octez.send(&message);
    octez.bake(1);
    assert!(matches!(whereabouts(&mut search, &node), Whereabouts::InLevel(..)));
    assert!(!search.is_gone(0, true));
}

#[test]
fn a_node_that_shows_no_messages_is_not_taken_for_one_that_has_none() {
    let (octez, node) = funded();
    let (payment, message) = pay(1, 0, account(2), None);
    octez.send(&message);
    octez.bake(1);
    let found = status_at_head(&node, &payment.hash()).unwrap().unwrap().0;
    octez.says(200, "{}");
    assert_eq!(carried(&node, &ROLLUP, found.message, &payment.hash()).unwrap(), None);
    octez.says(200, r#"{"messages": ["xyz"]}"#);
    assert!(carried(&node, &ROLLUP, found.message, &payment.hash()).is_err());
}

#[test]
fn junk_in_the_queue_that_names_an_account_is_told_from_what_its_key_has_signed() {
    let (octez, node) = funded();
    let (payment, message) = pay(1, 0, account(2), None);
    let (_, registered) = pay(2, 0, account(1), None);
    octez.send(&registered);
    octez.bake(1);
    let state = RollupState::at(&node, "head").unwrap();
    let mine = |number: u8| state.account(&account(number)).unwrap();
    let look = |waiting: &[&[u8]], number: u8| {
        let waiting: Vec<Vec<u8>> = waiting.iter().map(|payload| payload.to_vec()).collect();
        let found = named(&state, &waiting, &mine(number)).unwrap();
        (found.signed, found.unsigned)
    };
    let end = message.len() - 96;
    // A point that is a signature, of something else; none at all; no registration, so that no key is known.
    let other = [&message[..end], &registered[registered.len() - 96..]].concat();
    let random = [&message[..end], &[7; 96]].concat();
    let keyless = without_registration(&payment);
    assert_eq!(look(&[&other, &random, &keyless, b"junk", &[]], 1), (false, 3));
    assert_eq!(look(&[&other, &message], 1), (true, 1));
    // Whom it pays is not whose it is, and what is behind is nobody's any more.
    assert_eq!(look(&[&message], 2), (false, 0));
    assert_eq!(look(&[&registered], 2), (false, 0));
    // By a key that is registered, and with others in a batch.
    let (next, _) = pay(2, 1, account(1), None);
    let together = bundle(&ROLLUP, &[payment, next.clone()], &[account(2)]).unwrap();
    assert_eq!(look(&[&together[0][1..]], 1), (true, 0));
    assert_eq!(look(&[&together[0][1..]], 2), (true, 0));
    assert_eq!(look(&[&without_registration(&next)], 2), (true, 0));
    // A flood is not worked through.
    let flood = vec![other; 500];
    let flood: Vec<&[u8]> = flood.iter().map(Vec::as_slice).collect();
    assert_eq!(look(&flood, 1), (false, 500));
}

#[test]
fn a_flood_of_tickets_is_not_asked_for_one_by_one_and_what_is_named_is_found() {
    let (octez, node) = funded();
    let many = HOLDINGS_TICKETS + 20;
    for number in 0..many {
        octez.deposit(account(3), &ticket(&format!("junk{number}")), 1);
    }
    octez.deposit(account(1), &ticket("silver"), 5);
    octez.bake(1);
    let state = RollupState::at(&node, "head").unwrap();
    let mine = state.account(&account(1)).unwrap();
    let holds = state.holdings(&mine).unwrap();
    assert_eq!((holds.looked, holds.of), (HOLDINGS_TICKETS, many + 2));
    let held: Vec<String> = holds.held.iter().map(|(token, _)| token.label()).collect();
    assert_eq!(held, ["gold"]);
    let whereabouts = TicketIndex(many + 1);
    let direct = format!("{}/silver", ticket("silver").ticketer);
    for wanted in [format!("#{whereabouts}"), direct] {
        // As if no more were looked through for a name.
        let found = state.token(&[], Some(&mine), &wanted).unwrap().unwrap();
        assert_eq!(found.index, whereabouts, "{wanted}");
        assert_eq!(state.balance(&mine, &found).unwrap(), Amount::new(5));
    }
    // What is pinned is looked for wherever it is.
    let mut pins = Pins::default();
    let (name, ticket) = ("Ag".to_owned(), ticket("silver"));
    pins.add(Pin { name, ticket, decimals: 0, kind: PinKind::Other, helper: None }).unwrap();
    let pinned = RollupState::at(&node, "head").unwrap().with_pins(&pins.into());
    let held = pinned.holdings(&mine).unwrap().held;
    let held: Vec<String> = held.iter().map(|(token, amount)| token.amount(*amount)).collect();
    assert_eq!(held, ["100 gold", "5 Ag"]);
    assert_eq!(pinned.token(&[], Some(&mine), "Ag").unwrap().unwrap().index, whereabouts);

    let unknown = state.token(&[], Some(&mine), "silver").unwrap();
    let Err(TicketError::NotAmongFirst { looked, of, .. }) = unknown else { panic!("{unknown:?}") };
    assert_eq!((looked, of), (0, many + 2));
}
