//! Sealing: the signatures of a batch are checked as one sum, and only if that is wrong one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bls::{KeySum, PublicKey, Signature, Suite};
use client::Assembly;
use encoding::{RollupAddress, Tz4Address};
use inbox::v2::Batch;

use crate::limits::INDIVIDUAL_PER_BATCH;

/// A batch to be sealed.
pub(crate) struct SealJob {
    /// Its number.
    pub batch: u64,
    /// What it is.
    pub content: Arc<Batch>,
    /// The rollup.
    pub rollup: RollupAddress,
    /// For each signing: who signs, with which key, and their signature of their own transaction.
    pub signings: Vec<(Tz4Address, PublicKey, Signature)>,
    /// Signatures of the batch, by account. If there are several, one of them may be right.
    pub given: BTreeMap<Tz4Address, Vec<Signature>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// The batch's number.
    pub batch: u64,
    /// Who gave nothing but wrong signatures.
    pub wrong: BTreeSet<Tz4Address>,
    /// Who gave a right one.
    pub right: BTreeSet<Tz4Address>,
    /// The message and its individual signings; `None` if these are too many for a batch.
    pub sealed: Option<(Arc<[u8]>, Vec<u32>)>,
}

/// An account that has signed the batch.
#[derive(Clone, Copy)]
struct CoSigner {
    account: Tz4Address,
    key: PublicKey,
    signature: Signature,
    /// How many signings it has.
    times: usize,
}

impl SealJob {
    /// Seals the batch.
    pub(crate) fn run(self) -> Sealing {
        let payload = self.content.signing_payload(&self.rollup).to_sign();
        let mut wrong = BTreeSet::new();
        let mut signers = Vec::new();
        let mut keys: BTreeMap<Tz4Address, (PublicKey, usize)> = BTreeMap::new();
        for (account, key, _) in &self.signings {
            keys.entry(*account).or_insert((*key, 0)).1 += 1;
        }
        for (account, (key, times)) in keys {
            let Some(given) = self.given.get(&account) else { continue };
            let signature = match given.as_slice() {
                // The usual case: whether it is right is seen in the sum.
                [one] => Some(*one),
                several => {
                    several.iter().copied().find(|one| key.verify(Suite::Pop, &payload, one))
                }
            };
            match signature {
                Some(signature) => signers.push(CoSigner { account, key, signature, times }),
                None => {
                    wrong.insert(account);
                }
            }
        }
        let mut right = Vec::new();
        find_right(&signers, &payload, &mut right, &mut wrong);
        // Parts that are right have a right sum.
        let by_account: BTreeMap<Tz4Address, Signature> =
            right.iter().map(|one| (one.account, one.signature)).collect();
        let mut assembly = Assembly::new(Batch::clone(&self.content), self.rollup);
        let mut individual = Vec::new();
        for (number, (account, _, own)) in self.signings.iter().enumerate() {
            match by_account.get(account) {
                Some(signature) => assembly.batch_signature(number, *signature),
                None => {
                    individual.push(u32::try_from(number).unwrap_or(u32::MAX));
                    assembly.individual_signature(number, *own);
                }
            }
        }
        let fits = individual.len() <= INDIVIDUAL_PER_BATCH;
        // Each signing has a signature, so that the message is there.
        let message = fits.then(|| assembly.message().ok()).flatten();
        Sealing {
            batch: self.batch,
            wrong,
            right: by_account.into_keys().collect(),
            sealed: message.map(|message| (message.into(), individual)),
        }
    }
}

/// Sorts signers into those whose signatures have the right sum, and those whose are wrong, by halving. Two wrong ones
/// that cancel out go unnoticed, and do no harm: the kernel checks the sum as well.
fn find_right(
    signers: &[CoSigner],
    payload: &[u8],
    right: &mut Vec<CoSigner>,
    wrong: &mut BTreeSet<Tz4Address>,
) {
    if signers.is_empty() {
        return;
    }
    if is_right(signers, payload) {
        right.extend_from_slice(signers);
    } else if let [one] = signers {
        wrong.insert(one.account);
    } else {
        let (some, others) = signers.split_at(signers.len() / 2);
        find_right(some, payload, right, wrong);
        find_right(others, payload, right, wrong);
    }
}

fn is_right(signers: &[CoSigner], payload: &[u8]) -> bool {
    let mut keys = KeySum::new();
    let mut sum: Option<Signature> = None;
    for one in signers {
        for _ in 0..one.times {
            keys.add(&one.key);
            sum = Some(sum.map_or(one.signature, |sum| sum.plus(&one.signature)));
        }
    }
    match (keys.key(), sum) {
        (Some(key), Some(sum)) => key.verify(Suite::Pop, payload, &sum),
        _ => false,
    }
}
