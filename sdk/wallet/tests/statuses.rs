//! What became of payments, over a node that answers as Octez's does: and what is to be done about them.

use crate::common::{Octez, ROLLUP, account, secret, usdt};
use encoding::{Amount, Counter, Level};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use tx_kernel::results::ResultCode;
use wallet::bundle::bundle;
use wallet::payments::{NextStep, PaymentProgress, Payments, Row, Sent};
use wallet::rpc::Node;
use wallet::state::RollupState;
use wallet::transaction::Signable;
use wallet::transaction_status::TransactionStatus;

/// A payment by account 1 to account 2, signed.
fn pay(counter: u64, amount: u64, expires: Option<i32>) -> Signable {
    let to = vec![(Name::Address(account(2)), Amount::new(amount))];
    let moves = vec![Action::Transfers { ticket: TicketName::Full(usdt()), to }];
    let (signer, counter) = (Name::Address(account(1)), Counter::new(counter));
    let operation = Operation { signer, counter, memo: None, actions: moves };
    let transaction = Transaction { expires: expires.map(Level), operations: vec![operation] };
    let mut signable = Signable::new(ROLLUP, transaction).unwrap();
    signable.sign(&secret(1)).unwrap();
    signable
}

/// Payments of a row each.
fn payments(signables: Vec<Signable>) -> Payments {
    let row = |line: usize| Row {
        line: u64::try_from(line).unwrap(),
        to: account(2),
        ticket: usdt(),
        amount: Amount::new(1),
        memo: None,
    };
    let rows = (0..signables.len()).map(row).collect();
    let sent = |(at, signable)| Sent {
        signable,
        rows: vec![at],
        head: Level(1),
        block: String::new(),
        end: None,
        batcher: None,
    };
    let transactions = signables.into_iter().enumerate().map(sent).collect();
    Payments {
        rollup: ROLLUP,
        payer: account(1),
        file: None,
        rows,
        transactions,
        messages: vec![],
        plans: vec![],
    }
}

fn send(node: &Node, signable: &Signable, registered: bool) {
    let known = if registered { vec![account(1)] } else { Vec::new() };
    let messages = bundle(&ROLLUP, std::slice::from_ref(signable), &known).unwrap();
    node.inject(&[messages[0][1..].to_vec()]).unwrap();
}

fn progress(node: &Node, payments: &Payments) -> PaymentProgress {
    let at = |block| RollupState::at(node, block);
    PaymentProgress::of(payments, &at("head").unwrap(), at("finalized").ok().as_ref()).unwrap()
}

#[test]
fn what_can_still_be_applied_is_sent_again_and_nothing_else_is_signed() {
    let octez = Octez::start();
    octez.deposit(account(1), &usdt(), 20_000_000);
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    let of = vec![
        pay(0, 1, Some(50)),
        pay(1, 2, Some(50)),
        pay(2, 30_000_000, Some(50)),
        pay(3, 4, Some(4)),
    ];
    let mut all = payments(of.clone());
    let now = progress(&node, &all);
    assert_eq!(now.now, [TransactionStatus::Open(None); 4]);
    assert_eq!(now.next(&all), NextStep::Send(vec![0, 1, 2, 3]));

    // Another transaction takes the place of the first; the second comes too early and then in time.
    send(&node, &pay(0, 9, None), false);
    octez.bake(1);
    let now = progress(&node, &all);
    assert_eq!(
        now.now,
        [
            TransactionStatus::Replaced,
            TransactionStatus::Open(None),
            TransactionStatus::Open(None),
            TransactionStatus::Open(None)
        ]
    );
    assert_eq!(now.settled, [TransactionStatus::Open(None); 4]);
    assert_eq!(now.next(&all), NextStep::Send(vec![1, 2, 3]));
    send(&node, &of[2], true);
    octez.bake(1);
    send(&node, &of[1], true);
    send(&node, &of[2], true);
    octez.bake(1);
    let now = progress(&node, &all);
    let TransactionStatus::Refused(level, reason) = now.now[2] else { panic!("{:?}", now.now) };
    assert_eq!((level, reason.code), (Level(4), ResultCode::BalanceTooLow));
    // The last one's level is over.
    assert_eq!(now.now[1], TransactionStatus::Applied(Level(4)));
    assert_eq!(now.now[3], TransactionStatus::Expired);
    // A reorganisation of layer 1 could still bring any of them back.
    assert_eq!(now.next(&all), NextStep::Wait);
    // The other transaction that took the first one's place is final already.
    assert!(all.settle(&now.now, &now.settled));
    let ends: Vec<_> = all.transactions.iter().map(|sent| sent.end).collect();
    assert_eq!(ends, [Some(TransactionStatus::Replaced), None, None, None]);

    octez.bake(2);
    let now = progress(&node, &all);
    assert_eq!(now.next(&all), NextStep::SignAnew(vec![0, 2, 3]));
    assert!(all.settle(&now.now, &now.settled) && all.is_settled() && all.is_over());
    // What is known for good is not asked for again, and stays whatever a node says later.
    let node = Node::new("127.0.0.1:9").unwrap();
    assert!(RollupState::at(&node, "head").is_err());
    assert_eq!(all.transactions[1].end, Some(TransactionStatus::Applied(Level(4))));
}

#[test]
fn a_counter_that_nobody_remembers_the_use_of_is_not_signed_anew() {
    let octez = Octez::start();
    octez.deposit(account(1), &usdt(), 20_000_000);
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    send(&node, &pay(0, 9, None), false);
    octez.bake(3);
    let mut all = payments(vec![pay(0, 1, None)]);
    assert_eq!(progress(&node, &all).next(&all), NextStep::SignAnew(vec![0]));
    // As far back as results are not kept, its own may have been one of them.
    all.transactions[0].head = Level(-14_400);
    let now = progress(&node, &all);
    assert_eq!(
        (now.now[0], now.next(&all)),
        (TransactionStatus::Forgotten, NextStep::Unknown(vec![0]))
    );
}
