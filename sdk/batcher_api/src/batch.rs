//! A batch of a batcher: as it is offered to its signers, and as it is asked for later.

use encoding::{Hash32, RollupAddress};
use inbox::v2::{Batch, SIGNATURE_BYTES};
use serde::{Deserialize, Serialize};

use api_error::ApiError;

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum BatchStage {
    /// It takes signatures.
    Offered,
    /// It takes no more.
    Sealed,
    /// The rollup node has it.
    Sent,
    /// It is in the inbox of a level, and has no result yet.
    Included,
    /// The kernel has accepted it.
    Accepted,
    /// The kernel has refused it, or it was given up: its transactions went into other batches.
    Dropped,
}

/// A batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct BatchAnswer {
    /// Its digest.
    pub id: String,
    /// How far it has come.
    pub stage: BatchStage,
    /// Its signed content, in hex.
    pub content: String,
    /// Milliseconds of Unix time: when it takes no more signatures. Only while it is offered.
    pub deadline_ms: Option<u64>,
    /// How many signings it has.
    pub signers: u32,
    /// How many of them have a signature of the batch.
    pub signed: u32,
    /// How many of them are individual, once it is sealed.
    pub individual: u32,
    /// The hashes of its transactions, in order.
    pub transactions: Vec<String>,
    /// Bytes of its message, once it is sealed.
    pub bytes: Option<u32>,
    /// The node's id of the message.
    pub message: Option<String>,
    /// The level of its inbox.
    pub level: Option<i32>,
    /// Its index in that inbox.
    pub index: Option<u32>,
}

/// The batches that have no final result yet, in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OpenBatchesAnswer {
    /// Transactions that are accepted, have not ended, and are in no batch.
    pub pending: u32,
    /// How many batches there are.
    pub count: u32,
    /// The first of them.
    pub batches: Vec<OpenBatchSummary>,
}

/// A batch that has no final result yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OpenBatchSummary {
    /// Its digest.
    pub id: String,
    /// How far it has come.
    pub stage: BatchStage,
    /// Milliseconds of Unix time: when it takes no more signatures. Only while it is offered.
    pub deadline_ms: Option<u64>,
    /// Transactions in it.
    pub transactions: u32,
    /// How many signings it has.
    pub signers: u32,
    /// How many of them have a signature of the batch.
    pub signed: u32,
    /// Bytes of its message once it is sealed; before that, of its content.
    pub bytes: u32,
    /// The level of its inbox.
    pub level: Option<i32>,
}

/// Signatures of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CoSignatures {
    /// One for each account.
    pub signatures: Vec<CoSignature>,
}

/// A signer's signature of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CoSignature {
    /// `tz4…`.
    pub account: String,
    /// 96 bytes in hex: over the batch's signing payload, once, however many signings the account has.
    pub signature: String,
}

/// What became of signatures of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CoSignatureAnswer {
    /// In the order of the request.
    pub results: Vec<CoSigned>,
}

/// Whether a signature was taken. Whether it is right is found out when the batch is sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct CoSigned {
    /// Whose.
    pub account: String,
    /// Why it was not taken.
    pub error: Option<ApiError>,
}

/// Why an offer is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// The content cannot be read.
    #[error("the content of the batch is malformed at byte {0}")]
    Malformed(usize),
    /// The content has another digest than the batch that is asked for.
    #[error("the content is that of batch {found}, not of {expected}")]
    OtherDigest {
        /// The content's.
        found: Hash32,
        /// The offer's.
        expected: Hash32,
    },
}

/// Reads the signed content of a batch. The batch has a place for a signature, and nobody is marked as individual.
///
/// # Errors
/// When the content is malformed, or its digest is not `id`.
pub fn batch_of_content(
    content: &[u8],
    id: &Hash32,
    rollup: &RollupAddress,
) -> Result<Batch, OfferError> {
    let body = [content, &[0; SIGNATURE_BYTES]].concat();
    let batch = Batch::decode(&body).map_err(|error| OfferError::Malformed(error.at))?;
    let found = batch.signing_payload(rollup).digest;
    if found != *id {
        return Err(OfferError::OtherDigest { found, expected: *id });
    }
    Ok(batch)
}
