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

#[cfg(test)]
mod tests {
    use bls::SecretKey;
    use client::{sign, sign_individually};
    use encoding::{AccountIndex, Amount, Counter, TicketIndex};
    use inbox::v2::{Action, Name, Operation, TicketName, Transaction};

    use super::*;

    const ROLLUP: RollupAddress = RollupAddress([3; 20]);

    fn key(number: u8) -> SecretKey {
        SecretKey::derive(&[number; 32]).unwrap()
    }

    fn account(number: u8) -> Tz4Address {
        key(number).public_key().address()
    }

    /// A batch in which these people pay, each as often as it is named, with their own signatures.
    fn job(people: &[u8]) -> (SealJob, Vec<Transaction>) {
        let mut builder = client::Builder::new();
        let mut transactions = Vec::new();
        for (counter, person) in (0..).zip(people) {
            let index = Name::Index(AccountIndex(u32::from(*person)));
            let actions = vec![Action::Transfers {
                ticket: TicketName::Index(TicketIndex(0)),
                to: vec![(Name::Index(AccountIndex(0)), Amount::new(1))],
            }];
            let counter = Counter::new(counter);
            let operation = Operation { signer: index, counter, memo: None, actions };
            let transaction = Transaction { expires: None, operations: vec![operation] };
            builder = builder.transaction(transaction.clone());
            transactions.push(transaction);
        }
        let own = |(person, transaction): (&u8, &Transaction)| {
            let signature = sign_individually(&key(*person), transaction, &ROLLUP);
            (account(*person), key(*person).public_key(), signature)
        };
        let job = SealJob {
            batch: 7,
            content: Arc::new(builder.build()),
            rollup: ROLLUP,
            signings: people.iter().zip(&transactions).map(own).collect(),
            given: BTreeMap::new(),
        };
        (job, transactions)
    }

    fn signature(job: &SealJob, person: u8) -> Signature {
        sign(&key(person), &job.content.signing_payload(&ROLLUP))
    }

    #[test]
    fn the_sum_is_right_however_often_somebody_signs() {
        let (mut job, _) = job(&[1, 2, 2, 3]);
        for person in [1, 2] {
            let signature = signature(&job, person);
            job.given.insert(account(person), vec![signature]);
        }
        let sealing = job.run();
        assert_eq!(sealing.right, [account(1), account(2)].into());
        assert!(sealing.wrong.is_empty());
        let (message, individual) = sealing.sealed.unwrap();
        assert_eq!(individual, [3]);
        // The kernel's own check agrees.
        let batch = wallet::inboxes::batch_in(&message, &ROLLUP).unwrap();
        let payload = batch.signing_payload(&ROLLUP).to_sign();
        let own = batch.signing_payload_of_transaction(3, &ROLLUP).unwrap().to_sign();
        let parts: Vec<bls::Part<'_>> = [(1, &payload), (2, &payload), (2, &payload), (3, &own)]
            .into_iter()
            .map(|(person, bytes)| bls::Part {
                key: key(person).public_key(),
                message: Suite::Pop.message(bytes),
            })
            .collect();
        let sum = Signature::from_compressed(&batch.signature.unwrap()).unwrap();
        assert!(bls::aggregate_verify(&parts, &sum));
    }

    #[test]
    fn wrong_ones_are_found_and_the_others_count() {
        let (mut job, _) = job(&[1, 2, 3, 4, 5, 6]);
        for person in 1..=6 {
            let given = match person {
                // Of another batch, and with another key.
                2 => key(2).sign(Suite::Pop, b"another batch"),
                5 => signature(&job, 9),
                _ => signature(&job, person),
            };
            job.given.insert(account(person), vec![given]);
        }
        let sealing = job.run();
        assert_eq!(sealing.wrong, [account(2), account(5)].into());
        assert_eq!(sealing.sealed.unwrap().1, [1, 4]);
    }

    #[test]
    fn of_several_signatures_in_one_name_the_right_one_counts() {
        let (mut job, _) = job(&[1, 2]);
        let (right, wrong) = (signature(&job, 1), key(1).sign(Suite::Pop, b"anything"));
        job.given.insert(account(1), vec![wrong, right]);
        job.given.insert(account(2), vec![wrong, wrong.plus(&right)]);
        let sealing = job.run();
        assert_eq!((sealing.right, sealing.wrong), ([account(1)].into(), [account(2)].into()));
        assert_eq!(sealing.sealed.unwrap().1, [1]);
    }
}
