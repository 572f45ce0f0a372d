//! The model's state: all that a rollup knows, in plain maps.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::calls::Call;
use crate::outcome::{BatchResults, CodeAndValues, MessageIndex, OperationResult, Outcome};
use crate::parsed::Work;
use crate::wire::Address;
use crate::workload::{Kind, Route};

/// What is known of a ticket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// On the rollup, what waits for the outbox included.
    pub on_rollup: u128,
    /// Ever deposited.
    pub deposited: u128,
    /// Ever sent away.
    pub withdrawn: u128,
}

/// What waits for the outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMessage {
    /// Its calls.
    pub calls: Vec<Call>,
    /// Whether what is in it is part of a supply: it is not, if it was held.
    pub of_supply: bool,
}

/// Who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueOwner {
    /// Someone who withdraws.
    Account(Address),
    /// Whom something is paid back to.
    Depositor(Route),
}

/// A deposit that could not be credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Why.
    pub reason: CodeAndValues,
    /// Where its message was.
    pub message_index: MessageIndex,
    /// The message.
    pub bytes: Vec<u8>,
    /// Who made it.
    pub by: Route,
    /// What is in it, where that can be read.
    pub ticket: Option<(Kind, i128)>,
    /// Whether it has been paid back.
    pub paid_back: bool,
}

/// What waits for a later level.
#[derive(Clone, Debug)]
pub struct Deferred {
    /// Where its message was.
    pub message_index: MessageIndex,
    /// What it is.
    pub work: Work,
    /// What it was seen to cost.
    pub units: usize,
    /// Its class of price.
    pub class: u32,
}

/// The state of a rollup.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// Whether v1 batches are accepted.
    pub accept_v1: bool,
    /// Accounts in the order in which they first appeared.
    pub accounts: Vec<Address>,
    /// The counters that come next. No entry is 0.
    pub counters: BTreeMap<Address, u64>,
    /// Whose keys have been shown.
    pub keys: BTreeSet<Address>,
    /// Whose keys are proven.
    pub proven: BTreeSet<Address>,
    /// The level that is played.
    pub level: i32,
    /// Tickets in the order in which they first appeared.
    pub tickets: Vec<Kind>,
    /// Balances. No entry is 0.
    pub balances: BTreeMap<(Address, Kind), u64>,
    /// Supplies.
    pub supplies: BTreeMap<Kind, Supply>,
    /// Whether the mint's exit is configured.
    pub exits: bool,
    /// Deposits that could not be credited.
    pub held: Vec<Held>,
    /// Who waits for the outbox, in the order of their turns, each with their messages in order.
    pub queues: VecDeque<(QueueOwner, VecDeque<PendingMessage>)>,
    /// Batches that wait for a later level, oldest first.
    pub deferred: Vec<Deferred>,
    /// Results of messages: kind (0 done, 1 held, 2 refused) and reason.
    pub messages: BTreeMap<MessageIndex, (u16, CodeAndValues)>,
    /// Results of operations.
    pub operations: BTreeMap<[u8; 32], Outcome>,
    /// Results of v2 batches by digest: the message, and for each transaction and operation its line.
    pub batches: BTreeMap<[u8; 32], (MessageIndex, BatchResults)>,
    /// Results of transactions that somebody has signed for themselves, with their place in the batch.
    pub own: BTreeMap<[u8; 32], (MessageIndex, u32, Vec<OperationResult>)>,
    /// How many messages of the last level were nobody's.
    pub not_ours: u32,
}

impl Model {
    /// Records what became of a request.
    pub fn asked(
        &mut self,
        message_index: MessageIndex,
        asked: Result<CodeAndValues, CodeAndValues>,
    ) {
        match asked {
            Ok(reason) => self.result(message_index, 0, reason),
            Err(reason) => self.result(message_index, 2, reason),
        }
    }

    /// Records what became of a message.
    pub fn result(&mut self, message_index: MessageIndex, kind: u16, reason: CodeAndValues) {
        self.messages.insert(message_index, (kind, reason));
    }

    /// Puts a message at the end of an owner's queue.
    pub fn enqueue(&mut self, owner: QueueOwner, pending: PendingMessage) {
        match self.queues.iter_mut().find(|(other, _)| *other == owner) {
            Some((_, messages)) => messages.push_back(pending),
            None => self.queues.push_back((owner, [pending].into())),
        }
    }

    /// The account of an address, made if it is not there.
    pub fn account(&mut self, address: Address) -> usize {
        let known = self.accounts.iter().position(|one| *one == address);
        known.unwrap_or_else(|| {
            self.accounts.push(address);
            self.accounts.len() - 1
        })
    }

    /// The counter that the next operation of an address carries.
    pub fn counter(&self, address: Address) -> u64 {
        self.counters.get(&address).copied().unwrap_or(0)
    }

    /// What an address has of a ticket.
    pub fn balance(&self, address: Address, ticket: Kind) -> u64 {
        self.balances.get(&(address, ticket)).copied().unwrap_or(0)
    }

    /// Sets what an address has of a ticket.
    pub fn set_balance(&mut self, address: Address, ticket: Kind, amount: u64) {
        match amount {
            0 => self.balances.remove(&(address, ticket)),
            _ => self.balances.insert((address, ticket), amount),
        };
    }

    /// How many messages wait for the outbox.
    pub fn pending(&self) -> usize {
        self.queues.iter().map(|(_, messages)| messages.len()).sum()
    }
}
