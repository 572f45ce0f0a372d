//! Sealing: the signatures of a batch become one, and the batch with it a message.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use bls::{PublicKey, Signature};
use client::Assembly;
use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{RollupAddress, Tz4Address};
use inbox::v2::Batch;
use layer1::plain::grouped;

use super::Given;
use super::proof::{Candidate, Proof};
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
    /// Signatures of the batch that are right.
    pub right: BTreeMap<Tz4Address, Signature>,
    /// Signatures of the batch that may be right.
    pub open: BTreeMap<Tz4Address, Vec<Given>>,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Sealing {
    /// The batch's number.
    pub batch: u64,
    /// Who has sent wrong signatures, each as often as they have.
    pub wrong: Vec<IpAddr>,
    /// Which accounts have given a right one.
    pub right: BTreeSet<Tz4Address>,
    /// The message, and its individual signings.
    pub sealed: Result<(Arc<[u8]>, Vec<u32>), Unsealed>,
}

/// Why there is no message of a batch.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsealed {
    /// More signings are individual than a batch may have.
    #[error("it has {0} individual signatures, and a batch {INDIVIDUAL_PER_BATCH} at most")]
    TooManyAlone(usize),
    /// The message has more bytes than an inbox takes.
    #[error(
        "its message has {} bytes, and an inbox takes {} at most",
        grouped(.0), grouped(INBOX_MESSAGE_BYTES)
    )]
    TooLong(usize),
    /// Signings have no signature at all.
    #[error("{0} of its signings have no signature")]
    Unsigned(usize),
}

/// Who signs a batch, and how often each.
pub(crate) fn signers<'s>(
    signings: impl IntoIterator<Item = &'s (Tz4Address, PublicKey, Signature)>,
) -> BTreeMap<Tz4Address, (PublicKey, usize)> {
    let mut signers: BTreeMap<Tz4Address, (PublicKey, usize)> = BTreeMap::new();
    for (account, key, _) in signings {
        signers.entry(*account).or_insert((*key, 0)).1 += 1;
    }
    signers
}

impl SealJob {
    /// Seals the batch.
    pub(crate) fn run(self) -> Sealing {
        let payload = self.content.signing_payload(&self.rollup).to_sign();
        let signers = signers(&self.signings);
        let open = self.open.iter().filter_map(|(account, given)| {
            let (key, times) = *signers.get(account)?;
            Some(Candidate { account: *account, key, times, given: given.clone() })
        });
        let proof = Proof::of(open.collect(), &payload);
        // Parts that are right have a right sum.
        let mut right = self.right.clone();
        right.extend(proof.right);
        Sealing {
            batch: self.batch,
            wrong: proof.wrong.iter().map(|(_, given)| given.from).collect(),
            sealed: self.message(&right),
            right: right.into_keys().collect(),
        }
    }

    fn message(
        &self,
        right: &BTreeMap<Tz4Address, Signature>,
    ) -> Result<(Arc<[u8]>, Vec<u32>), Unsealed> {
        let mut assembly = Assembly::new(Batch::clone(&self.content), self.rollup);
        let mut individual = Vec::new();
        for (number, (account, _, own)) in self.signings.iter().enumerate() {
            match right.get(account) {
                Some(signature) => assembly.batch_signature(number, *signature),
                None => {
                    individual.push(u32::try_from(number).unwrap_or(u32::MAX));
                    assembly.individual_signature(number, *own);
                }
            }
        }
        if individual.len() > INDIVIDUAL_PER_BATCH {
            return Err(Unsealed::TooManyAlone(individual.len()));
        }
        let message = assembly.message().map_err(|missing| Unsealed::Unsigned(missing.0.len()))?;
        if message.len() > INBOX_MESSAGE_BYTES {
            return Err(Unsealed::TooLong(message.len()));
        }
        Ok((message.into(), individual))
    }
}

