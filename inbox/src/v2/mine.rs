//! What a batch would make one signer do: what to look at before signing it.

use encoding::{AccountIndex, Counter, RollupAddress, Tz4Address};

use super::signed::SigningPayload;
use super::{Action, Batch, Name, Transaction};

/// A signer, as a batch may name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Me {
    /// My address.
    pub address: Tz4Address,
    /// My index, once my registration is final.
    pub index: Option<AccountIndex>,
}

/// One transaction in which a batch names me as a signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Its number in the batch.
    pub transaction: usize,
    /// The place of my operation in it.
    pub operation: usize,
    /// The counter that it uses up.
    pub counter: Counter,
    /// All of it: what the others do in it is part of what I agree to.
    pub what: Transaction,
    /// Whether the batch says that I have signed it for myself.
    pub individually_signed: bool,
}

impl Batch {
    /// Everything that this batch would make `me` do, and the signing payload that agrees to it.
    ///
    /// Whoever signs the payload agrees to every intent that is not individually signed. Check that these are what
    /// you meant and nothing more, and that the batch expires when you want it to.
    pub fn for_signer(&self, me: &Me, rollup: &RollupAddress) -> (Vec<Intent>, SigningPayload) {
        let mine = self
            .each_signing()
            .zip(self.each_individually_signed())
            .filter(|(s, _)| self.is(s.signer, me));
        let intents = mine.filter_map(|(signing, individual)| {
            Some(Intent {
                transaction: signing.transaction,
                operation: signing.operation,
                counter: signing.counter,
                what: self.transaction(signing.transaction)?.into_owned(),
                individually_signed: individual,
            })
        });
        (intents.collect(), self.signing_payload(rollup))
    }

    fn is(&self, name: Name, me: &Me) -> bool {
        match name {
            Name::Index(index) => me.index == Some(index),
            Name::Address(_) | Name::Registration(_) => self.address_of(name) == Some(me.address),
        }
    }
}

impl Transaction {
    /// The accounts that it names: of each operation who signs it, and whom it pays.
    pub fn names(&self) -> impl Iterator<Item = Name> {
        self.operations.iter().flat_map(|operation| {
            let paid = operation.actions.iter().filter_map(|action| match action {
                Action::Transfers { to, .. } => Some(to.iter().map(|(name, _)| *name)),
                Action::Withdraw { .. } => None,
            });
            std::iter::once(operation.signer).chain(paid.flatten())
        })
    }
}
