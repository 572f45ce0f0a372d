//! Verifying: from a batch that anyone may have sent to one whose signers have all signed it.
//!
//! [`resolve`] finds out who the signers are, [`Resolved::verify`] checks the signature, a bounded
//! number of parts at a time. Only what comes out of it can be applied: there is no other way to
//! make a [`Verified`].

use accounts::Ledger;
use bls::{Accumulator, Message, Part, PublicKey, STORED_ACCUMULATOR_BYTES, Signature};
use encoding::limits::{
    INBOX_MESSAGE_BYTES, KEYS_PER_UNIT, SMALL_BATCH_PARTS, UNITS_PER_BATCH, UNITS_PER_LEVEL,
    UNITS_PER_PART, UNITS_PER_RUN,
};
use encoding::{AccountIndex, Hash32, Tz4Address, blake2b_256};
use host::{Host, HostError, RawRollupCore};
use inbox::v1::{self, Batch, Signer, Transaction};

use crate::layout::{Cost, VERIFICATION};
use crate::results::{Reason, code, place};

/// Units: what the end of the verification of a v1 batch costs at most.
const MOST_UNITS_OF_END: usize = UNITS_PER_BATCH as usize
    + (INBOX_MESSAGE_BYTES / v1::LEAST_KEYED_PART_BYTES).div_ceil(KEYS_PER_UNIT as usize);

// A run can afford the end of any batch, and a level the whole of it: nothing waits for ever.
const _: () = assert!(MOST_UNITS_OF_END <= UNITS_PER_RUN as usize);
const _: () = assert!(
    INBOX_MESSAGE_BYTES / v1::LEAST_PART_BYTES * UNITS_PER_PART as usize + MOST_UNITS_OF_END
        <= UNITS_PER_LEVEL as usize
);

/// Why a batch is not applied: a refusal with its reason.
type Refusal = Reason;

/// Where the key of a signer comes from.
#[derive(Clone, Copy, Debug)]
enum KeySource {
    /// It was stored, checked, by an earlier batch.
    Stored(AccountIndex),
    /// It stands in this batch.
    Given([u8; 48]),
}

/// One signer of one transaction.
#[derive(Clone, Copy, Debug)]
struct Signing {
    transaction: usize,
    signer: Tz4Address,
    key: KeySource,
}

/// A batch whose signers are known, with nothing verified yet.
#[derive(Debug)]
pub(crate) struct Resolved {
    batch: Batch,
    hash: Hash32,
    signings: Vec<Signing>,
    /// How many keys it shows that nobody has shown before.
    keys: usize,
}

/// A batch that all its signers have signed.
#[derive(Debug)]
pub(crate) struct Verified {
    batch: Batch,
    keys: Keys,
}

/// How far a verification got.
#[derive(Debug)]
pub(crate) enum Progress {
    /// The signature is good.
    Done(Verified),
    /// It is not, or something else is wrong; to find out has cost so many units.
    Refused(Refusal, u32),
    /// There is more to do in another run; how far it got is stored.
    Unfinished,
}

/// Public keys that have been decompressed and checked in this run. A message has room for so few
/// that a list does.
#[derive(Debug, Default)]
struct Keys(Vec<(Tz4Address, PublicKey)>);

impl Keys {
    fn check(&mut self, signer: Tz4Address, key: &[u8; 48]) -> Option<PublicKey> {
        if let Some((_, known)) = self.0.iter().find(|(other, _)| *other == signer) {
            return Some(*known);
        }
        let key = PublicKey::from_compressed(key).ok()?;
        self.0.push((signer, key));
        Some(key)
    }
}

/// Finds the signers of a batch, and refuses it where that settles it: a signer with two
/// operations in one transaction, a signer whose key nobody knows, counters that are all stale.
pub(crate) fn resolve<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: Batch,
    body: &[u8],
) -> Result<Result<Resolved, Refusal>, HostError> {
    let mut given: Vec<(Tz4Address, [u8; 48])> = Vec::new();
    let mut signings = Vec::new();
    let mut any_current = false;
    for (number, transaction) in batch.transactions.iter().enumerate() {
        let first_here = signings.len();
        for (at, operation) in transaction.operations.iter().enumerate() {
            let refuse = |code| Ok(Err(Reason::new(code, place(number), place(at))));
            let signer = operation.signer.address();
            let seen = signings.iter().skip(first_here).any(|s: &Signing| s.signer == signer);
            if seen {
                return refuse(code::DUPLICATE_SIGNER);
            }
            let stored = match ledger.find(&signer)? {
                Some(account) => ledger.key(account.index)?.map(|_| account.index),
                None => None,
            };
            let shown = given.iter().find(|(other, _)| *other == signer).map(|(_, key)| *key);
            let key = match (stored, operation.signer, shown) {
                (Some(index), _, _) => KeySource::Stored(index),
                (None, Signer::Key(key), None) => {
                    given.push((signer, key));
                    KeySource::Given(key)
                }
                (None, _, Some(key)) => KeySource::Given(key),
                (None, Signer::Address(_), None) => return refuse(code::UNKNOWN_SIGNER),
            };
            signings.push(Signing { transaction: number, signer, key });
        }
        any_current = any_current || could_be_current(ledger, transaction)?;
    }
    if !any_current {
        return Ok(Err(Reason::plain(code::ALL_STALE)));
    }
    let hash = blake2b_256(&[b"toru batch v1", body]);
    Ok(Ok(Resolved { batch, hash, signings, keys: given.len() }))
}

