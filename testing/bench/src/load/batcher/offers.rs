//! Offers as a crowd looks at them and signs them. Each member checks its own transfer and signs; what is the same for
//! all of them is done once: the batch is read, and its digest is hashed to the curve.
//!
//! The secret of member `i` is `i + 1`. So its signature is the sum of the powers of two in `i + 1` times the point of
//! the digest, which are made once for each batch: the same signature, and twenty times as cheap.

use std::collections::HashMap;
use std::rc::Rc;

use batcher_api::{OfferEvent, batch_of_content};
use bls::{SecretKey, Signature, Suite};
use encoding::{AccountIndex, Hash32, Level};
use inbox::v2::Transfer;

use crate::wasm::ROLLUP;

/// Bits of the number of a member.
const BITS: usize = 20;
/// Offers that are kept: many are open at once.
const KEPT: usize = 512;

/// An offer that was read.
pub(super) struct Offer {
    /// The transfers and their last levels of each signer.
    transfers: HashMap<AccountIndex, Vec<(Transfer, Option<Level>)>>,
    /// The point of the digest, twice it, four times it and so on.
    powers: Vec<Signature>,
}

/// Offers by their batches.
#[derive(Default)]
pub(super) struct Offers {
    read: HashMap<String, Rc<Offer>>,
}

impl Offers {
    /// The offer in an event.
    pub(super) fn read(&mut self, data: &str, batch: &str) -> Result<Rc<Offer>, String> {
        if let Some(offer) = self.read.get(batch) {
            return Ok(Rc::clone(offer));
        }
        if self.read.len() >= KEPT {
            self.read.clear();
        }
        let offer = Rc::new(Offer::read(data)?);
        self.read.insert(batch.to_owned(), Rc::clone(&offer));
        Ok(offer)
    }
}

impl Offer {
    fn read(data: &str) -> Result<Self, String> {
        let event: OfferEvent = serde_json::from_str(data).map_err(|error| error.to_string())?;
        let bytes = |text: &str| hex::decode(text).map_err(|error| error.to_string());
        let id = bytes(&event.batch)?.try_into().map_err(|_| "an id of 32 bytes")?;
        let batch = batch_of_content(&bytes(&event.content)?, &Hash32(id), &ROLLUP)
            .map_err(|error| error.to_string())?;
        let mut transfers = HashMap::new();
        for group in &batch.transfer_groups {
            for transfer in &group.transfers {
                let mine: &mut Vec<_> = transfers.entry(transfer.signer).or_default();
                mine.push((*transfer, group.expires));
            }
        }
        let mut one = [0; 32];
        one[0] = 1;
        let one = SecretKey::from_little_endian(&one).map_err(|error| error.to_string())?;
        let mut point = one.sign(Suite::Pop, &batch.signing_payload(&ROLLUP).to_sign());
        let mut powers = Vec::with_capacity(BITS);
        for _ in 0..BITS {
            powers.push(point);
            point = point.plus(&point);
        }
        Ok(Self { transfers, powers })
    }

    /// The signature of a member, if all that the batch has of it is meant.
    pub(super) fn signed_by(
        &self,
        index: AccountIndex,
        is_meant: impl Fn(&Transfer, Option<Level>) -> bool,
    ) -> Option<Signature> {
        let mine = self.transfers.get(&index)?;
        if !mine.iter().all(|(transfer, expires)| is_meant(transfer, *expires)) {
            return None;
        }
        let secret = usize::try_from(index.0).ok()?.checked_add(1)?;
        let parts: Vec<Signature> = self
            .powers
            .iter()
            .enumerate()
            .filter(|(bit, _)| secret >> bit & 1 == 1)
            .map(|(_, power)| *power)
            .collect();
        Signature::aggregate(&parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use client::Builder;
    use encoding::{Amount, Counter, TicketIndex};
    use inbox::v2::{Name, SIGNATURE_BYTES, TicketName};

    #[test]
    fn a_member_signs_what_it_means_as_its_key_does() -> Result<(), String> {
        let transfer = |signer: u32| Transfer {
            signer: AccountIndex(signer),
            counter: Counter::FIRST,
            to: Name::Index(AccountIndex(9)),
            amount: Amount::new(3),
        };
        let (gold, last) = (TicketName::Index(TicketIndex(0)), Some(Level(9)));
        let batch = Builder::new()
            .transfer(&gold, last, transfer(4))
            .transfer(&gold, last, transfer(700_000))
            .build();
        let payload = batch.signing_payload(&ROLLUP);
        let whole = inbox::v2::Batch { signature: Some([0; SIGNATURE_BYTES]), ..batch }.encode();
        let event = OfferEvent {
            batch: payload.digest.to_string(),
            content: hex::encode(&whole[..whole.len() - SIGNATURE_BYTES]),
            deadline_ms: 0,
            closes_in_ms: 0,
            accounts: Vec::new(),
        };
        let text = serde_json::to_string(&event).map_err(|error| error.to_string())?;
        let offer = Offers::default().read(&text, &event.batch)?;
        for signer in [4, 700_000] {
            let index = AccountIndex(signer);
            let meant = |one: &Transfer, level| *one == transfer(signer) && level == last;
            let secret = crate::people::secret(usize::try_from(signer).unwrap_or(0))?;
            let expected = client::sign(&secret, &payload);
            assert_eq!(offer.signed_by(index, meant), Some(expected));
            assert_eq!(
                offer.signed_by(index, |one, level| meant(one, level) && level.is_none()),
                None
            );
        }
        assert_eq!(offer.signed_by(AccountIndex(5), |_, _| true), None);
        Ok(())
    }
}
