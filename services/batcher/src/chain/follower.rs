//! The node thread: it looks for new heads, finds out what became of batches, and gives the node messages.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use encoding::{Hash32, Level, MessageId, RollupAddress};
use inbox::v2::Batch;
use tx_kernel::results::MessageResult;
use tx_kernel::results::batch::TransactionResult;
use tx_kernel::view::View;
use wallet::inboxes::batch_in;
use wallet::rpc::{Block, Node};

use super::{BlockState, Known, TipStates, Watch, Watched};
use crate::desk::{Fate, HeadReport, Tip};
use crate::limits;
use crate::metrics::{Counters, add};
use crate::moment::Clock;
use crate::pool::Away;

/// What the node thread is told.
pub(crate) enum Order {
    /// To give the node these messages, with their tags, in this order.
    Inject(Vec<(u64, Arc<[u8]>)>),
    /// To end.
    Stop,
}

/// What it tells.
pub(crate) enum Report {
    /// There is a new head.
    Head(Box<HeadReport>, TipStates, RollupAddress),
    /// The node has taken messages, with these ids, or has not.
    Injected(Vec<u64>, Option<Vec<String>>),
    /// The node serves another rollup than the journal is of.
    OtherRollup(RollupAddress),
}

/// The node thread.
pub(crate) struct Follower {
    pub(crate) node: Node,
    pub(crate) known: Arc<Known>,
    pub(crate) watch: Arc<Watch>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Clock,
    /// The last heads, by level, the newest last.
    recent: VecDeque<Block>,
    /// Where batches were found in inboxes, by their numbers.
    included: BTreeMap<u64, MessageId>,
    /// How many levels a batch has been missed for.
    missed: BTreeMap<u64, Level>,
}

impl Follower {
    /// One that has not asked anything yet.
    pub(crate) fn new(
        node: Node,
        known: Arc<Known>,
        watch: Arc<Watch>,
        counters: Arc<Counters>,
        clock: Clock,
    ) -> Self {
        let (recent, included, missed) = (VecDeque::new(), BTreeMap::new(), BTreeMap::new());
        Follower { node, known, watch, counters, clock, recent, included, missed }
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
                    let (numbers, payloads) = payloads(messages);
                    let ids = self.inject(&payloads);
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

    fn inject(&mut self, payloads: &[Vec<u8>]) -> Option<Vec<String>> {
        match self.node.inject(payloads) {
            Ok(ids) if ids.len() == payloads.len() => Some(ids),
            Ok(_) => None,
            Err(error) => {
                add(&self.counters.node_failures, 1);
                self.known.set_answered(self.clock.now(), Some(error.to_string()));
                None
            }
        }
    }

    /// Looks whether there is a new head, and what is to be told of it.
    fn look(&mut self) -> Result<Option<Report>, Away> {
        let away = |error: wallet::error::RpcError| Away(error.to_string());
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
            for path in before.head.warm_paths(limits::WARM_PATHS) {
                if !state.warm(&path) {
                    break;
                }
            }
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

    /// What became of the batches that are watched.
    fn fates(
        &mut self,
        state: &BlockState,
        rollup: RollupAddress,
        common: Level,
        went_back: bool,
    ) -> Result<Vec<(u64, Fate)>, Away> {
        let (batches, _) = self.watch.get();
        self.included
            .retain(|number, message| batches.contains_key(number) && message.level <= common);
        self.missed.retain(|number, _| batches.contains_key(number));
        let open = |watched: &Watched| !watched.is_settled || went_back;
        if !batches.values().any(open) {
            return Ok(Vec::new());
        }
        let by_id: BTreeMap<Hash32, u64> =
            batches.iter().map(|(number, watched)| (watched.id, *number)).collect();
        let head = state.block().level;
        let first = common.0.saturating_add(1).max(head.0 - limits::INBOXES_LOOKED_AT);
        let mut shows_inboxes = true;
        for level in (first..=head.0).map(Level) {
            let inbox = self.node.inbox(level).map_err(|error| Away(error.to_string()))?;
            let Some(inbox) = inbox else {
                shows_inboxes = false;
                continue;
            };
            for (message, index) in inbox.messages.iter().zip(inbox.first..) {
                let id = batch_in(message, &rollup).map(|batch| digest(&batch, &rollup));
                if let Some(number) = id.and_then(|id| by_id.get(&id)) {
                    self.included.entry(*number).or_insert(MessageId { level, index });
                }
            }
        }
        let mut queued: Option<Vec<Vec<u8>>> = None;
        let mut fates = Vec::new();
        for (number, watched) in batches.iter().filter(|(_, watched)| open(watched)) {
            let message = self.included.get(number).copied().or_else(|| {
                watched.included.filter(|message| !went_back || message.level <= common)
            });
            let is_new = !self.missed.contains_key(number);
            let fate = match message {
                Some(message) => self.at(state, watched, Some(message))?,
                // It may be in a level that was not looked at, or that the node does not show.
                None if is_new || went_back || !shows_inboxes => self.at(state, watched, None)?,
                None => Fate::Nowhere,
            };
            let fate = match fate {
                Fate::Nowhere => {
                    let since = *self.missed.entry(*number).or_insert(head);
                    let for_long = head.0.saturating_sub(since.0) >= limits::RESEND_LEVELS - 1;
                    if is_new || for_long || went_back {
                        let waiting = match queued.take() {
                            Some(waiting) => waiting,
                            None => self.node.waiting().map_err(|error| Away(error.to_string()))?,
                        };
                        let payload = watched.message.get(1..).unwrap_or_default();
                        let is_queued = waiting.iter().any(|one| one == payload);
                        queued = Some(waiting);
                        if is_queued { Fate::Queued } else { Fate::Nowhere }
                    } else {
                        continue;
                    }
                }
                fate => fate,
            };
            fates.push((*number, fate));
        }
        Ok(fates)
    }

    /// What the kernel says of a batch, or of the message that has it.
    fn at(
        &self,
        state: &BlockState,
        watched: &Watched,
        message: Option<MessageId>,
    ) -> Result<Fate, Away> {
        state.read(|host| {
            let view = View::new(host);
            if let Some(result) = view.batch(&watched.id)? {
                return Ok(Fate::Result(result));
            }
            let Some(message) = message else { return Ok(Fate::Nowhere) };
            Ok(match view.message(message)? {
                Some(MessageResult::Refused(outcome)) => Fate::Refused(message, outcome),
                _ => Fate::Included(message),
            })
        })
    }

    /// The results of stale transactions.
    fn found(&self, state: &BlockState) -> Result<Vec<(Hash32, Option<TransactionResult>)>, Away> {
        let (_, stale) = self.watch.get();
        let stale = stale.into_iter().take(limits::LOOKED_UP_PER_HEAD);
        stale
            .map(|hash| {
                let result = state.read(|host| View::new(host).transaction(&hash))?;
                Ok((hash, result))
            })
            .collect()
    }
}

fn digest(batch: &Batch, rollup: &RollupAddress) -> Hash32 {
    batch.signing_payload(rollup).digest
}

/// The numbers of messages, and the messages without their tags.
fn payloads(messages: Vec<(u64, Arc<[u8]>)>) -> (Vec<u64>, Vec<Vec<u8>>) {
    let without_tag = |message: Arc<[u8]>| message.get(1..).unwrap_or_default().to_vec();
    messages.into_iter().map(|(number, message)| (number, without_tag(message))).unzip()
}
