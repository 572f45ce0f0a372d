//! Verifying: from a batch that anyone may have sent to one whose signers have all signed it.
//!
//! [`resolve`] finds out who the signers are, [`Resolved::verify`] checks the signature, a bounded
//! number of parts at a time. Only what comes out of it can be applied: there is no other way to
//! make a [`Verified`].

use std::collections::BTreeMap;

use accounts::Ledger;
use bls::{Accumulator, Part, PublicKey, STORED_ACCUMULATOR_BYTES, Signature, Suite};
use encoding::{AccountIndex, Hash32, Tz4Address, blake2b_256};
use host::{Host, HostError, RawRollupCore};
use inbox::v1::{Batch, Signer, Transaction};

use crate::layout::VERIFICATION;
use crate::results::{Reason, code, place};

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
    /// It is not, or something else is wrong.
    Refused(Refusal),
    /// There is more to do in another run; how far it got is stored.
    Unfinished,
}

/// Public keys that have been decompressed and checked in this run.
#[derive(Debug, Default)]
struct Keys(BTreeMap<Tz4Address, PublicKey>);

impl Keys {
    fn check(&mut self, signer: Tz4Address, key: &[u8; 48]) -> Option<PublicKey> {
        if let Some(known) = self.0.get(&signer) {
            return Some(*known);
        }
        let key = PublicKey::from_compressed(key).ok()?;
        self.0.insert(signer, key);
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
    let mut given: BTreeMap<Tz4Address, [u8; 48]> = BTreeMap::new();
    let mut signings = Vec::new();
    let mut any_current = false;
    for (number, transaction) in batch.transactions.iter().enumerate() {
        let mut keys_here = Vec::new();
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
            let key = match (stored, operation.signer, given.get(&signer)) {
                (Some(index), _, _) => KeySource::Stored(index),
                (None, Signer::Key(key), _) => {
                    keys_here.push((signer, key));
                    KeySource::Given(key)
                }
                (None, Signer::Address(_), Some(key)) => KeySource::Given(*key),
                (None, Signer::Address(_), None) => return refuse(code::UNKNOWN_SIGNER),
            };
            signings.push(Signing { transaction: number, signer, key });
        }
        // A key counts from the next transaction on.
        given.extend(keys_here);
        any_current = any_current || could_be_current(ledger, transaction)?;
    }
    if !any_current {
        return Ok(Err(Reason::plain(code::ALL_STALE)));
    }
    let hash = blake2b_256(&[b"toru batch v1", body]);
    Ok(Ok(Resolved { batch, hash, signings }))
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
    /// How many parts there are to verify.
    pub(crate) fn parts(&self) -> u32 {
        u32::try_from(self.signings.len()).unwrap_or(u32::MAX)
    }

    /// Verifies up to `allowance` parts, and takes what it used off it.
    pub(crate) fn verify<H: RawRollupCore>(
        self,
        host: &H,
        ledger: &mut Ledger<'_, H>,
        allowance: &mut usize,
    ) -> Result<Progress, HostError> {
        let Ok(signature) = Signature::from_compressed(&self.batch.signature) else {
            return Ok(Progress::Refused(Reason::plain(code::INVALID_SIGNATURE)));
        };
        let (done, accumulator) = self.resume(host)?;
        let todo = self.signings.get(done..).unwrap_or(&[]);
        let (now, later) = todo.split_at(todo.len().min(*allowance));
        *allowance = allowance.saturating_sub(now.len());

        let mut keys = Keys::default();
        let messages: Vec<Vec<u8>> =
            self.batch.transactions.iter().map(Transaction::signed_bytes).collect();
        let mut parts = Vec::with_capacity(now.len());
        for signing in now {
            let key = match signing.key {
                KeySource::Stored(index) => stored_key(ledger, index)?,
                KeySource::Given(key) => match keys.check(signing.signer, &key) {
                    Some(key) => key,
                    None => {
                        let at = place(signing.transaction);
                        return Ok(Progress::Refused(Reason::new(code::INVALID_KEY, at, 0)));
                    }
                },
            };
            let message = messages.get(signing.transaction).map_or(&[][..], Vec::as_slice);
            parts.push(Part { key, message });
        }
        let accumulator = accumulator.with(Suite::Aug, &parts);

        if !later.is_empty() {
            let position = u32::try_from(done + now.len()).unwrap_or(u32::MAX);
            let record = [&self.hash.0[..], &position.to_be_bytes(), &accumulator.to_stored()];
            host.write_at(VERIFICATION, 0, &record.concat())?;
            return Ok(Progress::Unfinished);
        }
        if done > 0 {
            host.delete(VERIFICATION)?;
        }
        Ok(match accumulator.finish(&signature) {
            true => Progress::Done(Verified { batch: self.batch, keys }),
            false => Progress::Refused(Reason::plain(code::WRONG_SIGNATURE)),
        })
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
