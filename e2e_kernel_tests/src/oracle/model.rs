//! The model: the whole state of a rollup in plain maps, and what a level does to it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::oracle::trial::{Claim, Sent};
use crate::oracle::workload::Kind;

/// An account's address.
pub type Address = [u8; 20];
/// A result: code, first, second.
pub type Reason = (u16, u64, u64);

/// Messages that leave in a level.
const OUTBOX_PER_LEVEL: usize = 100;
/// Places of the inbox that the protocol fills before a test's first message.
const FIRST_INDEX: u32 = 2;

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

/// What became of an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Why.
    pub reason: Reason,
    /// Level and place of its message.
    pub message: (i32, u32),
    /// Place of its transaction, and its own in that.
    pub place: (u16, u16),
}

/// A withdrawal's message, and the tickets in it.
pub type Waiting = (Vec<u8>, Vec<(Kind, u64)>);

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
    /// Tickets in the order in which they first appeared.
    pub tickets: Vec<Kind>,
    /// Balances. No entry is 0.
    pub balances: BTreeMap<(Address, Kind), u64>,
    /// Supplies.
    pub supplies: BTreeMap<Kind, Supply>,
    /// Held deposits: why, where from, and the message.
    pub held: Vec<(Reason, (i32, u32), Vec<u8>)>,
    /// Who waits for the outbox, in the order of their turns, each with their messages in order.
    pub lanes: VecDeque<(Address, VecDeque<Waiting>)>,
    /// Results of messages: kind (0 done, 1 held, 2 refused) and reason.
    pub messages: BTreeMap<(i32, u32), (u16, Reason)>,
    /// Results of operations.
    pub operations: BTreeMap<[u8; 32], Outcome>,
    /// How many messages of the last level were nobody's.
    pub not_ours: u32,
}

impl Model {
    /// Plays a level, and returns its outbox.
    pub fn play(&mut self, level: i32, messages: &[Sent]) -> Vec<Vec<u8>> {
        self.not_ours = 0;
        let mut batches = Vec::new();
        for (number, sent) in (FIRST_INDEX..).zip(messages) {
            let place = (level, number);
            match &sent.claim {
                Claim::NotOurs => self.not_ours += 1,
                Claim::Bytes => self.result(place, 0, (101, 0, 0)),
                Claim::Deposit(deposit) => {
                    let (kind, reason) = match self.deposit(deposit) {
                        Ok(reason) => (0, reason),
                        Err(reason) => {
                            self.held.push((reason, place, sent.bytes.clone()));
                            (1, reason)
                        }
                    };
                    self.result(place, kind, reason);
                }
                Claim::Batch(batch) if batch.unframed && !self.accept_v1 => self.not_ours += 1,
                Claim::Batch(batch) => batches.push((place, batch)),
            }
        }
        // All deposits come before all batches.
        for (place, batch) in batches {
            let (kind, reason) = match self.batch(place, batch) {
                Ok(reason) => (0, reason),
                Err(reason) => (2, reason),
            };
            self.result(place, kind, reason);
        }
        self.send()
    }

    fn result(&mut self, place: (i32, u32), kind: u16, reason: Reason) {
        self.messages.insert(place, (kind, reason));
    }

    /// One message of each lane in turn, while there is room.
    fn send(&mut self) -> Vec<Vec<u8>> {
        let mut outbox = Vec::new();
        while outbox.len() < OUTBOX_PER_LEVEL {
            let Some((account, mut messages)) = self.lanes.pop_front() else { break };
            if let Some((message, tickets)) = messages.pop_front() {
                outbox.push(message);
                for (ticket, amount) in tickets {
                    let supply = self.supplies.entry(ticket).or_default();
                    supply.on_rollup -= u128::from(amount);
                    supply.withdrawn += u128::from(amount);
                }
            }
            if !messages.is_empty() {
                self.lanes.push_back((account, messages));
            }
        }
        outbox
    }

    /// Puts a message at the end of an account's lane.
    pub fn wait(&mut self, account: Address, waiting: Waiting) {
        match self.lanes.iter_mut().find(|(owner, _)| *owner == account) {
            Some((_, messages)) => messages.push_back(waiting),
            None => self.lanes.push_back((account, [waiting].into())),
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
    pub fn waiting(&self) -> usize {
        self.lanes.iter().map(|(_, messages)| messages.len()).sum()
    }
}
