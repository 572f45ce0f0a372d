//! What can be wrong with the file of a transaction or a batch.

use encoding::{AccountIndex, RollupAddress};
use layer1::address::{Address, AddressError, Role};
use layer1::plain::quoted;

use super::one_line;

/// Which file something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A transaction, with signatures of it.
    Transaction,
    /// A batch, with signatures of it.
    Batch,
    /// A plan of payouts, with signatures of its transactions.
    PayoutPlan,
}

impl FileKind {
    /// What the file calls itself.
    pub(crate) fn word(self) -> &'static str {
        match self {
            FileKind::Transaction => "transaction",
            FileKind::Batch => "batch",
            FileKind::PayoutPlan => "payout plan",
        }
    }

    /// Reads JSON of this kind and version.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(
        self,
        bytes: &[u8],
        version: u32,
    ) -> Result<T, FileError> {
        #[derive(serde::Deserialize)]
        struct Head {
            toru: String,
            version: u32,
        }
        let not_json = |error: serde_json::Error| FileError::Json(one_line(&error.to_string()));
        let head: Head = serde_json::from_slice(bytes).map_err(|error| FileError::NotOurs {
            expected: self.word(),
            problem: one_line(&error.to_string()),
        })?;
        self.check(&head.toru, head.version, version)?;
        serde_json::from_slice(bytes).map_err(not_json)
    }

    /// Whether a file says that it is of this kind and version.
    pub(crate) fn check(self, found: &str, of: u32, version: u32) -> Result<(), FileError> {
        if found != self.word() {
            return Err(FileError::OtherKind { found: one_line(found), expected: self.word() });
        }
        match of == version {
            true => Ok(()),
            false => Err(FileError::Version { found: of, expected: version }),
        }
    }
}

/// The rollup that a file is for.
pub(crate) fn rollup(text: &str) -> Result<RollupAddress, FileError> {
    let address = Address::parse_as(Role::Rollup, text);
    address.map(|address| RollupAddress(address.hash)).map_err(|problem| FileError::Address {
        field: "rollup",
        text: one_line(text),
        problem,
    })
}

/// A file of a transaction or a batch that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// No such file at all.
    #[error("not the file of a {expected}: {problem}")]
    NotOurs {
        /// What it is to be.
        expected: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A file of another kind.
    #[error("the file of a {found}, not of a {expected}")]
    OtherKind {
        /// What it says it is.
        found: String,
        /// What it is to be.
        expected: &'static str,
    },
    /// A version that this code does not know.
    #[error("version {found} (this toru reads {expected})")]
    Version {
        /// That of the file.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// More than any such file has.
    #[error("longer than {} bytes", crate::limits::MAX_FILE_BYTES)]
    TooLong,
    /// Other fields than there must be.
    #[error("{0}")]
    Json(String),
    /// A field of another form.
    #[error("\"{field}\" is malformed (expected {expected})")]
    Field {
        /// Which.
        field: &'static str,
        /// What it is to be.
        expected: &'static str,
    },
    /// A field with an address that is mistyped, or of another kind.
    #[error("\"{field}\": {} {problem}", quoted(text))]
    Address {
        /// Which.
        field: &'static str,
        /// What is in it.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// Bytes that are no transaction, or no batch.
    #[error("malformed: {0}")]
    Malformed(encoding::Malformed),
    /// The hash in the file is not that of what is in it.
    #[error("changed since it was made: its hash is {0}, and the file says otherwise")]
    OtherHash(encoding::Hash32),
    /// A batch without a transaction.
    #[error("there is no transaction in it")]
    Empty,
    /// A transaction for another rollup than the others.
    #[error("a transaction in it is for {0}")]
    OtherRollup(RollupAddress),
    /// Signatures of another batch.
    #[error("signatures of another batch: {found}, not {expected}")]
    OtherBatch {
        /// Of which.
        found: encoding::Hash32,
        /// Of which they are to be.
        expected: encoding::Hash32,
    },
    /// A signature that is not what it says.
    #[error("the signature of {account}: {problem}")]
    Signature {
        /// Whose it is said to be.
        account: String,
        /// What is wrong.
        problem: String,
    },
    /// A key that has nothing to sign in it.
    #[error("{0} has nothing to sign in it")]
    NotASigner(encoding::Tz4Address),
    /// An account that has two operations in one transaction.
    #[error("two operations of {0} in one transaction")]
    TwoOperations(encoding::Tz4Address),
    /// A signer who is named by an index whose account is not known here.
    #[error(
        "a signer is named as account {0} of the registry, and it is not known here whose that is"
    )]
    SignerByIndex(AccountIndex),
    /// A signer who is named by a registration, which only a batch has.
    #[error("a signer is named by a registration, which only a batch has")]
    SignerByRegistration,
    /// The file names other signers than the indexes in it mean.
    #[error("\"signers\" are not those that the transaction names")]
    OtherSigners,
}
