//! The client over a node that answers as Octez's does.

use crate::common::{Octez, ROLLUP, account, secret, ticket, usdt};
use encoding::{Amount, Counter, Kt1Address, Level, Ticket, TicketIndex, Tz4Address};
use inbox::v2::{Action, Memo, Name, Operation, TicketName, Transaction};
use tx_kernel::results::ResultCode;
use wallet::bundle::{bundle, unsigned};
use wallet::error::{RpcError, StateError, TicketError};
use wallet::follow::{HashKind, Settlement, look_up, status_at_head};
use wallet::rpc::{Node, Queued};
use wallet::simulation::{Simulation, simulate};
use wallet::state::RollupState;
use wallet::transaction::Signable;

fn pay(from: u8, counter: u64, to: Tz4Address, amount: u64) -> Signable {
    let moves = vec![Action::Transfers {
        ticket: TicketName::Full(usdt()),
        to: vec![(Name::Address(to), Amount::new(amount))],
    }];
    let signer = Name::Address(account(from));
    let memo = Some(Memo::Bytes(b"rent".to_vec()));
    let operation = Operation { signer, counter: Counter::new(counter), memo, actions: moves };
    let transaction = Transaction { expires: None, operations: vec![operation] };
    Signable::new(ROLLUP, transaction).unwrap()
}

/// A node whose rollup has given account 1 twenty USDt and some gold.
fn funded() -> (Octez, Node) {
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("gold"), 7);
    octez.deposit(account(1), &usdt(), 20_000_000);
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    (octez, node)
}

#[test]
fn a_payment_from_the_plan_to_the_cemented_result() {
    let (octez, node) = funded();
    assert!(!node.is_sandbox().unwrap());
    let state = RollupState::at(&node, "head").unwrap();
    assert_eq!((*state.rollup(), state.block().level), (ROLLUP, Level(1)));

    let mine = state.account(&account(1)).unwrap();
    assert_eq!((mine.counter, mine.registered), (Counter::FIRST, false));
    assert_eq!(state.address(mine.index.unwrap()).unwrap(), Some(account(1)));
    let tokens = state.tokens().unwrap();
    let token = state.token(&tokens, None, "USDt").unwrap().unwrap();
    assert_eq!((token.index, token.decimals), (TicketIndex(1), 6));
    let held = state.holdings(&mine).unwrap().held;
    let held: Vec<String> = held.iter().map(|(token, amount)| token.amount(*amount)).collect();
    assert_eq!(held, ["7 gold", "20 USDt"]);

    // Nobody has signed, and what it would do is known.
    let mut payment = pay(1, 0, account(2), token.parse("12.5").unwrap().get());
    let key = secret(1).public_key().to_compressed();
    let Simulation::Applied(simulated) =
        simulate(&state, &unsigned(std::slice::from_ref(&payment), &[key])).unwrap()
    else {
        panic!("refused")
    };
    assert_eq!(simulated.failure(), None);
    let changes: Vec<_> = simulated
        .changes
        .iter()
        .map(|change| (change.account, change.before.get(), change.after.get()))
        .collect();
    assert_eq!(changes, [(account(1), 20_000_000, 7_500_000), (account(2), 0, 12_500_000)]);
    // A simulation changes nothing.
    assert_eq!(RollupState::at(&node, "head").unwrap().account(&account(2)).unwrap().index, None);

    payment.sign(&secret(1)).unwrap();
    let messages = bundle(&ROLLUP, &[payment.clone()], &[]).unwrap();
    let ids = node.inject(&[messages[0][1..].to_vec()]).unwrap();
    assert_eq!(node.queued(&ids[0]).unwrap(), Queued::Pending);
    assert_eq!(node.waiting().unwrap(), [messages[0][1..].to_vec()]);
    assert_eq!(status_at_head(&node, &payment.hash()).unwrap(), None);

    octez.bake(1);
    assert_eq!(node.queued(&ids[0]).unwrap(), Queued::Included);
    assert!(node.waiting().unwrap().is_empty());
    for (bakes, stage) in
        [(0, Settlement::Included), (2, Settlement::Committed), (2, Settlement::Cemented)]
    {
        octez.bake(bakes);
        let (found, reached) = status_at_head(&node, &payment.hash()).unwrap().unwrap();
        assert_eq!(reached, stage, "after {bakes} more levels");
        assert_eq!((found.kind, found.message.level), (HashKind::Transaction, Level(2)));
        assert!(found.is_final() && found.failure().is_none());
        assert_eq!(found.operations[0].memo, Some(Memo::Bytes(b"rent".to_vec())));
    }
    // A state stays that of its block.
    assert_eq!(state.account(&account(1)).unwrap().counter, Counter::FIRST);
    let now = RollupState::at(&node, "head").unwrap();
    let mine = now.account(&account(1)).unwrap();
    assert_eq!((mine.counter, mine.registered), (Counter::new(1), true));
    assert_eq!(now.balance(&mine, &token).unwrap(), Amount::new(7_500_000));
    assert_eq!(look_up(&state, &payment.hash()).unwrap(), None);
}

