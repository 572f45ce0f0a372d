//! What an operator chooses.

use std::path::PathBuf;
use std::time::Duration;

use encoding::{Amount, Ticket, Tz4Address};

use crate::error::StartError;
use crate::limits;

/// How a batcher runs.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the journal and of the acceptance key. It is made if it is not there.
    pub data: PathBuf,
    /// The times of a round.
    pub timing: Timing,
    /// Levels: after so many an accepted transaction is in an inbox.
    pub promised_levels: u32,
    /// What it asks for, if anything.
    pub fees: Option<FeeTerms>,
    /// Transactions that may be pending altogether.
    pub pending: u32,
    /// Transactions of one account that may be pending.
    pub pending_per_account: u32,
    /// Counters: how far ahead of the next one a transaction may be.
    pub gap: u32,
    /// How long a transaction waits for a missing counter.
    pub gap_time: Duration,
    /// Transactions that one address may submit in a second.
    pub transactions_per_second: u32,
    /// Event streams of one address.
    pub streams_per_address: u32,
    /// Threads that verify signatures; 0 for as many as the machine has processors.
    pub verifiers: usize,
}

/// The times of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long a batch is open for signatures at most.
    pub round: Duration,
    /// How long it stays open once a quorum has signed.
    pub window: Duration,
    /// Per cent of those who are asked: the quorum.
    pub quorum: u32,
    /// How long a transaction waits for others to fill the message at most.
    pub max_wait: Duration,
}

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeeTerms {
    /// The account that fees are paid to.
    pub account: Tz4Address,
    /// What each transfer or withdrawal costs. One of these is paid.
    pub prices: Vec<(Ticket, Amount)>,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            round: limits::ROUND,
            window: limits::WINDOW,
            quorum: limits::QUORUM,
            max_wait: limits::MAX_WAIT,
        }
    }
}

impl Options {
    /// The defaults, in a folder.
    #[must_use]
    pub fn new(data: PathBuf) -> Self {
        Options {
            data,
            timing: Timing::default(),
            promised_levels: limits::PROMISED_LEVELS,
            fees: None,
            pending: limits::PENDING,
            pending_per_account: limits::PENDING_PER_ACCOUNT,
            gap: limits::GAP,
            gap_time: limits::GAP_TIME,
            transactions_per_second: limits::TRANSACTIONS_PER_SECOND,
            streams_per_address: limits::STREAMS_PER_ADDRESS,
            verifiers: 0,
        }
    }

    /// Whether they mean something.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        let Timing { round, window, quorum, max_wait } = self.timing;
        let bad = |when: bool, what| if when { Err(StartError::Option(what)) } else { Ok(()) };
        bad(round.is_zero() || round > limits::MAX_ROUND, "a round takes up to a minute")?;
        bad(window > round, "the window after a quorum is longer than the round")?;
        bad(quorum == 0 || quorum > 100, "a quorum is from 1 to 100 per cent")?;
        bad(max_wait > limits::MAX_ROUND, "a transaction waits for others up to a minute")?;
        bad(self.pending == 0 || self.pending_per_account == 0, "no transaction may be pending")?;
        bad(self.promised_levels == 0, "an inbox takes a level at least")?;
        bad(self.transactions_per_second == 0, "no transaction may be submitted")
    }
}
