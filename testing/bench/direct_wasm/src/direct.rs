//! A v2 batch of any size, handed to the kernel's own code one phase after the other.
//!
//! The inbox brings at most 4,096 bytes at a time. Measurements want more in one batch, and want to
//! see the phases apart. Nothing is checked less here: a batch is applied only once it is verified.

use encoding::{Level, Malformed, MessageId, RollupAddress, VerificationGas};
use host::{HostError, RawRollupCore};
use inbox::v2::{Batch, Name, TicketName};
use tx_kernel::phases::{
    BatchToVerify, Draft, Progress, Refusal, Resolved, Verified, apply, resolve,
};
use tx_kernel::results::{Outcome, ResultCode};

/// A batch that was decoded.
#[derive(Debug)]
pub struct Decoded<'b> {
    batch: Batch,
    body: &'b [u8],
}

/// A batch whose signers are known, with the state it was looked at in.
#[derive(Debug)]
pub struct Found<'h, 'b, H: RawRollupCore> {
    draft: Draft<'h, H>,
    resolved: Resolved<'b, BatchToVerify>,
}

/// A batch whose signature is good, with the state it is to be applied to.
#[derive(Debug)]
pub struct Checked<'h, H: RawRollupCore> {
    draft: Draft<'h, H>,
    verified: Verified<BatchToVerify>,
}

/// A batch that was applied, with the changes that are to be written.
#[derive(Debug)]
pub struct Applied<'h, H: RawRollupCore> {
    draft: Draft<'h, H>,
    /// Transactions that were applied.
    pub applied: u64,
    /// Transactions that were not.
    pub failed: u64,
}

/// Decodes what stands after the version byte.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode(body: &[u8]) -> Result<Decoded<'_>, Malformed> {
    let (batch, body) = Batch::decode_padded(body)?;
    Ok(Decoded { batch, body })
}

impl<'b> Decoded<'b> {
    /// Finds the signers and their keys.
    ///
    /// # Errors
    /// When the batch is refused, or the host fails.
    pub fn find<'h, H: RawRollupCore>(
        self,
        host: &'h H,
        rollup: &RollupAddress,
        level: Level,
    ) -> Result<Found<'h, 'b, H>, Refusal> {
        let mut draft = Draft::open(host, level)?;
        let resolved = resolve(&mut draft.ledger, self.batch, self.body, rollup, level)?;
        Ok(Found { draft, resolved })
    }
}

impl<'h, H: RawRollupCore> Found<'h, '_, H> {
    /// Reads the counters and balances that the transfers of the batch are going to need. They would be
    /// read anyhow, one by one, when the batch is applied.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn load(&mut self) -> Result<(), HostError> {
        let ledger = &mut self.draft.ledger;
        for group in &self.resolved.batch().batch.transfer_groups {
            let TicketName::Index(ticket) = group.ticket else { continue };
            for transfer in &group.transfers {
                ledger.counter_of(transfer.signer)?;
                ledger.balance(transfer.signer, ticket)?;
                if let Name::Index(to) = transfer.to
                    && ledger.has_account(to)
                {
                    ledger.balance(to, ticket)?;
                }
            }
        }
        Ok(())
    }

    /// Checks the signature, in one go.
    ///
    /// # Errors
    /// When the batch is refused, or the host fails.
    pub fn verify(self, host: &H) -> Result<Checked<'h, H>, Refusal> {
        let Found { draft, resolved } = self;
        let mut allowance = VerificationGas::MAX;
        match resolved.verify(host, &mut allowance)? {
            Progress::Done(verified) => Ok(Checked { draft, verified }),
            Progress::Refused(outcome, _) => Err(outcome.into()),
            Progress::Unfinished => Err(Outcome::plain(ResultCode::Busy).into()),
        }
    }
}

impl<'h, H: RawRollupCore> Checked<'h, H> {
    /// Applies the batch, as if `message` had brought it.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn apply(self, message: MessageId) -> Result<Applied<'h, H>, HostError> {
        let Checked { mut draft, verified } = self;
        let count = apply(&mut draft, message, verified)?;
        Ok(Applied { draft, applied: count.applied, failed: count.failed })
    }
}

impl<H: RawRollupCore> Applied<'_, H> {
    /// Writes the changes, in one step.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn write_back(self) -> Result<(), HostError> {
        self.draft.commit()
    }
}
