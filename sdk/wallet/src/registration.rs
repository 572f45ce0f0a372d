//! Waits until a key is registered, so that it can sign.

use encoding::Tz4Address;

use crate::error::StateError;
use crate::follow::Settlement;
use crate::patience::Patience;
use crate::session::Session;
use crate::state::{Account, RollupState};

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
        loop {
            let settled = self.node().settled()?;
            let level = match settlement {
                Settlement::Included => settled.head,
                Settlement::Final => settled.finalized,
                Settlement::Committed => settled.committed,
                Settlement::Cemented => settled.cemented,
            };
            // Levels from before the kernel's first run have no state.
            if let Ok(state) = RollupState::at(self.node(), &level.to_string()) {
                let account = state.account(address)?;
                if account.registered {
                    return Ok(Some(account));
                }
            }
            if patience.is_over() {
                return Ok(None);
            }
            patience.pause();
        }
    }
}
