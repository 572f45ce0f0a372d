//! The state of the simulated layer 1. A copy shares what it can with what it was copied from.

use imbl::OrdMap;
use layer1::address::{Address, Kind};
use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::asset::{Asset, Holding};
use crate::contract::{Code, Contract, Token};
use crate::ticket::{ContractHash, Ticket};

/// Where everything is.
#[derive(Clone, Debug)]
pub struct State {
    pub(crate) rollup: [u8; 20],
    /// What the rollup can be called with; anything where it is not known.
    pub(crate) rollup_type: Option<Node>,
    /// Of accounts; contracts have theirs.
    pub(crate) names: OrdMap<Address, String>,
    /// Mutez.
    pub(crate) tez: OrdMap<Address, u64>,
    pub(crate) counters: OrdMap<Address, u64>,
    pub(crate) contracts: OrdMap<ContractHash, Contract>,
    pub(crate) tickets: OrdMap<(Ticket, Address), BigUint>,
    pub(crate) supplies: OrdMap<Ticket, BigUint>,
    /// By outbox level and index, the level in which a message was executed.
    pub(crate) executed: OrdMap<(i32, u32), i32>,
}

impl State {
    /// A layer 1 with a rollup, and nothing else.
    #[must_use]
    pub fn new(rollup: [u8; 20], rollup_type: Option<Node>) -> Self {
        Self {
            rollup,
            rollup_type,
            names: OrdMap::new(),
            tez: OrdMap::new(),
            counters: OrdMap::new(),
            contracts: OrdMap::new(),
            tickets: OrdMap::new(),
            supplies: OrdMap::new(),
            executed: OrdMap::new(),
        }
    }

    /// Puts a contract there, for the state that a layer 1 begins with.
    pub fn set_contract(&mut self, hash: ContractHash, contract: Contract) {
        self.contracts.insert(hash, contract);
    }

    /// Gives an account a name and mutez, for the state that a layer 1 begins with.
    pub fn set_account(&mut self, account: Address, name: &str, mutez: u64) {
        self.names.insert(account, name.to_owned());
        self.tez.insert(account, mutez);
    }

    /// The rollup's address.
    #[must_use]
    pub fn rollup(&self) -> Address {
        Address { kind: Kind::Rollup, hash: self.rollup }
    }

    /// What the rollup can be called with, if that is known.
    #[must_use]
    pub fn rollup_type(&self) -> Option<&Node> {
        self.rollup_type.as_ref()
    }

    /// Mutez of an account.
    #[must_use]
    pub fn mutez(&self, account: &Address) -> u64 {
        self.tez.get(account).copied().unwrap_or(0)
    }

    /// The counter of an account's last operation.
    #[must_use]
    pub fn counter(&self, account: &Address) -> u64 {
        self.counters.get(account).copied().unwrap_or(0)
    }

    /// A contract that is known.
    #[must_use]
    pub fn contract(&self, hash: &ContractHash) -> Option<&Contract> {
        self.contracts.get(hash)
    }

    /// All contracts that are known.
    pub fn contracts(&self) -> impl Iterator<Item = (&ContractHash, &Contract)> {
        self.contracts.iter()
    }

    /// How many of a ticket an account has.
    #[must_use]
    pub fn tickets(&self, ticket: &Ticket, account: &Address) -> BigUint {
        self.tickets.get(&(ticket.clone(), *account)).cloned().unwrap_or_default()
    }

    /// How many of a ticket there are.
    #[must_use]
    pub fn supply(&self, ticket: &Ticket) -> BigUint {
        self.supplies.get(ticket).cloned().unwrap_or_default()
    }

    /// All tickets that there are or were, and how many.
    pub fn supplies(&self) -> impl Iterator<Item = (&Ticket, &BigUint)> {
        self.supplies.iter()
    }

    /// Who has how many of which ticket.
    pub fn ticket_holders(&self) -> impl Iterator<Item = (&Ticket, &Address, &BigUint)> {
        self.tickets.iter().map(|((ticket, account), amount)| (ticket, account, amount))
    }

    /// The tickets that one contract has made.
    pub fn tickets_of(&self, ticketer: &ContractHash) -> impl Iterator<Item = (&Ticket, &BigUint)> {
        self.supplies.iter().filter(move |(ticket, _)| ticket.ticketer() == ticketer)
    }

    /// The level in which an outbox message was executed.
    #[must_use]
    pub fn executed(&self, level: i32, index: u32) -> Option<i32> {
        self.executed.get(&(level, index)).copied()
    }

    /// What an account has of a token.
    #[must_use]
    pub fn tokens(&self, contract: &ContractHash, id: &BigUint, account: &Address) -> BigUint {
        let found = match self.contracts.get(contract).map(|contract| &contract.code) {
            Some(Code::Fa2(fa2)) => fa2.ledger.get(&(*account, id.clone())).cloned(),
            Some(Code::Fa12(fa12)) if *id == BigUint::ZERO => fa12.ledger.get(account).cloned(),
            _ => None,
        };
        found.unwrap_or_default()
    }

    /// What an account has of anything.
    #[must_use]
    pub fn balance(&self, holding: &Holding) -> BigUint {
        match &holding.asset {
            Asset::Tez => self.mutez(&holding.account).into(),
            Asset::Token { contract, id } => self.tokens(contract, id, &holding.account),
            Asset::Ticket(ticket) => self.tickets(ticket, &holding.account),
        }
    }

    /// What a ticketer has locked for a ticket of its own; `None` if nothing is known to stand behind it.
    #[must_use]
    pub fn locked(&self, ticket: &Ticket) -> Option<BigUint> {
        let hash = ticket.ticketer();
        let ticketer = Address { kind: Kind::Contract, hash: *hash };
        match &self.contracts.get(hash)?.code {
            Code::XtzTicketer => Some(self.mutez(&ticketer).into()),
            Code::FaTicketer(fa) => {
                let token: &Token = &fa.token;
                Some(self.tokens(token.contract(), &token.id(), &ticketer))
            }
            _ => None,
        }
    }
}
