//! Rows of the report about load.

use std::time::Duration;

use crate::report::Row;

/// A row of so many clients, through the inbox in WASM.
pub(super) fn row(metric: &str, phase: &str, clients: usize, value: f64, unit: &str) -> Row {
    let mut row = Row::new(metric, value, unit);
    row.mode = format!("{clients} clients");
    row.engine = "wasmi-inbox".to_owned();
    row.phase = phase.to_owned();
    row
}

/// The one of which this share is below, in milliseconds.
pub(in crate::load) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = sorted.len().saturating_mul(percent) / 100;
    let at = at.min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
}
