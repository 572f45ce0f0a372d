//! What a message asks for and what it pays: units of verification, and bytes of the inbox.
//!
//! Nobody knows whether a signature is good before the work is done, and an external message has no
//! sender who could be blamed. So work is bought: where a level is asked for more than it can do, those
//! go first who pay more bytes for a unit, in classes of powers of two. A price is taken from the bytes
//! of a message alone, so that nothing in the state changes it.

use encoding::RollupAddress;
use encoding::limits::{
    INDIVIDUAL_SIGNATURES_PER_BATCH, KEYS_PER_UNIT, PROOFS_PER_UNIT, SUMMED_KEYS_PER_UNIT,
    TOP_PRICE_CLASS, UNITS_PER_BATCH, UNITS_PER_PART,
};
use inbox::reclaim::Signed;
use inbox::{Envelope, MessageKind, envelope, v1, v2};

/// What a message asks for, and its class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    /// Units: the most that its verification may cost.
    pub units: u32,
    /// The power of two of the bytes that it pays for each of them, at most [`TOP_PRICE_CLASS`].
    pub class: u8,
}

impl Price {
    /// The price of a message of so many bytes, its tag included, that asks for so many units.
    pub fn new(bytes: usize, units: u32) -> Price {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        let class = bytes.checked_div(units).map_or(TOP_PRICE_CLASS, |paid| {
            u8::try_from(paid.checked_ilog2().unwrap_or(0)).unwrap_or(TOP_PRICE_CLASS)
        });
        Price { units, class: class.min(TOP_PRICE_CLASS) }
    }

    /// That of a v1 batch.
    pub fn of_v1(batch: &v1::Batch, bytes: usize) -> Price {
        let operations = batch.transactions.iter().flat_map(|one| &one.operations);
        let (mut pairs, mut keys) = (0, 0);
        for operation in operations {
            pairs += 1;
            keys += u32::from(matches!(operation.signer, v1::Signer::Key(_)));
        }
        let pairs = UNITS_PER_PART.saturating_mul(pairs);
        let units =
            pairs.saturating_add(UNITS_PER_BATCH).saturating_add(keys.div_ceil(KEYS_PER_UNIT));
        Price::new(bytes, units)
    }

    /// That of a v2 batch; `None` if it is refused for its late signings, whatever else it is.
    pub fn of_v2(batch: &v2::Batch, bytes: usize) -> Option<Price> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let late = count(batch.individual_signings());
        if late > INDIVIDUAL_SIGNATURES_PER_BATCH {
            return None;
        }
        let together = count(batch.signings()).saturating_sub(late);
        let registrations = count(batch.registrations.len());
        let of_batch = match together {
            0 => 0,
            signers => UNITS_PER_PART.saturating_add(signers.div_ceil(SUMMED_KEYS_PER_UNIT)),
        };
        let units = UNITS_PER_PART
            .saturating_mul(late.saturating_add(registrations))
            .saturating_add(of_batch)
            .saturating_add(UNITS_PER_BATCH)
            .saturating_add(registrations.div_ceil(PROOFS_PER_UNIT));
        Some(Price::new(bytes, units))
    }

    /// That of a request for a held deposit.
    pub fn of_request(bytes: usize) -> Price {
        Price::new(bytes, UNITS_PER_PART.saturating_add(UNITS_PER_BATCH))
    }

    /// That of any message; `None` if it asks for no verification.
    pub fn of_message(message: &[u8], rollup: &RollupAddress, accept_v1: bool) -> Option<Price> {
        let bytes = message.len();
        let Envelope::External { kind, body } = envelope(message, rollup, accept_v1) else {
            return None;
        };
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
    fn a_class_is_the_power_of_two_of_the_bytes_paid_for_a_unit() {
        let class = |bytes, units| Price::new(bytes, units).class;
        assert_eq!([class(255, 4), class(256, 4), class(511, 4), class(512, 4)], [5, 6, 6, 7]);
        assert_eq!([class(3, 4), class(4, 4), class(8, 4)], [0, 0, 1]);
        assert_eq!([class(4_095, 4), class(4_096, 4), class(4_096, 3)], [9, 10, 10]);
        assert_eq!([class(4_096, 1), class(100, 0)], [10, 10], "no class is higher");
    }
}
