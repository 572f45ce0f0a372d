//! The bytes of a message as rows of a table.

use encoding::RollupAddress;

use crate::bytes::{Field, fields};
use crate::limits::{FIELD_BYTES, FIELDS};
use crate::parts::count;
use crate::text::Text;

/// A field, or several that are not shown.
#[derive(Debug)]
pub(crate) struct FieldRow {
    /// Where it begins.
    pub at: usize,
    /// The bytes, in hex.
    pub bytes: String,
    /// What it is.
    pub name: Text,
    /// What it says.
    pub says: Text,
    /// Whether it stands for fields that are not shown.
    pub is_other: bool,
}

/// The fields of a message, of its transactions one alone if that is named.
pub(crate) fn rows(message: &[u8], rollup: &str, transaction: Option<u32>) -> Vec<FieldRow> {
    let rollup = RollupAddress::from_base58(rollup).unwrap_or(RollupAddress([0; 20]));
    let mut rows: Vec<FieldRow> = Vec::new();
    let mut passed: Vec<Field> = Vec::new();
    let all = fields(message, &rollup);
    for field in all {
        let of_other = match (transaction, field.transaction) {
            (Some(wanted), Some(of)) => wanted != of,
            _ => false,
        };
        if of_other || rows.len() >= FIELDS {
            passed.push(field);
            continue;
        }
        rows.extend(others(&mut passed));
        rows.push(row(message, &field));
    }
    rows.extend(others(&mut passed));
    rows
}

fn row(message: &[u8], field: &Field) -> FieldRow {
    let shown = field.length.min(FIELD_BYTES);
    let bytes = message.get(field.at..field.at.saturating_add(shown)).unwrap_or_default();
    let more = if shown < field.length { "…" } else { "" };
    FieldRow {
        at: field.at,
        bytes: format!("{}{more}", hex::encode(bytes)),
        name: Text::of(&field.name),
        says: Text::of(&field.says),
        is_other: false,
    }
}

/// A row for all that was passed over.
fn others(passed: &mut Vec<Field>) -> Option<FieldRow> {
    let at = passed.first()?.at;
    let bytes: usize = passed.iter().map(|field| field.length).sum();
    let bytes = count(u64::try_from(bytes).unwrap_or(u64::MAX), "byte");
    let of_transactions = passed.iter().all(|field| field.transaction.is_some());
    passed.clear();
    let name = if of_transactions { "other transactions" } else { "more fields" };
    Some(FieldRow {
        at,
        bytes: String::new(),
        name: Text::of(name),
        says: Text::of(&bytes),
        is_other: true,
    })
}
