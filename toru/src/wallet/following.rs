//! Waiting for what was sent: all of it at once, as long as there is time, whatever the node does meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Instant;

use encoding::{Hash32, Level, MessageId, Tz4Address};
use serde_json::{Value, json};
use tx_kernel::results::{MessageResult, Outcome};
use wallet::error::StateError;
use wallet::fate::{Fate, fate, is_early};
use wallet::follow::{Found, Stage, look_up, status};
use wallet::inboxes::{Search, Whereabouts};
use wallet::state::State;
use wallet::transaction::Signable;

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
pub(super) enum Came {
    /// No level has it.
    Pending,
    /// A level has it: with what result, and how far that has come.
    Found(Found, Stage),
    /// No level has it, and none can have it any more.
    Dead(Fate),
    /// The kernel refused its message, with all that was in it, for this reason.
    RefusedWhole(MessageId, Outcome),
    /// The node does not have it any more, in no level from this one on.
    Gone(Level),
}

/// Why the waiting is over.
pub(super) enum Ended {
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

impl Came {
    /// Whether it was not applied, and what was sent has had its turn.
    pub fn is_failure(&self) -> bool {
        match self {
            Came::Pending => false,
            Came::Found(found, _) => found.failure().is_some(),
            Came::Dead(_) | Came::RefusedWhole(..) | Came::Gone(_) => true,
        }
    }

    /// Whether a level had it in vain, and it may still be applied.
    fn is_early(&self) -> bool {
        match self {
            Came::Found(found, _) => !found.is_final(),
            Came::Pending | Came::Dead(_) | Came::RefusedWhole(..) | Came::Gone(_) => false,
        }
    }

    /// Whether it has come so far, or is not to be waited for any more.
    pub fn is_at(&self, stage: Stage) -> bool {
        match self {
            Came::Pending => false,
            Came::Found(found, reached) => *reached >= stage || found.failure().is_some(),
            Came::Dead(_) | Came::RefusedWhole(..) | Came::Gone(_) => true,
        }
    }

    /// What is to be said of its failure, if it is one.
    pub fn failure(&self, hash: &Hash32) -> Option<WalletFailure> {
        match self {
            Came::Pending => None,
            Came::Found(found, _) => {
                found.failure().map(|line| WalletFailure::Refused(line.outcome))
            }
            Came::Dead(fate) => {
                Some(WalletFailure::NeverApplied { hash: hash.to_string(), why: why(fate) })
            }
            Came::RefusedWhole(message, reason) => {
                let (hash, message, reason) = (hash.to_string(), *message, *reason);
                Some(WalletFailure::RefusedWhole { hash, message, reason })
            }
            Came::Gone(since) => {
                Some(WalletFailure::Gone { hash: hash.to_string(), since: *since })
            }
        }
    }