#[test]
fn a_simulation_says_what_the_kernel_would_refuse_and_why() {
    let (_octez, node) = funded();
    let state = RollupState::at(&node, "head").unwrap();
    let key = |number: u8| secret(number).public_key().to_compressed();
    for (payment, keys, expected) in [
        (pay(1, 0, account(2), 20_000_001), vec![key(1)], ResultCode::BalanceTooLow),
        (pay(1, 3, account(2), 1), vec![key(1)], ResultCode::CounterMismatch),
        (pay(1, 0, account(1), 1), vec![key(1)], ResultCode::SelfTransfer),
        (pay(1, 0, account(2), 0), vec![key(1)], ResultCode::ZeroAmount),
    ] {
        match simulate(&state, &unsigned(&[payment], &keys)).unwrap() {
            Simulation::Applied(simulated) => {
                assert_eq!(simulated.failure().unwrap().2.code, expected);
            }
            Simulation::Refused(reason) => panic!("refused for {reason:?}, not {expected}"),
        }
    }
    match simulate(&state, &unsigned(&[pay(3, 0, account(2), 1)], &[])).unwrap() {
        Simulation::Refused(reason) => assert_eq!(reason.code, ResultCode::UnknownSigner),
        Simulation::Applied(simulated) => panic!("{simulated:?}"),
    }
}

#[test]
fn a_name_means_the_ticket_that_one_holds() {
    let (octez, node) = funded();
    let other = Ticket { ticketer: Kt1Address([0xcc; 20]), ..ticket("gold") };
    octez.deposit(account(2), &other, 1);
    octez.bake(1);
    let state = RollupState::at(&node, "head").unwrap();
    let tokens = state.tokens().unwrap();
    let means = |number: u8, wanted: &str| {
        let holder = state.account(&account(number)).unwrap();
        state.token(&tokens, Some(&holder), wanted).unwrap().map(|token| token.index.0)
    };
    assert_eq!(means(1, "gold"), Ok(0));
    assert_eq!(means(2, "gold"), Ok(2));
    assert!(matches!(means(3, "gold"), Err(TicketError::Several { .. })));
    assert_eq!(means(3, "#2"), Ok(2));
    assert!(matches!(means(1, "silver"), Err(TicketError::Unknown(_))));
}

#[test]
fn nodes_that_do_not_answer_or_are_none() {
    let nobody = Node::new("127.0.0.1:9").unwrap();
    assert!(matches!(nobody.rollup(), Err(RpcError::Connection { .. })));
    assert!(matches!(nobody.is_sandbox(), Err(RpcError::Connection { .. })));

    let octez = Octez::start();
    let node = Node::new(&octez.endpoint).unwrap();
    // A rollup without a level has no state of ours, nor has one with another kernel.
    assert!(matches!(RollupState::at(&node, "head"), Err(StateError::NotOurs { .. })));
    assert!(matches!(node.block("17"), Err(RpcError::Refused { status: 404, .. })));
    let errors = r#"[{"kind":"permanent","id":"rollup.node.unknown_block","msg":"unknown"}]"#;
    octez.says(500, errors);
    let refused = node.rollup().unwrap_err();
    assert!(refused.to_string().contains("unknown (HTTP 500)"), "{refused}");
    assert!(refused.to_string().contains(node.endpoint()), "{refused}");
    for (status, body) in [(200, "<html>"), (200, "17"), (200, "\"tz1\""), (200, "")] {
        octez.says(status, body);
        let shape = node.rollup().unwrap_err();
        assert!(matches!(shape, RpcError::Shape { .. }), "{body}");
        assert!(shape.to_string().contains(node.endpoint()), "{shape}");
    }
    // One that is busy is asked again.
    octez.says(503, "");
    assert_eq!(node.rollup().unwrap(), ROLLUP);
}

#[test]
fn a_node_that_fails_in_between_is_not_taken_for_one_that_has_nothing() {
    let (octez, node) = funded();
    let state = RollupState::at(&node, "head").unwrap();
    octez.says(500, "[]");
    // The first value that the ledger asks for: without it, there would be no account.
    assert!(matches!(state.account(&account(1)), Err(StateError::Rpc(RpcError::Refused { .. }))));
    assert!(state.account(&account(1)).unwrap().index.is_some());
}
