//! Levels of v2 batches, over a million accounts: the units are the same, but a unit now has up to
//! some hundreds of transfers with it, each to another page of the ledger.

use client::Builder;
use encoding::limits::{
    GAS_PER_BATCH, GAS_PER_LEVEL, GAS_PER_PART, INBOX_MESSAGE_BYTES,
    INDIVIDUAL_SIGNATURES_PER_BATCH, PROOFS_PER_GAS, SUMMED_KEYS_PER_GAS,
};
use encoding::{AccountIndex, Amount};
use inbox::envelope::framed_v2;
use inbox::v2::{Action, Batch, Name, Transaction};
use kit::v2::{How, operation, row, seal, ticket_index};
use kit::{Person, Twin, ticket};
use pvm::Durable;

use crate::full::Full;

/// Accounts: their balances fill 4,096 pages, so that the transfers of a message share hardly any.
const ACCOUNTS: u32 = 1 << 20;
/// Accounts that have keys, the first of every so many.
const APART: u32 = 1_000;
/// Signers of the fullest message.
const SIGNERS: u32 = ACCOUNTS / APART;
/// What each account has.
const BALANCE: u64 = 1 << 32;
/// A step between receivers: odd, so that it comes to each account, and to another page each time.
const STEP: u32 = 100_003;

/// What fills a level.
#[derive(Clone, Copy)]
pub enum Shape {
    /// One signer pays as many as a message has room for.
    Scattered,
    /// As many signers as a message has room for, all of the batch.
    Together,
    /// Signers of their own transactions.
    Own,
    /// Keys that nobody has seen, with their proofs.
    Newcomers,
}

impl Shape {
    /// Each, with its name in the table.
    pub const ALL: [(Shape, &str); 4] = [
        (Shape::Scattered, "v2: one signer, all accounts paid"),
        (Shape::Together, "v2: full messages, all sign the batch"),
        (Shape::Own, "v2: everybody signs their own"),
        (Shape::Newcomers, "v2: full messages of new keys"),
    ];

    /// Units of a batch with so many signers, transfers or keys.
    fn units(self, size: u32) -> u32 {
        let summed = |signers: u32| GAS_PER_PART.get() + signers.div_ceil(SUMMED_KEYS_PER_GAS);
        GAS_PER_BATCH.get()
            + match self {
                Shape::Scattered => summed(1),
                Shape::Together => summed(size),
                Shape::Own => size * GAS_PER_PART.get(),
                Shape::Newcomers => size * GAS_PER_PART.get() + size.div_ceil(PROOFS_PER_GAS),
            }
    }
}

/// Who signs, and how far they have come.
pub struct Crowd {
    signers: Vec<Person>,
    counter: u64,
    receiver: u32,
    newest: u16,
}

impl Crowd {
    /// Makes the accounts on a rollup that is new.
    pub fn on(twin: &mut Twin) -> Self {
        let number = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        let signers: Vec<Person> = (0..SIGNERS).map(|signer| Person::new(number(signer))).collect();
        let points: Vec<_> = (0..SIGNERS)
            .map(|signer| AccountIndex(signer * APART))
            .zip(signers.iter().map(|person| person.secret().public_key().to_stored()))
            .collect();
        let gold = ticket("gold");
        let mut state = Durable::default();
        crowd::fill(&mut state, ACCOUNTS, &gold, Amount::new(BALANCE)).unwrap();
        crowd::prove(&mut state, &points).unwrap();
        for (path, value) in state.iter_values() {
            twin.set(&path, &value);
        }
        Crowd { signers, counter: 0, receiver: 0, newest: number(SIGNERS) }
    }

    /// Batches of this shape until the budget of a level is spent.
    pub fn level(&mut self, shape: Shape, twin: &Twin) -> Full {
        let largest = self.largest(shape);
        let mut level = Full::default();
        let mut left = GAS_PER_LEVEL.get();
        while let Some(size) = (1..=largest).rev().find(|size| shape.units(*size) <= left) {
            left -= shape.units(size);
            let batch = self.batch(shape, size);
            level.parts += match shape {
                Shape::Newcomers => batch.registrations.len(),
                _ => batch.signings(),
            };
            level.transfers += match shape {
                Shape::Newcomers => 0,
                _ => usize::try_from(size).unwrap_or(0),
            };
            level.messages.push(self.signed(shape, &batch, twin));
            self.counter += 1;
            match shape {
                Shape::Newcomers => self.newest += u16::try_from(size).unwrap_or(0),
                _ => self.receiver = to(self.receiver, size),
            }
        }
        level
    }

    /// The size of the largest batch that an inbox message and the level have room for.
    fn largest(&self, shape: Shape) -> u32 {
        let most = match shape {
            Shape::Scattered => u32::MAX,
            Shape::Together => SIGNERS,
            Shape::Own => INDIVIDUAL_SIGNATURES_PER_BATCH.min(SIGNERS),
            Shape::Newcomers => u32::MAX,
        };
        let fits = |size: &u32| {
            // Later counters and receivers take a few bytes more than these.
            const ROOM: usize = 64;
            let mut batch = self.batch(shape, *size);
            batch.signature = (batch.signings() > 0).then_some([0; 96]);
            let message = framed_v2(&encoding::RollupAddress([0; 20]), &batch.encode());
            message.len() + ROOM <= INBOX_MESSAGE_BYTES
        };
        let mut size = 1;
        while size < most && fits(&(size + 1)) {
            size += 1;
        }
        size
    }
    /// A batch of this shape that nobody has signed.
    fn batch(&self, shape: Shape, size: u32) -> Batch {
        let gold = ticket_index(0);
        let paid = |number: u32| Name::Index(AccountIndex(to(self.receiver, number)));
        match shape {
            Shape::Scattered => {
                let to = (0..size).map(|number| (paid(number), Amount::new(1))).collect();
                let moves = vec![Action::Transfers { ticket: gold, to }];
                let payer = Name::Index(AccountIndex(0));
                let operations = vec![operation(payer, self.counter, moves)];
                Builder::new().transaction(Transaction { expires: None, operations }).build()
            }
            Shape::Together | Shape::Own => (0..size)
                .map(|number| row(number * APART, self.counter, paid(number), 1))
                .fold(Builder::new(), |builder, row| builder.transfer(&gold, None, row))
                .build(),
            Shape::Newcomers => (self.newest..)
                .zip(0..size)
                .map(|(number, _)| Person::new(number).registers())
                .fold(Builder::new(), Builder::registration)
                .build(),
        }
    }

    /// The message of a batch, signed.
    fn signed(&self, shape: Shape, batch: &Batch, twin: &Twin) -> Vec<u8> {
        let how = |person| match shape {
            Shape::Own => How::Own(person),
            _ => How::Batch(person),
        };
        let how: Vec<How<'_>> = self.signers.iter().take(batch.signings()).map(how).collect();
        match shape {
            Shape::Newcomers => framed_v2(&twin.rollup(), &batch.encode()),
            _ => seal(batch, &twin.rollup(), &how),
        }
    }
}

/// The receiver so many steps from another.
fn to(receiver: u32, steps: u32) -> u32 {
    let there = u64::from(receiver) + u64::from(steps) * u64::from(STEP);
    u32::try_from(there % u64::from(ACCOUNTS)).unwrap_or(0)
}
