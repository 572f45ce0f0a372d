//! Payments from the signature to the last result: on the disk before they are sent, and never made twice
//! by mistake.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use encoding::{Hash32, RollupAddress, Tz4Address};
use serde_json::{Value, json};
use wallet::bundle::bundle;
use wallet::error::{RpcError, StateError};
use wallet::fate::Fate;
use wallet::follow::Stage;
use wallet::payments::{Kept, Lock, Payments, Row, Sent, Source, Standing, Store};
use wallet::state::State;
use wallet::ticket::Token;

use super::failure::WalletFailure;
use super::following::{Came, Ended, Item};
use super::rows::Told;
use super::session::{Sending, Session};
use super::submit::json_text;
use crate::Output;
use crate::error::Failure;

/// Hashes that are shown without `--verbose`.
const HASHES_SHOWN: usize = 10;

/// Where payments are recorded.
#[derive(Debug, Args)]
pub struct PaymentsArgs {
    /// Folder of the records of payments [default: payments, beside the folder of withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_PAYMENTS")]
    payments: Option<PathBuf>,
}

impl PaymentsArgs {
    /// The records of a rollup.
    pub(super) fn store(&self, rollup: &RollupAddress) -> Result<Store, Failure> {
        let folder = match (&self.payments, std::env::var_os("TORU_WITHDRAWALS")) {
            (Some(folder), _) => folder.clone(),
            (None, Some(folder)) => PathBuf::from(folder).with_file_name("payments"),
            (None, None) => crate::key::default_folder()?.with_file_name("payments"),
        };
        Ok(Store::new(&folder, rollup))
    }
}

/// Payments that may have been sent before.
pub(super) struct Same<'a> {
    /// The file they are from.
    pub file: Option<&'a Source>,
    /// The digest that finds them.
    pub digest: Hash32,
    /// Who pays, and what.
    pub rows: Option<(&'a Tz4Address, &'a [Row])>,
}

/// Something that was sent before, and how far it is.
pub(super) struct Before {
    pub kept: Kept,
    pub standing: Standing,
}

impl Session {
    /// How far payments have come. What is known for good is remembered: in the sandbox, which goes back
    /// to any level and begins anew, what the head says.
    pub fn standing(
        &self,
        kept: &mut Kept,
        store: &Store,
        held: Option<&Lock>,
    ) -> Result<Standing, Failure> {
        let state = self.state()?;
        let finalized = match State::at(&self.node, "finalized") {
            // Before the kernel's first level nothing is final.
            Err(StateError::NotOurs { .. } | StateError::Rpc(RpcError::Refused { .. })) => None,
            state => Some(state.map_err(WalletFailure::State)?),
        };
        let standing = Standing::of(&kept.payments, &state, finalized.as_ref());
        let mut standing = standing.map_err(WalletFailure::State)?;
        if self.dev_keys {
            standing.settled.clone_from(&standing.now);
        }
        if kept.payments.settle(&standing.now, &standing.settled) {
            let own = match held {
                Some(_) => None,
                None => Some(store.lock().map_err(WalletFailure::Payments)?),
            };
            if let Some(lock) = held.or(own.as_ref()) {
                // Somebody else may have gone on with it: what they have signed stays.
                let latest = store.reread(kept, lock);
                let mut latest = latest.map_err(WalletFailure::Payments)?;
                latest.payments.learn(&kept.payments);
                store.update(&mut latest, lock).map_err(WalletFailure::Payments)?;
            }
        }
        Ok(standing)
    }

    /// What was sent of the same before, latest first: of the same file, of the same rows while some of
    /// them are not settled, or with a row among them that can still be paid.
    pub fn before(
        &self,
        store: &Store,
        same: &Same<'_>,
        held: Option<&Lock>,
    ) -> Result<Vec<Before>, Failure> {
        let mut all = Vec::new();
        for mut kept in store.read(&same.digest).map_err(WalletFailure::Payments)? {
            if self.is_of_another_life(&kept.payments) {
                continue;
            }
            let is_same_file = same.file.is_some_and(|file| is_file(&kept.payments, &file.digest));
            let may_be_same = is_same_file
                || same.rows.is_some_and(|(payer, rows)| {
                    kept.payments.payer == *payer
                        && kept
                            .payments
                            .rows
                            .iter()
                            .any(|old| rows.iter().any(|new| new.is_same(old)))
                });
            if !may_be_same {
                continue;
            }
            let standing = self.standing(&mut kept, store, held)?;
            let is_same_rows = same.rows.is_some_and(|(_, rows)| {
                let fates = standing.rows(&kept.payments);
                let open = kept.payments.rows.iter().zip(&fates).filter(|(_, fate)| fate.is_open());
                let is_any_open =
                    open.into_iter().any(|(old, _)| rows.iter().any(|new| new.is_same(old)));
                let is_unsettled = fates.iter().any(|fate| !matches!(fate, Fate::Applied(_)));
                let is_a_file = kept.payments.file.is_some();
                is_any_open || (is_a_file && is_unsettled && are_same(&kept.payments.rows, rows))
            });
            if is_same_file || is_same_rows {
                all.push(Before { kept, standing });
            }
        }
        all.reverse();
        Ok(all)
    }

