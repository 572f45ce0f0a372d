//! Rows of the report about load.

use crate::report::Row;

/// A row of so many clients, through the inbox in WASM.
pub(super) fn row(metric: &str, phase: &str, clients: usize, value: f64, unit: &str) -> Row {
    let mut row = Row::new(metric, value, unit);
    row.mode = format!("{clients} clients");
    row.engine = "wasmi-inbox".to_owned();
    row.phase = phase.to_owned();
    row
}
