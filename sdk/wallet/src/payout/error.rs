//! Why a file is no plan, and why a plan is not made or not carried out.

use encoding::{AccountIndex, Counter, Hash32, Level, RollupAddress, TicketIndex, Tz4Address};
use layer1::plain::grouped;

use crate::error::{BundleError, FileError, RpcError, StateError};
use crate::indexes::IndexError;
use crate::limits::{MAX_PAYOUT_ROWS, MAX_PLAN_BYTES};
use crate::pay::PayError;
use crate::payments::{NextStep, PaymentsError};

/// Why a file is no plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// It cannot be read as one.
    #[error(transparent)]
    File(#[from] FileError),
    /// More than any plan has.
    #[error("longer than {} bytes", grouped(MAX_PLAN_BYTES))]
    TooLong,
    /// Nobody is paid.
    #[error("there is no payment in it")]
    Empty,
    /// More rows than one plan may have.
    #[error("{} payments, and a plan has {} at most", grouped(.0), grouped(MAX_PAYOUT_ROWS))]
    TooManyRows(usize),
    /// Something in it is not what its rows come to.
    #[error("changed since it was made: \"{0}\" is not what its rows come to")]
    Inconsistent(&'static str),
    /// Its digest is another one.
    #[error("changed since it was made: its digest is {found}, and it says {said}")]
    Changed {
        /// That of what is in it.
        found: Hash32,
        /// What it says.
        said: String,
    },
    /// It is not of the file that is meant.
    #[error(
        "the plan is of another file: its Blake2b-256 is {planned}, and that of {file} is {found}"
    )]
    OtherFile {
        /// Which file is meant.
        file: String,
        /// Its digest.
        found: Hash32,
        /// That of the file which was planned.
        planned: Hash32,
    },
    /// Signatures of another plan.
    #[error("another plan: its digest is {found}, not {expected}")]
    OtherPlan {
        /// That of the other plan.
        found: Hash32,
        /// That of the plan.
        expected: Hash32,
    },
    /// Signatures of another number of transactions.
    #[error(
        "{} signatures of {account}, who signs {} transactions",
        grouped(found),
        grouped(expected)
    )]
    Signatures {
        /// Whose.
        account: Tz4Address,
        /// How many there are.
        found: usize,
        /// How many there have to be.
        expected: usize,
    },
}

/// Why a plan is not made, or not carried out.
#[derive(Debug, thiserror::Error)]
pub enum PayoutError {
    /// The payments cannot be made.
    #[error(transparent)]
    Pay(#[from] PayError),
    /// What would be planned is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// It is not known whose an index is.
    #[error(transparent)]
    Index(#[from] IndexError),
    /// It is for another rollup.
    #[error("the plan is for {planned}, and the node runs {found}")]
    OtherRollup {
        /// Which one it is for.
        planned: RollupAddress,
        /// Which one the node runs.
        found: RollupAddress,
    },
    /// Its last level is over.
    #[error("the plan expired at level {expires}, and the head is level {head}")]
    Expired {
        /// Its last level.
        expires: Level,
        /// The head.
        head: Level,
    },
    /// Counters that it has pinned are used up.
    #[error(
        "the plan begins with counter {planned} of {payer}, and the next one is {next}: something else was \
         sent since it was made"
    )]
    CounterUsed {
        /// Who pays.
        payer: String,
        /// The counter of its first transaction.
        planned: Counter,
        /// The account's next one.
        next: Counter,
    },
    /// Counters that it has pinned were used so long ago that nobody knows by what.
    #[error(
        "the counters of {payer} in the plan were used so long ago that nobody knows whether the plan was run"
    )]
    Forgotten {
        /// Who pays.
        payer: String,
    },
    /// The chain went back, to before counters that were used when it was made.
    #[error(
        "the plan begins with counter {planned} of {payer}, and the next one is {next}: an earlier \
         transaction is not in a level any more"
    )]
    CounterAhead {
        /// Who pays.
        payer: String,
        /// The counter of its first transaction.
        planned: Counter,
        /// The account's next one.
        next: Counter,
    },
    /// An index is not that of the account that the plan says.
    #[error(
        "line {line}: the plan says that account {index} is {planned}, and in the node's last final level {}",
        now.map_or_else(|| "there is no such account".to_owned(), |now| format!("it is {now}"))
    )]
    OtherAccount {
        /// In which line of the file.
        line: u64,
        /// Which index.
        index: AccountIndex,
        /// Whose it is in the plan.
        planned: Tz4Address,
        /// Whose it is on the rollup.
        now: Option<Tz4Address>,
    },
    /// An index is not that of the ticket that the plan says.
    #[error(
        "the ticket {index} of the plan, {name}, is another one in the node's last final level"
    )]
    OtherTicket {
        /// Which index.
        index: TicketIndex,
        /// What the plan calls it.
        name: String,
    },
    /// Rows that pay the same to the same account.
    #[error("{file}: the same payment more than once: {}", told(lines))]
    Duplicates {
        /// In which file.
        file: String,
        /// The lines of each group.
        lines: Vec<Vec<u64>>,
    },
    /// There is nothing left of the file that could be planned.
    #[error("no row of the file is left to be planned: {}", left(.0))]
    NothingLeft(NextStep),
    /// The file was not sent before.
    #[error("the file was not sent before by {0}, so that nothing of it is left unpaid")]
    NothingSent(String),
    /// An earlier run has changed since: other rows of it are unpaid now.
    #[error("the rows that an earlier run has left unpaid are not those of the plan any more")]
    OtherRest,
}

impl From<StateError> for PayoutError {
    fn from(error: StateError) -> Self {
        PayoutError::Pay(error.into())
    }
}

impl From<RpcError> for PayoutError {
    fn from(error: RpcError) -> Self {
        PayoutError::Pay(error.into())
    }
}

impl From<PaymentsError> for PayoutError {
    fn from(error: PaymentsError) -> Self {
        PayoutError::Pay(error.into())
    }
}

impl From<BundleError> for PayoutError {
    fn from(error: BundleError) -> Self {
        PayoutError::Pay(error.into())
    }
}

/// Groups of lines that are told.
fn told(duplicates: &[Vec<u64>]) -> String {
    const GROUPS: usize = 4;
    const LINES: usize = 5;
    let group = |lines: &Vec<u64>| {
        let shown: Vec<String> = lines.iter().take(LINES).map(ToString::to_string).collect();
        let more = lines.len().checked_sub(LINES).filter(|more| *more > 0);
        let more = more.map_or_else(String::new, |more| format!(" and {more} more"));
        format!("lines {}{more}", shown.join(", "))
    };
    let shown: Vec<String> = duplicates.iter().take(GROUPS).map(group).collect();
    let more = duplicates.len().checked_sub(GROUPS).filter(|more| *more > 0);
    let more = more.map_or_else(String::new, |more| format!("; and {more} more such payments"));
    format!("{}{more}", shown.join("; "))
}

/// Why nothing of a file is left to be planned.
fn left(step: &NextStep) -> &'static str {
    match step {
        NextStep::Nothing => "all of it is paid",
        NextStep::Send(_) => "what was signed for it can still be applied",
        NextStep::Wait => {
            "what was signed for it can come back with a reorganisation of layer 1, until two more levels are \
             there"
        }
        NextStep::Unknown(_) => "nobody knows any more whether it was paid",
        NextStep::SignAnew(_) => "other rows of it are",
    }
}
