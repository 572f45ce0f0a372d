//! What the node says about its head: what was asked about it stands as long as that is the head.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use encoding::Level;
use serde_json::Value;
use tx_kernel::view::View;
use wallet::block_times::BlockTimes;
use wallet::error::{RpcError, StateError};
use wallet::rpc::{Block, Node};
use wallet::session::Session;
use wallet::state::RollupState;
use wallet::withdrawal::SettlementPace;

use crate::limits::{ANSWERS, QUEUE_TIME};
use crate::queue::NodeQueue;
use crate::shared::lock;

/// What the node says about its head.
#[derive(Debug)]
pub(crate) struct Head {
    /// The node, with its rollup and the tickets that are pinned.
    pub session: Session,
    /// Why the user's own pinned tickets are not among them, if they are not.
    pub pins_problem: Option<Arc<str>>,
    /// The head.
    pub block: Block,
    /// How layer 1 settles.
    pub pace: SettlementPace,
    /// Of a sandbox: when levels will be there, if it tells.
    pub times: Option<BlockTimes>,
    /// Messages that wait for the outbox.
    pub outbox_queue: u64,
    queue: Mutex<(Option<Arc<NodeQueue>>, Instant)>,
    answers: Mutex<HashMap<String, Arc<str>>>,
}

/// What waits at a node, if it tells; what was found out before is kept.
///
/// # Errors
/// When the node does not answer.
pub(crate) fn queue(
    node: &Node,
    before: Option<&NodeQueue>,
) -> Result<Option<Arc<NodeQueue>>, RpcError> {
    match node.waiting() {
        Ok(waiting) => Ok(Some(Arc::new(NodeQueue::of(waiting, before)))),
        Err(RpcError::Refused { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Head {
    /// Reads what there is to read about the head of a session's node.
    ///
    /// # Errors
    /// When the node does not tell.
    pub(crate) fn read(
        session: Session,
        pins_problem: Option<Arc<str>>,
        queue: Option<Arc<NodeQueue>>,
    ) -> Result<Self, StateError> {
        let node = session.node();
        let pace = SettlementPace::read(node)?;
        let state = session.state()?;
        let block = state.block().clone();
        let outbox_queue = state.read(|host| View::new(host).pending_messages())?;
        let times = match session.is_sandbox() {
            true => BlockTimes::of_layer1(node)?,
            false => None,
        };
        drop(state);
        let (queue, answers) = (Mutex::new((queue, Instant::now())), Mutex::default());
        Ok(Head { session, pins_problem, block, pace, times, outbox_queue, queue, answers })
    }

    /// What waits for a level now, at the same head.
    pub(crate) fn waits(&self, queue: Option<Arc<NodeQueue>>) {
        *lock(&self.queue) = (queue, Instant::now());
    }

    /// The state at this head, whatever comes after it.
    ///
    /// # Errors
    /// When the node does not tell.
    pub(crate) fn state(&self) -> Result<RollupState<'_>, StateError> {
        let state = RollupState::at(self.session.node(), &self.block.hash)?;
        Ok(state.with_pins(&Arc::new(self.session.pins().clone())))
    }

    /// The last level.
    pub(crate) fn level(&self) -> Level {
        self.block.level
    }

    /// Messages that wait for a level, as they were when it was last looked, if the node tells.
    pub(crate) fn last_queue(&self) -> Option<Arc<NodeQueue>> {
        lock(&self.queue).0.clone()
    }

    /// The same as they are now: the node is asked again, unless it was just asked.
    pub(crate) fn queue_now(&self) -> Option<Arc<NodeQueue>> {
        let before = {
            let mut known = lock(&self.queue);
            if known.1.elapsed() < QUEUE_TIME {
                return known.0.clone();
            }
            // Who comes meanwhile takes what was known.
            known.1 = Instant::now();
            known.0.clone()
        };
        let Ok(queue) = queue(self.session.node(), before.as_deref()) else { return before };
        lock(&self.queue).0.clone_from(&queue);
        queue
    }

    /// Something that the node is asked about this head, once, as JSON: what does not change as long as that is the head.
    ///
    /// # Errors
    /// When `ask` fails: then it is asked again.
    pub(crate) fn once<E>(
        &self,
        what: &str,
        ask: impl FnOnce(&Self) -> Result<Value, E>,
    ) -> Result<Value, E> {
        let known = lock(&self.answers).get(what).cloned();
        if let Some(known) = known {
            // It was written below.
            return Ok(serde_json::from_str(&known).unwrap_or_default());
        }
        let value = ask(self)?;
        let mut answers = lock(&self.answers);
        if answers.len() >= ANSWERS {
            answers.clear();
        }
        answers.insert(what.to_owned(), Arc::from(value.to_string()));
        Ok(value)
    }
}
