//! What our own kernel keeps in durable storage, and how it is run and configured: with
//! [`explain`], the one place that knows the kernel.

use std::collections::BTreeMap;

use encoding::{Hash32, Level, MessageId, RollupAddress};
use explain::results::{MESSAGES_BEFORE, ResultEntry};
use explain::{batch_v2, settled};
use host::HostError;
use pvm::{Durable, NativeHost};
use serde::Serialize;
use tx_kernel::layout::{ACCEPT_V1, RESULTS, STATE};
use tx_kernel::results::ResultCode;
use tx_kernel::view::View;

use crate::error::Failure;
use crate::exit::Exit;
use crate::run_levels::LevelResult;
use crate::setup::Set;

/// What an account owns of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// `tz4…`
    pub account: String,
    /// `KT1…`
    pub ticketer: String,
    /// The ticket's content: its Micheline in hex.
    pub content: String,
    /// How many, in decimal.
    pub amount: String,
}

/// Who owns what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Every balance that is not zero.
    pub balances: Vec<Balance>,
    /// The next counter that each account's operation must carry.
    pub counters: BTreeMap<String, u64>,
}

/// The setup that lets our kernel take batches in wire format v1.
pub fn accept_v1() -> Vec<Set> {
    vec![Set { path: ACCEPT_V1.to_owned(), value: vec![1] }]
}

/// Whether a state is one that our kernel has written, of a layout that we can read.
pub fn is_ours(durable: &Durable) -> bool {
    View::new(&NativeHost::over(durable.clone())).is_readable() && state(durable).is_ok()
}

/// Whether a rollup takes batches in wire format v1.
pub fn accepts_v1(durable: &Durable) -> bool {
    durable.get(ACCEPT_V1).is_some_and(|value| value == [1])
}

/// Whether a path is one of the kernel's own state.
pub fn is_state(path: &str) -> bool {
    path.strip_prefix(STATE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Reads who owns what.
pub fn state(durable: &Durable) -> Result<State, UnreadableState> {
    read(durable, |view| {
        let balances = view.balances()?.into_iter().map(|balance| Balance {
            account: balance.account.to_string(),
            ticketer: balance.ticket.ticketer.to_string(),
            content: hex::encode(balance.ticket.content.to_micheline()),
            amount: balance.amount.to_string(),
        });
        let counters = view.accounts()?.into_iter();
        Ok(State {
            balances: balances.collect(),
            counters: counters.map(|(tz4, counter)| (tz4.to_string(), counter.get())).collect(),
        })
    })
}

/// The results of a run, where v2 batches are looked up: their results do not repeat what is in them.
pub struct Inbox<'p> {
    /// The levels with their messages.
    pub levels: &'p [LevelResult],
    /// The rollup's address, which is part of what is signed.
    pub rollup: RollupAddress,
}

impl Inbox<'_> {
    fn raw(&self, message: MessageId) -> Option<&[u8]> {
        let level = self.levels.iter().find(|level| level.level == message.level.0)?;
        let index = message.index.checked_sub(MESSAGES_BEFORE)?;
        level.inputs.get(usize::try_from(index).ok()?).map(Vec::as_slice)
    }
}

/// What became known between two states, in the order of messages and operations. Not only of the
/// last level's messages: a batch may wait for a later one.
pub fn outcomes(
    before: &Durable,
    after: &Durable,
    inbox: &Inbox<'_>,
) -> Result<Vec<ResultEntry>, UnreadableState> {
    let results = RESULTS;
    let mut messages = Vec::new();
    let mut operations = Vec::new();
    for (path, value) in after.values_under(results) {
        if before.get(&path).is_some_and(|known| known == value) {
            continue;
        }
        let steps: Vec<&str> = path[results.len()..].split('/').skip(2).collect();
        match steps.as_slice() {
            ["operation", hash] => operations.extend(parse_hash(hash)),
            ["message", level, index] => {
                if let (Ok(level), Ok(index)) = (level.parse(), index.parse()) {
                    messages.push(MessageId { level: Level(level), index });
                }
            }
            _ => {}
        }
    }
    let mut outcomes = read(after, move |view| {
        let mut outcomes = Vec::new();
        for message in messages.iter().copied() {
            let result = view.message(message)?;
            outcomes.extend(result.map(|result| ResultEntry::of_message(message, &result)));
            if result.is_some_and(|result| result.outcome().code == ResultCode::BatchAccepted)
                && let Some(batch) =
                    inbox.raw(message).and_then(|raw| batch_v2::read(raw, &inbox.rollup))
            {
                let settled = settled::settled(view, &batch, &inbox.rollup, message)?;
                outcomes.extend(
                    settled
                        .iter()
                        .filter(|one| one.message == message)
                        .map(ResultEntry::of_settled),
                );
            }
        }
        for hash in &operations {
            let Some(result) = view.operation(hash)? else { continue };
            outcomes.push(ResultEntry::of_operation(hash, &result));
        }
        Ok(outcomes)
    })?;
    outcomes.sort();
    Ok(outcomes)
}

fn parse_hash(text: &str) -> Option<Hash32> {
    hex::decode(text).ok()?.try_into().ok().map(Hash32)
}

/// Our kernel's state is not what its layout says.
#[derive(Debug, thiserror::Error)]
#[error("the kernel's state cannot be read: {0}")]
pub struct UnreadableState(String);

impl From<UnreadableState> for Failure {
    fn from(error: UnreadableState) -> Self {
        Failure::new(Exit::Internal, error.to_string())
    }
}

/// Runs a reader over a state. The kernel's own code reads it, so it cannot read it otherwise than
/// the kernel does.
fn read<T>(
    durable: &Durable,
    reader: impl Fn(&View<'_, NativeHost>) -> Result<T, HostError>,
) -> Result<T, UnreadableState> {
    let host = NativeHost::over(durable.clone());
    reader(&View::new(&host)).map_err(|error| UnreadableState(error.to_string()))
}
