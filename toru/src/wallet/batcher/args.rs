//! The command line of `toru batcher`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use batcher::{Timing, limits};
use batcher_api::limits::MAX_VALID_LEVELS;
use clap::Args;

use crate::cli::groups::{EndpointArgs, JsonArgs, PinsArgs};
use crate::exit::EXIT_CODES;

/// Where it is served: beside a node, and an operator.
const LISTEN: &str = "127.0.0.1:8935";
/// Milliseconds: the longest time of a round that can be said.
const MAX_MS: u64 = 60_000;

/// `toru batcher`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct BatcherArgs {
    /// Folder of the journal, and of the key of receipts; it is made if it is not there. A batcher has its own
    #[arg(long, value_name = "DIR")]
    pub(super) data: PathBuf,

    /// Where to serve
    #[arg(long, value_name = "ADDRESS:PORT", default_value = LISTEN)]
    pub(super) listen: SocketAddr,

    /// Serve at an address that others can reach. It needs no secret of theirs, but speaks plain HTTP: put it behind
    /// a proxy with TLS
    #[arg(long)]
    pub(super) allow_remote: bool,

    /// A proxy is before it: take the address of a client from the end of X-Forwarded-For. Without one, clients
    /// could write there what they like
    #[arg(long)]
    pub(super) behind_proxy: bool,

    /// Let web pages of this origin ask, such as https://wallet.example; * is any. May be given several times
    #[arg(long, value_name = "ORIGIN")]
    pub(super) cors_origin: Vec<String>,

    /// Milliseconds that a batch is open for signatures at most
    #[arg(long, value_name = "MS", default_value_t = millis(limits::ROUND),
          value_parser = clap::value_parser!(u64).range(1..=MAX_MS))]
    pub(super) deadline_ms: u64,

    /// Milliseconds that it stays open once a quorum has signed
    #[arg(long, value_name = "MS", default_value_t = millis(limits::WINDOW),
          value_parser = clap::value_parser!(u64).range(0..=MAX_MS))]
    pub(super) window_ms: u64,

    /// Per cent of those who are asked to sign a batch: the quorum
    #[arg(long, value_name = "PERCENT", default_value_t = limits::QUORUM,
          value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(super) quorum: u32,

    /// Milliseconds that a transaction waits at most for others to fill its message
    #[arg(long, value_name = "MS", default_value_t = millis(limits::MAX_WAIT),
          value_parser = clap::value_parser!(u64).range(0..=MAX_MS))]
    pub(super) max_wait_ms: u64,

    /// Levels after which an accepted transaction is in an inbox, as receipts promise
    #[arg(long, value_name = "LEVELS", default_value_t = limits::PROMISED_LEVELS,
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_VALID_LEVELS)))]
    pub(super) promise: u32,

    /// What each transfer and withdrawal costs, such as 0.001 USDt, in a ticket as it is pinned here, or by its index.
    /// May be given several times: one of the prices is paid
    #[arg(long, value_names = ["PRICE", "TICKET"], num_args = 2, requires = "account")]
    pub(super) fee: Vec<String>,

    /// The account that fees are paid to
    #[arg(long, value_name = "tz4…", requires = "fee")]
    pub(super) account: Option<String>,

    /// Which node.
    #[command(flatten)]
    pub(super) at: EndpointArgs,

    /// Where pinned tickets are.
    #[command(flatten)]
    pub(super) pins: PinsArgs,

    /// How it is printed.
    #[command(flatten)]
    pub(super) json: JsonArgs,
}

impl BatcherArgs {
    /// The times of a round.
    pub(super) fn timing(&self) -> Timing {
        Timing {
            round: Duration::from_millis(self.deadline_ms),
            window: Duration::from_millis(self.window_ms),
            quorum: self.quorum,
            max_wait: Duration::from_millis(self.max_wait_ms),
        }
    }
}

/// A time of the batcher's, none of which is as long as an hour.
fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
