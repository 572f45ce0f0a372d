//! What was last seen of the node, for all who look at it: a head, or why there is none.

use std::sync::{Arc, Mutex};
use std::time::Instant;

use encoding::RollupAddress;
use history::{HistoryError, Readers};
use layer1::plain::one_line;
use wallet::error::{RpcError, StateError};
use wallet::pins::{PinStore, Pins, PinsError};
use wallet::rpc::Node;
use wallet::session::{Session, SessionError};

use crate::head::{Head, queue};
use crate::limits::{AWAY_TIME, LOOK_TIME, LOOK_WAIT};
use crate::options::ExplorerOptions;
use crate::shared::{Turn, lock};

/// Why the node does not say anything.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HeadError {
    /// It does not answer.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// Its state is not known.
    #[error(transparent)]
    State(#[from] StateError),
    /// The tickets of a sandbox are not known.
    #[error(transparent)]
    Pins(#[from] PinsError),
    /// It is of another rollup than the index.
    #[error("it runs {found}, and the index is of {indexed}")]
    OtherRollup {
        /// Which it runs.
        found: RollupAddress,
        /// Which was indexed, `sr1…`.
        indexed: String,
    },
    /// It cannot be told of which rollup the index is.
    #[error("the index cannot be read: {0}")]
    Index(#[from] HistoryError),
}

impl From<RpcError> for HeadError {
    fn from(error: RpcError) -> Self {
        Self::State(error.into())
    }
}

impl HeadError {
    /// Whether there is no answer at all. Otherwise there is one that is of no use.
    fn is_silence(&self) -> bool {
        let error = match self {
            HeadError::Session(SessionError::Rpc(error))
            | HeadError::State(StateError::Rpc(error))
            | HeadError::Pins(PinsError::Rpc(error)) => error,
            _ => return false,
        };
        matches!(error, RpcError::Connection { .. })
    }
}

/// Why nothing is known of the node.
#[derive(Clone, Debug)]
pub(crate) struct Absence {
    /// Whether it does not answer at all. Otherwise its answers are of no use.
    pub is_silence: bool,
    /// Why, in words.
    pub why: Arc<str>,
}

/// What was last seen: a head, or why there is none.
#[derive(Clone, Debug)]
pub(crate) enum Look {
    /// The node answers.
    Seen(Arc<Head>),
    /// It does not: why, and what it said before.
    Away(Absence, Option<Arc<Head>>),
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
    readers: Readers,
    /// The last look, when that was, and after how many changes of the index.
    last: Mutex<Option<(Look, Instant, u64)>>,
    asking: Turn,
}

impl Heads {
    pub(crate) fn new(options: &ExplorerOptions) -> Self {
        Heads {
            node: options.node.clone(),
            pins: options.pins.clone(),
            readers: options.readers.clone(),
            last: Mutex::default(),
            asking: Turn::default(),
        }
    }

    /// The node.
    pub(crate) const fn node(&self) -> &Node {
        &self.node
    }

    /// What the node says, after so many changes of the index. Of those who ask at once, one asks the node; the others
    /// wait for that, unless the node was away, as it may well still be.
    pub(crate) fn look(&self, change: u64) -> Look {
        if let Some(look) = self.fresh(change) {
            return look;
        }
        let last = || lock(&self.last).as_ref().map(|(look, _, _)| look.clone());
        let _asking = loop {
            if let Some(asking) = self.asking.try_begin() {
                break asking;
            }
            match last() {
                Some(away @ Look::Away(..)) => return away,
                // A node that takes its time holds up one, and the others have what it said before.
                before if !self.asking.wait(LOOK_WAIT) => {
                    let why = Arc::from("it has been asked, and takes its time");
                    let away = || Look::Away(Absence { is_silence: true, why }, None);
                    return before.unwrap_or_else(away);
                }
                _ => {}
            }
            if let Some(look) = self.fresh(change) {
                return look;
            }
        };
        if let Some(look) = self.fresh(change) {
            return look;
        }
        let before = last().and_then(|look| look.head().cloned());
        let look = match self.read(before.as_deref()) {
            Ok(Some(head)) => Look::Seen(Arc::new(head)),
            // The head is still the same: all that was asked about it stands.
            Ok(None) => match before {
                Some(before) => Look::Seen(before),
                None => Look::Away(
                    Absence { is_silence: false, why: Arc::from("it has no head") },
                    None,
                ),
            },
            Err(error) => {
                let why = Arc::from(self.without_address(&error.to_string()));
                Look::Away(Absence { is_silence: error.is_silence(), why }, before)
            }
        };
        *lock(&self.last) = Some((look.clone(), Instant::now(), change));
        look
    }

    /// The last look, as long as it is taken to be so.
    fn fresh(&self, change: u64) -> Option<Look> {
        let last = lock(&self.last);
        let (look, at, seen) = last.as_ref()?;
        let fresh = match look {
            Look::Seen(_) => *seen == change && at.elapsed() < LOOK_TIME,
            Look::Away(..) => at.elapsed() < AWAY_TIME,
        };
        fresh.then(|| look.clone())
    }

    /// What the node says, without where it is: who looks need not know.
    pub(crate) fn without_address(&self, words: &str) -> String {
        let at = self.node.endpoint();
        one_line(&words.replace(&format!(" at {at}"), "").replace(at, "the node"))
    }

    /// The tickets that the user has pinned, or why they cannot be read.
    pub(crate) fn own_pins(&self) -> (Pins, Option<Arc<str>>) {
        match self.pins.as_ref().map(PinStore::load) {
            None => (Pins::default(), None),
            Some(Ok(pins)) => (pins, None),
            Some(Err(error)) => (Pins::default(), Some(Arc::from(error.to_string()))),
        }
    }

    /// Reads what there is to read about the head; nothing if that is as it was before.
    fn read(&self, before: Option<&Head>) -> Result<Option<Head>, HeadError> {
        let rollup = self.node.rollup()?;
        let indexed = self.readers.read(|reader| reader.rollup())?;
        if !indexed.is_empty() && indexed != rollup.to_string() {
            return Err(HeadError::OtherRollup { found: rollup, indexed });
        }
        let before = before.filter(|before| *before.session.rollup() == rollup);
        let session = match before {
            Some(before) => before.session.clone(),
            None => Session::over(self.node.clone())?,
        };
        let (session, pins_problem) = self.with_pins(session)?;
        let node = session.node();
        let queue_before = before.and_then(Head::last_queue);
        let queue = queue(node, queue_before.as_deref())?;
        let block = node.block("head")?;
        let is_same = |before: &&Head| {
            before.block == block
                && before.session.pins() == session.pins()
                && before.pins_problem == pins_problem
        };
        if let Some(before) = before.filter(is_same) {
            before.waits(queue);
            return Ok(None);
        }
        Ok(Some(Head::read(session, pins_problem, queue)?))
    }

    /// The session with the pinned tickets. What is wrong with the user's own is no fault of the node: then there are
    /// those of a sandbox alone.
    fn with_pins(&self, session: Session) -> Result<(Session, Option<Arc<str>>), PinsError> {
        match session.clone().with_pins(self.pins.as_ref()) {
            Ok(session) => Ok((session, None)),
            Err(error @ (PinsError::Io { .. } | PinsError::File { .. })) => {
                Ok((session.with_pins(None)?, Some(Arc::from(error.to_string()))))
            }
            Err(error) => Err(error),
        }
    }
}
