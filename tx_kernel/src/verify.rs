//! Verifying: from a batch that anyone may have sent to one whose signers have all signed it.
//!
//! [`v1`] and [`v2`] find out who the signers are and what each has signed; [`Resolved::verify`]
//! checks the one signature, a bounded number of units at a time. Only what comes out of it can be
//! applied: there is no other way to make a [`Verified`].

pub(crate) mod v1;
pub(crate) mod v2;

use bls::{
    Accumulator, KeySum, Message, Part, PublicKey, STORED_ACCUMULATOR_BYTES, Signature, Suite,
};
use encoding::limits::{
    INBOX_MESSAGE_BYTES, INDIVIDUAL_SIGNATURES_PER_BATCH, KEYS_PER_UNIT, PROOFS_PER_UNIT,
    SUMMED_KEYS_PER_UNIT, UNITS_PER_BATCH, UNITS_PER_MESSAGE, UNITS_PER_PART, UNITS_PER_RUN,
};
use encoding::{Hash32, Tz4Address, blake2b_256};
use host::{Host, HostError, RawRollupCore};
use inbox::v2::REGISTRATION_BYTES;

use crate::layout::VERIFICATION;
use crate::results::{Outcome, ResultCode, place};

/// Units: what the end of the verification of a v1 batch costs at most.
const MOST_UNITS_OF_END: usize = UNITS_PER_BATCH as usize
    + (INBOX_MESSAGE_BYTES / inbox::v1::LEAST_KEYED_PART_BYTES).div_ceil(KEYS_PER_UNIT as usize);
/// Registrations: what a v2 batch has room for.
const MOST_PROOFS: usize = INBOX_MESSAGE_BYTES / REGISTRATION_BYTES;
/// Units: what the end of the verification of a v2 batch costs at most.
const MOST_UNITS_OF_V2_END: usize =
    UNITS_PER_BATCH as usize + MOST_PROOFS.div_ceil(PROOFS_PER_UNIT as usize);

// A run can afford the end of any batch, and a quarter of a level the whole of it: nothing waits for ever.
const _: () = assert!(MOST_UNITS_OF_END <= UNITS_PER_RUN as usize);
const _: () = assert!(MOST_UNITS_OF_V2_END <= UNITS_PER_RUN as usize);
// So can it the sum of as many keys as a message has bytes.
const _: () = assert!(
    UNITS_PER_PART as usize + INBOX_MESSAGE_BYTES / SUMMED_KEYS_PER_UNIT as usize
        <= UNITS_PER_RUN as usize
);
const _: () = assert!(
    INBOX_MESSAGE_BYTES / inbox::v1::LEAST_PART_BYTES * UNITS_PER_PART as usize + MOST_UNITS_OF_END
        <= UNITS_PER_MESSAGE as usize
);
const _: () = assert!(
    INDIVIDUAL_SIGNATURES_PER_BATCH as usize
        + MOST_PROOFS
        + UNITS_PER_PART as usize
        + (INBOX_MESSAGE_BYTES / SUMMED_KEYS_PER_UNIT as usize)
        + MOST_UNITS_OF_V2_END
        <= UNITS_PER_MESSAGE as usize
);

/// Why a batch is not applied: a refusal with its reason.
pub type Refusal = Outcome;

/// Where the key of a signer comes from.
#[derive(Clone, Debug)]
enum Key {
    /// It was stored, checked, by an earlier batch.
    Stored([u8; 96]),
    /// It stands in this batch.
    Given([u8; 48]),
}

/// Whose signature it is.
#[derive(Clone, Debug)]
enum Signers {
    One(Key),
    /// Many, of the same message; their keys are proven.
    All(Vec<Key>),
}

/// What was signed.
#[derive(Clone, Debug)]
enum Signed {
    /// The bytes at this place in the list of what was signed.
    Bytes(Suite, usize),
    /// The key itself.
    Possession,
}

/// One signature in the aggregate.
#[derive(Clone, Debug)]
struct Signing {
    signers: Signers,
    signed: Signed,
    /// The transaction, or the registration: where the refusal of a key points to.
    place: usize,
}

/// What is to be checked of a batch.
#[derive(Debug)]
struct Check<'b> {
    /// What the list of signings was made from, all of it: a half-finished verification goes on with
    /// the same list or not at all.
    made_from: [&'b [u8]; 2],
    /// The same of the state.
    made_with: Vec<u8>,
    signed: Vec<Vec<u8>>,
    signings: Vec<Signing>,
    /// The aggregate, and proofs of possession: they are summed. None at all is a batch that asks
    /// for nothing.
    signatures: Vec<[u8; 96]>,
    /// Units: all of it.
    cost: u32,
    /// Units: what is to be spent when all signings have been taken in.
    end: u32,
}

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

/// How far a verification got.
#[derive(Debug)]
pub enum Progress<T> {
    /// The signature is good.
    Done(T),
    /// It is not, or something else is wrong; to find out has cost so many units.
    Refused(Refusal, u32),
    /// There is more to do in another run; how far it got is stored.
    Unfinished,
}

/// Public keys that have been decompressed and checked in this run. A message has room for so few
/// that a list does.
#[derive(Debug, Default)]
struct Keys(Vec<([u8; 48], PublicKey)>);

impl Keys {
    fn check(&mut self, key: &[u8; 48]) -> Option<PublicKey> {
        if let Some((_, known)) = self.0.iter().find(|(other, _)| other == key) {
            return Some(*known);
        }
        let checked = PublicKey::from_compressed(key).ok()?;
        self.0.push((*key, checked));
        Some(checked)
    }

