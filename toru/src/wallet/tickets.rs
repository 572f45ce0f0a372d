//! Which ticket a word on the command line means, and a payment of it.

use encoding::Tz4Address;
use inbox::v2::{Action, Name, TicketName};
use wallet::state::{Account, RollupState};
use wallet::ticket::{self, Token};

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
        Ok(state.token(&state.tokens()?, holder, wanted)??)
    }

    /// The ticket that a word means whatever anybody holds: one, or it is refused.
    pub fn token_of_all(&self, state: &RollupState<'_>, wanted: &str) -> Result<Token, Failure> {
        Ok(ticket::find(&state.tokens()?, &[], wanted)?.clone())
    }
}
