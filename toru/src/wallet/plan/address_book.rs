//! What accounts and tickets are called.

use encoding::{AccountIndex, Amount, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, TicketName};
use serde_json::{Value, json};
use wallet::pins::Pins;
use wallet::state::RollupState;
use wallet::ticket::Token;
use wallet::transaction::Signable;

use super::super::grid::grouped;
use super::super::session::Session;
use crate::error::Failure;

/// The names of all that some transactions are about.
#[derive(Default)]
pub(in crate::wallet) struct AddressBook {
    tokens: Vec<Token>,
    pins: Pins,
    names: Vec<(Tz4Address, String)>,
    indexes: Vec<(AccountIndex, Tz4Address)>,
}

impl AddressBook {
    /// What a node and the keys that are here say.
    pub fn open(
        session: &Session<'_>,
        state: &RollupState<'_>,
        transactions: &[Signable],
        others: &[Tz4Address],
    ) -> Result<Self, Failure> {
        let (tokens, pins) = (state.tokens()?, state.pins().clone());
        let mut book = AddressBook { tokens, pins, ..AddressBook::default() };
        // One beyond those that are looked through for names.
        for ticket in tickets(transactions) {
            if book.named(ticket).is_none() {
                let token = state.token_named(ticket)?;
                book.tokens.extend(token);
            }
        }
        for name in accounts(transactions) {
            if let Name::Index(index) = name
                && let Some(address) = state.address(index)?
            {
                book.indexes.push((index, address));
            }
        }
        book.with_names(session, transactions, others)
    }

    /// What can be said without a node: tickets that are named in full say themselves what they are.
    pub fn offline(
        session: &Session<'_>,
        transactions: &[Signable],
        others: &[Tz4Address],
    ) -> Result<Self, Failure> {
        let pins = session.wallet.pins().clone();
        let mut book = AddressBook { pins, ..AddressBook::default() };
        let operations = transactions.iter().flat_map(|one| &one.transaction().operations);
        for one in operations.flat_map(|operation| &operation.actions) {
            let (Action::Transfers { ticket, .. } | Action::Withdraw { ticket, .. }) = one;
            if let TicketName::Full(ticket) = ticket
                && !book.tokens.iter().any(|token| token.ticket == *ticket)
            {
                book.tokens.push(Token::unindexed(ticket.clone(), &book.pins));
            }
        }
        book.with_names(session, transactions, others)
    }

