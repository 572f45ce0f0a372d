//! Why there is no receipt, or why one proves nothing.

use layer1::plain::quoted;
use receipt::VerifyError;
use wallet::receipt_parts::NoReceipt;

use crate::error::Failure;
use crate::exit::Exit;

/// Why there is no receipt, or why one proves nothing.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptFailure {
    /// Not a hash.
    #[error("{} is no hash (expected 64 hexadecimal digits)", quoted(.0))]
    BadHash(String),
    /// There is nothing to make one of.
    #[error(transparent)]
    None(NoReceipt),
    /// What the node tells does not fit together.
    #[error("what the node tells makes no receipt: {0}")]
    Node(VerifyError),
    /// The receipt proves nothing.
    #[error("the receipt proves nothing: {0}")]
    Refused(VerifyError),
}

impl From<ReceiptFailure> for Failure {
    fn from(error: ReceiptFailure) -> Self {
        let error = match error {
            ReceiptFailure::None(NoReceipt::State(error)) => return error.into(),
            error => error,
        };
        let (exit, hint) = match &error {
            ReceiptFailure::BadHash(_) => {
                (Exit::Input, "toru tx show HASH shows what a hash is of")
            }
            ReceiptFailure::Node(_) => (Exit::NoAnswer, "ask another node, with --endpoint"),
            ReceiptFailure::Refused(VerifyError::OtherCommitment { .. }) => (
                Exit::No,
                "a receipt is about one commitment: ask layer 1 whether it has cemented that one",
            ),
            ReceiptFailure::Refused(_) => (Exit::No, "do not take it for a payment"),
            ReceiptFailure::None(none) => match none {
                NoReceipt::NotConfigured => (
                    Exit::Refused,
                    "toru kernel install --receipts-every LEVELS sets a rollup up with them",
                ),
                NoReceipt::NoResult(_) => (
                    Exit::NotYet,
                    "toru tx show HASH says what is known of it; results are kept for a day or two",
                ),
                NoReceipt::Several { .. } | NoReceipt::NoTransaction { .. } => {
                    (Exit::Input, "--transaction N names one, from 0")
                }
                NoReceipt::State(_) | NoReceipt::NotShown(_) => {
                    (Exit::NoAnswer, "ask another node, with --endpoint")
                }
                NoReceipt::NoRootYet { expected: Some(level), .. } => {
                    let hint = format!("it is expected in level {level}");
                    return Failure::of(Exit::NotYet, &error).with_hint(hint);
                }
                NoReceipt::NoRootYet { expected: None, .. } | NoReceipt::NotCemented { .. } => {
                    (Exit::NotYet, "ask again when it is")
                }
                NoReceipt::NoRoot(_) => (
                    Exit::Refused,
                    "results and what leads to their roots are kept for a day or two",
                ),
            },
        };
        Failure::of(exit, &error).with_hint(hint)
    }
}
