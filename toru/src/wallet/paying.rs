//! Sends payments that are on the disk, follows all of them, and says what became of them.

use std::collections::BTreeMap;

use encoding::Hash32;
use keys::Secret;
use serde_json::{Value, json};
use wallet::following::{FollowEnd, Followed};
use wallet::patience::Patience;
use wallet::pay::FollowedPayments;
use wallet::payments::{PaymentStore, Payments, Sent, StoredPayments};
use wallet::state::RollupState;
use wallet::ticket::Token;

use super::error::payment::PaymentError;
use super::error::result::ResultError;
use super::interrupt::patience;
use super::result_text::{ended_json, followed_json, followed_text};
use super::rows::PaymentsReport;
use super::session::Session;
use super::via::Way;
use crate::cli::groups::{PaymentsArgs, SendingArgs};
use crate::error::Failure;
use crate::exit::Exit;
use crate::ui::{Output, json_line};

/// Hashes that are shown without `--verbose`.
const HASHES_SHOWN: usize = 10;

/// How payments are sent, and how they are gone on with.
#[derive(Clone, Copy)]
pub(super) struct Payout<'a> {
    /// How they are sent.
    pub args: &'a SendingArgs,
    /// The command that goes on with them.
    pub resume: &'a str,
    /// The same command by the node.
    pub by_node: &'a str,
    /// By which way.
    pub way: &'a Way,
    /// The key that signs batches, if it is at hand.
    pub key: Option<&'a Secret>,
    /// Where payments are recorded.
    pub records: &'a PaymentsArgs,
}

impl Session<'_> {
    /// Sends some transactions of a record, which is on the disk, and follows all that count.
    pub fn pay(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        mut stored: StoredPayments,
        which: &[usize],
        plan: Value,
        how: Payout<'_>,
    ) -> Result<Output, Failure> {
        // All that is asked is asked before anything is sent: the node may not be there afterwards.
        let tokens = state.tokens()?;
        let messages = self.wallet.messages(state, &stored.payments, which)?;
        let patience: Patience<'_> = patience(self.wallet.node(), how.args.wait.time());
        let wait = how.args.wait.wait;
        let mut report = json!({
            "plan": plan,
            "sent": true,
            "hashes": hashes(&stored.payments),
            "record": stored.path().display().to_string(),
            "via": how.way.told().1,
        });
        let waits = wait.map(|_| &patience);
        let sent = self.send_payments(store, &mut stored, which, messages, waits, how, &mut report);
        let end = match (sent, wait) {
            (Err(failure), _) => {
                // The node may have taken some of it, or all.
                report["sent"] = Value::Null;
                let _ = self.wallet.progress(store, &mut stored, None);
                let followed =
                    FollowedPayments { transactions: BTreeMap::new(), end: FollowEnd::Timeout };
                End { followed, away: Some(failure) }
            }
            (Ok(()), None) => {
                return self.ui.answer(&report, || self.hashes_text(&stored.payments, how.resume));
            }
            (Ok(()), Some(stage)) => {
                let progress = self.ui.progress(format!("waiting until it is {}", stage.word()));
                let at = |done, of| {
                    if of > 1 {
                        progress.at(done, of)
                    }
                };
                let followed =
                    self.wallet.follow_payments(store, state, &mut stored, stage, &patience, &at);
                End { followed, away: None }
            }
        };
        self.payments_output(&stored.payments, end, report, &tokens, how)
    }

    /// What became of payments that were followed.
    fn payments_output(
        &self,
        payments: &Payments,
        end: End,
        mut report: Value,
        tokens: &[Token],
        how: Payout<'_>,
    ) -> Result<Output, Failure> {
        let statuses = end.followed.statuses(payments);
        let rows = PaymentsReport::new(payments, &statuses, tokens, self.wallet.pins());
        let transactions = &end.followed.transactions;
        let hash = |sent: &Sent| sent.signable.hash();
        if self.ui.is_json() {
            let sent = payments.transactions.iter().enumerate().zip(&statuses);
            let results = sent.map(|((at, sent), status)| match transactions.get(&at) {
                Some(followed) => followed_json(&hash(sent), followed),
                None => ended_json(&hash(sent), status),
            });
            report["results"] = results.collect();
            report["rows"] = rows.json();
            let refused = refusal(&rows, payments, end, how);
            return Ok(Output { text: json_line(&report)?, refused });
        }
        let mut text = String::new();
        let is_few = payments.transactions.len() <= HASHES_SHOWN / 2;
        if is_few || self.verbose {
            text.extend(transactions.iter().filter_map(|(at, followed)| {
                let sent = payments.transactions.get(*at)?;
                Some(followed_text(&hash(sent), followed))
            }));
        }
        let refused = refusal(&rows, payments, end, how);
        if payments.rows.len() > 1 || refused.is_some() {
            // Where something failed, every row is told.
            text.push_str(&rows.text(self, self.verbose || refused.is_some())?);
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
            let more = layer1::plain::grouped(more);
            text.push_str(&format!("and {more} more: {resume} says how far all of them are\n"));
        }
        text
    }
}

