//! People with keys, and what they send.

use bls::{SecretKey, Signature, Suite};
use encoding::{
    Amount, Counter, Entrypoint, Kt1Address, RollupAddress, Source, Ticket, Tz4Address,
};
use inbox::envelope::{transfer_message, unframed_v1};
use inbox::v1::{Batch, Content, Operation, Signer, Transaction, text_ticket};

/// Someone with a tz4 account.
#[derive(Clone, Debug)]
pub struct Person {
    secret: SecretKey,
    key: [u8; 48],
}

impl Person {
    /// The person of this number; the same number is the same person.
    pub fn new(number: u16) -> Self {
        let mut material = [7; 32];
        material[..2].copy_from_slice(&number.to_be_bytes());
        Person::from_material(&material)
    }

    /// The person of this name in scenario files, with the same key.
    pub fn called(name: &str) -> Self {
        Person::from_material(format!("{name:-<32}").as_bytes())
    }

    fn from_material(material: &[u8]) -> Self {
        let secret = SecretKey::derive(material).unwrap();
        let key = secret.public_key().to_compressed();
        Person { secret, key }
    }

    /// Their secret.
    pub fn secret(&self) -> &SecretKey {
        &self.secret
    }

    /// Their account.
    pub fn address(&self) -> Tz4Address {
        Tz4Address::of_public_key(&self.key)
    }

    /// Their compressed public key.
    pub fn key(&self) -> [u8; 48] {
        self.key
    }

    /// An operation that shows their key.
    pub fn does(&self, counter: u64, contents: Vec<Content>) -> Operation {
        Operation { signer: Signer::Key(self.key), counter: Counter::new(counter), contents }
    }

    /// An operation that names them by address.
    pub fn does_by_address(&self, counter: u64, contents: Vec<Content>) -> Operation {
        Operation { signer: Signer::Address(self.address()), ..self.does(counter, contents) }
    }

    /// Their signature of any bytes, in the suite of today's wallets.
    pub fn sign_pop(&self, bytes: &[u8]) -> [u8; 96] {
        self.secret.sign(Suite::Pop, bytes).to_compressed()
    }

    /// Their signature of a transaction.
    pub fn sign(&self, transaction: &Transaction) -> Signature {
        self.sign_bytes(&transaction.signed_bytes())
    }

    /// Their signature of these bytes.
    pub fn sign_bytes(&self, bytes: &[u8]) -> Signature {
        self.secret.sign(Suite::Aug, bytes)
    }
}

/// The ticket of this text, all from one ticketer.
pub fn ticket(text: &str) -> Ticket {
    text_ticket(Kt1Address([0xaa; 20]), text)
}

/// A transfer.
pub fn pay(to: &Person, text: &str, amount: u64) -> Content {
    Content::Transfer { to: to.address(), ticket: ticket(text), amount: Amount::new(amount) }
}

/// A withdrawal to one contract's entrypoint `burn`.
pub fn withdraw(text: &str, amount: u64) -> Content {
    Content::Withdraw {
        to: Kt1Address([0x44; 20]),
        ticket: ticket(text),
        amount: Amount::new(amount),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
    }
}

/// A transaction of these operations.
pub fn tx(operations: Vec<Operation>) -> Transaction {
    Transaction { operations }
}

/// A batch with the aggregate of these people's signatures: for each transaction its signers.
pub fn sign(transactions: Vec<(Transaction, Vec<&Person>)>) -> Batch {
    let signatures: Vec<Signature> = transactions
        .iter()
        .flat_map(|(transaction, signers)| signers.iter().map(|signer| signer.sign(transaction)))
        .collect();
    let signature = Signature::aggregate(&signatures).unwrap().to_compressed();
    Batch { transactions: transactions.into_iter().map(|(tx, _)| tx).collect(), signature }
}

/// The inbox message of a batch that these people signed.
pub fn batch(transactions: Vec<(Transaction, Vec<&Person>)>) -> Vec<u8> {
    unframed_v1(&sign(transactions).encode())
}

/// The inbox message of a deposit of text tickets into someone's account.
pub fn deposit(rollup: &RollupAddress, to: &Person, text: &str, amount: u64) -> Vec<u8> {
    let payload = inbox::deposit::encode(&to.address().to_string(), &ticket(text), &amount.into());
    let source = Source { curve: 4, hash: [9; 20] };
    transfer_message(&payload, &Kt1Address([0xbb; 20]), &source, rollup)
}
