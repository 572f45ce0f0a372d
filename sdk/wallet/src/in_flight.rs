//! Whether something of an account is still on its way: the next transaction would carry the same counter.

use encoding::Tz4Address;

use crate::error::StateError;
use crate::queue::named;
use crate::session::Session;

/// What the node's queue has for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// Nothing that the account has signed. So many messages name it without a good signature: anybody can
    /// put them there, and the kernel refuses them.
    Nothing {
        /// How many.
        unsigned: usize,
    },
    /// A transaction that the account has signed.
    Signed,
}

impl Session {
    /// Looks for messages in the node's queue that use a counter of the account.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn in_flight(&self, account: &Tz4Address) -> Result<InFlight, StateError> {
        let waiting = self.node().waiting()?;
        let state = self.state()?;
        let named = named(&state, &waiting, &state.account(account)?)?;
        Ok(match named.signed {
            true => InFlight::Signed,
            false => InFlight::Nothing { unsigned: named.unsigned },
        })
    }
}
