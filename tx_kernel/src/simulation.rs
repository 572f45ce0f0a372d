//! What a batch would do that nobody has signed yet, for whoever plans one; and what transactions would do one after
//! the other, for whoever collects them. Neither is ever written, nor part of the kernel's WASM.

mod in_turn;

pub use in_turn::InTurn;

use encoding::{Amount, MessageId, RollupAddress, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore};
use inbox::v2::Batch;

use crate::apply;
use crate::draft::Draft;
use crate::refusal::Refusal;
use crate::results::batch::BatchResult;
use crate::verify::v2::resolve;

/// What a batch would do if everybody had signed it. There is no way to write it.
#[derive(Debug)]
pub struct Simulation<'h, H: RawRollupCore> {
    draft: Draft<'h, H>,
    /// What would become of its operations.
    pub result: BatchResult,
}

/// Applies a batch to a draft as if its signatures were good: for plans, before anybody signs.
///
/// # Errors
/// When the kernel would refuse the batch whatever its signatures, or the host failed.
pub fn simulate<'h, H: RawRollupCore>(
    host: &'h H,
    batch: Batch,
    rollup: &RollupAddress,
    message: MessageId,
) -> Result<Simulation<'h, H>, Refusal> {
    let body = batch.encode();
    let mut draft = Draft::open(host, message.level)?;
    let resolved = resolve(&mut draft.ledger, batch, &body, rollup, message.level)?;
    let result = apply::v2::simulate(&mut draft, message, resolved.assume_signed())?;
    Ok(Simulation { draft, result })
}

impl<H: RawRollupCore> Simulation<'_, H> {
    /// What an address would hold of a ticket.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn balance(
        &mut self,
        account: &Tz4Address,
        ticket: TicketIndex,
    ) -> Result<Amount, HostError> {
        let ledger = &mut self.draft.ledger;
        match ledger.find_index(account)? {
            Some(index) => ledger.balance(index, ticket),
            None => Ok(Amount::ZERO),
        }
    }
}
