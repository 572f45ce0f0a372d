//! The chain of terms over a rollup's node and a node of layer 1: closed, not closed, not known, not together.

use std::time::Duration;

use encoding::{Amount, Counter, Entrypoint, Kt1Address, Layer1Address, Ticket, TicketContent};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use num_bigint::BigInt;
use serde_json::json;
use wallet::bundle::bundle;
use wallet::patience::Patience;
use wallet::pins::PinKind;
use wallet::session::Session;
use wallet::solvency::{Ask, Chain, Solvency, SolvencyError, Verdict, solvency};
use wallet::transaction::Signable;

use crate::common::layer1::FakeLayer1;
use crate::common::{Octez, ROLLUP, account, secret};

const TICKETER: Kt1Address = Kt1Address([2; 20]);

fn tez() -> Ticket {
    Ticket { ticketer: TICKETER, content: TicketContent::NatBytes(0.into(), None) }
}

fn read(octez: &Octez, layer1: &FakeLayer1, kind: Option<PinKind>) -> Result<Chain, SolvencyError> {
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let ask = Ask { ticket: tez(), kind };
    let patience = Patience::lasting(Duration::from_millis(500));
    let told: Solvency = solvency(&session, &layer1.layer1, &[ask], &patience)?;
    let [chain] = told.chains.as_slice() else { panic!("{told:?}") };
    Ok(chain.clone())
}

/// Layer 1 with so much locked, minted, and of the rollup's.
fn layer1(locked: u64, supply: u64, here: u64) -> FakeLayer1 {
    let node = FakeLayer1::at(1);
    node.says(&format!("context/contracts/{TICKETER}/balance"), json!(locked.to_string()));
    let view = "helpers/scripts/run_script_view get_total_supply";
    node.says(view, json!({"data": {"int": supply.to_string()}}));
    node.says(&rollups(), json!(here.to_string()));
    node
}

fn rollups() -> String {
    format!("context/smart_rollups/smart_rollup/{ROLLUP}/ticket_balance")
}

fn term(chain: &Chain, field: &str) -> Result<BigInt, String> {
    let term = chain.rollup.iter().find(|term| term.field == field);
    term.unwrap_or_else(|| panic!("no {field}")).amount.clone()
}

/// A rollup where one account has 70, and 30 could not be credited.
fn rollup() -> Octez {
    let octez = Octez::start();
    octez.deposit(account(1), &tez(), 70);
    octez.deposit_for("nobody", &tez(), 30);
    octez.bake(3);
    octez
}

#[test]
fn what_is_held_counts_and_the_chain_closes() {
    let octez = rollup();
    octez.lists(json!([]));
    let chain = read(&octez, &layer1(120, 110, 100), Some(PinKind::Tez)).unwrap();
    assert_eq!((term(&chain, "on_rollup"), term(&chain, "held")), (Ok(70.into()), Ok(30.into())));
    assert_eq!((chain.owed(), chain.verdict()), (Some(100.into()), Verdict::Closed));
    for (locked, supply, here) in [(109, 110, 100), (120, 99, 100), (120, 110, 99), (120, 110, 101)]
    {
        let chain = read(&octez, &layer1(locked, supply, here), Some(PinKind::Tez)).unwrap();
        assert_eq!(chain.verdict(), Verdict::Open, "{locked} {supply} {here}");
    }
    // What stands for nothing has nothing locked.
    let chain = read(&octez, &layer1(0, 0, 100), None).unwrap();
    assert_eq!((chain.locked, chain.supply.is_none()), (None, true));
}

