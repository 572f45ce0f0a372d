//! What the contracts that we ship do here, held against what their code does: operations that were played in
//! an interpreter of Michelson (`contracts/vectors.json`).

use std::collections::BTreeMap;

use layer1::address::{Address, Kind};
use layer1::entrypoints::DEFAULT;
use layer1::json::from_micheline;
use layer1::michelson::{Node, encode};
use mockup::genesis::{deposit_helper, fa2, fa12, xtz_ticketer};
use mockup::{
    Code, Content, Contract, Mockup, Operation, Refusal, State, Ticket, TokenFacts, storage,
};
use num_bigint::BigUint;
use serde_json::Value;

/// What contracts are played here as well. Of any other there is no behaviour.
const PLAYED: [&str; 5] = ["xtz_ticketer", "fa_ticketer", "deposit_helper", "fa12", "fa2"];

fn address(text: &Value) -> Address {
    text.as_str().unwrap().parse().unwrap()
}

fn number<T: std::str::FromStr>(text: &Value) -> T
where
    T::Err: std::fmt::Debug,
{
    text.as_str().unwrap().parse().unwrap()
}

fn node(value: &Value) -> Node {
    from_micheline(value).unwrap()
}

/// The parts of a pair, however it is written.
fn parts(value: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut rest = value["args"].as_array().unwrap().iter().peekable();
    while let Some(one) = rest.next() {
        if rest.peek().is_none() && one["prim"] == "Pair" {
            found.extend(parts(one));
        } else {
            found.push(one);
        }
    }
    found
}

fn elements(map: &Value) -> Vec<(&Value, &Value)> {
    let all = map.as_array().unwrap().iter();
    all.map(|one| (&one["args"][0], &one["args"][1])).collect()
}

/// The contract of a kind with what it has stored.
fn contract(code: &str, stored: &Value) -> Contract {
    let facts = TokenFacts { name: "token".to_owned(), symbol: "TKN".to_owned(), decimals: 6 };
    match code {
        "xtz_ticketer" => xtz_ticketer("tez").unwrap(),
        "deposit_helper" => deposit_helper("helper").unwrap(),
        "fa_ticketer" => {
            let found = parts(stored);
            let token = match (found[1]["prim"].as_str(), &found[1]["args"][0]) {
                (Some("Left"), fa12) => mockup::Token::Fa12(address(&fa12["string"]).hash),
                (_, fa2) => {
                    let of = parts(fa2);
                    mockup::Token::Fa2(address(&of[0]["string"]).hash, number(&of[1]["int"]))
                }
            };
            let mut made = mockup::genesis::fa_ticketer("ticketer", token.clone(), &facts).unwrap();
            let content = node(found[0]);
            made.code = Code::FaTicketer(mockup::FaTicketer { token, content });
            made
        }
        "fa12" => {
            let mut made = fa12("token", facts, &[], &BigUint::ZERO).unwrap();
            if let Code::Fa12(fa12) = &mut made.code {
                let found = parts(stored);
                for (pair, amount) in elements(found[0]) {
                    let pair = parts(pair);
                    let pair = (address(&pair[0]["string"]), address(&pair[1]["string"]));
                    let amount: BigUint = number(&amount["int"]);
                    // An allowance of nothing is none.
                    if amount != BigUint::ZERO {
                        fa12.allowances.insert(pair, amount);
                    }
                }
                for (owner, amount) in elements(found[1]) {
                    fa12.ledger.insert(address(&owner["string"]), number(&amount["int"]));
                }
            }
            made
        }
        "fa2" => {
            let mut made = fa2("token", facts.clone(), &[], &BigUint::ZERO).unwrap();
            if let Code::Fa2(fa2) = &mut made.code {
                fa2.tokens.insert(7_u8.into(), facts);
                let found = parts(stored);
                for (key, amount) in elements(found[0]) {
                    let key = parts(key);
                    let key = (address(&key[0]["string"]), number(&key[1]["int"]));
                    fa2.ledger.insert(key, number(&amount["int"]));
                }
                for (key, _) in elements(found[1]) {
                    let key = parts(key);
                    let [owner, operator] = [0, 1].map(|at: usize| address(&key[at]["string"]));
                    fa2.operators.insert((owner, operator, number(&key[2]["int"])));
                }
            }
            made
        }
        other => panic!("{other}"),
    }
}

/// What a sequence says that there is: it is changed step by step.
struct Expected {
    codes: BTreeMap<String, String>,
    tez: BTreeMap<String, u64>,
    storages: BTreeMap<String, Value>,
    tickets: Value,
}

impl Expected {
    fn change(&mut self, changes: &Value) {
        for (account, mutez) in changes["tez"].as_object().into_iter().flatten() {
            self.tez.insert(account.clone(), number(mutez));
        }
        for (contract, stored) in changes["storages"].as_object().into_iter().flatten() {
            self.storages.insert(contract.clone(), stored.clone());
        }
        if let Some(tickets) = changes.get("tickets") {
            self.tickets = tickets.clone();
        }
    }

