//! Waiting for what was sent: all of it at once, as long as there is time, whatever the node does meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Instant;

use encoding::{Hash32, Level, MessageId, Tz4Address};
use serde_json::{Value, json};
use tx_kernel::results::{MessageResult, Outcome};
use wallet::error::StateError;
use wallet::follow::{Found, Settlement, look_up, status_at_head};
use wallet::inboxes::{Search, Whereabouts};
use wallet::state::RollupState;
use wallet::transaction::Signable;
use wallet::transaction_status::{TransactionStatus, is_early, transaction_status};

use super::failure::WalletFailure;
use super::session::{PAUSE, Session};
use super::submit::{found_json, found_text};
use crate::error::Failure;
use crate::progress::Progress;
use crate::reasons;

/// Levels: so many more than the one that has a failure the others are waited for.
const GRACE: i32 = 1;

/// What is waited for.
pub(super) enum Item<'a> {
    /// A transaction, and the head when it was signed.
    Transaction(&'a Signable, Level),
    /// A batch that was signed as a whole.
    Batch(Hash32),
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Followed {
    /// No level has it.
    Pending,
    /// A level has it: with what result, and how far that has come.
    Found(Found, Settlement),
    /// No level has it, and none can have it any more.
    Dead(TransactionStatus),
    /// The kernel refused its message, with all that was in it, for this reason.
    RefusedWhole(MessageId, Outcome),
    /// The node does not have it any more, in no level from this one on.
    Gone(Level),
}

/// Why the waiting is over.
pub(super) enum FollowEnd {
    /// All has come as far as it was to.
    All,
    /// Something was not applied, and the others have had their time.
    Refused,
    /// There was no more time.
    Timeout,
    /// Somebody pressed Ctrl-C.
    Interrupted,
    /// There was no more time, and the node had not answered last.
    Away(Failure),
}

impl Item<'_> {
    pub fn hash(&self) -> Hash32 {
        match self {
            Item::Transaction(signable, _) => signable.hash(),
            Item::Batch(hash) => *hash,
        }
    }
}

impl Followed {
    /// Whether it was not applied, and what was sent has had its turn.
    pub fn is_failure(&self) -> bool {
        match self {
            Followed::Pending => false,
            Followed::Found(found, _) => found.failure().is_some(),
            Followed::Dead(_) | Followed::RefusedWhole(..) | Followed::Gone(_) => true,
        }
    }

    /// Whether a level had it in vain, and it may still be applied.
    fn is_early(&self) -> bool {
        match self {
            Followed::Found(found, _) => !found.is_final(),
            Followed::Pending
            | Followed::Dead(_)
            | Followed::RefusedWhole(..)
            | Followed::Gone(_) => false,
        }
    }

    /// Whether it has come so far, or is not to be waited for any more.
    pub fn is_at(&self, stage: Settlement) -> bool {
        match self {
            Followed::Pending => false,
            Followed::Found(found, reached) => *reached >= stage || found.failure().is_some(),
            Followed::Dead(_) | Followed::RefusedWhole(..) | Followed::Gone(_) => true,
        }
    }

    /// What is to be said of its failure, if it is one.
    pub fn failure(&self, hash: &Hash32) -> Option<WalletFailure> {
        match self {
            Followed::Pending => None,
            Followed::Found(found, _) => {
                found.failure().map(|line| WalletFailure::Refused(line.outcome))
            }
            Followed::Dead(status) => {
                Some(WalletFailure::NeverApplied { hash: hash.to_string(), why: why(status) })
            }
            Followed::RefusedWhole(message, reason) => {
                let (hash, message, reason) = (hash.to_string(), *message, *reason);
                Some(WalletFailure::RefusedWhole { hash, message, reason })
            }
            Followed::Gone(since) => {
                Some(WalletFailure::Gone { hash: hash.to_string(), since: *since })
            }
        }
    }

    pub fn text(&self, hash: &Hash32) -> String {
        match self {
            Followed::Pending => format!("{hash}\n  in no level yet\n"),
            Followed::Found(found, stage) => found_text(hash, found, *stage),
            Followed::Dead(status) => format!("{hash}\n  {}: {}\n", status.word(), why(status)),
            Followed::RefusedWhole(message, reason) => {
                let words = reasons::sentence_with_code(reason);
                format!("{hash}\n  level {}, refused whole: {words}\n", message.level)
            }
            Followed::Gone(since) => {
                format!("{hash}\n  gone: the node has it in no level from {since} on\n")
            }
        }
    }

