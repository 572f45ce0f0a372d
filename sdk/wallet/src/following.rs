//! Follows what was sent: all of it at once, as long as there is patience, whatever the node does meanwhile.

use encoding::{Hash32, Level, MessageId, Tz4Address};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};

use crate::error::StateError;
use crate::follow::{Found, Settlement, look_up, status_at_head};
use crate::inboxes::{Search, Whereabouts};
use crate::patience::Patience;
use crate::session::Session;
use crate::state::RollupState;
use crate::transaction::Signable;
use crate::transaction_status::{TransactionStatus, is_early, transaction_status};

/// Levels: so many more than the one that has a failure the others are waited for.
const GRACE: i32 = 1;

/// What is followed.
#[derive(Clone, Copy, Debug)]
pub enum Item<'a> {
    /// A transaction, and the head when it was signed.
    Transaction(&'a Signable, Level),
    /// A batch that was signed as a whole.
    Batch(Hash32),
}

/// What became of it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Followed {
    /// No level has it.
    Pending,
    /// A level has it: with what result, and how far that is settled.
    Found(Found, Settlement),
    /// No level has it, and none can have it any more.
    Dead(TransactionStatus),
    /// The kernel refused its message, with all that was in it, for this reason.
    RefusedWhole(MessageId, Outcome),
    /// The node does not have it any more, in no level from this one on.
    Gone(Level),
}

/// Why the waiting is over.
#[derive(Debug)]
pub enum FollowEnd {
    /// All is settled as far as it was to be.
    All,
    /// Something was not applied, and the others have had their time.
    Refused,
    /// There was no more time.
    Timeout,
    /// Somebody interrupted it.
    Interrupted,
    /// There was no more time, and the node had not answered last.
    Away(StateError),
}

impl Item<'_> {
    /// The hash that its result is kept under.
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        match self {
            Item::Transaction(signable, _) => signable.hash(),
            Item::Batch(hash) => *hash,
        }
    }
}

impl Followed {
    /// Whether it was not applied, and what was sent has had its turn.
    #[must_use]
    pub fn is_failure(&self) -> bool {
        match self {
            Followed::Pending => false,
            Followed::Found(found, _) => found.failure().is_some(),
            Followed::Dead(_) | Followed::RefusedWhole(..) | Followed::Gone(_) => true,
        }
    }

    /// Whether a level had it in vain, and it may still be applied.
    fn is_early(&self) -> bool {
        matches!(self, Followed::Found(found, _) if !found.is_final())
    }

    /// Whether it is settled so far, or is not to be waited for any more.
    #[must_use]
    pub fn is_at(&self, settlement: Settlement) -> bool {
        match self {
            Followed::Pending => false,
            Followed::Found(found, reached) => *reached >= settlement || found.failure().is_some(),
            Followed::Dead(_) | Followed::RefusedWhole(..) | Followed::Gone(_) => true,
        }
    }

    /// The status of a transaction that was followed so far.
    #[must_use]
    pub fn status(&self) -> TransactionStatus {
        match self {
            Followed::Pending | Followed::Gone(_) => TransactionStatus::Open(None),
            Followed::RefusedWhole(_, Outcome { code: ResultCode::AllStale, .. }) => {
                TransactionStatus::Replaced
            }
            // What is in it can still be applied, in another message.
            Followed::RefusedWhole(message, outcome) => {
                TransactionStatus::Open(Some((message.level, *outcome)))
            }
            Followed::Dead(status) => *status,
            Followed::Found(found, _) => {
                let level = found.message.level;
                match found.failure() {
                    None => TransactionStatus::Applied(level),
                    Some(one) if one.outcome.is_final() => {
                        TransactionStatus::Refused(level, one.outcome)
                    }
                    Some(one) => TransactionStatus::Open(Some((level, one.outcome))),
                }
            }
        }
    }
}