#[test]
fn what_is_not_told_is_not_claimed() {
    let octez = rollup();
    let unlisted = read(&octez, &layer1(120, 110, 100), Some(PinKind::Tez)).unwrap();
    assert!(term(&unlisted, "in_outboxes").is_err());
    assert_eq!(unlisted.verdict(), Verdict::Unknown);
    octez.lists(json!([]));
    // The exchanger has no views.
    let node = layer1(120, 110, 100);
    node.refuses(
        "helpers/scripts/run_script_view get_total_supply",
        500,
        "[{\"id\": \"no_view\"}]",
    );
    let chain = read(&octez, &node, Some(PinKind::Tez)).unwrap();
    assert_eq!(chain.verdict(), Verdict::Unknown);
    assert!(chain.supply.as_ref().unwrap().amount.is_err());
    // It is known at least that too little is locked.
    node.says(&format!("context/contracts/{TICKETER}/balance"), json!("99"));
    assert_eq!(read(&octez, &node, Some(PinKind::Tez)).unwrap().verdict(), Verdict::Open);
    let chain = read(&octez, &layer1(120, 110, 100), Some(PinKind::Other)).unwrap();
    assert_eq!(chain.verdict(), Verdict::Unknown);
    let node = layer1(120, 110, 100);
    node.refuses(&rollups(), 404, "");
    let chain = read(&octez, &node, Some(PinKind::Tez)).unwrap();
    assert!(chain.layer1.amount.is_err() && chain.verdict() == Verdict::Unknown);
    // An answer that is no answer ends it.
    node.says(&rollups(), json!(100));
    let error = read(&octez, &node, Some(PinKind::Tez)).unwrap_err();
    assert!(matches!(error, SolvencyError::Layer1(_)), "{error}");
}

#[test]
fn two_nodes_that_do_not_come_together_are_told_apart() {
    let octez = rollup();
    octez.lists(json!([]));
    let node = layer1(120, 110, 100);
    // It is a level behind.
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let head = session.node().block("head").unwrap();
    node.refuses(&format!("{}/header", head.hash), 404, "");
    let error = read(&octez, &node, Some(PinKind::Tez)).unwrap_err();
    let words = error.to_string();
    assert!(matches!(error, SolvencyError::NotTogether { .. }), "{words}");
    assert!(words.contains(&head.hash) && words.contains("of level 3"), "{words}");
    assert!(words.ends_with("its own head is at level 1"), "{words}");
    // It catches up.
    node.forgets(&format!("{}/header", head.hash));
    assert_eq!(read(&octez, &node, Some(PinKind::Tez)).unwrap().verdict(), Verdict::Closed);
}

#[test]
fn what_has_left_counts_until_it_is_executed_and_for_ever_if_it_is_lost() {
    let octez = rollup();
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let withdraw = |amount| Action::Withdraw {
        ticket: TicketName::Full(tez()),
        to: TICKETER,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: Some(Layer1Address::Contract(Kt1Address([6; 20]))),
        amount: Amount::new(amount),
    };
    let (signer, counter) = (Name::Address(account(1)), Counter::FIRST);
    let actions = vec![withdraw(5), withdraw(6)];
    let operation = Operation { signer, counter, memo: None, actions };
    let transaction = Transaction { expires: None, operations: vec![operation] };
    let mut signable = Signable::new(*session.rollup(), transaction).unwrap();
    signable.sign(&secret(1)).unwrap();
    let messages = bundle(session.rollup(), std::slice::from_ref(&signable), &[]).unwrap();
    session.deliver(&messages, &Patience::none()).unwrap();
    octez.lists(json!([]));
    octez.bake(1);
    // A level so young has nothing executed, whether it is listed or not.
    let node = layer1(100, 100, 100);
    let read = |node: &FakeLayer1| read(&octez, node, Some(PinKind::Tez)).unwrap();
    let chain = read(&node);
    assert_eq!(
        (term(&chain, "on_rollup"), term(&chain, "in_outboxes")),
        (Ok(59.into()), Ok(11.into()))
    );
    assert_eq!((chain.owed(), chain.verdict()), (Some(100.into()), Verdict::Closed));
    octez.bake(6);
    // Not listed: layer 1 has executed it, or else something is missing.
    assert_eq!(read(&node).verdict(), Verdict::Open);
    assert_eq!(read(&layer1(89, 89, 89)).verdict(), Verdict::Closed);
    let listed = |status| json!([{"outbox_level": 4, "status": status, "messages": [{"message_index": "0"}]}]);
    octez.lists(listed("executable"));
    let chain = read(&node);
    assert_eq!(
        (term(&chain, "in_outboxes"), term(&chain, "expired")),
        (Ok(11.into()), Ok(0.into()))
    );
    assert_eq!(chain.verdict(), Verdict::Closed);
    octez.lists(listed("lost"));
    let chain = read(&node);
    assert_eq!(
        (term(&chain, "in_outboxes"), term(&chain, "expired")),
        (Ok(0.into()), Ok(11.into()))
    );
    assert_eq!(chain.verdict(), Verdict::Closed);
}
