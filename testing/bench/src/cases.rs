//! What the figures are about: traces over ledgers of two sizes, and a row about one.

use crate::batch::Mode;
use crate::report::Row;
use crate::trace::{Receivers, Trace, generate};

pub(crate) const SMALL: u32 = 1 << 16;
pub(crate) const LARGE: u32 = 1 << 20;

pub(crate) fn trace_of(n: usize, accounts: u32, receivers: Receivers) -> Trace {
    let seed = u64::from(accounts) << 32 | n as u64;
    generate(n, accounts, receivers, seed)
}

/// A row about a trace.
pub(crate) fn row(
    metric: &str,
    value: f64,
    unit: &str,
    mode: Mode,
    trace: &Trace,
    receivers: Receivers,
) -> Row {
    let mut row = Row::new(metric, value, unit);
    row.mode = mode.name().to_owned();
    row.n = trace.transfers.len();
    row.accounts = trace.accounts;
    row.receivers = receivers.name().to_owned();
    row
}
