//! What is submitted is read, and its signatures are checked, before anything is kept.

mod admitting;
mod bounds;
mod check;
mod fees;
mod key_cache;
mod pace;
mod rates;
mod turn;
mod verified;
mod verifiers;

pub(crate) use admitting::Admitting;
pub(crate) use check::{Checked, Checks};
pub(crate) use key_cache::KeyCache;
pub(crate) use rates::Rates;
pub(crate) use turn::Turn;
pub(crate) use verified::{RowForm, Signer, Verified};
pub(crate) use verifiers::{EndsWith, Job, Urgent, Verifiers, Work};
