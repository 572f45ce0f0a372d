//! Why payments are not made, or not all of them.

use std::path::Path;

use layer1::plain::{grouped, one_line};
use wallet::pay::PayError;
use wallet::sheet::Mistake;

use super::result::ResultError;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;

/// Mistakes of a file that are told at once.
const MISTAKES_TOLD: usize = 20;

/// Why payments are not made, or not all of them.
#[derive(Debug, thiserror::Error)]
pub enum PaymentError {
    /// The same was sent before.
    #[error("{what} was sent before: {progress}")]
    SentBefore {
        /// What: a file, or a payment.
        what: String,
        /// What became of it.
        progress: String,
        /// Whether some of it can still be applied.
        is_open: bool,
        /// Whether all of it was.
        is_paid: bool,
        /// The command that goes on with it.
        resume: String,
    },
    /// Nothing of that was sent from here.
    #[error("there is no record of {0} here")]
    NothingToResume(String),
    /// Another process has gone on with it meanwhile.
    #[error("somebody else goes on with {0} at the same time")]
    GoneOn(String),
    /// Some rows were not paid, and what was sent for them cannot be applied any more.
    #[error("{} of {} payments were not made: {why}", grouped(unpaid), grouped(of))]
    NotPaid {
        /// How many were not.
        unpaid: usize,
        /// Of how many.
        of: usize,
        /// Why the first of them was not.
        why: String,
        /// The command that goes on with it.
        resume: String,
    },
    /// Some rows are not paid so far.
    #[error("{} of {} payments are not made yet: {why}", grouped(open), grouped(of))]
    NotPaidYet {
        /// How many are not.
        open: usize,
        /// Of how many.
        of: usize,
        /// Why the waiting ended.
        why: String,
        /// The command that goes on with it.
        resume: String,
    },
    /// Results that are so old that the rollup does not keep them.
    #[error("nobody knows any more whether {} payments were made: {lines}", grouped(rows))]
    Forgotten {
        /// How many.
        rows: usize,
        /// In which lines.
        lines: String,
    },
    /// Payments that were perhaps made in a batch, which neither the wallet nor the node knows.
    #[error(
        "it is not known here whether {} of {} payments were made{}: something has used the counter, perhaps a \
         batch that was signed here, and neither cosigned.jsonl nor the node says which",
        grouped(rows), grouped(of), lines.as_ref().map_or_else(String::new, |lines| format!(" ({lines})"))
    )]
    Unknown {
        /// How many.
        rows: usize,
        /// Of how many.
        of: usize,
        /// In which lines; none of a single payment.
        lines: Option<String>,
    },
}

impl From<PaymentError> for Failure {
    fn from(error: PaymentError) -> Self {
        let (exit, hint) = match &error {
            PaymentError::SentBefore { is_paid: true, .. } => (
                Exit::Input,
                "nothing of it is left to pay; --again pays all of it a second time".to_owned(),
            ),
            PaymentError::SentBefore { is_open, resume, .. } => (
                if *is_open { Exit::NotYet } else { Exit::Input },
                format!(
                    "{resume} goes on with it, and pays nobody twice; --again pays a second time"
                ),
            ),
            PaymentError::NothingToResume(_) => (
                Exit::Input,
                "--payments names the folder of the records, if another one was used; a payment \
                 that was never sent is sent without --resume"
                    .to_owned(),
            ),
            PaymentError::GoneOn(_) => (Exit::Input, "--resume says how far it is".to_owned()),
            PaymentError::NotPaid { resume, .. } => {
                (Exit::Refused, format!("{resume} pays those that were not paid, and nobody twice"))
            }
            PaymentError::NotPaidYet { resume, .. } => (
                Exit::NotYet,
                format!("{resume} goes on with the same signatures, and pays nobody twice"),
            ),
            PaymentError::Unknown { lines, .. } => (
                Exit::Input,
                format!(
                    "nothing was sent; a node that shows the messages of those levels says it (--endpoint), and so does \
                     what payer and receiver hold; {}",
                    match lines {
                        None => "if it was not paid, --again pays it once more",
                        Some(_) => {
                            "pay those that were not paid from a file of their own, with --again"
                        }
                    }
                ),
            ),
            PaymentError::Forgotten { .. } => (
                Exit::Input,
                "look at what they hold, and pay those that were not paid from a file of their own"
                    .to_owned(),
            ),
        };
        let failure = Failure::of(exit, &error).with_hint(hint);
        match error {
            PaymentError::Unknown { .. } => failure.of_kind("unknown"),
            _ => failure,
        }
    }
}

impl From<PayError> for Failure {
    fn from(error: PayError) -> Self {
        match error {
            PayError::State(error) => error.into(),
            PayError::Payments(error) => error.into(),
            PayError::Bundle(error) => error.into(),
            PayError::Signing(error) => error.into(),
            PayError::InFlight(account) => ResultError::StillWaiting { account, hash: None }.into(),
            PayError::SentBefore(_) | PayError::GoneOn => Failure::of(Exit::Input, &error),
        }
    }
}

/// Rows of a file that cannot be paid, each with its line: one on the line of the file, several below it.
pub(in crate::wallet) fn mistakes(path: &Path, mistakes: &[Mistake]) -> Failure {
    let failure = Failure::input(mistakes_text(&shown_path(path), mistakes));
    failure.with_hint(
        "the first line is to,amount,ticket, or these titles in another order, perhaps with memo, and \
         for toru payout with from; each line after it is a payment",
    )
}

fn mistakes_text(path: &str, mistakes: &[Mistake]) -> String {
    let said = |one: &Mistake| format!("line {}: {}", one.line, one_line(&one.problem));
    if let [one] = mistakes {
        return format!("{path}, {}", said(one));
    }
    let mut text = format!("{path}: {} mistakes", mistakes.len());
    for one in mistakes.iter().take(MISTAKES_TOLD) {
        text.push_str(&format!("\n  {}", said(one)));
    }
    if let Some(more) = mistakes.len().checked_sub(MISTAKES_TOLD).filter(|more| *more > 0) {
        text.push_str(&format!("\n  and {more} more"));
    }
    text
}