    /// Whether they were sent to a sandbox that has begun anew since, or has gone back behind them.
    fn is_of_another_life(&self, payments: &Payments) -> bool {
        let Some(sent) = payments.transactions.first().filter(|_| self.dev_keys) else {
            return false;
        };
        match self.node.block(&sent.head.to_string()) {
            Ok(block) => block.hash != sent.block,
            Err(RpcError::Refused { .. }) => true,
            Err(_) => false,
        }
    }

    /// Fails if the same was sent before.
    pub fn refuse_twice(
        &self,
        store: &Store,
        same: &Same<'_>,
        state: &State<'_>,
        resume: &str,
        held: Option<&Lock>,
    ) -> Result<(), Failure> {
        let before = self.before(store, same, held)?;
        let Some(Before { kept, standing }) = before.into_iter().next() else { return Ok(()) };
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let told = Told::new(&kept.payments, &standing.now, &tokens);
        let what = match (same.file, &kept.payments.file) {
            (Some(file), Some(old)) if file.digest == old.digest => file.name.clone(),
            (_, Some(old)) => format!("a payment of it, in {},", old.name),
            _ => "the same payment".to_owned(),
        };
        let is_open = standing.now.iter().any(Fate::is_open);
        let standing = told.summary();
        Err(WalletFailure::SentBefore { what, standing, is_open, resume: resume.to_owned() }.into())
    }

