//! What is submitted is read, and its signatures are checked, before anything is kept.

mod verified;

pub(crate) use verified::{RowForm, Signer, Verified};
