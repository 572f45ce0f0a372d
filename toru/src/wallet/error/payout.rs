//! Why a payout is not planned, not signed, not sent, or not over.

use std::path::{Path, PathBuf};

use layer1::plain::grouped;
use wallet::error::FileError;
use wallet::indexes::IndexError;
use wallet::pay::{PayError, SentBefore};
use wallet::payments::{NextStep, Source};
use wallet::payout::{PayoutError, PlanError};
use wallet::state::RollupState;

use super::super::rows::PaymentsReport;
use super::result::Lacking;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;

/// Why a payout is not planned, not signed, not sent, or not over.
#[derive(Debug, thiserror::Error)]
pub enum PayoutFailure {
    /// A file that is no plan, or a plan that cannot be signed like that.
    #[error("{}: {problem}", shown_path(path))]
    File {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: PlanError,
    },
    /// Something else is where a plan was to be written.
    #[error("cannot write {0}: it is there already, and is another plan or something else")]
    FileThere(String),
    /// The payout cannot be planned or sent.
    #[error(transparent)]
    Payout(PayoutError),
    /// The rows pay more than the payer has.
    #[error("not planned, as it would be refused: {sentence}")]
    TooMuch {
        /// The first row for which there is not enough.
        sentence: String,
        /// What all rows lack.
        lacking: Lacking,
    },
    /// Payers have not signed.
    #[error("not signed by {}", names.join(", "))]
    NotSigned {
        /// Who has not.
        names: Vec<String>,
        /// The command that signs.
        sign: String,
    },
    /// The file was sent before.
    #[error("{file} was sent before: {progress}; the record of that is {record}")]
    SentBefore {
        /// Which file.
        file: String,
        /// What became of it.
        progress: String,
        /// Where its record is.
        record: String,
        /// What is to be done about it.
        step: NextStep,
    },
    /// Some rows were not paid.
    #[error("{} of {} payments were not made: {why}", grouped(unpaid), grouped(of))]
    NotPaid {
        /// How many were not.
        unpaid: usize,
        /// Of how many.
        of: usize,
        /// Why the first of them was not.
        why: String,
        /// What to do.
        hint: String,
    },
    /// Some rows are not as far as they were to be.
    #[error("{} of {} payments are not {stage} yet: {why}", grouped(open), grouped(of))]
    NotYet {
        /// How many are not.
        open: usize,
        /// Of how many.
        of: usize,
        /// How far they were to be.
        stage: &'static str,
        /// Why the waiting ended.
        why: String,
        /// Because of what.
        exit: Exit,
        /// The command that goes on.
        run: String,
    },
    /// Results that are so old that the rollup does not keep them.
    #[error("nobody knows any more whether {} payments were made", grouped(.0))]
    Forgotten(usize),
    /// Payments that were perhaps made in a batch, which neither the wallet nor the node knows.
    #[error(
        "it is not known here whether {} payments were made: something has used the counters, perhaps a batch that \
         was signed here, and neither cosigned.jsonl nor the node says which",
        grouped(.0)
    )]
    Unknown(usize),
}

impl PayoutFailure {
    /// For `map_err` when something is wrong with a plan's file.
    pub fn in_file(path: &Path) -> impl Fn(PlanError) -> Self + '_ {
        move |problem| PayoutFailure::File { path: path.to_owned(), problem }
    }

    /// What an error of the library becomes.
    pub fn of(error: PayoutError) -> Self {
        PayoutFailure::Payout(error)
    }

    /// What is to be said of a file that was sent before.
    pub fn sent_before(state: &RollupState<'_>, file: &Source, before: &SentBefore) -> Failure {
        let SentBefore { stored, progress } = before;
        let tokens = match state.tokens() {
            Ok(tokens) => tokens,
            Err(error) => return error.into(),
        };
        let report = PaymentsReport::new(&stored.payments, &progress.now, &tokens, state.pins());
        let file = match &stored.payments.file {
            Some(old) if old.digest != file.digest => {
                format!("{} has rows that were sent in {}, and", file.name, old.name)
            }
            _ => file.name.clone(),
        };
        let failure = PayoutFailure::SentBefore {
            file,
            progress: report.summary(),
            record: stored.path().display().to_string(),
            step: progress.next(&stored.payments),
        };
        failure.into()
    }
}

/// What is to be done about a file that was sent before.
fn step_words(step: &NextStep) -> &'static str {
    match step {
        NextStep::Nothing => {
            "nothing of it is left to pay; toru payout plan FILE.csv --from NAME --again plans to pay all of it a second time"
        }
        NextStep::Send(_) => {
            "what was signed for it can still be applied: toru payout run PLAN goes on with its plan, or \
             toru send --file FILE.csv --from NAME --resume with what was sent without one"
        }
        NextStep::Wait => {
            "what was signed for it cannot be applied any more, unless layer 1 goes back: when two more levels \
             are there, toru payout plan FILE.csv --from NAME --unpaid plans what was not paid"
        }
        NextStep::SignAnew(_) => {
            "toru payout plan FILE.csv --from NAME --unpaid plans what was not paid, and nothing else"
        }
        NextStep::Unknown(_) => {
            "a node that keeps more may know it (--endpoint); otherwise look at what its receivers hold, and pay those \
             that were not paid from a file of their own"
        }
    }
}