#[cfg(test)]
mod tests {
    use bls::{SecretKey, Suite};
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
            right: BTreeMap::new(),
            open: BTreeMap::new(),
        };
        (job, transactions)
    }

    fn from(number: u8) -> IpAddr {
        IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, number))
    }

    fn given(sender: u8, signature: Signature) -> Given {
        Given { signature, from: from(sender) }
    }

    fn signature(job: &SealJob, person: u8) -> Signature {
        sign(&key(person), &job.content.signing_payload(&ROLLUP))
    }

    #[test]
    fn the_sum_is_right_however_often_somebody_signs() {
        let (mut job, _) = job(&[1, 2, 2, 3]);
        for person in [1, 2] {
            let signature = signature(&job, person);
            job.open.insert(account(person), vec![given(person, signature)]);
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
            let signature = match person {
                // Of another batch, and with another key.
                2 => key(2).sign(Suite::Pop, b"another batch"),
                5 => signature(&job, 9),
                _ => signature(&job, person),
            };
            job.open.insert(account(person), vec![given(person, signature)]);
        }
        let sealing = job.run();
        assert_eq!(sealing.wrong, [from(2), from(5)]);
        assert_eq!(sealing.sealed.unwrap().1, [1, 4]);
    }

    #[test]
    fn of_several_signatures_in_one_name_the_right_one_counts() {
        let (mut job, _) = job(&[1, 2]);
        let (right, wrong) = (signature(&job, 1), key(1).sign(Suite::Pop, b"anything"));
        job.open.insert(account(1), vec![given(7, wrong), given(1, right), given(8, wrong)]);
        job.open.insert(account(2), vec![given(7, wrong), given(9, wrong.plus(&right))]);
        let sealing = job.run();
        assert_eq!(sealing.right, [account(1)].into());
        let mut wrong = sealing.wrong;
        wrong.sort_unstable();
        assert_eq!(wrong, [7, 7, 8, 9].map(from));
        assert_eq!(sealing.sealed.unwrap().1, [1]);
    }

    #[test]
    fn what_was_verified_before_is_not_verified_again_and_counts() {
        let (mut job, _) = job(&[1, 2, 3]);
        for person in [1, 3] {
            let signature = signature(&job, person);
            job.right.insert(account(person), signature);
        }
        let signature = signature(&job, 2);
        job.open.insert(account(2), vec![given(2, signature)]);
        let sealing = job.run();
        assert_eq!(sealing.right, [1, 2, 3].map(account).into());
        let (message, individual) = sealing.sealed.unwrap();
        assert!(individual.is_empty());
        let batch = wallet::inboxes::batch_in(&message, &ROLLUP).unwrap();
        let payload = batch.signing_payload(&ROLLUP).to_sign();
        let mut keys = bls::KeySum::new();
        (1..=3).for_each(|person| keys.add(&key(person).public_key()));
        let sum = Signature::from_compressed(&batch.signature.unwrap()).unwrap();
        assert!(keys.key().unwrap().verify(Suite::Pop, &payload, &sum));
    }

    #[test]
    fn what_cannot_be_a_message_is_told_with_its_reason() {
        let (mut unsigned, _) = job(&[1, 2]);
        unsigned.signings.pop();
        assert_eq!(unsigned.run().sealed, Err(Unsealed::Unsigned(1)));
        let many: Vec<u8> = (0..=100).collect();
        assert_eq!(job(&many).0.run().sealed, Err(Unsealed::TooManyAlone(101)));
        let (mut long, transactions) = job(&[1]);
        let mut batch = Batch::clone(&long.content);
        batch.transactions[0].operations[0].memo = None;
        let to = vec![(Name::Index(AccountIndex(0)), Amount::new(1)); 3_000];
        let ticket = TicketName::Index(TicketIndex(0));
        batch.transactions[0].operations[0].actions = vec![Action::Transfers { ticket, to }];
        drop(transactions);
        long.content = Arc::new(batch);
        assert!(matches!(long.run().sealed, Err(Unsealed::TooLong(bytes)) if bytes > 6_000));
    }
}
