//! A receipt as a file of JSON. Its fields are checked here, and what they prove in [`crate::verify`].

use std::collections::BTreeMap;

use encoding::{AccountIndex, Hash32, RollupAddress, Tz4Address};
use layer1::address::{Address, Kind};
use layer1::hashes;
use layer1::plain::one_line;
use serde::{Deserialize, Serialize};
use tx_kernel::receipts::mountains::Path;

use crate::limits::{MAX_PATH_HASHES, MAX_RECEIPT_BYTES};

/// The version of the format.
const VERSION: u32 = 1;

/// The tag of tz4 among implicit accounts.
const TZ4: u8 = 3;

/// Why a file is not a receipt.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is too long.
    #[error("a file of {bytes} bytes; a receipt has at most {MAX_RECEIPT_BYTES}")]
    TooLong {
        /// How long it is.
        bytes: u64,
    },
    /// It is no JSON, or has other fields.
    #[error("not a receipt: {0}")]
    Json(String),
    /// It is of another version.
    #[error("a receipt of version {found}; this program reads version {VERSION}")]
    Version {
        /// Of which.
        found: u32,
    },
    /// A field has something else in it than it should.
    #[error("{field} is not {expected}")]
    Field {
        /// Which one.
        field: &'static str,
        /// What should be there.
        expected: &'static str,
    },
}

/// A payment as it was sent: a transaction of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The batch, as it stands in the message without its frame.
    pub batch: Vec<u8>,
    /// The number of the transaction in the batch.
    pub transaction: u32,
}

/// The record of a result, as the kernel keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// Of a batch that the signers have signed together.
    Batch(Vec<u8>),
    /// Of a transaction that its signers have signed for themselves.
    Transaction(Vec<u8>),
}

/// A commitment, as layer 1 has it.
pub type Commitment = pvm::Commitment;

/// An account that the node has told the address of. Nothing proves it.
pub type Known = BTreeMap<AccountIndex, Tz4Address>;