    /// That a state is what the sequence says.
    fn check(&self, state: &State, at: &str) {
        for (account, mutez) in &self.tez {
            assert_eq!(state.mutez(&account.parse().unwrap()), *mutez, "{at}: {account}");
        }
        for (text, stored) in &self.storages {
            let found: Address = text.parse().unwrap();
            let expected = contract(&self.codes[text], stored);
            match (&state.contract(&found.hash).unwrap().code, &expected.code) {
                (Code::Fa12(found), Code::Fa12(expected)) => {
                    assert_eq!(found.ledger, expected.ledger, "{at}: {text}");
                    assert_eq!(found.allowances, expected.allowances, "{at}: {text}");
                }
                (Code::Fa2(found), Code::Fa2(expected)) => {
                    assert_eq!(found.ledger, expected.ledger, "{at}: {text}");
                    assert_eq!(found.operators, expected.operators, "{at}: {text}");
                }
                (Code::DepositHelper(pending), _) => {
                    assert_eq!((pending, &stored["prim"]), (&None, &Value::from("None")), "{at}");
                }
                // The supply is all that changes.
                _ => {
                    let told = storage(state, &found.hash).unwrap();
                    let last = |value: &Value| match value["prim"].as_str() {
                        Some("Pair") => parts(value).last().unwrap()["int"].clone(),
                        _ => value["int"].clone(),
                    };
                    assert_eq!(last(&layer1::json::micheline(&told)), last(stored), "{at}: {text}");
                }
            }
        }
        let mut all = BTreeMap::new();
        for (ticket, account, amount) in state.ticket_holders() {
            all.insert(
                (account.to_string(), *ticket.ticketer(), encode(ticket.content())),
                amount.to_string(),
            );
        }
        let mut told = BTreeMap::new();
        for one in self.tickets.as_array().unwrap() {
            let ticketer = address(&one["ticketer"]).hash;
            let (of, content) = (node(&one["content_type"]), node(&one["content"]));
            let ticket = Ticket::read(ticketer, &of, &content).unwrap();
            let holder = one["holder"].as_str().unwrap().to_owned();
            let amount = one["amount"].as_str().unwrap().to_owned();
            told.insert((holder, ticketer, encode(ticket.content())), amount);
        }
        assert_eq!(all, told, "{at}");
    }
}

/// An operation of a step, or the message of an outbox.
fn operation(step: &Value, index: u32) -> Operation {
    if let Some(message) = step["outbox_message"].as_str() {
        let message = hex::decode(message).unwrap();
        let source = address(&step["executor"]);
        return Operation::Execute { source, outbox_level: 1, index, message };
    }
    let contents = step["operations"].as_array().unwrap().iter().map(|one| {
        let to = one["destination"].as_str().unwrap();
        let entrypoint = one["parameters"]["entrypoint"].as_str().unwrap_or(DEFAULT);
        Content::Transaction {
            source: address(&one["source"]),
            destination: to.parse().unwrap(),
            amount: number(&one["amount"]),
            entrypoint: if entrypoint == DEFAULT { String::new() } else { entrypoint.to_owned() },
            value: one["parameters"]
                .get("value")
                .map_or_else(|| layer1::michelson::parse("Unit").unwrap(), node),
        }
    });
    Operation::Manager(contents.collect())
}

/// Whether a reason is the one that the interpreter gives.
fn is_reason(refusal: &Refusal, expected: &str) -> bool {
    match refusal {
        Refusal::OfMessage { refusal, .. } => is_reason(refusal, expected),
        Refusal::Code { with, .. } => *with == expected,
        Refusal::Tez { .. } => expected == "balance too low",
        Refusal::NoContract(_) => expected == "no such contract",
        Refusal::NoEntrypoint { .. } => expected == "no such entrypoint",
        Refusal::Mismatch(_) => expected == "ill-typed parameter",
        Refusal::Tickets { .. } => expected == "not enough of that ticket",
        // The interpreter asks the contract; layer 1 lets no user put a ticket into a call.
        Refusal::TicketByUser(_) => true,
        _ => false,
    }
}

/// Gives somebody tokens, as a call of the interpreter's tokens does.
fn mint(state: &mut State, call: &Value) {
    let hash = address(&call["destination"]).hash;
    let mut token = state.contract(&hash).unwrap().clone();
    let value = parts(&call["parameters"]["value"]);
    let to = address(&value[0]["string"]);
    let amount: BigUint = number(&value.last().unwrap()["int"]);
    match &mut token.code {
        Code::Fa12(fa12) => *fa12.ledger.entry(to).or_default() += amount,
        Code::Fa2(fa2) => {
            *fa2.ledger.entry((to, number(&value[1]["int"]))).or_default() += amount;
        }
        other => panic!("{other:?}"),
    }
    state.set_contract(hash, token);
}

