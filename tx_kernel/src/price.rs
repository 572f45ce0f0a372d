//! What a message asks for and what it pays: verification gas, and bytes of the inbox.
//!
//! Nobody knows whether a signature is good before the work is done, and an external message has no
//! sender who could be blamed. So work is bought: when a level is asked for more than it can do, messages that
//! pay more bytes for their gas go first, in classes of powers of two. A price is computed from the bytes
//! of a message alone: nothing in the state changes it.

use encoding::limits::{
    GAS_PER_BATCH, GAS_PER_PART, INDIVIDUAL_SIGNATURES_PER_BATCH, KEYS_PER_GAS, PROOFS_PER_GAS,
    SUMMED_KEYS_PER_GAS, TOP_PRICE_CLASS,
};
use encoding::{RollupAddress, VerificationGas};
use inbox::reclaim::Signed;
use inbox::{Envelope, MessageKind, envelope, v1, v2};

/// What a message asks for, and its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// The most that its verification may cost.
    pub gas: VerificationGas,
    /// The power of two of the bytes that it pays for each of them, at most [`TOP_PRICE_CLASS`].
    pub class: u8,
}

impl Price {
    /// The price of a message of so many bytes, its tag included, that asks for so much gas.
    pub fn new(bytes: usize, gas: VerificationGas) -> Price {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let class = bytes.checked_div(gas.get()).map_or(TOP_PRICE_CLASS, |paid| {
            u8::try_from(paid.checked_ilog2().unwrap_or(0)).unwrap_or(TOP_PRICE_CLASS)
        });
        Price { gas, class: class.min(TOP_PRICE_CLASS) }
    }

    /// The price of a v1 batch.
    pub fn of_v1(batch: &v1::Batch, bytes: usize) -> Price {
        let operations = batch.transactions.iter().flat_map(|one| &one.operations);
        let (mut pairs, mut keys) = (0, 0);
        for operation in operations {
            pairs += 1;
            keys += u32::from(matches!(operation.signer, v1::Signer::Key(_)));
        }
        let new_keys = VerificationGas::of_many(keys, KEYS_PER_GAS);
        Price::new(bytes, GAS_PER_PART.times(pairs).plus(GAS_PER_BATCH).plus(new_keys))
    }

    /// The price of a v2 batch; `None` if it is refused for its individual signings, whatever else it is.
    pub fn of_v2(batch: &v2::Batch, bytes: usize) -> Option<Price> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let individual = count(batch.individual_signings());
        if individual > INDIVIDUAL_SIGNATURES_PER_BATCH {
            return None;
        }
        let together = count(batch.signings()).saturating_sub(individual);
        let registrations = count(batch.registrations.len());
        let of_batch = match together {
            0 => VerificationGas::ZERO,
            signers => GAS_PER_PART.plus(VerificationGas::of_many(signers, SUMMED_KEYS_PER_GAS)),
        };
        let gas = GAS_PER_PART
            .times(individual.saturating_add(registrations))
            .plus(of_batch)
            .plus(GAS_PER_BATCH)
            .plus(VerificationGas::of_many(registrations, PROOFS_PER_GAS));
        Some(Price::new(bytes, gas))
    }

    /// The price of a request for a held deposit.
    pub fn of_request(bytes: usize) -> Price {
        Price::new(bytes, GAS_PER_PART.plus(GAS_PER_BATCH))
    }

    /// The price of any message; `None` if it asks for no verification.
    pub fn of_message(message: &[u8], rollup: &RollupAddress, accept_v1: bool) -> Option<Price> {
        Price::of_envelope(&envelope(message, rollup, accept_v1), message.len(), accept_v1)
    }

    /// The price of a message of so many bytes, its tag included, of which the envelope is known.
    pub(crate) fn of_envelope(
        envelope: &Envelope<'_>,
        bytes: usize,
        accept_v1: bool,
    ) -> Option<Price> {
        let Envelope::External { kind, body } = envelope else { return None };
        match kind {
            MessageKind::V1 if accept_v1 => {
                v1::Batch::decode(body).ok().map(|batch| Price::of_v1(&batch, bytes))
            }
            MessageKind::V2 => {
                let (batch, _) = v2::Batch::decode_padded(body).ok()?;
                Price::of_v2(&batch, bytes)
            }
            MessageKind::Reclaim => Signed::decode(body).ok().map(|_| Price::of_request(bytes)),
            MessageKind::V1 | MessageKind::Page | MessageKind::Unknown(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_is_the_power_of_two_of_the_bytes_paid_for_each_gas() {
        let class = |bytes, gas| Price::new(bytes, VerificationGas::new(gas)).class;
        assert_eq!([class(255, 4), class(256, 4), class(511, 4), class(512, 4)], [5, 6, 6, 7]);
        assert_eq!([class(3, 4), class(4, 4), class(8, 4)], [0, 0, 1]);
        assert_eq!([class(4_095, 4), class(4_096, 4), class(4_096, 3)], [9, 10, 10]);
        assert_eq!([class(4_096, 1), class(100, 0)], [10, 10], "no class is higher");
    }
}