/// A receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The rollup. Signatures are for one rollup alone.
    pub rollup: RollupAddress,
    /// The payment.
    pub payment: Payment,
    /// What became of it.
    pub record: Record,
    /// From the record to the root.
    pub path: Path,
    /// The output proof of the root, with level, index and message behind it.
    pub output: Vec<u8>,
    /// The commitment that the output proof is under.
    pub commitment: Commitment,
    /// Whom indexes in the payment stood for when the receipt was made, as a node said.
    pub accounts: Known,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ReceiptFile {
    toru_receipt: u32,
    rollup: String,
    payment: PaymentFields,
    result: RecordFields,
    path: PathFields,
    output_proof: String,
    commitment: CommitmentFields,
    accounts: BTreeMap<u32, String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PaymentFields {
    batch: String,
    transaction: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum RecordFields {
    Batch(String),
    Transaction(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PathFields {
    index: u64,
    leaves: u64,
    siblings: Vec<String>,
    peaks: Vec<String>,
}

/// As Octez has it in JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CommitmentFields {
    compressed_state: String,
    inbox_level: i32,
    predecessor: String,
    number_of_ticks: String,
}

impl Receipt {
    /// As a file has it.
    #[must_use]
    pub fn to_json(&self) -> String {
        let hashes = |all: &[Hash32]| all.iter().map(|hash| hex::encode(hash.0)).collect();
        let Commitment { state, inbox_level, predecessor, ticks } = &self.commitment;
        let file = ReceiptFile {
            toru_receipt: VERSION,
            rollup: self.rollup.to_string(),
            payment: PaymentFields {
                batch: hex::encode(&self.payment.batch),
                transaction: self.payment.transaction,
            },
            result: match &self.record {
                Record::Batch(bytes) => RecordFields::Batch(hex::encode(bytes)),
                Record::Transaction(bytes) => RecordFields::Transaction(hex::encode(bytes)),
            },
            path: PathFields {
                index: self.path.index,
                leaves: self.path.leaves,
                siblings: hashes(&self.path.siblings),
                peaks: hashes(&self.path.peaks),
            },
            output_proof: hex::encode(&self.output),
            commitment: CommitmentFields {
                compressed_state: hashes::STATE.text(state),
                inbox_level: *inbox_level,
                predecessor: hashes::COMMITMENT.text(predecessor),
                number_of_ticks: ticks.to_string(),
            },
            accounts: self.accounts.iter().map(|(i, who)| (i.0, who.to_string())).collect(),
        };
        // Texts and numbers alone: there is nothing that JSON could not say.
        serde_json::to_string_pretty(&file).unwrap_or_default() + "\n"
    }

    /// Reads a file.
    ///
    /// # Errors
    /// When it is not a receipt. Whether it proves anything is for [`Self::verify`] to say.
    pub fn from_json(text: &[u8]) -> Result<Self, ReceiptError> {
        let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
        if bytes > MAX_RECEIPT_BYTES {
            return Err(ReceiptError::TooLong { bytes });
        }
        // It has words of the file in it.
        let json = |error: serde_json::Error| ReceiptError::Json(one_line(&error.to_string()));
        // The version first: other versions may have other fields.
        let all: serde_json::Value = serde_json::from_slice(text).map_err(json)?;
        let version = all.get("toru_receipt").and_then(serde_json::Value::as_u64);
        if let Some(found) = version.and_then(|version| u32::try_from(version).ok())
            && found != VERSION
        {
            return Err(ReceiptError::Version { found });
        }
        let file: ReceiptFile = serde_json::from_value(all).map_err(json)?;
        let CommitmentFields { compressed_state, inbox_level, predecessor, number_of_ticks } =
            file.commitment;
        let commitment = Commitment {
            state: hashes::STATE
                .read(&compressed_state)
                .ok_or_else(wrong("commitment.compressed_state", "a hash of a state, srs1…"))?,
            inbox_level,
            predecessor: hashes::COMMITMENT
                .read(&predecessor)
                .ok_or_else(wrong("commitment.predecessor", "a hash of a commitment, src1…"))?,
            ticks: number_of_ticks
                .parse()
                .ok()
                .filter(|ticks: &i64| ticks.to_string() == number_of_ticks)
                .ok_or_else(wrong("commitment.number_of_ticks", "a number of ticks"))?,
        };
        Ok(Receipt {
            rollup: rollup(&file.rollup)
                .ok_or_else(wrong("rollup", "the address of a rollup, sr1…"))?,
            payment: Payment {
                batch: bytes_of("payment.batch", &file.payment.batch)?,
                transaction: file.payment.transaction,
            },
            record: match file.result {
                RecordFields::Batch(text) => Record::Batch(bytes_of("result.batch", &text)?),
                RecordFields::Transaction(text) => {
                    Record::Transaction(bytes_of("result.transaction", &text)?)
                }
            },
            path: Path {
                index: file.path.index,
                leaves: file.path.leaves,
                siblings: hashes_of("path.siblings", &file.path.siblings)?,
                peaks: hashes_of("path.peaks", &file.path.peaks)?,
            },
            output: bytes_of("output_proof", &file.output_proof)?,
            commitment,
            accounts: file
                .accounts
                .iter()
                .map(|(index, text)| Some((AccountIndex(*index), account(text)?)))
                .collect::<Option<_>>()
                .ok_or_else(wrong("accounts", "a list of addresses, tz4…"))?,
        })
    }
}

fn wrong(field: &'static str, expected: &'static str) -> impl Fn() -> ReceiptError {
    move || ReceiptError::Field { field, expected }
}

fn bytes_of(field: &'static str, text: &str) -> Result<Vec<u8>, ReceiptError> {
    hex::decode(text).map_err(|_| wrong(field, "bytes in hexadecimal")())
}

fn hashes_of(field: &'static str, texts: &[String]) -> Result<Vec<Hash32>, ReceiptError> {
    if texts.len() > MAX_PATH_HASHES {
        return Err(wrong(field, "a list of at most 64 hashes")());
    }
    let hash = |text: &String| Some(Hash32(hex::decode(text).ok()?.try_into().ok()?));
    texts.iter().map(hash).collect::<Option<_>>().ok_or_else(wrong(field, "a list of hashes"))
}

fn rollup(text: &str) -> Option<RollupAddress> {
    let address: Address = text.parse().ok()?;
    (address.kind == Kind::Rollup).then_some(RollupAddress(address.hash))
}

fn account(text: &str) -> Option<Tz4Address> {
    let address: Address = text.parse().ok()?;
    (address.kind == Kind::Implicit(TZ4)).then_some(Tz4Address(address.hash))
}
