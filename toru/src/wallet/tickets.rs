//! Which ticket a word on the command line means, and a payment of it.

use encoding::Tz4Address;
use inbox::v2::{Action, Name, TicketName};
use wallet::error::TicketError;
use wallet::state::{Account, RollupState};
use wallet::ticket::{Token, narrow};

use super::session::Session;
use crate::error::Failure;

impl Session<'_> {
    /// A payment of a ticket that is named as people do, among those that the payer holds.
    pub fn payment(
        &self,
        state: &RollupState<'_>,
        payer: &Account,
        amount: &str,
        wanted: &str,
        to: Tz4Address,
    ) -> Result<Action, Failure> {
        let token = self.token_of(state, payer, wanted)?;
        let amount = token.parse(amount)?;
        let ticket = TicketName::Full(token.ticket);
        Ok(Action::Transfers { ticket, to: vec![(Name::Address(to), amount)] })
    }

    /// The ticket that somebody means who holds some.
    pub fn token_of(
        &self,
        state: &RollupState<'_>,
        holder: &Account,
        wanted: &str,
    ) -> Result<Token, Failure> {
        Ok(self.token_among(state, &state.tokens()?, Some(holder), holder, wanted)??)
    }

    /// The ticket that a word means to somebody, whatever anybody holds.
    pub fn token_of_all(
        &self,
        state: &RollupState<'_>,
        user: &Account,
        wanted: &str,
    ) -> Result<Token, Failure> {
        Ok(self.token_among(state, &state.tokens()?, None, user, wanted)??)
    }

    /// The ticket that a word means to its `user`, who may be the one who holds it. Where that does not settle
    /// it, the one that the user has paid or withdrawn from here before is meant: whoever has tickets of the
    /// same name sent to somebody does not stop their payments.
    pub fn token_among(
        &self,
        state: &RollupState<'_>,
        tokens: &[Token],
        holder: Option<&Account>,
        user: &Account,
        wanted: &str,
    ) -> Result<Result<Token, TicketError>, Failure> {
        match state.token(tokens, holder, wanted)? {
            Err(error @ TicketError::Several { .. }) => {
                let used = self.used_tickets(Some(&user.address))?;
                Ok(narrow(error, tokens, &used).cloned())
            }
            found => Ok(found),
        }
    }
}
