//! The rows of the report: a table for people, JSON for programs, and the comparison of counts with
//! those of before.

use serde::{Deserialize, Serialize};

/// One figure, and what it is held against.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
pub struct Row {
    /// What was measured.
    pub metric: String,
    /// How payers signed, or nothing.
    pub mode: String,
    /// Transfers in the batch.
    pub n: usize,
    /// Accounts in the ledger.
    pub accounts: u32,
    /// How receivers were chosen.
    pub receivers: String,
    /// What ran it, and whether through the inbox or directly.
    pub engine: String,
    /// What did the arithmetic of BLS.
    pub backend: String,
    /// Which part of the work.
    pub phase: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What it is held against.
    pub reference: String,
    /// That figure.
    pub reference_value: Option<f64>,
    /// Ours by that one.
    pub ratio: Option<f64>,
}

impl Row {
    /// A figure about a batch.
    pub fn new(metric: &str, value: f64, unit: &str) -> Row {
        let text = str::to_owned;
        Row {
            metric: text(metric),
            mode: text("-"),
            n: 0,
            accounts: 0,
            receivers: text("-"),
            engine: text("-"),
            backend: text("-"),
            phase: text("total"),
            value,
            unit: text(unit),
            reference: String::new(),
            reference_value: None,
            ratio: None,
        }
    }

    /// Holds it against another figure of the same run.
    #[must_use]
    pub fn against(mut self, reference: &str, value: f64) -> Row {
        self.reference = reference.to_owned();
        self.reference_value = Some(value);
        self.ratio = (value != 0.0).then(|| self.value / value);
        self
    }

    /// What it is a figure of, without the figure.
    fn key(&self) -> String {
        let Row { metric, mode, n, accounts, receivers, engine, backend, phase, .. } = self;
        format!(
            "{metric} {mode} n={n} A={accounts} {receivers} {engine} {backend} {phase} vs {}",
            self.reference
        )
    }

    /// Whether it is a count, the same on every machine. What a crowd comes to depends on when each of it acts.
    pub fn is_count(&self) -> bool {
        let is_of_times = matches!(self.unit.as_str(), "1/s" | "ms" | "MiB");
        !is_of_times && !self.metric.starts_with("batcher_")
    }
}

/// The table, with a line for each row.
pub fn table(rows: &[Row]) -> String {
    let number = |value: f64| match value {
        small if small.abs() < 100.0 => format!("{small:.3}"),
        large => grouped(large.round()),
    };
    let mut lines = vec![
        [
            "metric",
            "mode",
            "n",
            "accounts",
            "receivers",
            "engine",
            "phase",
            "value",
            "unit",
            "reference",
            "its value",
            "ratio",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for row in rows {
        lines.push(vec![
            row.metric.clone(),
            row.mode.clone(),
            row.n.to_string(),
            grouped(row.accounts.into()),
            row.receivers.clone(),
            row.engine.clone(),
            row.phase.clone(),
            number(row.value),
            row.unit.clone(),
            row.reference.clone(),
            row.reference_value.map(number).unwrap_or_default(),
            row.ratio.map(|ratio| format!("{ratio:.4}")).unwrap_or_default(),
        ]);
    }
    let widths: Vec<usize> = (0..12)
        .map(|column| {
            lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0)
        })
        .collect();
    let mut out = String::new();
    for line in lines {
        let cells = line.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if (7..8).contains(&column) || column > 9 || column == 2 || column == 3 {
                format!("{cell:>width$}")
            } else {
                format!("{cell:<width$}")
            }
        });
        let cells: Vec<String> = cells.collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// What of the counts differs from those of before by more than two in a hundred.
pub fn changed(rows: &[Row], before: &[Row]) -> Vec<String> {
    let counts = rows.iter().filter(|row| row.is_count());
    let mut changes: Vec<String> = counts
        .filter_map(|row| {
            let old = before.iter().find(|old| old.key() == row.key());
            match old {
                None => Some(format!("new: {} is {}", row.key(), row.value)),
                Some(old) if (row.value - old.value).abs() > old.value.abs() * 0.02 => {
                    Some(format!("{}: {} was {}", row.key(), row.value, old.value))
                }
                Some(_) => None,
            }
        })
        .collect();
    let gone = before.iter().filter(|old| old.is_count());
    let gone = gone.filter(|old| rows.iter().all(|row| row.key() != old.key()));
    changes.extend(gone.map(|old| format!("gone: {}", old.key())));
    changes
}

/// A number with commas between its thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_changes_by_more_than_two_in_a_hundred_is_told() {
        let row = |value| Row::new("kernel_bytes", value, "bytes");
        assert!(changed(&[row(101.0)], &[row(100.0)]).is_empty());
        assert_eq!(changed(&[row(103.0)], &[row(100.0)]).len(), 1);
        assert_eq!(changed(&[row(97.0)], &[row(100.0)]).len(), 1);
        assert_eq!(changed(&[], &[row(97.0)]).len(), 1);
        assert_eq!(changed(&[row(1.0)], &[]).len(), 1);
        let time = |value| Row::new("native", value, "1/s");
        assert!(changed(&[time(9.0)], &[time(1.0)]).is_empty());
    }
}
