//! What a level does to the model.

use std::collections::VecDeque;

use crate::calls::Call;
use crate::parsed::{Parsed, Sent, Work};
use crate::state::{Model, PendingMessage};

/// Messages that leave in a level.
const OUTBOX_PER_LEVEL: usize = 100;
/// Places of the inbox that the protocol fills before a test's first message.
pub const FIRST_INDEX: u32 = 2;

impl Model {
    /// Plays a level, and returns its outbox: the calls of each message.
    pub fn run_level(&mut self, level: i32, messages: &[Sent]) -> Vec<Vec<Call>> {
        (self.not_ours, self.level) = (0, level);
        let mut signed = VecDeque::new();
        for (number, sent) in (FIRST_INDEX..).zip(messages) {
            let message_index = (level, number);
            match &sent.parsed {
                Parsed::NotOurs => self.not_ours += 1,
                Parsed::Bytes => self.result(message_index, 0, (101, 0, 0)),
                Parsed::Deposit(deposit) => match self.deposit(deposit) {
                    Ok(reason) => self.result(message_index, 0, reason),
                    Err(reason) => {
                        self.hold(reason, message_index, &sent.bytes, deposit);
                        self.result(message_index, 1, reason);
                    }
                },
                Parsed::Call(number, by) => {
                    let asked = self.reclaim(*number, |made| made == *by);
                    self.asked(message_index, asked);
                }
                Parsed::V1(batch) if batch.unframed && !self.accept_v1 => self.not_ours += 1,
                Parsed::V1(batch) => {
                    let work = Work::V1(batch.clone());
                    signed.push_back(sent.asks(message_index, work, self.accept_v1));
                }
                Parsed::V2(batch) => {
                    let work = Work::V2(batch.clone());
                    signed.push_back(sent.asks(message_index, work, self.accept_v1));
                }
                Parsed::Signed(ask) => {
                    signed.push_back(sent.asks(message_index, Work::Request(*ask), self.accept_v1));
                }
            }
        }
        // All calls come before all that is signed.
        self.verify_and_apply(signed);
        self.send()
    }

    /// One message of each owner in turn, while there is room.
    fn send(&mut self) -> Vec<Vec<Call>> {
        let mut outbox = Vec::new();
        while outbox.len() < OUTBOX_PER_LEVEL {
            let Some((owner, mut messages)) = self.queues.pop_front() else { break };
            if let Some(PendingMessage { calls, of_supply }) = messages.pop_front() {
                for call in calls.iter().filter(|_| of_supply) {
                    let supply = self.supplies.entry(call.ticket).or_default();
                    supply.on_rollup -= call.amount.unsigned_abs();
                    supply.withdrawn += call.amount.unsigned_abs();
                }
                outbox.push(calls);
            }
            if !messages.is_empty() {
                self.queues.push_back((owner, messages));
            }
        }
        outbox
    }
}