impl From<PayoutFailure> for Failure {
    fn from(error: PayoutFailure) -> Self {
        const PLAN_ANEW: &str = "nothing was sent; toru payout plan FILE.csv --from NAME makes a new plan, to be signed anew";
        let failure = Failure::of(Exit::Input, &error);
        match error {
            PayoutFailure::File { problem, .. } => {
                let failure = failure.of_kind("file");
                match problem {
                    PlanError::TooManyRows(_) => failure.with_hint("split the file"),
                    PlanError::File(FileError::NotOurs { .. }) => {
                        failure.with_hint("toru payout plan FILE.csv --from NAME makes a plan of a file of payments")
                    }
                    PlanError::File(FileError::NotASigner(_)) => failure.with_hint(
                        "only who pays in a plan signs it: toru payout status PLAN names who has not signed yet",
                    ),
                    PlanError::OtherFile { .. } => failure.of_kind("stale_plan").with_hint(
                        "nothing was signed; toru payout plan FILE.csv --from NAME makes a plan of the file as it is now",
                    ),
                    PlanError::OtherPlan { .. } => {
                        failure.with_hint("copies of one plan have its signatures, and nothing else")
                    }
                    PlanError::Inconsistent(_) | PlanError::Changed { .. } => failure.with_hint(
                        "a plan is signed and sent as it was made: toru payout plan FILE.csv --from NAME makes a new one",
                    ),
                    _ => failure,
                }
            }
            PayoutFailure::FileThere(_) => {
                failure.of_kind("file").with_hint("--out names another file")
            }
            PayoutFailure::Payout(error) => match error {
                PayoutError::Pay(PayError::SentBefore(_)) => failure,
                PayoutError::Pay(error) => error.into(),
                PayoutError::Index(error @ IndexError::File(_) | error @ IndexError::State(_)) => {
                    error.into()
                }
                PayoutError::Index(error) => Failure::from(error).with_hint(
                    "nothing was sent; one of the nodes that were asked lies: ask another with --endpoint, or plan \
                     without indexes: toru payout plan FILE.csv --from NAME --by-address",
                ),
                PayoutError::Plan(PlanError::TooManyRows(_)) => {
                    failure.of_kind("file").with_hint("split the file")
                }
                PayoutError::Plan(_) => failure.of_kind("file"),
                PayoutError::OtherRollup { .. } => {
                    failure.of_kind("other_rollup").with_hint("--endpoint names another node")
                }
                PayoutError::Expired { .. } | PayoutError::CounterUsed { .. } => {
                    failure.of_kind("stale_plan").with_hint(PLAN_ANEW)
                }
                PayoutError::Forgotten { .. } => failure.of_kind("stale_plan").with_hint(
                    "nothing was sent; look at what its receivers hold before anybody is paid by a new plan",
                ),
                PayoutError::CounterAhead { .. } => failure.of_kind("stale_plan").with_hint(
                    "nothing was sent; send the earlier transaction again first, or make a new plan: toru payout plan FILE.csv --from NAME",
                ),
                PayoutError::OtherAccount { .. } | PayoutError::OtherTicket { .. } => {
                    failure.of_kind("other_account").with_hint(
                        "nothing was sent; a node that was asked is wrong, or not as far as the plan: ask \
                         another one with --endpoint, or plan without indexes: toru payout plan FILE.csv --from NAME --by-address",
                    )
                }
                PayoutError::Duplicates { .. } => failure.of_kind("duplicates").with_hint(
                    "nothing was planned; --allow-duplicates plans them, if they are meant",
                ),
                PayoutError::NothingLeft(step) => {
                    let hint = step_words(&step);
                    let exit = if matches!(step, NextStep::Wait | NextStep::Send(_)) {
                        Exit::NotYet
                    } else {
                        Exit::Input
                    };
                    Failure::of(exit, &PayoutError::NothingLeft(step)).with_hint(hint)
                }
                PayoutError::NothingSent(_) => failure.with_hint(
                    "a file is planned without --unpaid the first time; --payments names the folder of the \
                     records, if another one was used",
                ),
                PayoutError::OtherRest => failure
                    .of_kind("stale_plan")
                    .with_hint("nothing was sent; toru payout plan FILE.csv --from NAME --unpaid makes a new plan"),
            },
            PayoutFailure::TooMuch { lacking, .. } => Failure::new(Exit::Refused, failure.to_string())
                .of_kind("would_be_refused")
                .with_hint(lacking.hint()),
            PayoutFailure::NotSigned { sign, .. } => failure.of_kind("not_signed").with_hint(sign),
            PayoutFailure::SentBefore { step, .. } => {
                let exit = match step {
                    NextStep::Send(_) | NextStep::Wait => Exit::NotYet,
                    _ => Exit::Input,
                };
                Failure::new(exit, failure.to_string())
                    .of_kind("sent_before")
                    .with_hint(step_words(&step))
            }
            PayoutFailure::NotPaid { hint, .. } => {
                Failure::new(Exit::Refused, failure.to_string()).with_hint(hint)
            }
            PayoutFailure::NotYet { exit, run, .. } => Failure::new(exit, failure.to_string())
                .with_hint(format!("{run} goes on with the same signatures, and pays nobody twice")),
            PayoutFailure::Unknown(_) => failure.of_kind("unknown").with_hint(
                "a node that shows the messages of those levels says it (--endpoint), and so does what payer and \
                 receivers hold; pay those that were not paid from a file of their own, with --again",
            ),
            PayoutFailure::Forgotten(_) => failure.with_hint(
                "look at what they hold, and pay those that were not paid from a file of their own",
            ),
        }
    }
}
