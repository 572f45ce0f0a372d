//! A workload made into bytes, message by message, beside the model that says what comes of them.

use bls::Signature;

use crate::calls::{self, Call};
use crate::parsed::{Ask, Deposit, Parsed, Sent, SignedOperation, V1Batch};
use crate::state::Model;
use crate::wire::{self, Address};
use crate::workload::*;

/// Who makes a call when it makes no difference.
pub const SOMEBODY: Route = Route { sender: Contract::Helper, source: Source::Tz4(0) };

/// Whose signatures of a transaction are in the sum.
pub fn signatories(transaction: &Transaction) -> Vec<u8> {
    let signers = transaction.operations.iter().map(|one| one.signer);
    match transaction.signing {
        Signing::All => signers.collect(),
        Signing::NotTheFirst => signers.skip(1).collect(),
        Signing::Stranger => vec![200],
        Signing::FirstTwice => signers.clone().take(1).chain(signers).collect(),
    }
}

/// The model, what was sent to it so far, and the level to come.
#[derive(Clone, Debug)]
pub struct Script {
    /// The model.
    pub model: Model,
    /// Every message.
    pub sent: Vec<Sent>,
    /// The level.
    pub level: i32,
}

/// A level as the model played it.
#[derive(Clone, Debug)]
pub struct LevelResult {
    /// Its messages.
    pub sent: Vec<Sent>,
    /// The calls of each message in its outbox.
    pub outbox: Vec<Vec<Call>>,
}

impl Script {
    /// The beginning.
    pub fn new() -> Self {
        let model = Model { accept_v1: true, ..Model::default() };
        Script { model, sent: Vec::new(), level: 0 }
    }

    /// Plays a level to the model.
    pub fn run_level(&mut self, messages: &[Message]) -> LevelResult {
        let mut ahead: Vec<Address> = Vec::new();
        let mut level = Vec::new();
        for message in messages {
            let sent = self.sent_as(message, &mut ahead);
            self.sent.push(sent.clone());
            level.push(sent);
        }
        let outbox = self.model.run_level(self.level, &level);
        self.level += 1;
        LevelResult { sent: level, outbox }
    }

    /// A message as bytes, with what the model has to know of it. `ahead` has an entry for each
    /// operation of the level so far, by its signer.
    fn sent_as(&self, message: &Message, ahead: &mut Vec<Address>) -> Sent {
        let level = self.level;
        let say = |bytes, parsed| Sent { bytes, parsed, message: message.clone(), level };
        let nobodys = |bytes| say(bytes, Parsed::NotOurs);
        match message {
            Message::Deposit { to, ticket, amount, form, by } => {
                let (to, ticket, amount, by) = (*to, *ticket, *amount, *by);
                let (bytes, wrong_at) = calls::deposit(to, ticket, amount, *form, by);
                match form {
                    Form::Elsewhere => nobodys(bytes),
                    _ => say(bytes, Parsed::Deposit(Deposit { to, ticket, amount, wrong_at, by })),
                }
            }
            Message::Reclaim(number, asking) => {
                let (bytes, wrong_at) = calls::request(*number, *asking);
                let number = *number;
                match *asking {
                    Asking::ByCall(by) => say(bytes, Parsed::Call(number, by)),
                    Asking::Signed(of, consent) => {
                        let wrong = match consent {
                            Consent::Given => None,
                            Consent::Forged | Consent::Misdirected => Some((308, 0, 0)),
                            Consent::NoSignature => Some((307, 0, 0)),
                            Consent::NoKey => Some((306, 0, 0)),
                            Consent::Cut => Some((300, wrong_at.unwrap_or(0) as u64, 0)),
                        };
                        say(bytes, Parsed::Signed(Ask { number, of, wrong }))
                    }
                }
            }
            Message::Bytes => {
                let payload = [5, 8, 5, 8, 10, 0, 0, 0, 2, b'h', b'i'];
                say(calls::call(&payload, SOMEBODY, wire::US), Parsed::Bytes)
            }
            Message::Batch { frame, damage, seal, transactions } => {
                let (bytes, parsed) = self.batch(*frame, *damage, *seal, transactions, ahead);
                // Layer 1 takes no message of more than 4,096 bytes.
                if bytes.len() > 4_096 { nobodys(vec![1]) } else { say(bytes, parsed) }
            }
            Message::Compact(compact) => {
                let (bytes, batch, compact) = self.compact(compact, ahead);
                if bytes.len() > 4_096 {
                    nobodys(vec![1])
                } else {
                    let message = Message::Compact(compact);
                    Sent { message, ..say(bytes, Parsed::V2(batch)) }
                }
            }
            Message::Again(number) => match self.sent.len() {
                0 => nobodys(vec![1, 1]),
                sent => self.sent[number % sent].clone(),
            },
            Message::EmptyFrame => {
                let parsed = Parsed::V1(V1Batch {
                    unframed: false,
                    version: 0,
                    wrong_at: Some(0),
                    is_point: false,
                    is_signed: false,
                    transactions: Vec::new(),
                });
                say([&[1, 0][..], &wire::US].concat(), parsed)
            }
            Message::Nonsense(byte) => nobodys(vec![1, byte | 1, 0, 0]),
        }
    }

