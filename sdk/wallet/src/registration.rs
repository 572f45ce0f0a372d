//! Waits until a key is registered, so that it can sign.

use encoding::Tz4Address;

use crate::error::StateError;
use crate::follow::Settlement;
use crate::patience::Patience;
use crate::session::Session;
use crate::state::Account;

impl Session {
    /// Waits until a key is registered at a block that is settled so far; none if it is not in time.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn wait_registered(
        &self,
        address: &Tz4Address,
        settlement: Settlement,
        patience: &Patience<'_>,
    ) -> Result<Option<Account>, StateError> {
        self.wait_in_state(settlement, patience, |state| {
            let account = state.account(address)?;
            Ok(account.registered.then_some(account))
        })
    }
}