    pub fn json(&self, hash: &Hash32) -> Value {
        let result = |word: &str| {
            json!({
                "hash": hash.to_string(), "level": null, "stage": null, "final": false,
                "applied": false, "result": word,
            })
        };
        match self {
            Followed::Pending => result(TransactionStatus::Open(None).word()),
            Followed::Found(found, stage) => found_json(hash, found, *stage),
            Followed::Dead(status) => result(status.word()),
            Followed::Gone(_) => result("gone"),
            Followed::RefusedWhole(message, reason) => {
                let mut told = result("refused whole");
                told["level"] = json!(message.level.0);
                told["message"] = json!(message.index);
                if let (Value::Object(told), Value::Object(outcome)) =
                    (&mut told, reasons::json(reason))
                {
                    told.extend(outcome);
                }
                told
            }
        }
    }
}

/// Why nothing more can come of it, or what has come.
pub(super) fn why(status: &TransactionStatus) -> &'static str {
    match status {
        TransactionStatus::Applied(_) => "it was applied",
        TransactionStatus::Refused(..) => "the kernel refused it",
        TransactionStatus::Expired => "its last level is over, and no level has applied it",
        TransactionStatus::Replaced => "another transaction of the account took its whereabouts",
        TransactionStatus::Forgotten => "its result is so old that it is not kept",
        TransactionStatus::Open(_) => "no level has applied it yet",
    }
}

/// Why it was not applied, in words; empty if it was, or there is nothing to add.
pub(super) fn reason_words(status: &TransactionStatus) -> String {
    match status {
        TransactionStatus::Refused(_, reason) | TransactionStatus::Open(Some((_, reason))) => {
            reasons::sentence(reason)
        }
        TransactionStatus::Applied(_) => String::new(),
        status => why(status).to_owned(),
    }
}

/// Set when somebody presses Ctrl-C. If it is pressed again, the process ends at once.
pub(super) fn interrupted() -> &'static Arc<AtomicBool> {
    /// As shells report a process that SIGINT ended.
    const INTERRUPTED: i32 = 130;
    static FLAG: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    FLAG.get_or_init(|| {
        let flag = Arc::new(AtomicBool::new(false));
        let handle = flag.clone();
        // It fails if there is a handler already, and then that one is in charge.
        let _ = ctrlc::set_handler(move || {
            if handle.swap(true, Ordering::SeqCst) {
                std::process::exit(INTERRUPTED);
            }
        });
        flag
    })
}