    fn load(&mut self, key: &Key) -> Result<Option<PublicKey>, HostError> {
        match key {
            Key::Given(key) => Ok(self.check(key)),
            Key::Stored(point) => {
                PublicKey::from_stored(point).map(Some).map_err(|_| HostError::Corrupt("/keys"))
            }
        }
    }
}

impl Signing {
    /// Units.
    fn cost(&self) -> u32 {
        match &self.signers {
            Signers::One(_) => UNITS_PER_PART,
            Signers::All(keys) => {
                let keys = u32::try_from(keys.len()).unwrap_or(u32::MAX);
                UNITS_PER_PART.saturating_add(keys.div_ceil(SUMMED_KEYS_PER_UNIT))
            }
        }
    }
}

impl<'b> Check<'b> {
    fn new(
        made_from: [&'b [u8]; 2],
        made_with: Vec<u8>,
        signed: Vec<Vec<u8>>,
        signings: Vec<Signing>,
        signatures: Vec<[u8; 96]>,
        end: u32,
    ) -> Self {
        let cost = match signatures.is_empty() {
            true => 0,
            false => signings.iter().fold(end, |sum, signing| sum.saturating_add(signing.cost())),
        };
        Check { made_from, made_with, signed, signings, signatures, cost, end }
    }

    fn run<H: RawRollupCore>(
        &self,
        host: &H,
        allowance: &mut u32,
    ) -> Result<Progress<Keys>, HostError> {
        let mut keys = Keys::default();
        let Some((first, others)) = self.signatures.split_first() else {
            return Ok(Progress::Done(keys));
        };
        let (done, accumulator) = self.resume(host)?;
        let no_signature =
            |units| Progress::Refused(Outcome::plain(ResultCode::InvalidSignature), units);
        // Looked at before any part is: it is little work, and may save all the rest.
        let Ok(mut signature) = Signature::from_compressed(first) else {
            *allowance = allowance.saturating_sub(UNITS_PER_PART);
            return Ok(no_signature(UNITS_PER_PART));
        };
        let todo = self.signings.get(done..).unwrap_or(&[]);
        let mut affordable = 0;
        for cost in todo.iter().map(Signing::cost) {
            let Some(left) = allowance.checked_sub(cost) else { break };
            *allowance = left;
            affordable += 1;
        }
        let (now, later) = todo.split_at(affordable);
        let accumulator = match self.multiply(&mut keys, accumulator, now)? {
            Ok(accumulator) => accumulator,
            Err(reason) => return Ok(Progress::Refused(reason, self.cost)),
        };
        if !later.is_empty() || *allowance < self.end {
            let position = u32::try_from(done + now.len()).unwrap_or(u32::MAX);
            let record = [&self.name().0[..], &position.to_be_bytes(), &accumulator.to_stored()];
            host.write_at(VERIFICATION, 0, &record.concat())?;
            return Ok(Progress::Unfinished);
        }
        *allowance = allowance.saturating_sub(self.end);
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
        Ok(match accumulator.finish(&signature) {
            true => Progress::Done(keys),
            false => Progress::Refused(Outcome::plain(ResultCode::WrongSignature), self.cost),
        })
    }

    /// The name under which a half-finished verification is kept.
    fn name(&self) -> Hash32 {
        let [kind, body] = self.made_from;
        blake2b_256(&[kind, &self.made_with, body])
    }

    /// Multiplies some signings into the product.
    fn multiply(
        &self,
        keys: &mut Keys,
        accumulator: Accumulator,
        signings: &[Signing],
    ) -> Result<Result<Accumulator, Refusal>, HostError> {
        let mut parts = Vec::with_capacity(signings.len());
        for signing in signings {
            let refuse = |code| Ok(Err(Outcome::new(code, place(signing.place), 0)));
            let key = match &signing.signers {
                Signers::One(key) => match keys.load(key)? {
                    Some(key) => key,
                    None => return refuse(ResultCode::InvalidPublicKey),
                },
                Signers::All(all) => {
                    let mut sum = KeySum::new();
                    for key in all {
                        match keys.load(key)? {
                            Some(key) => sum.add(&key),
                            None => return refuse(ResultCode::InvalidPublicKey),
                        }
                    }
                    // Keys that cancel out have signed what nobody has signed.
                    match sum.key() {
                        Some(key) => key,
                        None => return Ok(Err(Outcome::plain(ResultCode::WrongSignature))),
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
        Ok(Ok(accumulator.with(&parts)))
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

impl<B> Resolved<'_, B> {
    /// The batch, of which nothing is verified.
    pub fn batch(&self) -> &B {
        &self.batch
    }

    /// Units: what it costs to verify this batch.
    pub(crate) fn cost(&self) -> u32 {
        self.check.cost
    }

    /// The batch as if everybody had signed it: for drafts that are never written. The kernel itself, as
    /// WASM, has no such thing.
    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn assume_signed(self) -> Verified<B> {
        Verified { batch: self.batch, keys: Keys::default() }
    }

    /// Goes on with the verification, for at most `allowance` units, and takes what it used off it.
    pub fn verify<H: RawRollupCore>(
        self,
        host: &H,
        allowance: &mut u32,
    ) -> Result<Progress<Verified<B>>, HostError> {
        Ok(match self.check.run(host, allowance)? {
            Progress::Done(keys) => Progress::Done(Verified { batch: self.batch, keys }),
            Progress::Refused(reason, units) => Progress::Refused(reason, units),
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
