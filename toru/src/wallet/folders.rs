//! Where the wallet keeps its records.

use std::path::PathBuf;

use encoding::RollupAddress;
use wallet::payments::PaymentStore;
use wallet::pins::PinStore;
use wallet::withdrawal_log::WithdrawalLog;

use super::error::pin::PinError;
use crate::cli::groups::{PaymentsArgs, PinsArgs, WithdrawalLogArgs};
use crate::error::Failure;
use crate::key;

/// Where payments are recorded if the command does not take a folder for it.
pub(super) fn usual_payments() -> PaymentsArgs {
    PaymentsArgs { payments: std::env::var_os("TORU_PAYMENTS").map(PathBuf::from) }
}

/// Where withdrawals are recorded if the command does not take a folder for it.
pub(super) fn usual_withdrawals() -> WithdrawalLogArgs {
    WithdrawalLogArgs { withdrawals: std::env::var_os("TORU_WITHDRAWALS").map(PathBuf::from) }
}

/// The tickets that are pinned on a rollup.
pub(super) fn pins(args: &PinsArgs, rollup: &RollupAddress) -> Result<PinStore, Failure> {
    let folder = match &args.tickets {
        Some(folder) => folder.clone(),
        None => key::data_folder().ok_or(PinError::NoFolder)?.join("tickets"),
    };
    Ok(PinStore::new(&folder, rollup))
}

/// The folder of the records of payments, and of what batchers say of them.
pub(super) fn payments_folder(args: &PaymentsArgs) -> Result<PathBuf, Failure> {
    Ok(match (&args.payments, std::env::var_os("TORU_WITHDRAWALS")) {
        (Some(folder), _) => folder.clone(),
        (None, Some(folder)) => PathBuf::from(folder).with_file_name("payments"),
        (None, None) => key::default_folder()?.with_file_name("payments"),
    })
}

/// The records of payments on a rollup.
pub(super) fn payments(
    args: &PaymentsArgs,
    rollup: &RollupAddress,
) -> Result<PaymentStore, Failure> {
    Ok(PaymentStore::new(&payments_folder(args)?, rollup))
}

/// The log of withdrawals from a rollup.
pub(super) fn withdrawals(
    args: &WithdrawalLogArgs,
    rollup: &RollupAddress,
) -> Result<WithdrawalLog, Failure> {
    let folder = match &args.withdrawals {
        Some(folder) => folder.clone(),
        // Beside the keys.
        None => key::default_folder()?.with_file_name("withdrawals"),
    };
    Ok(WithdrawalLog::new(&folder, rollup))
}
