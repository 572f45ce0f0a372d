//! The node thread: it looks for new heads, finds out what became of batches, and gives the node messages.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use encoding::{Level, MessageId, RollupAddress};
use tx_kernel::view::View;
use wallet::error::RpcError;
use wallet::rpc::{Block, Node};

use super::{BlockState, Known, Lookups, TipStates, Watch};
use crate::limits;
use crate::mempool::{HeadReport, Tip};
use crate::metrics::{Counters, add};
use crate::moment::Clock;
use crate::pool::Away;

/// What the node thread is told.
pub(crate) enum Order {
    /// To give the node these messages, in this order.
    Inject(Vec<Outgoing>),
    /// To end.
    Stop,
}

/// A message that the node is to be given.
pub(crate) struct Outgoing {
    /// The batch's number.
    pub(crate) number: u64,
    /// The message, with its tag.
    pub(crate) message: Arc<[u8]>,
    /// Whether the node may have it already: then it is asked first.
    pub(crate) again: bool,
}

/// What it tells.
pub(crate) enum Report {
    /// There is a new head.
    Head(Box<HeadReport>, TipStates, RollupAddress),
    /// The node has messages, with these ids as far as they are known, or does not.
    Injected(Vec<u64>, Option<Vec<Option<String>>>),
    /// The node serves another rollup than the journal is of.
    OtherRollup(RollupAddress),
}

/// The node thread.
pub(crate) struct Follower {
    pub(crate) node: Node,
    pub(crate) known: Arc<Known>,
    pub(crate) lookups: Arc<Lookups>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Clock,
    /// The last heads, by level, the newest last.
    recent: VecDeque<Block>,
    /// Where batches were found in inboxes, by their numbers.
    pub(super) included: BTreeMap<u64, MessageId>,
    /// How many levels a batch has been missed for.
    pub(super) missed: BTreeMap<u64, Level>,
}

impl Follower {
    /// One that has not asked anything yet.
    pub(crate) fn new(
        node: Node,
        known: Arc<Known>,
        lookups: Arc<Lookups>,
        watch: Arc<Watch>,
        counters: Arc<Counters>,
        clock: Clock,
    ) -> Self {
        let (recent, included, missed) = (VecDeque::new(), BTreeMap::new(), BTreeMap::new());
        Follower { node, known, lookups, watch, counters, clock, recent, included, missed }
    }

