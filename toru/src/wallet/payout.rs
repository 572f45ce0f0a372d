//! Payments from the signature to the last result: on the disk before they are sent, and never made twice
//! by mistake.

use std::collections::BTreeMap;
use std::time::Instant;

use encoding::Hash32;
use serde_json::{Value, json};
use tx_kernel::results::{Outcome, ResultCode};
use wallet::bundle::bundle;
use wallet::follow::Settlement;
use wallet::payments::{PaymentStore, Payments, Sent, StoredPayments};
use wallet::state::RollupState;
use wallet::ticket::Token;
use wallet::transaction_status::TransactionStatus;

use super::failure::WalletFailure;
use super::following::{FollowEnd, Followed, Item};
use super::rows::PaymentsReport;
use super::session::{Sending, Session};
use super::submit::json_text;
use crate::Output;
use crate::error::Failure;
use crate::exit::Exit;

/// Hashes that are shown without `--verbose`.
const HASHES_SHOWN: usize = 10;

impl Session {
    /// Sends some transactions of a record, which is on the disk, and follows all of them.
    pub fn pay(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        mut kept: StoredPayments,
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
        let messages = sending.filled(messages);
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
                (BTreeMap::new(), FollowEnd::Away(failure))
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
                let (indexes, items): (Vec<usize>, Vec<Item<'_>>) = open
                    .map(|(at, sent)| (at, Item::Transaction(&sent.signable, sent.head)))
                    .unzip();
                let (came, ended) = self.follow(&items, stage, deadline, state.block().level);
                (indexes.into_iter().zip(came).collect(), ended)
            }
        };
        // What becomes known for good is remembered, if the node still answers.
        let _ = self.standing(&mut kept, store, None);
        let follows = FollowedPayments { came, ended, stage: sending.wait };
        self.told(&kept.payments, follows, report, &tokens, resume)
    }

    /// What became of payments that were followed.
    fn told(
        &self,
        payments: &Payments,
        followed: FollowedPayments,
        mut report: Value,
        tokens: &[Token],
        resume: &str,
    ) -> Result<Output, Failure> {
        let FollowedPayments { came, ended, stage } = followed;
        let status = |(at, sent): (usize, &Sent)| {
            came.get(&at)
                .map(Followed::status)
                .or(sent.end)
                .unwrap_or(TransactionStatus::Open(None))
        };
        let statuses: Vec<TransactionStatus> =
            payments.transactions.iter().enumerate().map(status).collect();
        let told = PaymentsReport::new(payments, &statuses, tokens);
        let refused = refusal(&told, &came, payments, (ended, stage), resume);
        let sent = payments.transactions.iter().enumerate().zip(&statuses);
        if self.json {
            let results = sent.map(|((at, sent), status)| {
                let hash = sent.signable.hash();
                came.get(&at).map_or_else(|| ended_json(&hash, status), |came| came.json(&hash))
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

impl Followed {
    /// The status of a transaction that has come so far.
    fn status(&self) -> TransactionStatus {
        match self {
            Followed::Pending | Followed::Gone(_) => TransactionStatus::Open(None),
            Followed::RefusedWhole(_, Outcome { code: ResultCode::AllStale, .. }) => {
                TransactionStatus::Replaced
            }
            // What is in it can still be applied, in another message.
            Followed::RefusedWhole(message, reason) => {
                TransactionStatus::Open(Some((message.level, *reason)))
            }
            Followed::Dead(status) => *status,
            Followed::Found(found, _) => {
                let level = found.message.level;
                match found.failure() {
                    None => TransactionStatus::Applied(level),
                    Some(line) if line.outcome.is_final() => {
                        TransactionStatus::Refused(level, line.outcome)
                    }
                    Some(line) => TransactionStatus::Open(Some((level, line.outcome))),
                }
            }
        }
    }
}

/// What was followed, and how that ended.
struct FollowedPayments {
    /// Of transactions, by their indexes, of which the end was not known.
    came: BTreeMap<usize, Followed>,
    ended: FollowEnd,
    /// How far they were to come.
    stage: Option<Settlement>,
}

/// What is to be said of payments that have not all come as far as they were to.
fn refusal(
    told: &PaymentsReport<'_>,
    came: &BTreeMap<usize, Followed>,
    payments: &Payments,
    (ended, stage): (FollowEnd, Option<Settlement>),
    resume: &str,
) -> Option<Failure> {
    let why = match &ended {
        FollowEnd::All | FollowEnd::Refused => "others were refused".to_owned(),
        FollowEnd::Timeout => "the time for waiting is over".to_owned(),
        FollowEnd::Interrupted => "interrupted".to_owned(),
        FollowEnd::Away(failure) => failure.to_string(),
    };
    match (told.refusal(&why, resume), ended) {
        (Some(failure @ WalletFailure::NotPaid { .. }), _) => Some(failure.into()),
        (_, FollowEnd::Interrupted) => Some(WalletFailure::Interrupted.into()),
        (_, FollowEnd::Away(failure)) if failure.exit() == Exit::NoAnswer => {
            let problem = failure.to_string();
            let hint = format!("{resume} goes on with the same signatures, and pays nobody twice");
            Some(WalletFailure::Away { problem, hint }.into())
        }
        (_, FollowEnd::Away(failure)) => Some(failure),
        (Some(failure), _) => Some(failure.into()),
        // All are in levels, and not yet as far as was asked for.
        (None, FollowEnd::Timeout) => {
            let stage = stage?;
            let late = came.iter().find(|(_, came)| !came.is_at(stage));
            let sent = late.and_then(|(at, _)| payments.transactions.get(*at))?;
            let hash = sent.signable.hash().to_string();
            Some(WalletFailure::NotYet { stage: stage.word(), hash }.into())
        }
        (None, FollowEnd::All | FollowEnd::Refused) => None,
    }
}

/// A transaction whose end was known before.
fn ended_json(hash: &Hash32, status: &TransactionStatus) -> Value {
    let level = match status {
        TransactionStatus::Applied(level) | TransactionStatus::Refused(level, _) => Some(level.0),
        _ => None,
    };
    json!({
        "hash": hash.to_string(), "level": level, "stage": null, "final": !status.is_open(),
        "applied": matches!(status, TransactionStatus::Applied(_)), "result": status.word(),
    })
}

fn hashes(payments: &Payments) -> Vec<String> {
    payments.transactions.iter().map(|sent| sent.signable.hash().to_string()).collect()
}
