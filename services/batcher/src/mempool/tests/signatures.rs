//! Payments and signatures of a model world, in which one key and one signature stand for all.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use batcher_api::{OperationSigner, SignedTransaction, SubmittedTransaction};
use bls::{PublicKey, SecretKey, Signature, Suite};
use encoding::{AccountIndex, Amount, Counter, Level, RollupAddress, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};

use super::chain::address;
use crate::admission::Verified;
use crate::limits::INDIVIDUAL_PER_BATCH;
use crate::rounds::Given;
use crate::rounds::proof::Proof;
use crate::rounds::seal::{SealJob, Sealing, Unsealed};

pub(super) const ROLLUP: RollupAddress = RollupAddress([3; 20]);

/// A key and a signature that stand for all: nothing here looks at them.
fn points() -> (PublicKey, Signature) {
    static POINTS: LazyLock<(PublicKey, Signature)> = LazyLock::new(|| {
        let key = SecretKey::derive(&[1; 32]).unwrap();
        (key.public_key(), key.sign(Suite::Pop, b"anything"))
    });
    *POINTS
}

/// A payment that its payer has signed.
pub(super) fn payment(
    from: u32,
    counter: u64,
    to: u32,
    amount: u64,
    expires: i32,
) -> Arc<Verified> {
    let index = |index| Name::Index(AccountIndex(index));
    let actions = vec![Action::Transfers {
        ticket: TicketName::Index(TicketIndex(0)),
        to: vec![(index(to), Amount::new(amount))],
    }];
    let counter = Counter::new(counter);
    let operation = Operation { signer: index(from), counter, memo: None, actions };
    let transaction = Transaction { expires: Some(Level(expires)), operations: vec![operation] };
    let (key, signature) = points();
    let signer = OperationSigner {
        account: address(from),
        key,
        counter,
        name: index(from),
        signature,
        proof: None,
    };
    let payload = transaction.signing_payload(&ROLLUP);
    let signed = SignedTransaction { transaction, payload, signers: vec![signer] };
    let submitted = Arc::new(SubmittedTransaction::default());
    Arc::new(Verified::new(&signed, Level(expires), submitted))
}

/// The signature that is right for everybody.
pub(super) fn right_signature() -> Signature {
    points().1
}

/// A signature that is nobody's.
pub(super) fn wrong_signature(number: u8) -> Signature {
    SecretKey::derive(&[1; 32]).unwrap().sign(Suite::Pop, &[b'w', number])
}

/// Where signatures come from.
pub(super) fn sender(number: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(10, 0, 0, number))
}

/// Which of these signatures are right: those that stand for all, but for the ones of these accounts.
pub(super) fn proof<'g>(
    all: impl Iterator<Item = (&'g Tz4Address, &'g Vec<Given>)>,
    wrong: &BTreeSet<Tz4Address>,
) -> Proof {
    let mut proof = Proof::default();
    for (account, given) in all {
        for one in given {
            match one.signature == points().1 && !wrong.contains(account) {
                true => drop(proof.right.insert(*account, one.signature)),
                false => proof.wrong.push((*account, *one)),
            }
        }
    }
    proof
}

/// What a seal job comes to, if the signatures of these accounts are wrong, as far as nobody has looked at them.
pub(super) fn seal(job: &SealJob, wrong: &BTreeSet<Tz4Address>) -> Sealing {
    let proof = proof(job.open.iter(), wrong);
    let mut right: BTreeSet<Tz4Address> = job.right.keys().copied().collect();
    right.extend(proof.right.into_keys());
    let individual: Vec<u32> = (0..)
        .zip(&job.signings)
        .filter(|(_, (account, ..))| !right.contains(account))
        .map(|(number, _)| number)
        .collect();
    let message: Arc<[u8]> = job.content.encode().into();
    let sealed = match individual.len() {
        0..=INDIVIDUAL_PER_BATCH => Ok((message, individual)),
        many => Err(Unsealed::TooManyAlone(many)),
    };
    let wrong = proof.wrong.iter().map(|(_, given)| given.from).collect();
    Sealing { batch: job.batch, wrong, right, sealed }
}

/// Whose signatures a seal job has.
pub(super) fn given_in(job: &SealJob) -> usize {
    job.right.len() + job.open.len()
}