    /// Sends some transactions of a record, which is on the disk, and follows all of them.
    pub fn pay(
        &self,
        store: &Store,
        state: &State<'_>,
        mut kept: Kept,
        which: &[usize],
        plan: Value,
        how: (&Sending, &str),
    ) -> Result<Output, Failure> {
        let (sending, resume) = how;
        // All that is asked is asked before anything is sent: the node may not be there afterwards.
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let some: Vec<_> = which
            .iter()
            .filter_map(|at| kept.payments.transactions.get(*at))
            .map(|sent| sent.signable.clone())
            .collect();
        let registered = state.registered(&some).map_err(WalletFailure::State)?;
        let messages = bundle(state.rollup(), &some, &registered).map_err(WalletFailure::Bundle)?;
        let deadline = Instant::now() + sending.patience();
        let given = self.give(&messages, sending.wait.map(|_| deadline));
        let mut report = json!({
            "plan": plan,
            "sent": true,
            "hashes": hashes(&kept.payments),
            "record": kept.path().display().to_string(),
        });
        let (came, ended) = match (given, sending.wait) {
            (Err(failure), _) => {
                // The node may have taken some of it, or all.
                report["sent"] = Value::Null;
                (BTreeMap::new(), Ended::Away(failure))
            }
            (Ok(ids), None) => {
                report["messages"] = json!(ids);
                let text = match self.json {
                    true => json_text(&report)?,
                    false => self.hashes_text(&kept.payments, resume),
                };
                return Ok(Output::from(text));
            }
            (Ok(ids), Some(stage)) => {
                report["messages"] = json!(ids);
                let counts = kept.payments.current();
                let all = kept.payments.transactions.iter().enumerate();
                // What the sandbox has done it may have taken back.
                let is_asked = |sent: &Sent| sent.end.is_none() || self.dev_keys;
                let open = all.filter(|(at, sent)| counts.contains(at) && is_asked(sent));
                let (places, items): (Vec<usize>, Vec<Item<'_>>) = open
                    .map(|(at, sent)| (at, Item::Transaction(&sent.signable, sent.head)))
                    .unzip();
                let (came, ended) = self.follow(&items, stage, deadline);
                (places.into_iter().zip(came).collect(), ended)
            }
        };
        // What becomes known for good is remembered, if the node still answers.
        let _ = self.standing(&mut kept, store, None);
        let follows = Followed { came, ended, stage: sending.wait };
        self.told(&kept.payments, follows, report, &tokens, resume)
    }

    /// What became of payments that were followed.
    fn told(
        &self,
        payments: &Payments,
        followed: Followed,
        mut report: Value,
        tokens: &[Token],
        resume: &str,
    ) -> Result<Output, Failure> {
        let Followed { came, ended, stage } = followed;
        let fate = |(at, sent): (usize, &Sent)| {
            came.get(&at).map(Came::fate).or(sent.end).unwrap_or(Fate::Open(None))
        };
        let fates: Vec<Fate> = payments.transactions.iter().enumerate().map(fate).collect();
        let told = Told::new(payments, &fates, tokens);
        let refused = refusal(&told, &came, payments, (ended, stage), resume);
        let sent = payments.transactions.iter().enumerate().zip(&fates);
        if self.json {
            let results = sent.map(|((at, sent), fate)| {
                let hash = sent.signable.hash();
                came.get(&at).map_or_else(|| ended_json(&hash, fate), |came| came.json(&hash))
            });
            report["results"] = results.collect();
            report["rows"] = told.json();
            return Ok(Output { text: json_text(&report)?, refused });
        }
        let mut text = String::new();
        let is_few = payments.transactions.len() <= HASHES_SHOWN / 2;
        if is_few || self.verbose {
            text.extend(came.iter().filter_map(|(at, came)| {
                payments.transactions.get(*at).map(|sent| came.text(&sent.signable.hash()))
            }));
        }
        if payments.rows.len() > 1 || refused.is_some() {
            // Where something failed, every row is told.
            text.push_str(&told.text(self, self.verbose || refused.is_some())?);
        }
        Ok(Output { text, refused })
    }

    /// How each transaction is asked for; where there are many, how all of them are.
    fn hashes_text(&self, payments: &Payments, resume: &str) -> String {
        let all = hashes(payments);
        let shown = if self.verbose { all.len() } else { HASHES_SHOWN };
        let mut text: String =
            all.iter().take(shown).map(|hash| format!("toru tx show {hash}\n")).collect();
        if let Some(more) = all.len().checked_sub(shown).filter(|more| *more > 0) {
            text.push_str(&format!("and {more} more: {resume} says how far all of them are\n"));
        }
        text
    }
}

impl Came {
    /// The fate of a transaction that has come so far.
    fn fate(&self) -> Fate {
        match self {
            Came::Pending => Fate::Open(None),
            Came::Dead(fate) => *fate,
            Came::Found(found, _) => {
                let level = found.message.level;
                match found.failure() {
                    None => Fate::Applied(level),
                    Some(line) if line.reason.is_final() => Fate::Refused(level, line.reason),
                    Some(line) => Fate::Open(Some((level, line.reason))),
                }
            }
        }
    }
}

/// What was followed, and how that ended.
struct Followed {
    /// Of transactions, by their places, of which the end was not known.
    came: BTreeMap<usize, Came>,
    ended: Ended,
    /// How far they were to come.
    stage: Option<Stage>,
}

/// What is to be said of payments that have not all come as far as they were to.
fn refusal(
    told: &Told<'_>,
    came: &BTreeMap<usize, Came>,
    payments: &Payments,
    (ended, stage): (Ended, Option<Stage>),
    resume: &str,
) -> Option<Failure> {
    let why = match &ended {
        Ended::All | Ended::Refused => "others were refused".to_owned(),
        Ended::Timeout => "the time for waiting is over".to_owned(),
        Ended::Interrupted => "interrupted".to_owned(),
        Ended::Away(failure) => failure.to_string(),
    };
    match (told.refusal(&why, resume), ended) {
        (Some(failure @ WalletFailure::NotPaid { .. }), _) => Some(failure.into()),
        (_, Ended::Interrupted) => Some(WalletFailure::Interrupted.into()),
        (_, Ended::Away(failure)) if failure.exit_code() == 4 => {
            let problem = failure.to_string();
            let hint = format!("{resume} goes on with the same signatures, and pays nobody twice");
            Some(WalletFailure::Away { problem, hint }.into())
        }
        (_, Ended::Away(failure)) => Some(failure),
        (Some(failure), _) => Some(failure.into()),
        // All are in levels, and not yet as far as was asked for.
        (None, Ended::Timeout) => {
            let stage = stage?;
            let late = came.iter().find(|(_, came)| !came.is_at(stage));
            let sent = late.and_then(|(at, _)| payments.transactions.get(*at))?;
            let hash = sent.signable.hash().to_string();
            Some(WalletFailure::NotYet { stage: stage.word(), hash }.into())
        }
        (None, Ended::All | Ended::Refused) => None,
    }
}

/// A transaction whose end was known before.
fn ended_json(hash: &Hash32, fate: &Fate) -> Value {
    let level = match fate {
        Fate::Applied(level) | Fate::Refused(level, _) => Some(level.0),
        _ => None,
    };
    json!({
        "hash": hash.to_string(), "level": level, "stage": null, "final": !fate.is_open(),
        "applied": matches!(fate, Fate::Applied(_)), "result": fate.word(),
    })
}

fn hashes(payments: &Payments) -> Vec<String> {
    payments.transactions.iter().map(|sent| sent.signable.hash().to_string()).collect()
}

/// Whether they are from the file of that digest.
pub(super) fn is_file(payments: &Payments, digest: &Hash32) -> bool {
    payments.file.as_ref().is_some_and(|file| file.digest == *digest)
}

/// Whether two files pay the same, in whatever order.
fn are_same(one: &[Row], other: &[Row]) -> bool {
    let sorted = |rows: &[Row]| {
        let mut rows: Vec<Row> = rows.iter().map(|row| Row { line: 0, ..row.clone() }).collect();
        rows.sort();
        rows
    };
    one.len() == other.len() && sorted(one) == sorted(other)
}
