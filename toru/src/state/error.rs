//! What is wrong with a state that is kept in a file, and what to do about it.

use std::path::Path;

use layer1::plain::one_line;
use store::{Store, StoreError};

use crate::error::{Failure, io_reason};

/// Opens the state in a file.
pub fn open(file: &Path) -> Result<Store, Failure> {
    Store::open(file).map_err(failing(file))
}

/// For `map_err` when something is wrong with a state.
pub(crate) fn failing(file: &Path) -> impl FnOnce(StoreError) -> Failure + '_ {
    move |error| {
        let failure = Failure::in_file(file, &problem(&error));
        match hint(&error) {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

/// What is wrong, in one line.
pub(crate) fn problem(error: &StoreError) -> String {
    match error {
        StoreError::Io { action, source } => format!("cannot {action}: {}", io_reason(source)),
        StoreError::OtherRollup { what: "address", .. } => {
            "the state is of a rollup with another address".to_owned()
        }
        other => one_line(&other.to_string()),
    }
}

/// What to do about it, where there is something to do.
pub(crate) fn hint(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Exists => "give another name, or delete that file",
        StoreError::InUse => "wait until it has ended, or stop it",
        StoreError::NotAStore { .. } => "toru run --state makes a state where there is no file",
        StoreError::Damaged { .. } => "toru state import makes a state of an export",
        StoreError::OtherFormat { .. } => "the version of toru that made it can export it",
        StoreError::OtherRollup { .. } => "leave the option out, or name another file",
        StoreError::NotKept { .. } | StoreError::NoSnapshot { .. } => {
            "toru state show says what there is"
        }
        StoreError::SnapshotExists { .. } | StoreError::SnapshotInTheWay { .. } => {
            "toru state snapshot FILE NAME --forget forgets it"
        }
        StoreError::TooMuch | StoreError::TooDeep(_) => "the state is as it was before the level",
        StoreError::MustReopen => "run it again: the state is whole",
        StoreError::Io { .. }
        | StoreError::NoLevelBefore
        | StoreError::OutOfOrder { .. }
        | StoreError::SnapshotName { .. }
        | StoreError::Database { .. } => return None,
    })
}