impl Session {
    /// Waits until all has come as far as a stage, something was not applied, there is no more time, or
    /// Ctrl-C is pressed. A node that does not answer is asked again. It was sent after level `since`: what
    /// levels up to that had in vain has another turn.
    pub fn follow(
        &self,
        items: &[Item<'_>],
        stage: Settlement,
        deadline: Instant,
        since: Level,
    ) -> (Vec<Followed>, FollowEnd) {
        let what = format!("waiting until it is {}", stage.word());
        let waiting = Progress::unless(self.json, what);
        let is_interrupted = interrupted();
        let mut came = vec![Followed::Pending; items.len()];
        let mut failed_at: Option<Level> = None;
        let mut search = Search::after(since, items.iter().map(Item::hash).collect());
        loop {
            let looked = self
                .look(items, &mut came, stage, since)
                .and_then(|head| self.look_at_messages(&mut search, &mut came).map(|()| head));
            let away = match looked {
                Ok(head) => {
                    let done = came.iter().filter(|one| one.is_at(stage)).count();
                    if items.len() > 1 {
                        waiting.at(done, items.len());
                    }
                    if came.iter().any(Followed::is_failure) {
                        let first = failed_at.get_or_insert(head);
                        let is_late = head.0.saturating_sub(first.0) > GRACE;
                        // The others need not be final for it to be said at once. One that came too early
                        // says that another is missing, which is not to be waited for.
                        if is_late
                            || came.iter().any(Followed::is_early)
                            || came.iter().all(|one| one.is_at(Settlement::Included))
                        {
                            return (came, FollowEnd::Refused);
                        }
                    } else if done == items.len() {
                        return (came, FollowEnd::All);
                    }
                    None
                }
                Err(error) => Some(error),
            };
            if is_interrupted.load(Ordering::SeqCst) {
                return (came, FollowEnd::Interrupted);
            }
            if Instant::now() >= deadline {
                let ended = away.map_or(FollowEnd::Timeout, |error| {
                    FollowEnd::Away(WalletFailure::State(error).into())
                });
                return (came, ended);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Looks what became of the messages of what has no result: one that is refused whole leaves none.
    fn look_at_messages(
        &self,
        search: &mut Search,
        came: &mut [Followed],
    ) -> Result<(), StateError> {
        let is_told = |came: &Followed| {
            !matches!(
                came,
                Followed::Pending
                    | Followed::Dead(TransactionStatus::Replaced | TransactionStatus::Expired)
            )
        };
        if came.iter().all(is_told) {
            return Ok(());
        }
        let positions = search.look(&self.node)?.to_vec();
        for (at, (came, whereabouts)) in came.iter_mut().zip(positions).enumerate() {
            if is_told(came) {
                continue;
            }
            let (hash, now) = match whereabouts {
                Whereabouts::InLevel(carried, Some(MessageResult::Refused(reason))) => {
                    (search.hash(at), Followed::RefusedWhole(carried.message, reason))
                }
                Whereabouts::Nowhere { since }
                    if *came == Followed::Pending && search.is_gone(at, self.sandbox) =>
                {
                    (search.hash(at), Followed::Gone(since))
                }
                _ => continue,
            };
            // Its result may have come while it was looked for.
            if let Some(hash) = hash
                && status_at_head(&self.node, &hash)?.is_none()
            {
                *came = now;
            }
        }
        Ok(())
    }

    /// Looks once. What has come as far as it was to is not looked at again.
    fn look(
        &self,
        items: &[Item<'_>],
        came: &mut [Followed],
        stage: Settlement,
        since: Level,
    ) -> Result<Level, StateError> {
        // Settled first: a head that comes in between only makes it look less settled than it is.
        let settled = self.node.settled()?;
        let state = RollupState::at(&self.node, "head")?;
        let reached =
            |found: &Found| settled.stage(found.message.level).unwrap_or(Settlement::Included);
        // Whoever's transaction is in no level has none of a later counter applied either. The next one is
        // looked at nevertheless: if a level has had it in vain, the one before it is missing.
        let mut waits: Vec<Tz4Address> = Vec::new();
        for (item, came) in items.iter().zip(came) {
            if let Followed::Found(found, before) = came {
                let now = reached(found);
                if is_done(found, *before, stage) || (now < stage && found.failure().is_none()) {
                    *before = now.max(*before);
                    continue;
                }
            }
            let hash = item.hash();
            let status = match item {
                Item::Batch(_) => TransactionStatus::Open(None),
                Item::Transaction(signable, sent) => {
                    let signers = signable.signers();
                    let mut is_behind = false;
                    let waits = |signer: &&Tz4Address| {
                        waits.iter().filter(|other| other == signer).count() > 1
                    };
                    for signer in signers.iter().filter(waits) {
                        is_behind |= is_early(&state, signable, signer)?;
                    }
                    if is_behind {
                        *came = Followed::Pending;
                        continue;
                    }
                    transaction_status(&state, signable, *sent)?
                }
            };
            *came = match (look_up(&state, &hash)?, status) {
                (Some(found), status)
                    if (!status.is_dead() || found.failure().is_some())
                        && (found.is_final() || found.message.level > since) =>
                {
                    let stage = reached(&found);
                    Followed::Found(found, stage)
                }
                (_, TransactionStatus::Open(_)) => {
                    if let Item::Transaction(signable, _) = item {
                        waits.extend(signable.signers());
                    }
                    Followed::Pending
                }
                (_, status) => Followed::Dead(status),
            };
        }
        Ok(state.block().level)
    }
}

/// Whether nothing more is to be asked about a result that has come so far.
fn is_done(found: &Found, reached: Settlement, wanted: Settlement) -> bool {
    reached >= wanted || (found.failure().is_some() && found.is_final())
}