    fn batch(
        &self,
        frame: Frame,
        damage: Damage,
        seal: Seal,
        transactions: &[Transaction],
        ahead: &mut Vec<Address>,
    ) -> (Vec<u8>, Parsed) {
        let mut wire_transactions = Vec::new();
        let mut plain = Vec::new();
        let mut signatures = Vec::new();
        let mut is_signed = true;
        for transaction in transactions {
            let mut fields = Vec::new();
            let mut operations = Vec::new();
            for operation in &transaction.operations {
                let Operation { signer, named, counter_off_by, contents } = operation;
                let (field, address) = wire::signer(*signer, *named);
                let before = ahead.iter().filter(|one| **one == address).count() as u64;
                let next = self.model.counter(address) + before;
                let counter = next.saturating_add_signed(*counter_off_by) & (u64::MAX >> 1);
                ahead.push(address);
                let key = match named {
                    Named::ByKey => Some(true),
                    Named::ByAddress => None,
                    Named::ByNonsense(_) | Named::ByIdentity => Some(false),
                };
                fields.push((field, counter, contents.clone()));
                operations.push(SignedOperation {
                    address,
                    key,
                    counter,
                    contents: contents.clone(),
                });
            }
            let bytes = wire::transaction(&fields);
            let by = signatories(transaction);
            signatures.extend(by.iter().map(|of| wire::signature(*of, &bytes)));
            is_signed &= transaction.signing == Signing::All;
            wire_transactions.push(bytes);
            plain.push(operations);
        }
        if seal == Seal::OneMore || signatures.is_empty() {
            signatures.push(wire::signature(200, b"something else"));
            is_signed = false;
        }
        let sum = Signature::aggregate(&signatures).map_or([0; 96], |sum| sum.to_compressed());
        let (signature, is_point) = match seal {
            Seal::Sum | Seal::OneMore => (sum, true),
            Seal::NoPoint => ([0xff; 96], false),
            Seal::Identity => {
                let mut identity = [0; 96];
                identity[0] = 0xc0;
                (identity, false)
            }
        };
        let (body, mut wrong_at) = wire::batch(&wire_transactions, signature, damage);
        if transactions.is_empty() && wrong_at.is_none() {
            wrong_at = Some(0);
        }
        let version = if frame == Frame::Version9 { 9 } else { 0 };
        let bytes = match frame {
            Frame::Unframed => [&[1, 0][..], &body].concat(),
            Frame::Framed => [&[1, 0][..], &wire::US, &[0], &body].concat(),
            Frame::Foreign => [&[1, 0][..], &wire::THEM, &[0], &body].concat(),
            Frame::Version9 => [&[1, 0][..], &wire::US, &[9], &body].concat(),
        };
        let unframed = frame == Frame::Unframed;
        // An unframed batch is known by its length.
        let lost = unframed && matches!(damage, Damage::Longer | Damage::Shorter);
        let parsed = if frame == Frame::Foreign || lost {
            Parsed::NotOurs
        } else {
            let transactions = plain;
            Parsed::V1(V1Batch { unframed, version, wrong_at, is_point, is_signed, transactions })
        };
        (bytes, parsed)
    }
}
