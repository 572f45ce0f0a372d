//! What the node says about its head, asked once for all who look at it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use encoding::Level;
use layer1::plain::one_line;
use serde_json::Value;
use tx_kernel::view::View;
use wallet::block_times::BlockTimes;
use wallet::error::{RpcError, StateError};
use wallet::pins::{PinStore, Pins, PinsError};
use wallet::rpc::{Block, Node};
use wallet::session::{Session, SessionError};
use wallet::state::RollupState;
use wallet::withdrawal::SettlementPace;

use crate::limits::{ANSWERS, AWAY_TIME, LOOK_TIME};
use crate::options::ExplorerOptions;

/// What the node says about its head.
#[derive(Debug)]
pub(crate) struct Head {
    /// The node, with its rollup and the tickets that are pinned.
    pub session: Session,
    /// The head.
    pub block: Block,
    /// How layer 1 settles.
    pub pace: SettlementPace,
    /// When levels will be there, if the node tells.
    pub times: Option<BlockTimes>,
    /// Messages that wait for the outbox.
    pub outbox_queue: u64,
    inbox_queue: Mutex<Option<(usize, usize)>>,
    answers: Mutex<HashMap<String, Arc<str>>>,
}

/// Why the node does not say anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeadError {
    /// It does not answer, or is of another rollup.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Its state is not known.
    #[error(transparent)]
    State(#[from] StateError),
    /// The pinned tickets are not known.
    #[error(transparent)]
    Pins(#[from] PinsError),
}

impl From<RpcError> for HeadError {
    fn from(error: RpcError) -> Self {
        Self::State(error.into())
    }
}

/// What was last seen: a head, or why there is none.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// The node answers.
    Seen(Arc<Head>),
    /// It does not: its words, and what it said before.
    Away(Arc<str>, Option<Arc<Head>>),
}

impl Look {
    /// What the node says, or said before it went away.
    pub(crate) fn head(&self) -> Option<&Arc<Head>> {
        match self {
            Look::Seen(head) => Some(head),
            Look::Away(_, before) => before.as_ref(),
        }
    }

    /// The head, if the node answers: what it has to be asked about that.
    pub(crate) fn seen(&self) -> Option<&Arc<Head>> {
        match self {
            Look::Seen(head) => Some(head),
            Look::Away(..) => None,
        }
    }
}

/// Looks at the node's head, for all.
#[derive(Debug)]
pub(crate) struct Heads {
    node: Node,
    pins: Option<PinStore>,
    last: Mutex<Option<(Look, Instant, u64)>>,
}

impl Heads {
    pub(crate) fn new(options: &ExplorerOptions) -> Self {
        Heads { node: options.node.clone(), pins: options.pins.clone(), last: Mutex::default() }
    }

    /// The node.
    pub(crate) const fn node(&self) -> &Node {
        &self.node
    }

    /// What the node says, after so many changes of the index. Of those who ask at once, one asks the node.
    pub(crate) fn look(&self, change: u64) -> Look {
        let mut last = lock(&self.last);
        if let Some((look, at, seen)) = last.as_ref() {
            let fresh = match look {
                Look::Seen(_) => *seen == change && at.elapsed() < LOOK_TIME,
                Look::Away(..) => at.elapsed() < AWAY_TIME,
            };
            if fresh {
                return look.clone();
            }
        }
        let before = last.take().and_then(|(look, _, _)| look.head().cloned());
        let look = match self.read(before.as_deref()) {
            Ok(Some(head)) => Look::Seen(Arc::new(head)),
            // The head is still the same: all that was asked about it stands.
            Ok(None) => match before {
                Some(before) => Look::Seen(before),
                None => Look::Away(Arc::from("it has no head"), None),
            },
            Err(error) => Look::Away(Arc::from(self.without_address(&error.to_string())), before),
        };
        *last = Some((look.clone(), Instant::now(), change));
        look
    }

    /// What the node says, without where it is: who looks need not know.
    pub(crate) fn without_address(&self, words: &str) -> String {
        let at = self.node.endpoint();
        one_line(&words.replace(&format!(" at {at}"), "").replace(at, "the node"))
    }

    /// The tickets that the user has pinned; none if they cannot be read, which is said once the node is there.
    pub(crate) fn own_pins(&self) -> Pins {
        self.pins.as_ref().and_then(|store| store.load().ok()).unwrap_or_default()
    }

    /// Reads what there is to read about the head; nothing if that is as it was before.
    fn read(&self, before: Option<&Head>) -> Result<Option<Head>, HeadError> {
        let rollup = self.node.rollup()?;
        let before = before.filter(|before| *before.session.rollup() == rollup);
        let session = match before {
            Some(before) => before.session.clone(),
            None => Session::over(self.node.clone())?,
        };
        let session = session.with_pins(self.pins.as_ref())?;
        let node = session.node();
        let waiting = match node.waiting() {
            Ok(waiting) => Some((waiting.len(), waiting.iter().map(Vec::len).sum())),
            Err(RpcError::Refused { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        let block = node.block("head")?;
        let is_same =
            |before: &&Head| before.block == block && before.session.pins() == session.pins();
        if let Some(before) = before.filter(is_same) {
            *lock(&before.inbox_queue) = waiting;
            return Ok(None);
        }
        let pace = SettlementPace::read(node)?;
        let state = session.state()?;
        let block = state.block().clone();
        let outbox_queue = state.read(|host| View::new(host).pending_messages())?;
        let times = match session.is_sandbox() {
            true => BlockTimes::of_layer1(node)?,
            false => None,
        };
        drop(state);
        let (inbox_queue, answers) = (Mutex::new(waiting), Mutex::default());
        Ok(Some(Head { session, block, pace, times, outbox_queue, inbox_queue, answers }))
    }
}

impl Head {
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

    /// Messages that wait for a level, and their bytes, if the node tells.
    pub(crate) fn inbox_queue(&self) -> Option<(usize, usize)> {
        *lock(&self.inbox_queue)
    }

    /// Something that the node is asked about this head, once, as JSON.
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

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