    pub fn text(&self, hash: &Hash32) -> String {
        match self {
            Came::Pending => format!("{hash}\n  in no level yet\n"),
            Came::Found(found, stage) => found_text(hash, found, *stage),
            Came::Dead(fate) => format!("{hash}\n  {}: {}\n", fate.word(), why(fate)),
            Came::RefusedWhole(message, reason) => {
                let words = reasons::sentence_with_code(reason);
                format!("{hash}\n  level {}, refused whole: {words}\n", message.level)
            }
            Came::Gone(since) => {
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
            Came::Pending => result(Fate::Open(None).word()),
            Came::Found(found, stage) => found_json(hash, found, *stage),
            Came::Dead(fate) => result(fate.word()),
            Came::Gone(_) => result("gone"),
            Came::RefusedWhole(message, reason) => {
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
pub(super) fn why(fate: &Fate) -> &'static str {
    match fate {
        Fate::Applied(_) => "it was applied",
        Fate::Refused(..) => "the kernel refused it",
        Fate::Expired => "its last level is over, and no level has applied it",
        Fate::Replaced => "another transaction of the account took its place",
        Fate::Forgotten => "its result is so old that it is not kept",
        Fate::Open(_) => "no level has applied it yet",
    }
}

/// Why it was not applied, in words; empty if it was, or there is nothing to add.
pub(super) fn reason_words(fate: &Fate) -> String {
    match fate {
        Fate::Refused(_, reason) | Fate::Open(Some((_, reason))) => reasons::sentence(reason),
        Fate::Applied(_) => String::new(),
        fate => why(fate).to_owned(),
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
        stage: Stage,
        deadline: Instant,
        since: Level,
    ) -> (Vec<Came>, Ended) {
        let what = format!("waiting until it is {}", stage.word());
        let waiting = Progress::unless(self.json, what);
        let is_interrupted = interrupted();
        let mut came = vec![Came::Pending; items.len()];
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
                    if came.iter().any(Came::is_failure) {
                        let first = failed_at.get_or_insert(head);
                        let is_late = head.0.saturating_sub(first.0) > GRACE;
                        // The others need not be final for it to be said at once. One that came too early
                        // says that another is missing, which is not to be waited for.
                        if is_late
                            || came.iter().any(Came::is_early)
                            || came.iter().all(|one| one.is_at(Stage::Included))
                        {
                            return (came, Ended::Refused);
                        }
                    } else if done == items.len() {
                        return (came, Ended::All);
                    }
                    None
                }
                Err(error) => Some(error),
            };
            if is_interrupted.load(Ordering::SeqCst) {
                return (came, Ended::Interrupted);
            }
            if Instant::now() >= deadline {
                let ended = away.map_or(Ended::Timeout, |error| {
                    Ended::Away(WalletFailure::State(error).into())
                });
                return (came, ended);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Looks what became of the messages of what has no result: one that is refused whole leaves none.
    fn look_at_messages(&self, search: &mut Search, came: &mut [Came]) -> Result<(), StateError> {
        let is_told = |came: &Came| {
            !matches!(came, Came::Pending | Came::Dead(Fate::Replaced | Fate::Expired))
        };
        if came.iter().all(is_told) {
            return Ok(());
        }
        let places = search.look(&self.node)?.to_vec();
        for (at, (came, place)) in came.iter_mut().zip(places).enumerate() {
            if is_told(came) {
                continue;
            }
            let (hash, now) = match place {
                Whereabouts::InLevel(carried, Some(MessageResult::Refused(reason))) => {
                    (search.hash(at), Came::RefusedWhole(carried.message, reason))
                }
                Whereabouts::Nowhere { since }
                    if *came == Came::Pending && search.is_gone(at, self.sandbox) =>
                {
                    (search.hash(at), Came::Gone(since))
                }
                _ => continue,
            };
            // Its result may have come while it was looked for.
            if let Some(hash) = hash
                && status(&self.node, &hash)?.is_none()
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
        came: &mut [Came],
        stage: Stage,
        since: Level,
    ) -> Result<Level, StateError> {
        // Settled first: a head that comes in between only makes it look less settled than it is.
        let settled = self.node.settled()?;
        let state = State::at(&self.node, "head")?;
        let reached = |found: &Found| settled.stage(found.message.level).unwrap_or(Stage::Included);
        // Whoever's transaction is in no level has none of a later counter applied either. The next one is
        // looked at nevertheless: if a level has had it in vain, the one before it is missing.
        let mut waits: Vec<Tz4Address> = Vec::new();
        for (item, came) in items.iter().zip(came) {
            if let Came::Found(found, before) = came {
                let now = reached(found);
                if is_done(found, *before, stage) || (now < stage && found.failure().is_none()) {
                    *before = now.max(*before);
                    continue;
                }
            }
            let hash = item.hash();
            let fate = match item {
                Item::Batch(_) => Fate::Open(None),
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
                        *came = Came::Pending;
                        continue;
                    }
                    fate(&state, signable, *sent)?
                }
            };
            *came = match (look_up(&state, &hash)?, fate) {
                (Some(found), fate)
                    if (!fate.is_dead() || found.failure().is_some())
                        && (found.is_final() || found.message.level > since) =>
                {
                    let stage = reached(&found);
                    Came::Found(found, stage)
                }
                (_, Fate::Open(_)) => {
                    if let Item::Transaction(signable, _) = item {
                        waits.extend(signable.signers());
                    }
                    Came::Pending
                }
                (_, fate) => Came::Dead(fate),
            };
        }
        Ok(state.block().level)
    }
}

/// Whether nothing more is to be asked about a result that has come so far.
fn is_done(found: &Found, reached: Stage, wanted: Stage) -> bool {
    reached >= wanted || (found.failure().is_some() && found.is_final())
}
