//! What a batcher is asked and what it answers, for the batcher and for its clients. `docs/batcher.md` says what
//! each request does.
//!
//! The shapes are JSON as it is on the wire: amounts and counters are decimal texts, levels are numbers, hashes and
//! bytes are lowercase hex. [`SignedTransaction`] is a submitted transaction once it has been read;
//! [`batch_of_content`] reads an offer, and [`AcceptanceKey`] checks a receipt.

#![warn(clippy::missing_errors_doc)]

mod account;
mod batch;
mod error;
mod event;
pub mod limits;
mod quote;
mod receipt;
mod record;
mod simulation;
mod submission;

pub use account::{AccountAnswer, TicketBalance, View};
pub use api_error::{ApiError, ErrorBody, Values};
pub use batch::{
    BatchAnswer, BatchStage, CoSignature, CoSignatureAnswer, CoSignatures, CoSigned, OfferError,
    OpenBatchSummary, OpenBatchesAnswer, batch_of_content,
};
pub use error::Code;
pub use event::{EventKind, LevelEvent, MissedEvent, OfferEvent};
pub use quote::{Fee, Quote, QuoteLimits, TicketText};
pub use receipt::{Acceptance, AcceptanceKey, KeyTextError, Receipt, ReceiptError};
pub use record::{AccountCounter, OutcomeText, Record, Settled, Stage};
pub use simulation::{Simulated, SimulationAnswer, SimulationRequest, UnsignedTransaction};
pub use submission::{
    KeyError, OperationSigner, SignatureText, SignedTransaction, SignerKey, SubmissionAnswer,
    SubmissionError, SubmissionRequest, SubmissionResult, SubmittedTransaction,
};

#[cfg(test)]
mod tests;
