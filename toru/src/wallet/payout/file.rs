//! Files of plans.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use wallet::limits::MAX_PLAN_BYTES;
use wallet::payout::{PayoutPlan, PlanError};

use super::super::error::payout::PayoutFailure;
use crate::error::{Failure, shown_path};
use crate::text_file;

/// Reads a plan, and checks everything in it.
pub(super) fn read(path: &Path) -> Result<PayoutPlan, Failure> {
    let wrong = PayoutFailure::in_file(path);
    let file = File::open(path).map_err(Failure::reading(path))?;
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are more.
    file.take(MAX_PLAN_BYTES + 1).read_to_end(&mut bytes).map_err(Failure::reading(path))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_PLAN_BYTES) {
        return Err(wrong(PlanError::TooLong).into());
    }
    // Editors put a mark before a text that they save.
    let text = text_file::without_mark(&bytes).map_err(|error| Failure::in_file(path, &error))?;
    Ok(PayoutPlan::from_json(text).map_err(wrong)?)
}

/// Writes a new plan. One that is there may have signatures in it that nobody has twice; if it is the same plan,
/// it stays as it is, which this says.
pub(super) fn write_new(path: &Path, plan: &PayoutPlan) -> Result<bool, Failure> {
    match files::create(path, &plan.to_json(), files::Readers::All) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match read(path) {
            Ok(there) if there.digest() == plan.digest() => Ok(false),
            _ => Err(PayoutFailure::FileThere(shown_path(path)).into()),
        },
        Err(error) => Err(Failure::writing(path)(error)),
    }
}

/// Where the plan of a file goes unless it is said.
pub(super) fn usual_place(file: &Path) -> PathBuf {
    file.with_extension("plan.json")
}