    /// Follows the chain until it is told to end, or nobody listens.
    pub(crate) fn run(mut self, orders: &Receiver<Order>, mut tell: impl FnMut(Report) -> bool) {
        let mut failures: u32 = 0;
        loop {
            let pause = match failures {
                0 => limits::HEAD_POLL,
                some => {
                    limits::HEAD_POLL.saturating_mul(1 << some.min(5)).min(limits::MAX_HEAD_POLL)
                }
            };
            match orders.recv_timeout(pause) {
                Ok(Order::Inject(messages)) => {
                    let numbers = messages.iter().map(|outgoing| outgoing.number).collect();
                    let ids = self.inject(&messages);
                    if !tell(Report::Injected(numbers, ids)) {
                        return;
                    }
                    continue;
                }
                Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            match self.look() {
                Ok(report) => {
                    failures = 0;
                    self.known.set_answered(self.clock.now(), None);
                    if report.is_some_and(|report| !tell(report)) {
                        return;
                    }
                }
                Err(Away(problem)) => {
                    failures = failures.saturating_add(1);
                    add(&self.counters.node_failures, 1);
                    self.known.set_answered(self.clock.now(), Some(problem));
                }
            }
        }
    }

    /// Gives the node messages. What is in its queue is not given to it once more.
    fn inject(&mut self, messages: &[Outgoing]) -> Option<Vec<Option<String>>> {
        match self.try_inject(messages) {
            Ok(ids) => ids,
            Err(error) => {
                add(&self.counters.node_failures, 1);
                self.known.set_answered(self.clock.now(), Some(error.to_string()));
                None
            }
        }
    }

    fn try_inject(&self, messages: &[Outgoing]) -> Result<Option<Vec<Option<String>>>, RpcError> {
        let payload = |outgoing: &Outgoing| outgoing.message.get(1..).unwrap_or_default().to_vec();
        let waiting = match messages.iter().any(|outgoing| outgoing.again) {
            true => self.node.waiting()?,
            false => Vec::new(),
        };
        let is_new: Vec<bool> = messages
            .iter()
            .map(|outgoing| !outgoing.again || !waiting.contains(&payload(outgoing)))
            .collect();
        let new = messages.iter().zip(&is_new).filter(|(_, is_new)| **is_new);
        let payloads: Vec<Vec<u8>> = new.map(|(outgoing, _)| payload(outgoing)).collect();
        let ids = match payloads.is_empty() {
            true => Vec::new(),
            false => self.node.inject(&payloads)?,
        };
        if ids.len() != payloads.len() {
            return Ok(None);
        }
        let mut ids = ids.into_iter();
        Ok(Some(is_new.into_iter().map(|is_new| is_new.then(|| ids.next()).flatten()).collect()))
    }

    /// Looks whether there is a new head, and what is to be told of it.
    fn look(&mut self) -> Result<Option<Report>, Away> {
        let away = |error: RpcError| Away(error.to_string());
        let rollup = match self.known.rollup() {
            Some(rollup) if !self.recent.is_empty() => rollup,
            _ => {
                let rollup = self.node.rollup().map_err(away)?;
                if !self.known.set_rollup(rollup) {
                    return Ok(Some(Report::OtherRollup(rollup)));
                }
                rollup
            }
        };
        let head = self.node.block("head").map_err(away)?;
        if self.recent.back() == Some(&head) {
            return Ok(None);
        }
        let settled = self.node.settled().map_err(away)?;
        // It may have gone on since: nothing is final that the head does not have.
        let finalized = Level(settled.finalized.0.min(head.level.0));
        let common = self.common(&head)?;
        let went_back = self.recent.back().is_some_and(|last| common < last.level);
        let was_final = self.known.tip().map(|tip| tip.finalized.block().level);
        if was_final.is_some_and(|level| common < level) {
            self.known.forget();
        }
        let before = self.known.tip().filter(|_| !went_back && !self.recent.is_empty());
        let states = self.states(&head, finalized, settled.cemented, before)?;
        let fates = self.fates(&states.head, rollup, common, went_back)?;
        let found = self.found(&states.head)?;
        while self.recent.back().is_some_and(|last| last.level > common) {
            self.recent.pop_back();
        }
        self.recent.push_back(head.clone());
        while self.recent.len() > limits::RECENT_HEADS {
            self.recent.pop_front();
        }
        let tip = Tip { head: head.level, finalized };
        self.known.set_tip(states.clone());
        let report = HeadReport { tip, common, fates, found };
        Ok(Some(Report::Head(Box::new(report), states, rollup)))
    }

    /// The last level that the branch of a head has in common with what was seen before.
    fn common(&self, head: &Block) -> Result<Level, Away> {
        for known in self.recent.iter().rev() {
            if known.level > head.level {
                continue;
            }
            if *known == *head {
                return Ok(known.level);
            }
            let path = format!("/global/block/{}/hash", known.level);
            // A node that does not have the level any more says no.
            let hash: Option<String> = self.node.get(&path).ok();
            if hash.as_ref() == Some(&known.hash) {
                return Ok(known.level);
            }
        }
        Ok(match self.recent.front() {
            Some(oldest) => Level(oldest.level.0.saturating_sub(1)),
            None => Level(head.level.0.saturating_sub(limits::INBOXES_LOOKED_AT)),
        })
    }

    /// The states at a head and at the last final level, with what is needed first.
    fn states(
        &self,
        head: &Block,
        finalized: Level,
        cemented: Level,
        before: Option<TipStates>,
    ) -> Result<TipStates, Away> {
        let patient = Node::patient(self.node.endpoint(), limits::STATE_ANSWER_TIME);
        let patient = patient.map_err(|error| Away(error.to_string()))?;
        let state = match &before {
            Some(before) => before.head.next(head.clone()),
            None => BlockState::new(patient.clone(), head.clone()),
        };
        if !state.read(|host| Ok(View::new(host).is_readable()))? {
            return Err(Away("the rollup has no state of this kernel".to_owned()));
        }
        if let Some(before) = &before {
            // What cannot be had now is asked for when it is needed.
            let warming = state.warming(&before.head, limits::WARM_PATHS);
            let _ = self.lookups.fetch(warming, limits::LOOK_UP_TIME);
        }
        let name = finalized.to_string();
        let hash: Result<String, _> = self.node.get(&format!("/global/block/{name}/hash"));
        let hash = hash.map_err(|error| Away(error.to_string()))?;
        let same = before.filter(|before| before.finalized.block().hash == hash);
        let finalized = match same {
            Some(before) => before.finalized,
            None => Arc::new(BlockState::new(patient, Block { hash, level: finalized })),
        };
        Ok(TipStates { head: Arc::new(state), finalized, cemented })
    }
}
