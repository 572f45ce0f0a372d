//! What errors of the wallet library become at the command line.
//!
//! Commands have errors of their own, beside these; each says what a [`Failure`] it becomes.

pub(super) mod account;
pub(super) mod deposit;
pub(super) mod execution;
pub(super) mod exit;
pub(super) mod file;
pub(super) mod held;
pub(super) mod layer1;
pub(super) mod payment;
pub(super) mod payout;
pub(super) mod pin;
pub(super) mod receipt;
pub(super) mod result;
pub(super) mod solvency;
pub(super) mod via;

use wallet::amount::AmountError;
use wallet::error::{BundleError, FileError, RpcError, StateError, TicketError};
use wallet::json_file::JsonFileError;
use wallet::known_rollups::KnownRollupsError;
use wallet::payments::PaymentsError;
use wallet::pins::PinsError;
use wallet::recognition::UsedError;
use wallet::session::SessionError;
use wallet::withdrawal_log::WithdrawalLogError;
use wallet::withdrawals::WithdrawError;

use self::result::ResultError;
use crate::error::Failure;
use crate::exit::Exit;

impl From<RpcError> for Failure {
    fn from(error: RpcError) -> Self {
        let (exit, hint) = match &error {
            RpcError::Endpoint(_) => (Exit::Input, None),
            RpcError::Connection { .. } => (
                Exit::NoAnswer,
                Some("toru dev starts a sandbox here; --endpoint names another node"),
            ),
            RpcError::Shape { .. } => (Exit::NoAnswer, Some("--endpoint names a rollup node")),
            RpcError::Refused { .. } => (Exit::NoAnswer, None),
        };
        let failure = Failure::of(exit, &error);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        match error {
            StateError::Rpc(error) => error.into(),
            other => Failure::of(Exit::Input, &other),
        }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        match error {
            SessionError::Rpc(error) => error.into(),
            SessionError::Known(error) => error.into(),
            SessionError::OtherRollup { .. } => Failure::of(Exit::Input, &error)
                .of_kind("other_rollup")
                .with_hint("--endpoint names another node"),
        }
    }
}

impl From<KnownRollupsError> for Failure {
    fn from(error: KnownRollupsError) -> Self {
        match error {
            KnownRollupsError::Changed { ref found, .. } => {
                let hint = format!("if that is meant, --rollup {found} says so, once");
                Failure::of(Exit::Input, &error).of_kind("other_rollup").with_hint(hint)
            }
            KnownRollupsError::File(error) => error.into(),
        }
    }
}

impl From<JsonFileError> for Failure {
    fn from(error: JsonFileError) -> Self {
        match &error {
            JsonFileError::Malformed { .. } => Failure::of(Exit::Input, &error)
                .with_hint("remove the file: what it remembers is asked anew"),
            JsonFileError::Io { action, path, source } => Failure::file(action, path, source),
        }
    }
}

impl From<TicketError> for Failure {
    fn from(error: TicketError) -> Self {
        let (kind, hint) = match &error {
            TicketError::Unknown(_) => (
                "no_ticket",
                Some("toru tickets lists them; '#N' and KT1…/NAME always mean one ticket"),
            ),
            TicketError::LooksLike { .. } => (
                "no_ticket",
                Some("write the name as it is pinned; '#N' and KT1…/NAME mean any other ticket"),
            ),
            TicketError::NotAmongFirst { .. } => (
                "no_ticket",
                Some(
                    "'#N' is looked up directly, and so is KT1…/NAME where the content is that text",
                ),
            ),
            TicketError::Several { .. } => (
                "several_tickets",
                Some(
                    "toru tickets says who mints each; toru ticket add NAME KT1… pins the one that you \
                     mean, and '#N' or KT1…/NAME means one as well",
                ),
            ),
            TicketError::Ticketer { .. } => ("no_ticket", None),
        };
        let failure = Failure::of(Exit::Input, &error).of_kind(kind);
        match hint {
            Some(hint) => failure.with_hint(hint),
            None => failure,
        }
    }
}

impl From<AmountError> for Failure {
    fn from(error: AmountError) -> Self {
        Failure::of(Exit::Input, &error).of_kind("amount")
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Failure::of(Exit::Input, &error)
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        Failure::of(Exit::Input, &error)
    }
}

impl From<PaymentsError> for Failure {
    fn from(error: PaymentsError) -> Self {
        // Whoever looks elsewhere finds nothing, and pays once more.
        let hint = match &error {
            PaymentsError::Malformed { .. } => {
                "what it says was sent is not known without it: put a copy of it in its place, or look \
                 at what its receivers hold before you move it away"
            }
            PaymentsError::Io { .. } => "--payments names another folder",
        };
        Failure::of(Exit::Input, &error).with_hint(hint)
    }
}

impl From<PinsError> for Failure {
    fn from(error: PinsError) -> Self {
        match error {
            PinsError::Rpc(error) => error.into(),
            PinsError::Io { action, path, source } => Failure::file(action, &path, &source),
            // A node that says something else than it should is not the user's mistake.
            PinsError::Sandbox { .. } => Failure::of(Exit::NoAnswer, &error),
            PinsError::File { .. } => Failure::of(Exit::Input, &error).of_kind("pins"),
        }
    }
}

impl From<UsedError> for Failure {
    fn from(error: UsedError) -> Self {
        match error {
            UsedError::Payments(error) => error.into(),
            UsedError::Withdrawals(error) => error.into(),
        }
    }
}

impl From<WithdrawalLogError> for Failure {
    fn from(error: WithdrawalLogError) -> Self {
        Failure::of(Exit::Input, &error)
            .with_hint("--withdrawals names another folder; toru withdrawals --all needs none")
    }
}

impl From<WithdrawError> for Failure {
    fn from(error: WithdrawError) -> Self {
        match error {
            WithdrawError::State(error) => error.into(),
            WithdrawError::Log(error) => error.into(),
            WithdrawError::Signing(error) => error.into(),
            WithdrawError::InFlight(account) => {
                ResultError::StillWaiting { account, hash: None }.into()
            }
            WithdrawError::NotAWithdrawal => Failure::internal(error),
        }
    }
}
