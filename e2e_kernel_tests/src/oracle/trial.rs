//! A trial: a workload made into bytes, played to a rollup and to the model, and compared.

use std::cell::RefCell;

use bls::Signature;
use encoding::Level;
use tx_kernel::layout::ACCEPT_V1;

use crate::Twin;
use crate::oracle::batch::{Batch, Signed};
use crate::oracle::compare::{compare, same};
use crate::oracle::deposit::Deposit;
use crate::oracle::model::{Address, Model};
use crate::oracle::wire;
use crate::oracle::workload::*;

/// What a message is, as the model takes it.
#[derive(Clone, Debug)]
pub enum Claim {
    /// Nobody's.
    NotOurs,
    /// Bytes without a ticket.
    Bytes,
    /// A deposit.
    Deposit(Deposit),
    /// A batch.
    Batch(Batch),
}

/// A message, and what it is.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The message.
    pub bytes: Vec<u8>,
    /// What it is.
    pub claim: Claim,
}

/// On which engines a trial runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Natively.
    Native,
    /// Natively and in WASM, compared with each other too.
    Both,
}

/// A rollup and its model.
pub struct Trial {
    twin: Twin,
    model: Model,
    sent: Vec<Sent>,
    level: i32,
}

/// Plays a workload and says where the rollup and the model first differ.
pub fn check(workload: &Workload, engine: Engine) -> Result<(), String> {
    let mut trial = Trial::new(engine);
    if workload.start == Start::Crowded {
        trial.crowd()?;
    }
    trial.accept_v1(workload.accept_v1);
    for messages in &workload.levels {
        trial.play(messages)?;
    }
    // What is left in the queue leaves, and nothing else happens.
    trial.play(&[])
}

impl Trial {
    /// A new rollup.
    pub fn new(engine: Engine) -> Self {
        let twin = if engine == Engine::Both { Twin::new() } else { Twin::native_only() };
        let model = Model { accept_v1: true, ..Model::default() };
        Trial { twin, model, sent: Vec::new(), level: 0 }
    }

    /// Sets whether v1 batches are accepted.
    pub fn accept_v1(&mut self, accept: bool) {
        self.twin.set(ACCEPT_V1, &[u8::from(accept)]);
        self.model.accept_v1 = accept;
    }

    /// The rollup.
    pub fn twin(&mut self) -> &mut Twin {
        &mut self.twin
    }

    /// Every message that was sent so far.
    pub fn sent(&self) -> Vec<Vec<u8>> {
        self.sent.iter().map(|sent| sent.bytes.clone()).collect()
    }

    /// Plays [`Start::Crowded`]. It is the same every time, so it is compared once per thread, and
    /// taken from there after that where only the native rollup is played.
    fn crowd(&mut self) -> Result<(), String> {
        thread_local! {
            static CROWD: RefCell<Option<(pvm::Snapshot, Model)>> = const { RefCell::new(None) };
        }
        if let Some((snapshot, model)) = CROWD.with_borrow(Clone::clone)
            && self.twin.restore_native(&snapshot)
        {
            self.level = 2;
            self.model = model;
            return Ok(());
        }
        let deposit = |number| Message::Deposit {
            to: Receiver::Account(number),
            ticket: Kind::Gold,
            amount: 1_000,
            form: Form::Branch,
        };
        self.play(&[deposit(0), deposit(1), deposit(2)])?;
        // Five withdrawals of each a batch, so that their messages interleave in the inbox.
        let batches: Vec<Message> = (0..33u64)
            .map(|number| {
                let signer = u8::try_from(number % 3).unwrap_or(0);
                let transactions = (0..5).map(|amount| Transaction {
                    operations: vec![Operation {
                        signer,
                        named: Named::ByKey,
                        counter_off_by: 0,
                        contents: vec![Content::Withdraw(Kind::Gold, amount + 1)],
                    }],
                    signing: Signing::All,
                });
                Message::Batch {
                    frame: Frame::Framed,
                    damage: Damage::Sound,
                    seal: Seal::Sum,
                    transactions: transactions.collect(),
                }
            })
            .collect();
        self.play(&batches)?;
        if let Some(snapshot) = self.twin.snapshot_native() {
            CROWD.set(Some((snapshot, self.model.clone())));
        }
        self.sent.clear();
        Ok(())
    }

