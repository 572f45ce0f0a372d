//! Waits until the state at a block that is settled so far has something.

use encoding::Level;

use crate::error::StateError;
use crate::follow::Settlement;
use crate::patience::Patience;
use crate::rpc::Settled;
use crate::session::Session;
use crate::state::RollupState;

impl Settled {
    /// The last level that is settled so far.
    #[must_use]
    pub fn last(&self, settlement: Settlement) -> Level {
        match settlement {
            Settlement::Included => self.head,
            Settlement::Final => self.finalized,
            Settlement::Committed => self.committed,
            Settlement::Cemented => self.cemented,
        }
    }
}

impl Session {
    /// What `find` finds in the state at the last block that is settled so far, as soon as it finds something; `None` if
    /// that is not in time.
    ///
    /// # Errors
    /// When the node does not tell, or `find` fails.
    pub fn wait_in_state<T>(
        &self,
        settlement: Settlement,
        patience: &Patience<'_>,
        find: impl Fn(&RollupState<'_>) -> Result<Option<T>, StateError>,
    ) -> Result<Option<T>, StateError> {
        loop {
            let level = self.node().settled()?.last(settlement);
            // Levels from before the kernel's first run have no state.
            if let Ok(state) = RollupState::at(self.node(), &level.to_string())
                && let Some(found) = find(&state)?
            {
                return Ok(Some(found));
            }
            if patience.is_over() {
                return Ok(None);
            }
            patience.pause();
        }
    }
}