    fn with_names(
        mut self,
        session: &Session<'_>,
        transactions: &[Signable],
        others: &[Tz4Address],
    ) -> Result<Self, Failure> {
        let named = accounts(transactions).into_iter().filter_map(|name| match name {
            Name::Address(address) => Some(address),
            Name::Index(index) => self.at(index),
            Name::Registration(_) => None,
        });
        let mut all: Vec<Tz4Address> = named.chain(others.iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        for address in all {
            if let Some(name) = session.by_address(address)?.name {
                self.names.push((address, name));
            }
        }
        Ok(self)
    }

    /// The account of an index.
    pub fn at(&self, index: AccountIndex) -> Option<Tz4Address> {
        let found = self.indexes.iter().find(|(other, _)| *other == index);
        found.map(|(_, address)| *address)
    }

    /// An account as a batch names it.
    pub fn account(&self, name: &Name) -> String {
        match name {
            Name::Address(address) => self.name(address),
            Name::Index(index) => match self.at(*index) {
                Some(address) => format!("{}, account {index}", self.name(&address)),
                None => format!("account {index}"),
            },
            Name::Registration(index) => format!("the key {index} of the batch"),
        }
    }

    /// An account by its name here, or by its address.
    pub fn name(&self, address: &Tz4Address) -> String {
        let known = self.names.iter().find(|(other, _)| other == address);
        known.map_or_else(|| address.to_string(), |(_, name)| format!("{name} ({address})"))
    }

    pub fn token(&self, index: TicketIndex) -> Option<&Token> {
        self.tokens.iter().find(|token| token.index == index)
    }

    pub fn named(&self, ticket: &TicketName) -> Option<&Token> {
        self.tokens.iter().find(|token| match ticket {
            TicketName::Index(index) => token.index == *index,
            TicketName::Full(ticket) => token.ticket == *ticket,
        })
    }

    /// What is known of a ticket; nothing of an index that the rollup does not have.
    pub fn known(&self, ticket: &TicketName) -> Option<Token> {
        match (self.named(ticket), ticket) {
            (Some(token), _) => Some(token.clone()),
            (None, TicketName::Index(_)) => None,
            (None, TicketName::Full(ticket)) => Some(Token::unindexed(ticket.clone(), &self.pins)),
        }
    }

    /// What to call a ticket, where what it is of stands beside it.
    pub fn label(&self, ticket: &TicketName) -> String {
        match (self.known(ticket), ticket) {
            (Some(token), _) => token.label(),
            (None, TicketName::Index(index)) => format!("#{index}"),
            (None, TicketName::Full(ticket)) => ticket.ticketer.to_string(),
        }
    }

    /// A ticket in a few words that mean no other one: its index beside its name, where another one has
    /// the same name.
    pub fn short(&self, token: &Token) -> String {
        token.among(&self.tokens)
    }

    /// The same of a ticket as a batch names it.
    pub fn called(&self, ticket: &TicketName) -> String {
        self.known(ticket).map_or_else(|| self.label(ticket), |token| self.short(&token))
    }

    /// All that tells a ticket from others: its index, who mints it, and its content where its name does
    /// not say it.
    fn of(&self, ticket: &TicketName) -> String {
        let Some(token) = self.known(ticket) else { return String::new() };
        let index = token.known_index().map_or_else(String::new, |index| format!("#{index} "));
        let detail = match token.pinned.as_ref().or(token.symbol.as_ref()) {
            // Its label is its content.
            None if token.known_index().is_none() => None,
            _ => token.detail(),
        };
        let detail = detail.map_or_else(String::new, |detail| format!(", {detail}"));
        format!(" ({index}of {}{detail})", token.ticket.ticketer)
    }

    pub fn decimals(&self, ticket: &TicketName, amount: Amount) -> String {
        self.digits(ticket, amount.get().into())
    }

    /// A sum of a ticket's smallest units, as it counts.
    pub fn digits(&self, ticket: &TicketName, units: u128) -> String {
        wallet::amount::digits(units, self.known(ticket).map_or(0, |token| token.decimals))
    }

    pub fn amount(&self, ticket: &TicketName, amount: Amount) -> String {
        self.sum(ticket, amount.get().into())
    }

    /// A sum of a ticket with all that the ticket is.
    pub fn sum(&self, ticket: &TicketName, units: u128) -> String {
        let digits = grouped(&self.digits(ticket, units));
        format!("{digits} {}{}", self.label(ticket), self.of(ticket))
    }

    /// A ticket as JSON.
    pub fn ticket_json(&self, ticket: &TicketName) -> Value {
        let token = self.known(ticket);
        let token = token.as_ref();
        json!({
            "ticket": token.map_or_else(|| self.label(ticket), Token::word),
            "pinned": token.is_some_and(|token| token.pinned.is_some()),
            "claims": token.and_then(|token| token.symbol.as_ref()),
            "ticket_index": token.and_then(Token::known_index).map(|index| index.0),
            "ticketer": token.map(|token| token.ticket.ticketer.to_string()),
            "content": token.map(|token| hex::encode(token.ticket.content.to_micheline())),
            "decimals": token.map(|token| token.decimals),
        })
    }

    pub fn amount_of(&self, ticket: TicketIndex, amount: Amount) -> String {
        wallet::amount::text(amount, self.token(ticket).map_or(0, |token| token.decimals))
    }
}

/// Every ticket that transactions name, as they name it.
pub(super) fn tickets(transactions: &[Signable]) -> impl Iterator<Item = &TicketName> {
    let operations = transactions.iter().flat_map(|one| &one.transaction().operations);
    operations.flat_map(|operation| &operation.actions).map(|one| {
        let (Action::Transfers { ticket, .. } | Action::Withdraw { ticket, .. }) = one;
        ticket
    })
}

/// Every account that transactions name, as they name it.
fn accounts(transactions: &[Signable]) -> Vec<Name> {
    let mut all = Vec::new();
    for operation in transactions.iter().flat_map(|one| &one.transaction().operations) {
        all.push(operation.signer);
        for one in &operation.actions {
            if let Action::Transfers { to, .. } = one {
                all.extend(to.iter().map(|(name, _)| *name));
            }
        }
    }
    all
}
