//! The check of one batch's signatures: which keys signed what, and how far the product has come.

use accounts::StoredKeys;
use bls::{
    Accumulator, KeySum, Message, Part, PublicKey, STORED_ACCUMULATOR_BYTES, Signature, Suite,
};
use encoding::limits::{GAS_PER_PART, SUMMED_KEYS_PER_GAS};
use encoding::{Hash32, VerificationGas, blake2b_256};
use host::{Host, HostError, RawRollupCore, StepError};

use super::progress::Progress;
use crate::layout::VERIFICATION;
use crate::refusal::Refusal;
use crate::results::{Outcome, ResultCode, as_u64};

/// Where the key of a signer comes from: a place in [`SignerKeys`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// It was stored, checked, by an earlier batch.
    Stored(usize),
    /// It stands in this batch.
    Given(usize),
}

/// Keys of many signers. Mostly they are the first of the stored ones, in order, which takes no room here.
#[derive(Clone, Debug, Default)]
pub(super) struct KeyList {
    /// So many of the stored keys, from the first on;
    in_order: usize,
    /// and then these.
    others: Vec<Key>,
}

impl KeyList {
    #[inline]
    pub(super) fn push(&mut self, key: Key) {
        if self.others.is_empty() && key == Key::Stored(self.in_order) {
            self.in_order += 1;
        } else {
            self.others.push(key);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.in_order.saturating_add(self.others.len())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Key> {
        (0..self.in_order).map(Key::Stored).chain(self.others.iter().copied())
    }
}

/// The keys of the signers. They stay where they were read.
#[derive(Debug, Default)]
pub(super) struct SignerKeys {
    pub stored: StoredKeys,
    pub given: Vec<[u8; 48]>,
}

impl SignerKeys {
    fn stored(&self, at: usize) -> Result<&[u8; 96], HostError> {
        self.stored.point(at).ok_or(CORRUPT)
    }

    fn given(&self, at: usize) -> Result<&[u8; 48], HostError> {
        self.given.get(at).ok_or(CORRUPT)
    }
}

/// What is said of a stored key that is none.
const CORRUPT: HostError = HostError::Corrupt("/keys");

/// Whose signature it is.
#[derive(Clone, Debug)]
pub(super) enum Signers {
    One(Key),
    /// Many, of the same message; their keys are proven.
    All(KeyList),
}

/// What was signed.
#[derive(Clone, Debug)]
pub(super) enum Signed {
    /// The bytes at this place in the list of what was signed.
    Bytes(Suite, usize),
    /// The key itself.
    Possession,
}

/// One signature in the aggregate.
#[derive(Clone, Debug)]
pub(super) struct Signing {
    pub signers: Signers,
    pub signed: Signed,
    /// The transaction, or the registration: where the refusal of a key points to.
    pub subject: usize,
}

/// What is to be checked of a batch.
#[derive(Debug)]
pub(super) struct Check<'b> {
    /// What the list of signings was made from, all of it: a half-finished verification goes on with
    /// the same list or not at all.
    made_from: [&'b [u8]; 2],
    /// The same of the state.
    made_with: Vec<u8>,
    signed: Vec<Vec<u8>>,
    keys: SignerKeys,
    signings: Vec<Signing>,
    /// The aggregate, and proofs of possession: they are summed. None at all is a batch that asks
    /// for nothing.
    signatures: Vec<[u8; 96]>,
    /// What all of it costs.
    pub cost: VerificationGas,
    /// What is still to be spent once all signings are in the product.
    end: VerificationGas,
}

/// Public keys that have been decompressed and checked in this run. A message has room for so few
/// that a list does.
#[derive(Debug, Default)]
pub(super) struct Keys(Vec<([u8; 48], PublicKey)>);

impl Keys {
    pub(super) fn check(&mut self, key: &[u8; 48]) -> Option<PublicKey> {
        if let Some((_, known)) = self.0.iter().find(|(other, _)| other == key) {
            return Some(*known);
        }
        let checked = PublicKey::from_compressed(key).ok()?;
        self.0.push((*key, checked));
        Some(checked)
    }
}

impl Signing {
    fn cost(&self) -> VerificationGas {
        match &self.signers {
            Signers::One(_) => GAS_PER_PART,
            Signers::All(keys) => {
                let keys = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                GAS_PER_PART.plus(VerificationGas::of_many(keys, SUMMED_KEYS_PER_GAS))
            }
        }
    }
}

impl<'b> Check<'b> {
    pub(super) fn new(
        made_from: [&'b [u8]; 2],
        made_with: Vec<u8>,
        signed: Vec<Vec<u8>>,
        keys: SignerKeys,
        signings: Vec<Signing>,
        signatures: Vec<[u8; 96]>,
        end: VerificationGas,
    ) -> Self {
        let cost = match signatures.is_empty() {
            true => VerificationGas::ZERO,
            false => signings.iter().fold(end, |sum, signing| sum.plus(signing.cost())),
        };
        Check { made_from, made_with, signed, keys, signings, signatures, cost, end }
    }

    /// Goes on with the verification, for at most `allowance`, and takes what it used off it.
    pub(super) fn run<H: RawRollupCore>(
        &self,
        host: &H,
        allowance: &mut VerificationGas,
    ) -> Result<Progress<Keys>, HostError> {
        let mut keys = Keys::default();
        let Some((first, others)) = self.signatures.split_first() else {
            return Ok(Progress::Done(keys));
        };
        let (done, accumulator) = self.resume(host)?;
        let no_signature =
            |gas| Progress::Refused(Outcome::plain(ResultCode::InvalidSignature), gas);
        // Looked at before any part is: it is little work, and may save all the rest.
        let Ok(mut signature) = Signature::from_compressed(first) else {
            *allowance = allowance.minus(GAS_PER_PART);
            return Ok(no_signature(GAS_PER_PART));
        };
        let todo = self.signings.get(done..).unwrap_or(&[]);
        let mut affordable = 0;
        for cost in todo.iter().map(Signing::cost) {
            let Some(left) = allowance.checked_minus(cost) else { break };
            *allowance = left;
            affordable += 1;
        }
        let (now, later) = todo.split_at(affordable);
        let parts = match self.parts(&mut keys, now) {
            Ok(parts) => parts,
            Err(StepError::Refused(outcome)) => return Ok(Progress::Refused(outcome, self.cost)),
            Err(StepError::Host(error)) => return Err(error),
        };
        if !later.is_empty() || *allowance < self.end {
            let position = u32::try_from(done + now.len()).unwrap_or(u32::MAX);
            let product = accumulator.with(&parts).to_stored();
            let record = [&self.name().0[..], &position.to_be_bytes(), &product];
            host.write_at(VERIFICATION, 0, &record.concat())?;
            return Ok(Progress::Unfinished);
        }
        *allowance = allowance.minus(self.end);
        if done > 0 {
            host.delete(VERIFICATION)?;
        }
        for other in others {
            // By now all the work has been done, and is paid for.
            let Ok(other) = Signature::from_compressed(other) else {
                return Ok(no_signature(self.cost));
            };
            signature = signature.plus(&other);
        }
        // The signature's Miller loop shares the squarings of theirs.
        Ok(match accumulator.finish_with(&parts, &signature) {
            true => Progress::Done(keys),
            false => Progress::Refused(Outcome::plain(ResultCode::WrongSignature), self.cost),
        })
    }

    /// The name under which a half-finished verification is kept.
    fn name(&self) -> Hash32 {
        let [kind, body] = self.made_from;
        blake2b_256(&[kind, &self.made_with, body])
    }

    /// What some signings multiply into the product.
    fn parts(&self, keys: &mut Keys, signings: &[Signing]) -> Result<Vec<Part<'_>>, Refusal> {
        let mut parts = Vec::with_capacity(signings.len());
        for signing in signings {
            let refuse = |code| Err(Outcome::new(code, as_u64(signing.subject), 0).into());
            let key = match &signing.signers {
                Signers::One(Key::Stored(at)) => {
                    let point = self.keys.stored(*at)?;
                    PublicKey::from_stored(point).map_err(|_| CORRUPT)?
                }
                Signers::One(Key::Given(at)) => match keys.check(self.keys.given(*at)?) {
                    Some(key) => key,
                    None => return refuse(ResultCode::InvalidPublicKey),
                },
                Signers::All(all) => {
                    let mut sum = KeySum::with_capacity(all.len());
                    for key in all.iter() {
                        match key {
                            Key::Stored(at) => {
                                sum.add_stored(self.keys.stored(at)?).map_err(|_| CORRUPT)?;
                            }
                            Key::Given(at) => match keys.check(self.keys.given(at)?) {
                                Some(key) => sum.add(&key),
                                None => return refuse(ResultCode::InvalidPublicKey),
                            },
                        }
                    }
                    // Keys that cancel out have signed what nobody has signed.
                    match sum.key() {
                        Some(key) => key,
                        None => return Err(Outcome::plain(ResultCode::WrongSignature).into()),
                    }
                }
            };
            let message = match signing.signed {
                Signed::Possession => Message::Possession,
                Signed::Bytes(suite, at) => {
                    suite.message(self.signed.get(at).map_or(&[][..], Vec::as_slice))
                }
            };
            parts.push(Part { key, message });
        }
        Ok(parts)
    }

    /// Where an earlier run stopped, if it was with this batch.
    fn resume<H: RawRollupCore>(&self, host: &H) -> Result<(usize, Accumulator), HostError> {
        const BYTES: usize = 32 + 4 + STORED_ACCUMULATOR_BYTES;
        let fresh = (0, Accumulator::new());
        let Some(record) = host.read_record::<BYTES>(VERIFICATION, VERIFICATION)? else {
            return Ok(fresh);
        };
        let fields = record.split_first_chunk::<32>().and_then(|(hash, rest)| {
            let (position, accumulator) = rest.split_first_chunk::<4>()?;
            let accumulator = <&[u8; STORED_ACCUMULATOR_BYTES]>::try_from(accumulator).ok()?;
            let position = usize::try_from(u32::from_be_bytes(*position)).ok()?;
            (*hash == self.name().0).then(|| (position, Accumulator::from_stored(accumulator)))
        });
        Ok(fields.unwrap_or(fresh))
    }
}
