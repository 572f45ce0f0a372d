//! A move as it is shown to one of its two sides.

use encoding::{Amount, TicketIndex, Tz4Address};
use history::api::{MoveAnswer, ResultAnswer};
use wallet::ticket::Token;

use super::super::session::Session;
use crate::error::Failure;
use crate::exit::Exit;

/// A move as it is shown.
pub(super) struct Shown {
    /// As it was told.
    pub(super) told: MoveAnswer,
    /// Whether it reaches the account, or leaves it.
    pub(super) is_in: bool,
    /// What is known of its ticket.
    pub(super) token: Token,
    /// How much.
    pub(super) amount: Amount,
    /// The other side: an account, or who it is on layer 1.
    pub(super) other: String,
    /// What the other side is called here, if it has a name.
    pub(super) name: Option<String>,
}

impl Shown {
    /// To one of its sides.
    pub(super) fn new(
        session: &Session<'_>,
        whose: &Tz4Address,
        told: MoveAnswer,
    ) -> Result<Self, Failure> {
        let is_in = told.receiver.as_ref().is_some_and(|receiver| *receiver == whose.to_string());
        Self::to(session, is_in, told)
    }

    /// To somebody who is neither of them.
    pub(super) fn of_anybody(session: &Session<'_>, told: MoveAnswer) -> Result<Self, Failure> {
        Self::to(session, false, told)
    }

    fn to(session: &Session<'_>, is_in: bool, told: MoveAnswer) -> Result<Self, Failure> {
        let malformed = |what: &str| {
            Failure::new(Exit::NoAnswer, format!("the history tells of {what}, which is none"))
        };
        let ticket = told.ticket.ticket().ok_or_else(|| malformed("a ticket"))?;
        let pins = session.wallet.pins();
        let token = match told.ticket.index {
            Some(index) => Token::new(TicketIndex(index), ticket, pins),
            None => Token::unindexed(ticket, pins),
        };
        let amount = told.amount.parse().map_err(|_| malformed("an amount"))?;
        let account = if is_in { &told.sender } else { &told.receiver };
        let name = match account.as_deref().map(Tz4Address::from_base58) {
            None => None,
            Some(Ok(address)) => session.by_address(address)?.name,
            Some(Err(_)) => return Err(malformed("an account")),
        };
        let other = account.clone().or_else(|| told.outside.clone()).unwrap_or_default();
        Ok(Shown { is_in, token, amount: Amount::new(amount), other, name, told })
    }

    /// The amount in the unit of its ticket.
    pub(super) fn decimal(&self) -> String {
        wallet::amount::text(self.amount, self.token.decimals)
    }

    /// In a word for programs.
    pub(super) fn direction(&self) -> &'static str {
        if self.is_in { "in" } else { "out" }
    }

    /// Whether it has moved anything.
    pub(super) fn is_applied(&self) -> bool {
        self.told.state == "applied"
    }

    /// Why it was not applied; empty if it was.
    pub(super) fn reason(&self) -> &str {
        self.told.result.as_ref().map_or("", |result| result.reason.as_str())
    }

    /// The code of its result; empty as long as there is none.
    pub(super) fn code(&self) -> &str {
        self.told.result.as_ref().map_or("", |result: &ResultAnswer| result.code.as_str())
    }
}
