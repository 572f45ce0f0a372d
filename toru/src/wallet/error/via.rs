//! Why something does not go through a batcher.

use layer1::plain::one_line;
use wallet::batcher::BatcherError;
use wallet::batcher::receipt::ReceiptLogError;
use wallet::indexes::IndexError;

use crate::error::Failure;
use crate::exit::Exit;

/// Why something does not go through a batcher.
#[derive(Debug, thiserror::Error)]
pub enum ViaError {
    /// A batcher makes messages itself.
    #[error("a batcher fills messages itself: --pad is for messages that are given to a node")]
    Padding,
    /// A batcher keeps nothing for ever.
    #[error("a batcher takes nothing that never expires")]
    NoEnd,
    /// A batch that is signed as a whole, or a registration, is no transaction that its signers signed.
    #[error("{0} is no transaction with signatures of its own, and a batcher takes only those")]
    NotATransaction(&'static str),
    /// It is made of messages that its payers fill alone.
    #[error("{0} goes by the node, which takes its messages as they are")]
    OnlyByNode(&'static str),
    /// More than there can be.
    #[error("the fee of the batcher is more than there can be of a ticket")]
    FeeTooLarge,
    /// It takes its fee in other tickets.
    #[error("the batcher takes no fee in {wanted}, but in {taken}")]
    OtherFee {
        /// What was to be paid.
        wanted: String,
        /// What it takes.
        taken: String,
    },
    /// It asks for more than is agreed to.
    #[error("the batcher asks for {fee}, and --max-fee allows {most}")]
    FeeAbove {
        /// What it asks for.
        fee: String,
        /// What is allowed.
        most: String,
        /// What allows it.
        option: String,
    },
    /// Nobody has seen it.
    #[error("the batcher asks for a fee of {fee}, and --yes agrees to none")]
    FeeNotConfirmed {
        /// What it asks for.
        fee: String,
        /// What agrees to it.
        option: String,
    },
    /// It takes a fee where none can be paid.
    #[error("the batcher asks for a fee, which only `toru send` pays")]
    FeeElsewhere,
    /// The batcher has tried it, and would not take it.
    #[error("not sent, as the batcher would refuse it: {message} ({code})")]
    WouldBeRefused {
        /// Why.
        message: String,
        /// The code.
        code: String,
    },
    /// The batcher has tried it with the kernel's code, which refuses it.
    #[error("not sent, as the kernel would refuse it: {message} ({code})")]
    KernelWouldRefuse {
        /// Why.
        message: String,
        /// The code.
        code: String,
    },
    /// It refuses what was signed.
    #[error("the batcher refuses {hash}: {message} ({code})")]
    Refused {
        /// Which transaction.
        hash: String,
        /// Why.
        message: String,
        /// The code.
        code: String,
        /// What goes on with it.
        hint: String,
    },
    /// It has given it up.
    #[error("the batcher says that {hash} is {stage}{why}")]
    GivenUp {
        /// Which transaction.
        hash: String,
        /// How far it came.
        stage: &'static str,
        /// Why.
        why: String,
        /// What goes on with it.
        hint: String,
    },
    /// The batcher has it, and no level.
    #[error("{hash} is with the batcher at {url}: {stage}")]
    AtBatcher {
        /// Which transaction.
        hash: String,
        /// Which batcher.
        url: String,
        /// How far it is.
        stage: String,
    },
    /// It has not kept its word.
    #[error("{hash} is in no level, and the batcher at {url} promised level {promised}: {stage}")]
    NotKept {
        /// Which transaction.
        hash: String,
        /// Which batcher.
        url: String,
        /// By when.
        promised: i32,
        /// How far it is, as the batcher says.
        stage: String,
        /// Where its word is kept.
        receipts: String,
    },
}

impl From<ViaError> for Failure {
    fn from(error: ViaError) -> Self {
        let by_node = "--via node sends it by the node's own batcher";
        let (exit, hint) = match &error {
            ViaError::Padding => (Exit::Input, by_node.to_owned()),
            ViaError::NoEnd => {
                (Exit::Input, format!("--valid-for LEVELS says when it expires; {by_node}"))
            }
            ViaError::NotATransaction(_) => {
                (Exit::Input, "--via node or --via layer1 sends it".to_owned())
            }
            ViaError::OnlyByNode(_) => (Exit::Input, "--via node does it".to_owned()),
            ViaError::FeeTooLarge | ViaError::FeeElsewhere => (Exit::Input, by_node.to_owned()),
            ViaError::OtherFee { .. } => {
                (Exit::Input, format!("--max-fee names one of these; {by_node}"))
            }
            ViaError::FeeAbove { option, .. } => {
                (Exit::Refused, format!("{option} allows it; {by_node}"))
            }
            ViaError::FeeNotConfirmed { option, .. } => {
                (Exit::Input, format!("{option} agrees to it; {by_node}"))
            }
            ViaError::WouldBeRefused { .. } => (Exit::Refused, by_node.to_owned()),
            // No other way helps.
            ViaError::KernelWouldRefuse { .. } => {
                return Failure::of(Exit::Refused, &error)
                    .of_kind("would_be_refused")
                    .with_hint(
                        "the head alone would take it: what the batcher has of the payer and is in no level yet counts \
                         as well, so wait for that",
                    );
            }
            ViaError::Refused { hint, .. } | ViaError::GivenUp { hint, .. } => {
                (Exit::Refused, hint.clone())
            }
            ViaError::AtBatcher { .. } => (
                Exit::NotYet,
                "--wait waits for a level; sending it again by any way is safe".to_owned(),
            ),
            ViaError::NotKept { receipts, .. } => (
                Exit::NotYet,
                format!(
                    "send it again --via node, which is safe; {receipts} has the batcher's signed word"
                ),
            ),
        };
        Failure::of(exit, &error).with_hint(hint)
    }
}

impl From<BatcherError> for Failure {
    fn from(error: BatcherError) -> Self {
        let by_node = "--via node sends it by the node's own batcher";
        let (exit, hint) = match &error {
            BatcherError::Endpoint(_) => {
                (Exit::Input, "--via takes the URL of a batcher, node or layer1")
            }
            BatcherError::Silent { .. } | BatcherError::Malformed { .. } => {
                (Exit::NoAnswer, by_node)
            }
            BatcherError::Refused { .. } => (Exit::Refused, by_node),
            BatcherError::OtherRollup { .. } => {
                (Exit::Input, "--via names another batcher; --endpoint names another node")
            }
            BatcherError::NotSigned { .. } => return Failure::of(Exit::Input, &error),
        };
        Failure::of(exit, &error).with_hint(hint)
    }
}

impl From<IndexError> for Failure {
    fn from(error: IndexError) -> Self {
        match error {
            IndexError::State(error) => error.into(),
            IndexError::Contradiction { .. }
            | IndexError::Inconsistent { .. }
            | IndexError::InconsistentTicket(_) => Failure::of(Exit::NoAnswer, &error)
                .of_kind("other_index")
                .with_hint(
                    "one of the nodes that were asked lies, and nothing was signed: ask another with \
                     --endpoint; --via node names accounts by address",
                ),
            IndexError::File(error) => error.into(),
        }
    }
}

impl From<ReceiptLogError> for Failure {
    fn from(error: ReceiptLogError) -> Self {
        match error {
            ReceiptLogError::Malformed { .. } => Failure::of(Exit::Input, &error)
                .with_hint("move the file away; it is a record of what batchers promised"),
            ReceiptLogError::Io { action, path, source } => Failure::file(action, &path, &source),
        }
    }
}

/// A batcher's own words on one line.
pub(in crate::wallet) fn told(error: &batcher_api::ApiError) -> (String, String) {
    (one_line(&error.message), one_line(&error.code))
}
