//! Held deposits: how whoever made one asks for it.
//!
//! A tz4 that signed the operation behind the deposit signs a request. Anybody else has the contract that made the
//! deposit call the rollup with the request.

use bls::{SecretKey, Suite};
use encoding::{Kt1Address, Layer1Address, RollupAddress, Source};
use inbox::envelope::framed_reclaim;
use inbox::reclaim::{Request, Signed};

use crate::error::StateError;
use crate::follow::Settlement;
use crate::outbox::receiver_text;
use crate::patience::Patience;
use crate::session::Session;
use tx_kernel::view::View;

/// The external message, tag included, by which the tz4 behind a deposit asks for it.
#[must_use]
pub fn signed_request(rollup: &RollupAddress, request: Request, key: &SecretKey) -> Vec<u8> {
    let signature = key.sign(Suite::Pop, &request.signed_bytes(rollup)).to_compressed();
    let key = key.public_key().to_compressed();
    framed_reclaim(rollup, &Signed { request, key, signature }.encode())
}

/// The command by which the source of a deposit has our deposit helper ask for it. Another contract may have no such
/// entrypoint.
#[must_use]
pub fn helper_command(
    rollup: &RollupAddress,
    request: &Request,
    helper: &Kt1Address,
    source: Source,
) -> String {
    let source = receiver_text(Layer1Address::Implicit(source));
    let bytes = hex::encode(request.to_bytes());
    format!(
        "octez-client transfer 0 from {source} to {helper} --entrypoint reclaim \
         --arg 'Pair \"{rollup}\" 0x{bytes}' --burn-cap 1"
    )
}

impl Session {
    /// Waits until a held deposit is paid back, or on its way, at a block that is settled so far. Returns whether it is
    /// in time.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn wait_paid_back(
        &self,
        number: u64,
        settlement: Settlement,
        patience: &Patience<'_>,
    ) -> Result<bool, StateError> {
        let paid = self.wait_in_state(settlement, patience, |state| {
            let is_paid = state.read(|host| View::new(host).is_paid_back(number))?;
            Ok(is_paid.then_some(()))
        })?;
        Ok(paid.is_some())
    }
}
