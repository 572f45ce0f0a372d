//! What became of batches and transactions, as of a head: looked for in the inboxes of the levels that are new, in the
//! state, and in the node's queue.

use std::collections::BTreeMap;

use encoding::{Hash32, Level, MessageId, RollupAddress};
use inbox::v2::Batch;
use tx_kernel::results::MessageResult;
use tx_kernel::results::batch::TransactionResult;
use tx_kernel::view::View;
use wallet::inboxes::batch_in;

use super::{BlockState, Follower, Watched};
use crate::limits;
use crate::mempool::Fate;
use crate::pool::Away;

impl Follower {
    /// What became of the batches that are watched.
    pub(super) fn fates(
        &mut self,
        state: &BlockState,
        rollup: RollupAddress,
        common: Level,
        went_back: bool,
    ) -> Result<Vec<(u64, Fate)>, Away> {
        let (batches, _) = self.watch.get();
        self.included
            .retain(|number, message| batches.contains_key(number) && message.level <= common);
        // Levels that are no more say nothing of how long something is missed.
        self.missed.retain(|number, _| !went_back && batches.contains_key(number));
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
    pub(super) fn found(
        &self,
        state: &BlockState,
    ) -> Result<Vec<(Hash32, Option<TransactionResult>)>, Away> {
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
