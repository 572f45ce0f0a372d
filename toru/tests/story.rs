//! The story as inputs: who signs what, encoded from the layout of wire format v1.

use bls::{SecretKey, Signature, Suite};
use encoding::{Amount, Counter, Entrypoint, Kt1Address, RollupAddress, Ticket};
use inbox::envelope::framed_v1;
use inbox::v1::{Batch, Content, Operation, Signer, Transaction, text_ticket};

/// Somebody with a key.
pub struct Person {
    key: SecretKey,
}

impl Person {
    fn new(name: &str) -> Self {
        let material = format!("{name:-<32}");
        Self { key: SecretKey::derive(material.as_bytes()).unwrap() }
    }

    pub fn address(&self) -> String {
        self.key.public_key().address().to_string()
    }

    fn operation(&self, counter: u64, contents: Vec<Content>) -> Operation {
        let signer = Signer::Key(self.key.public_key().to_compressed());
        Operation { signer, counter: Counter::new(counter), contents }
    }
}

pub fn alice() -> Person {
    Person::new("alice")
}

pub fn bob() -> Person {
    Person::new("bob")
}

pub fn ticketer() -> Kt1Address {
    Kt1Address([0xaa; 20])
}

fn ticket(name: &str) -> Ticket {
    text_ticket(ticketer(), name)
}

fn sends(amount: u64, name: &str, to: &Person) -> Vec<Content> {
    let to = to.key.public_key().address();
    vec![Content::Transfer { to, ticket: ticket(name), amount: Amount::new(amount) }]
}

/// The hex of an `external` entry: one transaction, signed by all who are in it.
fn batch(parts: &[(&Person, u64, Vec<Content>)]) -> String {
    let operations = parts
        .iter()
        .map(|(person, counter, contents)| person.operation(*counter, contents.clone()));
    let transaction = Transaction { operations: operations.collect() };
    let signed = transaction.signed_bytes();
    let signatures: Vec<Signature> =
        parts.iter().map(|(person, ..)| person.key.sign(Suite::Aug, &signed)).collect();
    let signature = Signature::aggregate(&signatures).unwrap().to_compressed();
    let batch = Batch { transactions: vec![transaction], signature };
    let message = framed_v1(&RollupAddress([0; 20]), &batch.encode());
    hex::encode(&message[1..])
}

fn deposit(receiver: &str, amount: u64, name: &str) -> String {
    let ticketer = hex::encode(ticketer().to_contract_22());
    let payload =
        format!("Left (Pair \"{receiver}\" (Pair 0x{ticketer} (Pair \"{name}\" {amount})))");
    serde_json::json!({"payload": payload, "sender": self::ticketer().to_string()}).to_string()
}

fn external(hex: &str) -> String {
    serde_json::json!({"external": hex}).to_string()
}

/// The inputs file.
pub fn inputs() -> String {
    let (alice, bob) = (alice(), bob());
    let swap =
        batch(&[(&alice, 0, sends(100, "GOLD", &bob)), (&bob, 0, sends(50, "OILS", &alice))]);
    let overdraft = batch(&[(&alice, 1, sends(5_000, "GOLD", &bob))]);
    let withdraws = Content::Withdraw {
        to: destination(),
        ticket: ticket("GOLD"),
        amount: Amount::new(200),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
    };
    let withdrawal = batch(&[(&alice, 2, vec![withdraws])]);
    let levels = [
        vec![
            deposit(&alice.address(), 1_000, "GOLD"),
            deposit(&bob.address(), 500, "OILS"),
            deposit("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", 7, "GOLD"),
        ],
        vec![external(&swap)],
        vec![external(&overdraft), external(&swap)],
        vec![external(&withdrawal), external("00ffff")],
    ];
    let levels: Vec<String> =
        levels.iter().map(|level| format!("  [\n    {}\n  ]", level.join(",\n    "))).collect();
    format!("[\n{}\n]\n", levels.join(",\n"))
}

fn destination() -> Kt1Address {
    Kt1Address([0xbb; 20])
}

/// What layer 1 has to be asked for in the end, byte by byte.
pub fn withdrawal_message() -> Vec<u8> {
    let sized = |bytes: &[u8]| {
        let len = u32::try_from(bytes.len()).unwrap();
        [&len.to_be_bytes(), bytes].concat()
    };
    let ticket = [
        &[0x07, 0x07, 0x0a][..],
        &sized(&ticketer().to_contract_22()),
        &[0x07, 0x07, 0x01],
        &sized(b"GOLD"),
        // 200 in zarith: 6 bits, then the rest.
        &[0x00, 0x88, 0x03],
    ]
    .concat();
    let call = [&ticket[..], &destination().to_contract_22(), &sized(b"burn")].concat();
    [&[0][..], &sized(&call)].concat()
}
