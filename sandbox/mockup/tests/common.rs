//! A layer 1 with two users, two tokens, three ticketers, the helper, and contracts known by type alone.

use layer1::address::{Address, Kind};
use layer1::entrypoints::Parameter;
use layer1::michelson::{Node, parse};
use mockup::genesis::{
    demo_ticketer, deposit_helper, fa_ticketer, fa2, fa12, ticket_of, xtz_ticketer,
};
use mockup::{
    Code, Content, Contract, ContractHash, Mockup, Operation, Outcome, ROLLUP, Refusal, State,
    Ticket, Token, TokenFacts, contract_address,
};
use num_bigint::BigUint;

pub const ROLLUP_HASH: [u8; 20] = [0xaa; 20];
pub const XTZ: ContractHash = [1; 20];
pub const USDT: ContractHash = [2; 20];
pub const USDT_TICKETER: ContractHash = [3; 20];
pub const TZBTC: ContractHash = [4; 20];
pub const TZBTC_TICKETER: ContractHash = [5; 20];
pub const HELPER: ContractHash = [6; 20];
pub const DEMO: ContractHash = [7; 20];
/// Takes tickets of any number, and nothing else.
pub const VAULT: ContractHash = [8; 20];
pub const MUTEZ: u64 = 1_000_000;
pub const TOKENS: u32 = 1_000;
pub const RECEIVER: &str = "tz4MX1JesazSn8Ru4kNU5eG4Q4NoztBCkvxD";

pub fn alice() -> Address {
    Address { kind: Kind::Implicit(0), hash: [0x0a; 20] }
}

pub fn bob() -> Address {
    Address { kind: Kind::Implicit(0), hash: [0x0b; 20] }
}

pub fn rollup() -> Address {
    Address { kind: Kind::Rollup, hash: ROLLUP_HASH }
}

pub fn typed(script: &str) -> Contract {
    let parameter = Parameter::of_script(script).unwrap();
    Contract { name: None, parameter, code: Code::Typed }
}

pub fn genesis() -> State {
    let mut state = State::new(ROLLUP_HASH, Some(parse(ROLLUP).unwrap()));
    for (account, name) in [(alice(), "alice"), (bob(), "bob")] {
        state.set_account(account, name, MUTEZ);
    }
    let facts = |symbol: &str| TokenFacts {
        name: symbol.to_owned(),
        symbol: symbol.to_owned(),
        decimals: 2,
    };
    let holders = [alice(), bob()];
    let usdt = Token::Fa2(USDT, BigUint::ZERO);
    for (hash, contract) in [
        (XTZ, xtz_ticketer("XTZ")),
        (USDT, fa2("USDt", facts("USDt"), &holders, &TOKENS.into())),
        (USDT_TICKETER, fa_ticketer("USDt ticketer", usdt, &facts("USDt"))),
        (TZBTC, fa12("tzBTC", facts("tzBTC"), &holders, &TOKENS.into())),
        (TZBTC_TICKETER, fa_ticketer("tzBTC ticketer", Token::Fa12(TZBTC), &facts("tzBTC"))),
        (HELPER, deposit_helper("helper")),
        (DEMO, demo_ticketer("demo")),
        (VAULT, Ok(typed("parameter (ticket (pair nat (option bytes)))"))),
    ] {
        state.set_contract(hash, contract.unwrap());
    }
    state
}

/// A call that a user signs.
pub fn call(source: Address, to: Address, mutez: u64, at: &str, value: &str) -> Content {
    Content::Transaction {
        source,
        destination: to,
        amount: mutez,
        entrypoint: at.to_owned(),
        value: parse(value).unwrap_or_else(|error| panic!("{value}: {error}")),
    }
}

pub fn kt(hash: &ContractHash) -> Address {
    contract_address(hash)
}

/// Tez deposited through the helper.
pub fn deposit_xtz(source: Address, mutez: u64) -> Vec<Content> {
    let value = format!("Pair \"{}\" (Pair \"{}\" \"{RECEIVER}\")", kt(&XTZ), rollup());
    vec![call(source, kt(&HELPER), mutez, "deposit_xtz", &value)]
}

/// Tokens deposited through the helper, with the rights that it needs.
pub fn deposit_fa(source: Address, ticketer: &ContractHash, amount: u32) -> Vec<Content> {
    let helper = kt(&HELPER);
    let allow = if *ticketer == USDT_TICKETER {
        let right = format!("{{ Left (Pair \"{source}\" (Pair \"{helper}\" 0)) }}");
        call(source, kt(&USDT), 0, "update_operators", &right)
    } else {
        call(source, kt(&TZBTC), 0, "approve", &format!("Pair \"{helper}\" {amount}"))
    };
    let value =
        format!("Pair \"{}\" (Pair \"{}\" (Pair \"{RECEIVER}\" {amount}))", kt(ticketer), rollup());
    vec![allow, call(source, helper, 0, "deposit_fa", &value)]
}

/// The ticket of a ticketer.
pub fn ticket(state: &State, ticketer: &ContractHash) -> Ticket {
    ticket_of(ticketer, state.contract(ticketer).unwrap()).unwrap()
}

/// The bytes of an outbox message that calls one place.
pub fn message(to: &ContractHash, at: &str, parameters: &Node) -> Vec<u8> {
    let mut call = layer1::michelson::encode(parameters);
    call.extend(kt(to).to_contract_bytes().unwrap());
    call.extend(u32::try_from(at.len()).unwrap().to_be_bytes());
    call.extend(at.as_bytes());
    let mut message = vec![0];
    message.extend(u32::try_from(call.len()).unwrap().to_be_bytes());
    message.extend(call);
    message
}

/// What a withdrawal of a ticket names: `Pair receiver ticket`.
pub fn paying(ticket: &Ticket, to: Address, amount: u32) -> Node {
    let content = layer1::michelson::text(ticket.content());
    let bytes = |address: Address| hex::encode(address.to_contract_bytes().unwrap());
    let value = format!(
        "Pair 0x{} (Pair 0x{} (Pair ({content}) {amount}))",
        bytes(to),
        bytes(kt(ticket.ticketer()))
    );
    parse(&value).unwrap()
}

pub fn execution(index: u32, message: Vec<u8>) -> Operation {
    Operation::Execute { source: bob(), outbox_level: 3, index, message }
}

/// Does what a user signs.
pub fn done(mockup: &mut Mockup, contents: Vec<Content>) -> Outcome {
    let done = mockup.apply(5, Operation::Manager(contents));
    done.unwrap_or_else(|refusal| panic!("{refusal}")).clone()
}

/// Why it is not done; nothing has changed.
pub fn refused(mockup: &mut Mockup, operation: Operation) -> Refusal {
    let before = facts(mockup.state());
    let refusal = mockup.apply(5, operation).unwrap_err();
    assert_eq!(facts(mockup.state()), before);
    refusal
}

/// All that a state says, to be compared.
pub fn facts(state: &State) -> String {
    format!("{state:?}")
}
