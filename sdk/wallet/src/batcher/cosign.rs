//! Signs the batches of a batcher that are what was meant, and no others.

use batcher_api::{CoSignature, OfferEvent};
use bls::SecretKey;
use encoding::{AccountIndex, RollupAddress};

use super::offer::{CheckedOffer, Meant, OfferProblem};
use crate::transaction::Signable;

/// A key that signs batches, and what it means to sign.
#[derive(Debug)]
pub struct CoSigner<'k> {
    key: &'k SecretKey,
    meant: Meant,
}

/// A signature of a batch, to be given to the batcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedOffer {
    /// What was checked.
    pub offer: CheckedOffer,
    /// The signature.
    pub signature: CoSignature,
}

impl<'k> CoSigner<'k> {
    /// A key that means nothing so far. The index is the one that a final level has ([`crate::indexes`]); without
    /// one, it signs no batch.
    #[must_use]
    pub fn new(rollup: RollupAddress, key: &'k SecretKey, index: Option<AccountIndex>) -> Self {
        let account = key.public_key().address();
        CoSigner { key, meant: Meant::new(rollup, account, index) }
    }

    /// Means a transaction that its account has signed and sent.
    pub fn means(&mut self, sent: &Signable) {
        self.meant.add(sent);
    }

    /// What it means to sign.
    #[must_use]
    pub fn meant(&self) -> &Meant {
        &self.meant
    }

    /// The same, to forget what is over.
    pub fn meant_mut(&mut self) -> &mut Meant {
        &mut self.meant
    }

    /// Signs an offer, if it is exactly what is meant.
    ///
    /// # Errors
    /// When it is not.
    pub fn sign(&self, offer: &OfferEvent) -> Result<SignedOffer, OfferProblem> {
        let offer = self.meant.check(offer)?;
        let signature = client::sign(self.key, &offer.payload);
        let signature = CoSignature {
            account: self.meant.account().to_string(),
            signature: hex::encode(signature.to_compressed()),
        };
        Ok(SignedOffer { offer, signature })
    }
}
