//! Contracts: what each can be called with, what it does, and what it has stored.

use imbl::{OrdMap, OrdSet};
use layer1::address::Address;
use layer1::entrypoints::Parameter;
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::ticket::ContractHash;

/// A contract of layer 1.
#[derive(Clone, Debug)]
pub struct Contract {
    /// What people call it.
    pub name: Option<String>,
    /// What it can be called with.
    pub parameter: Parameter,
    /// What it does.
    pub code: Code,
}

/// What a contract does.
#[derive(Clone, Debug)]
pub enum Code {
    /// Locks tez and makes tickets of it.
    XtzTicketer,
    /// Locks a token and makes tickets of it.
    FaTicketer(FaTicketer),
    /// Has tokens of several kinds.
    Fa2(Fa2),
    /// Has one token.
    Fa12(Fa12),
    /// Takes tez or tokens, has a ticketer make a ticket of them, and sends that to the rollup.
    DepositHelper(Option<PendingDeposit>),
    /// Makes tickets that stand for nothing.
    DemoTicketer,
    /// Anything: only its type is known. A call that fits succeeds, and what comes with it is kept.
    Typed,
}

/// A token that a ticketer locks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// That of a contract of FA1.2.
    Fa12(ContractHash),
    /// One of a contract of FA2.
    Fa2(ContractHash, BigUint),
}

impl Token {
    /// The contract that has it.
    #[must_use]
    pub fn contract(&self) -> &ContractHash {
        match self {
            Token::Fa12(contract) | Token::Fa2(contract, _) => contract,
        }
    }

    /// Its number among the tokens of the contract.
    #[must_use]
    pub fn id(&self) -> BigUint {
        match self {
            Token::Fa12(_) => BigUint::ZERO,
            Token::Fa2(_, id) => id.clone(),
        }
    }
}

/// What a ticketer of tokens has stored.
#[derive(Clone, Debug)]
pub struct FaTicketer {
    /// What it locks.
    pub token: Token,
    /// What its tickets say.
    pub content: Node,
}

/// What a contract of FA2 has stored.
#[derive(Clone, Debug, Default)]
pub struct Fa2 {
    /// Balances, by owner and token.
    pub ledger: OrdMap<(Address, BigUint), BigUint>,
    /// Owner, operator and token.
    pub operators: OrdSet<(Address, Address, BigUint)>,
    /// The tokens that there are, with what is told of each.
    pub tokens: OrdMap<BigUint, TokenFacts>,
}

/// What a contract of FA1.2 has stored.
#[derive(Clone, Debug)]
pub struct Fa12 {
    /// Balances.
    pub ledger: OrdMap<Address, BigUint>,
    /// By owner and spender, how much may be spent.
    pub allowances: OrdMap<(Address, Address), BigUint>,
    /// What is told of the token.
    pub facts: TokenFacts,
}

/// What is told of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenFacts {
    /// What it is called.
    pub name: String,
    /// Its letters.
    pub symbol: String,
    /// Places after the point.
    pub decimals: u8,
}

/// A deposit that is on its way within one operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingDeposit {
    /// Whose ticket is awaited.
    pub ticketer: Address,
    /// What the ticket says.
    pub content: Node,
    /// How many.
    pub amount: BigUint,
    /// Where it goes.
    pub rollup: Address,
    /// The account of the rollup that it is for.
    pub receiver: String,
    /// The contract of the token that is deposited.
    pub token: Option<Address>,
    /// What the helper had of it before.
    pub balance: Option<BigUint>,
    /// Whether the ticket came and was sent on.
    pub forwarded: bool,
}
