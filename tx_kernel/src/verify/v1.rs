//! Who has signed what in a v1 batch: every signer of a transaction that transaction.

use accounts::Ledger;
use bls::Suite;
use encoding::limits::{GAS_PER_BATCH, KEYS_PER_GAS};
use encoding::{Tz4Address, VerificationGas, blake2b_256};
use host::{HostError, RawRollupCore};
use inbox::v1::{Batch, Signer, Transaction};

use super::Resolved;
use super::check::{Check, Key, Signed, SignerKeys, Signers, Signing};
use crate::refusal::Refusal;
use crate::results::{Outcome, ResultCode, as_u64};

/// Finds the signers of a batch, and refuses it where that settles it: a signer with two
/// operations in one transaction, a signer whose key nobody knows, counters that are all stale.
#[inline(never)] // Smaller apart: docs/bls.md.
pub(crate) fn resolve<'b, H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: Batch,
    body: &'b [u8],
) -> Result<Resolved<'b, Batch>, Refusal> {
    ledger.expect_message(0, &blake2b_256(&[body]));
    let mut given: Vec<Tz4Address> = Vec::new();
    let mut keys = SignerKeys::default();
    let mut signings = Vec::new();
    let mut any_current = false;
    for (number, transaction) in batch.transactions.iter().enumerate() {
        let mut seen: Vec<Tz4Address> = Vec::new();
        for (at, operation) in transaction.operations.iter().enumerate() {
            let refuse = |code| Err(Outcome::new(code, as_u64(number), as_u64(at)).into());
            let signer = operation.signer.address();
            if seen.contains(&signer) {
                return refuse(ResultCode::DuplicateSigner);
            }
            seen.push(signer);
            let stored = match ledger.find_index(&signer)? {
                Some(index) => {
                    ledger.append_keys(&[index], &mut keys.stored)?;
                    let last = keys.stored.len().saturating_sub(1);
                    keys.stored.is_proven(last).map(|_| last)
                }
                None => None,
            };
            let shown = given.iter().position(|other| *other == signer);
            let key = match (stored, operation.signer, shown) {
                (Some(at), _, _) => Key::Stored(at),
                (None, Signer::Key(key), None) => {
                    given.push(signer);
                    keys.given.push(key);
                    Key::Given(given.len() - 1)
                }
                (None, _, Some(at)) => Key::Given(at),
                (None, Signer::Address(_), None) => return refuse(ResultCode::UnknownSigner),
            };
            signings.push(Signing {
                signers: Signers::One(key),
                signed: Signed::Bytes(Suite::Aug, number),
                subject: number,
            });
        }
        any_current = any_current || could_be_current(ledger, transaction)?;
    }
    if !any_current {
        return Err(Outcome::plain(ResultCode::AllStale).into());
    }
    let signed = batch.transactions.iter().map(Transaction::signed_bytes).collect();
    // The signature, the final exponentiation, and the new keys, which are made ready to be stored.
    let new = u32::try_from(given.len()).unwrap_or(u32::MAX);
    let end = GAS_PER_BATCH.plus(VerificationGas::of_many(new, KEYS_PER_GAS));
    let signatures = vec![batch.signature];
    let check = Check::new([b"v1", body], Vec::new(), signed, keys, signings, signatures, end);
    Ok(Resolved { batch, check })
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