impl Session {
    /// Waits until all is settled so far, something was not applied, or there is no more patience. A node
    /// that does not answer is asked again. It was sent after level `since`: what levels up to that had in
    /// vain has another turn. `progress` is told how many of how many are settled so far.
    pub fn follow(
        &self,
        items: &[Item<'_>],
        settlement: Settlement,
        since: Level,
        patience: &Patience<'_>,
        progress: &dyn Fn(usize, usize),
    ) -> (Vec<Followed>, FollowEnd) {
        let mut all = vec![Followed::Pending; items.len()];
        let mut failed_at: Option<Level> = None;
        let mut search = Search::after(since, items.iter().map(Item::hash).collect());
        loop {
            let looked = self
                .look(items, &mut all, settlement, since)
                .and_then(|head| self.look_at_messages(&mut search, &mut all).map(|()| head));
            let away = match looked {
                Ok(head) => {
                    let done = all.iter().filter(|one| one.is_at(settlement)).count();
                    progress(done, items.len());
                    if all.iter().any(Followed::is_failure) {
                        let first = failed_at.get_or_insert(head);
                        let is_late = head.0.saturating_sub(first.0) > GRACE;
                        // The others need not be final for it to be said at once. One that came too early
                        // says that another is missing, which is not to be waited for.
                        if is_late
                            || all.iter().any(Followed::is_early)
                            || all.iter().all(|one| one.is_at(Settlement::Included))
                        {
                            return (all, FollowEnd::Refused);
                        }
                    } else if done == items.len() {
                        return (all, FollowEnd::All);
                    }
                    None
                }
                Err(error) => Some(error),
            };
            if patience.is_interrupted() {
                return (all, FollowEnd::Interrupted);
            }
            if patience.is_over() {
                return (all, away.map_or(FollowEnd::Timeout, FollowEnd::Away));
            }
            patience.pause();
        }
    }

    /// Looks what became of the messages of what has no result: one that is refused whole leaves none.
    fn look_at_messages(
        &self,
        search: &mut Search,
        all: &mut [Followed],
    ) -> Result<(), StateError> {
        let is_told = |one: &Followed| {
            let may_be_refused_whole =
                [TransactionStatus::Replaced, TransactionStatus::Expired].map(Followed::Dead);
            *one != Followed::Pending && !may_be_refused_whole.contains(one)
        };
        if all.iter().all(is_told) {
            return Ok(());
        }
        let whereabouts = search.look(self.node())?.to_vec();
        for (at, (one, found)) in all.iter_mut().zip(whereabouts).enumerate() {
            if is_told(one) {
                continue;
            }
            let now = match found {
                Whereabouts::InLevel(carried, Some(MessageResult::Refused(outcome))) => {
                    Followed::RefusedWhole(carried.message, outcome)
                }
                Whereabouts::Nowhere { since }
                    if *one == Followed::Pending && search.is_gone(at, self.is_sandbox()) =>
                {
                    Followed::Gone(since)
                }
                Whereabouts::InLevel(..) => one.clone(),
                _ => continue,
            };
            let Some(hash) = search.hash(at) else { continue };
            match status_at_head(self.node(), &hash)? {
                None => *one = now,
                // It was found in a batch that its signers have signed, under which its result is.
                Some((found, reached)) if *one != Followed::Pending && found.is_final() => {
                    *one = Followed::Found(found, reached);
                }
                // Its result has come while it was looked for.
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Looks once. What is settled as far as it was to be is not looked at again.
    fn look(
        &self,
        items: &[Item<'_>],
        all: &mut [Followed],
        settlement: Settlement,
        since: Level,
    ) -> Result<Level, StateError> {
        // Settled first: a head that comes in between only makes it look less settled than it is.
        let settled = self.node().settled()?;
        let state = RollupState::at(self.node(), "head")?;
        let reached =
            |found: &Found| settled.stage(found.message.level).unwrap_or(Settlement::Included);
        let mut behind = Behind::default();
        for (item, one) in items.iter().zip(all) {
            if let Followed::Found(found, before) = one {
                let now = reached(found);
                if is_done(found, *before, settlement)
                    || (now < settlement && found.failure().is_none())
                {
                    *before = now.max(*before);
                    continue;
                }
            }
            let status = match item {
                Item::Batch(_) => TransactionStatus::Open(None),
                Item::Transaction(signable, _) if behind.has(&state, signable)? => {
                    *one = Followed::Pending;
                    continue;
                }
                Item::Transaction(signable, sent) => transaction_status(&state, signable, *sent)?,
            };
            *one = match (look_up(&state, &item.hash())?, status) {
                (Some(found), status)
                    if (!status.is_dead() || found.failure().is_some())
                        && (found.is_final() || found.message.level > since) =>
                {
                    let settlement = reached(&found);
                    Followed::Found(found, settlement)
                }
                (_, TransactionStatus::Open(_)) => {
                    if let Item::Transaction(signable, _) = item {
                        behind.waiting.extend(signable.signers());
                    }
                    Followed::Pending
                }
                (_, status) => Followed::Dead(status),
            };
        }
        Ok(state.block().level)
    }
}

/// Signers of transactions that are in no level.
///
/// None of a later counter of theirs is applied either. The next one is looked at nevertheless: if a level
/// has had it in vain, the one before it is missing.
#[derive(Default)]
struct Behind {
    waiting: Vec<Tz4Address>,
}

impl Behind {
    /// Whether nothing can come of a transaction before something else does.
    fn has(&self, state: &RollupState<'_>, signable: &Signable) -> Result<bool, StateError> {
        for signer in signable.signers() {
            let before = self.waiting.iter().filter(|other| **other == signer).count();
            if before > 1 && is_early(state, signable, &signer)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether nothing more is to be asked about a result that is settled so far.
fn is_done(found: &Found, reached: Settlement, wanted: Settlement) -> bool {
    reached >= wanted || (found.failure().is_some() && found.is_final())
}
