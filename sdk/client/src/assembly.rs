//! Putting signatures of both kinds together.

use bls::Signature;
use encoding::RollupAddress;
use inbox::envelope::framed_v2;
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Batch, IndividuallySigned};

/// These signings, by number, have no signature yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no signature yet of the signings {0:?}")]
pub struct Missing(pub Vec<usize>);

/// A batch, and who has signed it so far, and how.
///
/// Signings are numbered as in [`Batch::each_signing`]. Whoever signs the batch is spared a pairing;
/// who is silent keeps their own signature, and is marked as individually signed.
#[derive(Clone, Debug)]
pub struct Assembly {
    batch: Batch,
    rollup: RollupAddress,
    of_batch: Vec<Option<Signature>>,
    own: Vec<Option<Signature>>,
}

impl Assembly {
    /// Nobody has signed yet.
    pub fn new(batch: Batch, rollup: RollupAddress) -> Self {
        let none = vec![None; batch.signings()];
        Assembly { batch, rollup, of_batch: none.clone(), own: none }
    }

    /// The batch, as it stands.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// What is to be signed by those who sign the batch.
    pub fn signing_payload(&self) -> SigningPayload {
        self.batch.signing_payload(&self.rollup)
    }

    /// Takes in a signature over the batch, for one of its signer's signings. The aggregate has a
    /// summand for each signing: who has several gives the same signature for each.
    pub fn batch_signature(&mut self, signing: usize, signature: Signature) {
        if let Some(slot) = self.of_batch.get_mut(signing) {
            *slot = Some(signature);
        }
    }

    /// Takes in a signature over the signer's own transaction.
    pub fn individual_signature(&mut self, signing: usize, signature: Signature) {
        if let Some(slot) = self.own.get_mut(signing) {
            *slot = Some(signature);
        }
    }

    /// The batch with its aggregate. `None` where nobody signs, as there are registrations alone.
    ///
    /// # Errors
    /// When a signing has no signature yet.
    pub fn sealed(&self) -> Result<Batch, Missing> {
        let mut individual = Vec::new();
        let mut chosen = Vec::new();
        let mut missing = Vec::new();
        for (number, (of_batch, own)) in self.of_batch.iter().zip(&self.own).enumerate() {
            match (of_batch, own) {
                (Some(signature), _) => chosen.push(*signature),
                (None, Some(signature)) => {
                    individual.push(u32::try_from(number).unwrap_or(u32::MAX));
                    chosen.push(*signature);
                }
                (None, None) => missing.push(number),
            }
        }
        if !missing.is_empty() {
            return Err(Missing(missing));
        }
        let mut batch = self.batch.clone();
        batch.individually_signed = match individual.len() {
            0 => IndividuallySigned::Nobody,
            all if all == batch.signings() => IndividuallySigned::Everybody,
            _ => IndividuallySigned::Some(individual),
        };
        batch.signature = Signature::aggregate(&chosen).map(|sum| sum.to_compressed());
        Ok(batch)
    }

    /// The whole external message, its tag included.
    ///
    /// # Errors
    /// When a signing has no signature yet.
    pub fn message(&self) -> Result<Vec<u8>, Missing> {
        Ok(framed_v2(&self.rollup, &self.sealed()?.encode()))
    }
}
