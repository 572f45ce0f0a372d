//! v2 batches of people: who signs the batch, who signs for themselves, who does not sign.

use bls::{SecretKey, Signature};
use client::Assembly;
use encoding::{AccountIndex, Amount, Counter, RollupAddress, TicketIndex};
use inbox::envelope::framed_v2;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Name, Operation, Registration, TicketName, Transaction,
    Transfer,
};

use crate::Person;

/// The ticket of this index.
pub fn ticket_index(index: u32) -> TicketName {
    TicketName::Index(TicketIndex(index))
}

/// The account of this index.
pub fn account(index: u32) -> Name {
    Name::Index(AccountIndex(index))
}

/// A row: who, with which counter, pays whom how much.
pub fn row(signer: u32, counter: u64, to: Name, amount: u64) -> Transfer {
    let (signer, counter) = (AccountIndex(signer), Counter::new(counter));
    Transfer { signer, counter, to, amount: Amount::new(amount) }
}

/// Transfers of one ticket.
pub fn transfers(ticket: u32, to: &[(Name, u64)]) -> Action {
    let to = to.iter().map(|(name, amount)| (*name, Amount::new(*amount))).collect();
    Action::Transfers { ticket: ticket_index(ticket), to }
}

/// An operation with no memo.
pub fn operation(signer: Name, counter: u64, moves: Vec<Action>) -> Operation {
    Operation { signer, counter: Counter::new(counter), memo: None, actions: moves }
}

/// A transaction that does not expire.
pub fn together(operations: Vec<Operation>) -> Transaction {
    Transaction { expires: None, operations }
}

/// How a signing is signed.
#[derive(Clone, Copy, Debug)]
pub enum How<'a> {
    /// Over the batch, by this person.
    Batch(&'a Person),
    /// Over its own transaction.
    Own(&'a Person),
}

/// Signs a batch, each of its signings as given, and frames it.
pub fn seal(batch: &Batch, rollup: &RollupAddress, how: &[How<'_>]) -> Vec<u8> {
    framed_v2(rollup, &sealed(batch, rollup, how).encode())
}

/// The same before it is encoded.
pub fn sealed(batch: &Batch, rollup: &RollupAddress, how: &[How<'_>]) -> Batch {
    let mut assembly = Assembly::new(batch.clone(), *rollup);
    let signing_payload = assembly.signing_payload();
    for (number, (signing, how)) in batch.each_signing().zip(how).enumerate() {
        match how {
            How::Batch(person) => {
                assembly.batch_signature(number, client::sign(person.secret(), &signing_payload));
            }
            How::Own(person) => {
                let own =
                    batch.signing_payload_of_transaction(signing.transaction, rollup).unwrap();
                assembly.individual_signature(number, client::sign(person.secret(), &own));
            }
        }
    }
    assembly.sealed().unwrap()
}

/// The batch with a signature that these secrets make, all of them over the batch.
pub fn forged(batch: &Batch, rollup: &RollupAddress, secrets: &[&SecretKey]) -> Vec<u8> {
    let signing_payload = batch.signing_payload(rollup);
    let signatures: Vec<Signature> =
        secrets.iter().map(|secret| client::sign(secret, &signing_payload)).collect();
    let signature = Signature::aggregate(&signatures).unwrap().to_compressed();
    let batch = Batch {
        individually_signed: IndividuallySigned::Nobody,
        signature: Some(signature),
        ..batch.clone()
    };
    framed_v2(rollup, &batch.encode())
}

impl Person {
    /// Their registration.
    pub fn registers(&self) -> Registration {
        client::registration(self.secret())
    }
}
