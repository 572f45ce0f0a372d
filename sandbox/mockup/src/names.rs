//! What accounts, contracts and assets are called, by the state alone.

use layer1::address::{Address, Kind};

use crate::asset::Asset;
use crate::contract::{Code, TokenFacts};
use crate::genesis::ticket_of;
use crate::state::State;
use crate::ticket::{ContractHash, Ticket};

/// What tez are called, and the places after the point.
const TEZ: (&str, u8) = ("tez", 6);
/// What the tickets of the ticketer of tez are called.
const XTZ: &str = "XTZ";

impl State {
    /// What an account or a contract is called, if it has a name.
    #[must_use]
    pub fn name(&self, account: &Address) -> Option<&str> {
        match account.kind {
            Kind::Contract => self.contract(&account.hash)?.name.as_deref(),
            Kind::Implicit(_) => self.names.get(account).map(String::as_str),
            Kind::Rollup => (*account == self.rollup()).then_some("rollup"),
        }
    }

    /// The accounts that have names, and these.
    pub fn named_accounts(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.names.iter().map(|(account, name)| (account, name.as_str()))
    }

    /// What is told of a token.
    #[must_use]
    pub fn facts(&self, contract: &ContractHash, id: &num_bigint::BigUint) -> Option<&TokenFacts> {
        match &self.contract(contract)?.code {
            Code::Fa2(fa2) => fa2.tokens.get(id),
            Code::Fa12(fa12) => (*id == num_bigint::BigUint::ZERO).then_some(&fa12.facts),
            _ => None,
        }
    }

    /// What an asset is called, and how many places it has after the point.
    #[must_use]
    pub fn asset_name(&self, asset: &Asset) -> Option<(String, u8)> {
        match asset {
            Asset::Tez => Some((TEZ.0.to_owned(), TEZ.1)),
            Asset::Token { contract, id } => {
                self.facts(contract, id).map(|facts| (facts.symbol.clone(), facts.decimals))
            }
            Asset::Ticket(ticket) => self.ticket_name(ticket),
        }
    }

    /// What a ticket is called, and how many places it has after the point: only the tickets of ticketers
    /// whose code is known have names.
    #[must_use]
    pub fn ticket_name(&self, ticket: &Ticket) -> Option<(String, u8)> {
        let ticketer = self.contract(ticket.ticketer())?;
        if ticket_of(ticket.ticketer(), ticketer).as_ref() != Some(ticket) {
            return None;
        }
        match &ticketer.code {
            Code::XtzTicketer => Some((XTZ.to_owned(), TEZ.1)),
            Code::FaTicketer(fa) => {
                let facts = self.facts(fa.token.contract(), &fa.token.id())?;
                Some((facts.symbol.clone(), facts.decimals))
            }
            Code::DemoTicketer => Some((crate::scripts::DEMO_CONTENT.to_owned(), 0)),
            _ => None,
        }
    }
}
