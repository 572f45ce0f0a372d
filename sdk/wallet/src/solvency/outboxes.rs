//! What has left the rollup's ledger and has not reached layer 1: messages of outboxes that are not executed.

use std::collections::{BTreeMap, BTreeSet};

use encoding::{Level, Ticket};
use num_bigint::BigInt;

use crate::error::RpcError;
use crate::limits::SEARCH_LEVELS;
use crate::outbox::{Listed, Listing, messages};
use crate::rpc::{Block, Node};

/// What is in outboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// What can still be executed.
    pub open: BTreeMap<Ticket, BigInt>,
    /// What nobody has executed in time: it stays on layer 1, and nobody gets it.
    pub expired: BTreeMap<Ticket, BigInt>,
}

/// Why that is not known.
#[derive(Debug)]
pub(super) enum NotKnown {
    /// There is no answer.
    Rpc(RpcError),
    /// This, in words.
    Because(String),
}

impl From<RpcError> for NotKnown {
    fn from(error: RpcError) -> Self {
        Self::Rpc(error)
    }
}

/// Adds up the messages that are not executed: those that the node lists, and those of levels that are so young
/// that nothing of them can be executed, and the node may not list them yet.
pub(super) fn outside(node: &Node, head: &Block, finalized: Level) -> Result<Outside, NotKnown> {
    let listing = Listing::read(node)?;
    if !listing.is_known() {
        let words = "the node does not list the messages that are not executed";
        return Err(NotKnown::Because(words.to_owned()));
    }
    let young = finalized.0.saturating_add(1)..=head.level.0;
    let mut levels: BTreeSet<Level> = listing.levels().into_iter().collect();
    levels.extend(young.clone().map(Level));
    levels.retain(|level| *level <= head.level);
    if levels.len() > SEARCH_LEVELS {
        return Err(NotKnown::Because(format!(
            "outboxes of {} levels have messages that are not executed, and {SEARCH_LEVELS} are looked at",
            levels.len()
        )));
    }
    let mut outside = Outside::default();
    for level in levels {
        for message in messages(node, &head.hash, level)? {
            let says = match young.contains(&level.0) {
                true => Listed::Open,
                false => listing.says(message.id),
            };
            let place = match says {
                Listed::Open => &mut outside.open,
                Listed::Lost => &mut outside.expired,
                Listed::Gone(_) | Listed::Unknown => continue,
            };
            // What calls nothing, or hands over no ticket, takes none with it.
            let Some(tickets) = message.tickets() else {
                if message.message["transactions"].as_array().is_some_and(|all| !all.is_empty()) {
                    return Err(NotKnown::Because(format!(
                        "message {} of the outbox of level {level} hands over something else than tickets",
                        message.id.index
                    )));
                }
                continue;
            };
            for (ticket, amount) in tickets {
                *place.entry(ticket).or_default() += amount;
            }
        }
    }
    Ok(outside)
}