fn play(sequence: &Value, state: State) -> usize {
    let name = sequence["name"].as_str().unwrap();
    let codes = sequence["contracts"].as_array().unwrap().iter().map(|one| {
        (one["address"].as_str().unwrap().to_owned(), one["code"].as_str().unwrap().to_owned())
    });
    let mut expected = Expected {
        codes: codes.collect(),
        tez: BTreeMap::new(),
        storages: BTreeMap::new(),
        tickets: sequence["before"]["tickets"].clone(),
    };
    expected.change(&sequence["before"]);
    let mut state = state;
    for (account, mutez) in &expected.tez {
        state.set_account(account.parse().unwrap(), account, *mutez);
    }
    for (text, stored) in &expected.storages {
        let hash = text.parse::<Address>().unwrap().hash;
        state.set_contract(hash, contract(&expected.codes[text], stored));
    }
    let mut mockup = Mockup::new(state);
    // What the rollup has before.
    for one in expected.tickets.as_array().unwrap() {
        assert_eq!(address(&one["holder"]), mockup.state().rollup());
        let (of, content) = (node(&one["content_type"]), node(&one["content"]));
        let ticket = Ticket::read(address(&one["ticketer"]).hash, &of, &content).unwrap();
        mockup.apply(1, Operation::Found(vec![(ticket, number(&one["amount"]))])).unwrap();
    }
    let mut played = 0;
    for (index, step) in (0..).zip(sequence["steps"].as_array().unwrap()) {
        let at = format!("{name}, step {index}");
        let mut step = step.clone();
        let groups = step["operations"].as_array_mut().into_iter();
        let minted: Vec<Value> = groups
            .flat_map(|all| {
                let is_mint = |one: &mut Value| {
                    one["parameters"]["entrypoint"] == "mint"
                        && expected.codes[one["destination"].as_str().unwrap()].starts_with("fa")
                };
                all.extract_if(.., is_mint).collect::<Vec<_>>()
            })
            .collect();
        if !minted.is_empty() {
            // The tokens of the interpreter's tests can be minted; ours are there from the beginning.
            assert_eq!(step["error"], Value::Null, "{at}");
            let mut state = mockup.state().clone();
            minted.iter().for_each(|one| mint(&mut state, one));
            mockup = Mockup::new(state);
            if step["operations"].as_array().unwrap().is_empty() {
                expected.change(&step["changes"]);
                expected.check(mockup.state(), &at);
                continue;
            }
        }
        let step = &step;
        // Of a contract that is made within a sequence, what it has stored is not told.
        let told = |one: &Value| {
            let to = one["destination"].as_str().unwrap();
            !to.starts_with("KT1") || expected.storages.contains_key(to)
        };
        if !step["operations"].as_array().into_iter().flatten().all(told) {
            continue;
        }
        let done = mockup.apply(7, operation(step, index)).cloned();
        let outcome = match (done, step["error"].as_str()) {
            (Ok(outcome), None) => outcome,
            (Err(refusal), Some(error)) => {
                assert!(is_reason(&refusal, error), "{at}: {refusal} for {error}");
                played += 1;
                continue;
            }
            (done, error) => panic!("{at}: {:?}, and not {error:?}", done.map(|done| done.changes)),
        };
        // A message's own calls are in the message, and not among these.
        let internal = outcome.calls.iter().filter(|one| one.is_internal);
        let shown = |source: String, to: String, entrypoint: &str, amount: &str| {
            format!("{source} {to} {entrypoint} {amount}")
        };
        let found: Vec<String> = internal
            .map(|one| {
                let call = &one.call;
                let name = if call.entrypoint.is_empty() { DEFAULT } else { &call.entrypoint };
                let (from, to) = (call.sender.to_string(), call.destination.to_string());
                shown(from, to, name, &call.amount.to_string())
            })
            .collect();
        let wanted: Vec<String> = step["internal_operations"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| {
                let text = |of: &str| one[of].as_str().unwrap().to_owned();
                let name = one["parameters"]["entrypoint"].as_str().unwrap_or(DEFAULT);
                shown(text("source"), text("destination"), name, &text("amount"))
            })
            .collect();
        assert_eq!(found, wanted, "{at}");
        let sent: Vec<_> = outcome.messages.iter().collect();
        let payloads = step["payloads"].as_array().unwrap();
        assert_eq!(sent.len(), payloads.len(), "{at}");
        for (found, wanted) in sent.iter().zip(payloads) {
            let sender = Address { kind: Kind::Contract, hash: found.sender };
            assert_eq!(sender, address(&wanted["sender"]), "{at}");
            assert_eq!(found.source, address(&wanted["source"]), "{at}");
            assert_eq!(hex::encode(&found.payload), wanted["payload"].as_str().unwrap(), "{at}");
        }
        expected.change(&step["changes"]);
        expected.check(mockup.state(), &at);
        played += 1;
    }
    played
}

#[test]
fn the_contracts_do_what_their_michelson_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../contracts/vectors.json");
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let of = layer1::michelson::parse(vectors["rollup_type"].as_str().unwrap()).unwrap();
    let rollup = address(&vectors["rollup"]).hash;
    let mut played = 0;
    for sequence in vectors["sequences"].as_array().unwrap() {
        let codes = sequence["contracts"].as_array().unwrap();
        if codes.iter().all(|one| PLAYED.contains(&one["code"].as_str().unwrap())) {
            played += play(sequence, State::new(rollup, Some(of.clone())));
        }
    }
    assert!(played > 90, "{played}");
}