/// How the sending and the waiting ended.
struct End {
    followed: FollowedPayments,
    /// Why the node did not take them.
    away: Option<Failure>,
}

/// What is to be said of payments that have not all come as far as they were to.
fn refusal(
    rows: &PaymentsReport<'_>,
    payments: &Payments,
    end: End,
    how: Payout<'_>,
) -> Option<Failure> {
    let FollowedPayments { transactions, end: reason } = end.followed;
    let (reason, away) = match reason {
        FollowEnd::Away(error) => (FollowEnd::Timeout, Some(error.into())),
        other => (other, end.away),
    };
    let why = match (&away, &reason) {
        (Some(failure), _) => failure.to_string(),
        (None, FollowEnd::Interrupted) => "interrupted".to_owned(),
        (None, FollowEnd::Timeout) => "the time to wait is over".to_owned(),
        (None, _) if transactions.values().any(|one| matches!(one, Followed::Gone(_))) => {
            "the node does not have what was sent any more".to_owned()
        }
        (None, _) => "others were refused".to_owned(),
    };
    let unpaid = rows.refusal(&why, how.resume);
    if let Some(failure @ PaymentError::NotPaid { .. }) = unpaid {
        return Some(failure.into());
    }
    match (unpaid, away, reason) {
        (_, Some(failure), _) if failure.exit() == Exit::NoAnswer => {
            let problem = failure.to_string();
            let mut hint =
                format!("{} goes on with the same signatures, and pays nobody twice", how.resume);
            if how.way.batcher().is_some() {
                hint.push_str(&format!(
                    "; {} sends them by the node, without the batcher",
                    how.by_node
                ));
            }
            Some(ResultError::Away { problem, hint }.into())
        }
        (_, Some(failure), _) => Some(failure),
        (_, None, FollowEnd::Interrupted) => {
            let hint = format!("{} goes on with it, and pays nobody twice", how.resume);
            Some(ResultError::Interrupted(Some(hint)).into())
        }
        (Some(unpaid), None, _) => Some(unpaid.into()),
        // All are in levels, and have not reached the stage that was asked for.
        (None, None, FollowEnd::Timeout) => {
            let stage = how.args.wait.wait?;
            let late = transactions.iter().find(|(_, followed)| !followed.is_at(stage));
            let sent = late.and_then(|(at, _)| payments.transactions.get(*at))?;
            let hash = sent.signable.hash().to_string();
            Some(ResultError::NotYet { stage: stage.word(), hash }.into())
        }
        (None, None, _) => None,
    }
}

fn hashes(payments: &Payments) -> Vec<String> {
    let hashes = payments.transactions.iter().map(|sent| sent.signable.hash());
    hashes.map(|hash: Hash32| hash.to_string()).collect()
}