    /// Plays a level to both and compares all there is to compare.
    pub fn play(&mut self, messages: &[Message]) -> Result<(), String> {
        let mut ahead: Vec<Address> = Vec::new();
        let mut level = Vec::new();
        for message in messages {
            let sent = self.sent_as(message, &mut ahead);
            self.sent.push(sent.clone());
            level.push(sent);
        }
        let bytes: Vec<Vec<u8>> = level.iter().map(|sent| sent.bytes.clone()).collect();
        let outcome = self.twin.play(&bytes);
        let outbox = self.model.play(self.level, &level);
        same("level", &outcome.level, &Level(self.level))?;
        self.level += 1;
        same("first trap", &outcome.native.first_trap(), &None)?;
        same("outbox", &outcome.outbox, &outbox)?;
        compare(&self.twin, &self.model)
    }

    /// A message as bytes, with what the model has to know of it. `ahead` has an entry for each
    /// operation of the level so far, by its signer.
    fn sent_as(&self, message: &Message, ahead: &mut Vec<Address>) -> Sent {
        let nobodys = |bytes: Vec<u8>| Sent { bytes, claim: Claim::NotOurs };
        match message {
            Message::Deposit { to, ticket, amount, form } => {
                let (bytes, wrong_at) = wire::deposit(*to, *ticket, *amount, *form);
                let (to, ticket, amount) = (*to, *ticket, *amount);
                match form {
                    Form::Elsewhere => nobodys(bytes),
                    _ => {
                        let claim = Claim::Deposit(Deposit { to, ticket, amount, wrong_at });
                        Sent { bytes, claim }
                    }
                }
            }
            Message::Bytes => {
                let payload = [5, 8, 5, 8, 10, 0, 0, 0, 2, b'h', b'i'];
                Sent { bytes: wire::call(&payload, wire::US), claim: Claim::Bytes }
            }
            Message::Batch { frame, damage, seal, transactions } => {
                let sent = self.batch(*frame, *damage, *seal, transactions, ahead);
                // Layer 1 takes no message of more than 4,096 bytes.
                if sent.bytes.len() > 4_096 { nobodys(vec![1]) } else { sent }
            }
            Message::Again(number) => match self.sent.len() {
                0 => nobodys(vec![1, 1]),
                sent => self.sent[number % sent].clone(),
            },
            Message::EmptyFrame => {
                let claim = Claim::Batch(Batch {
                    unframed: false,
                    version: 0,
                    wrong_at: Some(0),
                    is_point: false,
                    is_signed: false,
                    transactions: Vec::new(),
                });
                Sent { bytes: [&[1, 0][..], &wire::US].concat(), claim }
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
    ) -> Sent {
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
                operations.push(Signed { address, key, counter, contents: contents.clone() });
            }
            let bytes = wire::transaction(&fields);
            let first = transaction.operations.first().map_or(0, |operation| operation.signer);
            let signers: Vec<u8> = transaction.operations.iter().map(|one| one.signer).collect();
            signatures.extend(match transaction.signing {
                Signing::All => {
                    signers.iter().map(|of| wire::signature(*of, &bytes)).collect::<Vec<_>>()
                }
                Signing::NotTheFirst => {
                    signers.iter().skip(1).map(|of| wire::signature(*of, &bytes)).collect()
                }
                Signing::Stranger => vec![wire::signature(200, &bytes)],
                Signing::FirstTwice => {
                    [first].iter().chain(&signers).map(|of| wire::signature(*of, &bytes)).collect()
                }
            });
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
        let claim = if frame == Frame::Foreign || lost {
            Claim::NotOurs
        } else {
            let transactions = plain;
            Claim::Batch(Batch { unframed, version, wrong_at, is_point, is_signed, transactions })
        };
        Sent { bytes, claim }
    }
}
