//! What is submitted is read, and its signatures are checked, before anything is kept.

mod bounds;
mod check;
mod fees;
mod pace;
mod rates;
mod verified;
mod verifiers;

pub(crate) use check::{Checked, Checks};
pub(crate) use rates::Rates;
pub(crate) use verified::{RowForm, Signer, Verified};
pub(crate) use verifiers::{EndsWith, Job, Urgent, Verifiers, Work};
