//! What is known of executions of outbox messages: what a node lists, or what the sandbox's layer 1 has done.

use std::cell::RefCell;
use std::collections::BTreeMap;

use encoding::Level;
use serde_json::Value;

use super::{Listed, Listing, OutboxMessageId};
use crate::error::RpcError;
use crate::rpc::Node;

/// What is known of executions.
#[derive(Debug)]
pub enum Executions<'n> {
    /// What the node lists as not executed.
    Listing(Listing),
    /// What the sandbox's layer 1 has done, by the level of the outbox.
    Sandbox(&'n Node, RefCell<BTreeMap<Level, Value>>),
}

impl<'n> Executions<'n> {
    /// Asks a node for what it lists. A sandbox is asked level by level, later.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn read(node: &'n Node, is_sandbox: bool) -> Result<Self, RpcError> {
        Ok(match is_sandbox {
            true => Executions::Sandbox(node, RefCell::default()),
            false => Executions::Listing(Listing::read(node)?),
        })
    }

    /// What is known of a message as of a head.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn of(&self, id: OutboxMessageId, head: Level) -> Result<Listed, RpcError> {
        let (node, known) = match self {
            Executions::Listing(listing) => return Ok(listing.says(id)),
            Executions::Sandbox(node, known) => (node, known),
        };
        let OutboxMessageId { level, index } = id;
        if !known.borrow().contains_key(&level) {
            let told = match node.get(&format!("/dev/outbox/{level}")) {
                // The log may be of another sandbox, or the level is not kept any more.
                Err(RpcError::Refused { .. }) => Value::Null,
                told => told?,
            };
            known.borrow_mut().insert(level, told);
        }
        let known = known.borrow();
        let all = known.get(&level).and_then(Value::as_array);
        let one = all.and_then(|all| all.iter().find(|one| one["message_index"] == index));
        let number = |name: &str| {
            let number = one.and_then(|one| one[name].as_i64());
            number.and_then(|number| i32::try_from(number).ok()).map(Level)
        };
        Ok(match (number("executed_at"), number("expires")) {
            (Some(executed), _) => Listed::Gone(Some(executed)),
            (None, Some(expires)) if head >= expires => Listed::Lost,
            (None, Some(_)) => Listed::Open,
            (None, None) => Listed::Unknown,
        })
    }

    /// The levels that the node lists as having something that is not executed.
    #[must_use]
    pub fn listed_levels(&self) -> Vec<Level> {
        match self {
            Executions::Listing(listing) => listing.levels(),
            Executions::Sandbox(..) => Vec::new(),
        }
    }

    /// The levels of all outboxes that have something that is not executed; `None` if the node does not list
    /// them.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn open_levels(&self) -> Result<Option<Vec<Level>>, RpcError> {
        match self {
            Executions::Listing(listing) => Ok(listing.is_known().then(|| listing.levels())),
            Executions::Sandbox(node, _) => Ok(Some(Listing::read(node)?.levels())),
        }
    }
}
