//! What is to be said of a file once somebody has signed it, or has not.

use encoding::{Hash32, Tz4Address};
use serde_json::json;

use super::plan::Plan;
use crate::error::Failure;
use crate::ui::{Output, Ui};

/// What is to be said if it was only looked at.
pub(super) fn not_signed(ui: &Ui, plan: &Plan) -> Result<Output, Failure> {
    let told = json!({"plan": plan.json(), "signed": false});
    ui.answer(&told, || "nothing was signed\n".to_owned())
}

/// What is to be said once somebody has signed.
pub(super) fn signed_by(
    ui: &Ui,
    plan: &Plan,
    missing: &[Tz4Address],
    hash: &Hash32,
) -> Result<Output, Failure> {
    let accounts: Vec<String> = missing.iter().map(ToString::to_string).collect();
    let told = json!({"hash": hash.to_string(), "plan": plan.json(), "missing": accounts});
    ui.answer(&told, || {
        let names: Vec<String> = missing.iter().map(|one| plan.book.name(one)).collect();
        match names.is_empty() {
            true => "signed by all: it can be sent\n".to_owned(),
            false => format!("signed; still to sign: {}\n", names.join(", ")),
        }
    })
}