/// Whether every counter of the transaction is the next one, or may become it by what the batch
/// does before: a counter that is behind never will be.
fn could_be_current<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    transaction: &Transaction,
) -> Result<bool, HostError> {
    for operation in &transaction.operations {
        if operation.counter < ledger.counter(&operation.signer.address())? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl Resolved {
    /// What it costs to verify this batch.
    pub(crate) fn cost(&self) -> Cost {
        let parts = u32::try_from(self.signings.len()).unwrap_or(u32::MAX);
        let units = parts.saturating_mul(UNITS_PER_PART).saturating_add(self.cost_of_end());
        Cost { small: parts <= SMALL_BATCH_PARTS, units }
    }

    /// What is to be spent when all parts have been verified: the signature, the final
    /// exponentiation, and the new keys, which are made ready to be stored.
    fn cost_of_end(&self) -> u32 {
        let keys = u32::try_from(self.keys).unwrap_or(u32::MAX);
        UNITS_PER_BATCH.saturating_add(keys.div_ceil(KEYS_PER_UNIT))
    }

    /// Goes on with the verification, for at most `allowance` units, and takes what it used off it.
    pub(crate) fn verify<H: RawRollupCore>(
        self,
        host: &H,
        ledger: &mut Ledger<'_, H>,
        allowance: &mut u32,
    ) -> Result<Progress, HostError> {
        let (done, accumulator) = self.resume(host)?;
        // Looked at before any part is: it is little work, and may save all the rest.
        let Ok(signature) = Signature::from_compressed(&self.batch.signature) else {
            *allowance = allowance.saturating_sub(UNITS_PER_PART);
            let reason = Reason::plain(code::INVALID_SIGNATURE);
            return Ok(Progress::Refused(reason, UNITS_PER_PART));
        };
        let todo = self.signings.get(done..).unwrap_or(&[]);
        let affordable = usize::try_from(*allowance / UNITS_PER_PART).unwrap_or(usize::MAX);
        let (now, later) = todo.split_at(todo.len().min(affordable));
        let used = u32::try_from(now.len()).unwrap_or(u32::MAX).saturating_mul(UNITS_PER_PART);
        *allowance = allowance.saturating_sub(used);

        let mut keys = Keys::default();
        let accumulator = match self.take_in(ledger, &mut keys, accumulator, now)? {
            Ok(accumulator) => accumulator,
            Err(reason) => return Ok(Progress::Refused(reason, self.cost().units)),
        };
        if !later.is_empty() || *allowance < self.cost_of_end() {
            let position = u32::try_from(done + now.len()).unwrap_or(u32::MAX);
            let record = [&self.hash.0[..], &position.to_be_bytes(), &accumulator.to_stored()];
            host.write_at(VERIFICATION, 0, &record.concat())?;
            return Ok(Progress::Unfinished);
        }
        *allowance = allowance.saturating_sub(self.cost_of_end());
        if done > 0 {
            host.delete(VERIFICATION)?;
        }
        Ok(match accumulator.finish(&signature) {
            true => Progress::Done(Verified { batch: self.batch, keys }),
            false => Progress::Refused(Reason::plain(code::WRONG_SIGNATURE), self.cost().units),
        })
    }

    /// Multiplies some parts into the product.
    fn take_in<H: RawRollupCore>(
        &self,
        ledger: &mut Ledger<'_, H>,
        keys: &mut Keys,
        accumulator: Accumulator,
        signings: &[Signing],
    ) -> Result<Result<Accumulator, Refusal>, HostError> {
        let messages: Vec<Vec<u8>> =
            self.batch.transactions.iter().map(Transaction::signed_bytes).collect();
        let mut parts = Vec::with_capacity(signings.len());
        for signing in signings {
            let key = match signing.key {
                KeySource::Stored(index) => stored_key(ledger, index)?,
                KeySource::Given(key) => match keys.check(signing.signer, &key) {
                    Some(key) => key,
                    None => {
                        let at = place(signing.transaction);
                        return Ok(Err(Reason::new(code::INVALID_KEY, at, 0)));
                    }
                },
            };
            let message = messages.get(signing.transaction).map_or(&[][..], Vec::as_slice);
            parts.push(Part { key, message: Message::Aug(message) });
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
            (*hash == self.hash.0).then(|| (position, Accumulator::from_stored(accumulator)))
        });
        Ok(fields.unwrap_or(fresh))
    }
}

fn stored_key<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    index: AccountIndex,
) -> Result<PublicKey, HostError> {
    let stored = ledger.key(index)?.ok_or(HostError::Corrupt("/keys"))?;
    PublicKey::from_stored(&stored).map_err(|_| HostError::Corrupt("/keys"))
}

impl Verified {
    /// The transactions, in the order in which they are applied.
    pub(crate) fn transactions(&self) -> &[Transaction] {
        &self.batch.transactions
    }

    /// The form in which a key of this batch is stored.
    pub(crate) fn stored_form(&mut self, key: &[u8; 48]) -> Result<[u8; 96], HostError> {
        // Every key was checked, though perhaps in a run before this one.
        let checked = self.keys.check(Tz4Address::of_public_key(key), key);
        checked.map(|key| key.to_stored()).ok_or(HostError::Corrupt("a verified key"))
    }
}
