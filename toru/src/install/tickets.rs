//! The pinned tickets that are shipped with a rollup's configuration.

use std::path::Path;

use wallet::pins::PinStore;

use crate::error::Failure;

/// A file of pinned tickets, checked, as it is to be written beside the installer. It names no rollup: a
/// rollup has no address before it is originated.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let file = PinStore::read_file(path)?;
    if let Some(rollup) = file.rollup {
        let problem =
            format!("the tickets are pinned for {rollup}, and a new rollup has another address");
        let hint = "if its ticketers are those of the new rollup too, write \"rollup\": null";
        return Err(Failure::in_file(path, &problem).of_kind("other_rollup").with_hint(hint));
    }
    if file.pins.is_empty() {
        return Err(Failure::in_file(path, &"there is no ticket in it").of_kind("pins"));
    }
    Ok(file.to_json())
}
