//! Verifying: from a batch that anyone may have sent to one whose signers have all signed it.
//!
//! [`v1`] and [`v2`] find out who the signers are and what each has signed; [`Resolved::verify`]
//! checks the one signature, a bounded amount of verification gas at a time. Only what comes out of it can
//! be applied: there is no other way to make a [`Verified`].

mod bounds;
mod check;
mod progress;
pub(crate) mod v1;
pub(crate) mod v2;

use encoding::{Tz4Address, VerificationGas};
use host::{HostError, RawRollupCore};

use check::{Check, Keys};

pub use progress::Progress;

/// A batch whose signers are known, with nothing verified yet.
#[derive(Debug)]
pub struct Resolved<'b, B> {
    batch: B,
    check: Check<'b>,
}

/// A batch that all its signers have signed.
#[derive(Debug)]
pub struct Verified<B> {
    batch: B,
    keys: Keys,
}

impl<B> Resolved<'_, B> {
    /// The batch, of which nothing is verified.
    pub fn batch(&self) -> &B {
        &self.batch
    }

    /// What it costs to verify this batch.
    pub(crate) fn cost(&self) -> VerificationGas {
        self.check.cost
    }

    /// The batch as if everybody had signed it: for drafts that are never written. The kernel itself, as
    /// WASM, has no such thing.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn assume_signed(self) -> Verified<B> {
        Verified { batch: self.batch, keys: Keys::default() }
    }

    /// Goes on with the verification, for at most `allowance`, and takes what it used off it.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn verify<H: RawRollupCore>(
        self,
        host: &H,
        allowance: &mut VerificationGas,
    ) -> Result<Progress<Verified<B>>, HostError> {
        Ok(match self.check.run(host, allowance)? {
            Progress::Done(keys) => Progress::Done(Verified { batch: self.batch, keys }),
            Progress::Refused(outcome, gas) => Progress::Refused(outcome, gas),
            Progress::Unfinished => Progress::Unfinished,
        })
    }
}

impl<B> Verified<B> {
    /// The batch.
    pub(crate) fn batch(&self) -> &B {
        &self.batch
    }

    /// The form in which a key of this batch is stored.
    pub(crate) fn stored_form(&mut self, key: &[u8; 48]) -> Result<[u8; 96], HostError> {
        // Every key was checked, though perhaps in a run before this one.
        let checked = self.keys.check(key);
        checked.map(|key| key.to_stored()).ok_or(HostError::Corrupt("a verified key"))
    }
}

/// The account of a key.
fn address_of(key: &[u8; 48]) -> Tz4Address {
    Tz4Address::of_public_key(key)
}
