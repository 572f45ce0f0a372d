//! A transaction as it is submitted: with the signatures of all its signers, each over the transaction itself.

use bls::{PublicKey, Signature, Suite};
use encoding::{Counter, Hash32, RollupAddress, Tz4Address};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Name, Registration, Transaction, decode_transaction};
use layer1::address::{Address, Role};
use serde::{Deserialize, Serialize};

use crate::error::Code;
use crate::record::Record;
use api_error::ApiError;

/// Transactions that are submitted together. Each is taken or refused by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SubmissionRequest {
    /// The transactions.
    pub transactions: Vec<SubmittedTransaction>,
}

/// A transaction with all its signatures. A file of `toru tx craft` that everybody has signed has this form.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SubmittedTransaction {
    /// Its encoding, in hex.
    pub transaction: String,
    /// One for each operation, in their order.
    pub signatures: Vec<SignatureText>,
    /// `sr1…`: if given, it is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollup: Option<String>,
    /// Its hash: if given, it is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// What the file is: if given, `transaction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub toru: Option<String>,
    /// The file's version: if given, 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// A signature of a transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SignatureText {
    /// `tz4…`.
    pub account: String,
    /// `BLpk…`, or 48 bytes in hex.
    pub key: String,
    /// 96 bytes in hex.
    pub signature: String,
    /// 96 bytes in hex: the proof of possession. It registers a signer who is not registered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
}

/// What became of transactions that were submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SubmissionAnswer {
    /// In the order of the request.
    pub results: Vec<SubmissionResult>,
}

/// What became of one: it has a record, or an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SubmissionResult {
    /// Its hash, if it could be read.
    pub hash: Option<String>,
    /// Its record, if it is accepted, now or before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Record>,
    /// Why it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ApiError>,
}

/// Why a submitted transaction is refused before anything is known of the rollup's state.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubmissionError {
    /// A field has another form.
    #[error("{field} is malformed: expected {expected}")]
    Field {
        /// Which.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The transaction's bytes are malformed.
    #[error("the transaction is malformed at byte {0}")]
    Malformed(usize),
    /// A name by registration means nothing outside of a batch.
    #[error("operation {0} names an account by registration, which only a batch can")]
    ByRegistration(usize),
    /// It is for another rollup.
    #[error("the transaction is for {found}, and this batcher serves {expected}")]
    OtherRollup {
        /// That of the transaction.
        found: String,
        /// The batcher's.
        expected: RollupAddress,
    },
    /// The hash is another one.
    #[error("the transaction's hash is {found}, not {given}")]
    OtherHash {
        /// That of the transaction.
        found: Hash32,
        /// As given.
        given: String,
    },
    /// There are more or fewer signatures than operations.
    #[error("the transaction has {operations} operations and {signatures} signatures")]
    SignatureCount {
        /// Operations.
        operations: usize,
        /// Signatures.
        signatures: usize,
    },
    /// A key is not a point, or not in its group.
    #[error("the public key of operation {0} is not valid")]
    InvalidPublicKey(usize),
    /// A signature or proof is not a point, or not in its group.
    #[error("the {what} of operation {operation} is not a valid point")]
    InvalidSignature {
        /// Which operation.
        operation: usize,
        /// The signature, or the proof of possession.
        what: &'static str,
    },
    /// The account is not that of the key, or not that of the operation.
    #[error("operation {operation} is not signed by {account}, whose signature is given")]
    NotTheSigner {
        /// Which operation.
        operation: usize,
        /// The account.
        account: Tz4Address,
    },
    /// An account has two operations.
    #[error("{0} has two operations in the transaction")]
    TwoOperations(Tz4Address),
}

impl SubmissionError {
    /// The error as it is answered.
    #[must_use]
    pub fn to_api(&self) -> ApiError {
        let code = match self {
            Self::Field { .. }
            | Self::Malformed(_)
            | Self::ByRegistration(_)
            | Self::OtherHash { .. }
            | Self::SignatureCount { .. }
            | Self::TwoOperations(_) => Code::Malformed,
            Self::OtherRollup { .. } => Code::OtherRollup,
            Self::InvalidPublicKey(_) => Code::InvalidPublicKey,
            Self::InvalidSignature { .. } => Code::InvalidSignature,
            Self::NotTheSigner { .. } => Code::NotTheSigner,
        };
        ApiError::new(code, self.to_string())
    }
}

/// The signer of an operation, with what they gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationSigner {
    /// The account of the key.
    pub account: Tz4Address,
    /// The key.
    pub key: PublicKey,
    /// The counter that the operation uses.
    pub counter: Counter,
    /// As the transaction names the signer. If it is an index, whether it is the account's is not known here.
    pub name: Name,
    /// The signature of the transaction.
    pub signature: Signature,
    /// The key's proof of possession; it is a point, and nobody has checked it.
    pub proof: Option<Signature>,
}

impl OperationSigner {
    /// What registers the signer's key, if a proof was given.
    #[must_use]
    pub fn registration(&self) -> Option<Registration> {
        let proof = self.proof?.to_compressed();
        Some(Registration { key: self.key.to_compressed(), proof })
    }
}

/// A public key that was read, and its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerKey {
    /// The key.
    pub key: PublicKey,
    /// The key's account.
    pub account: Tz4Address,
}

/// Why a text is no public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It has another form.
    #[error("neither BLpk… nor 48 bytes in hex")]
    Form,
    /// It is not a point, or not in its group.
    #[error("not a valid point")]
    Point,
}

impl SignerKey {
    /// Reads `BLpk…`, or 48 bytes in hex, and checks everything.
    ///
    /// # Errors
    /// When the text is no public key.
    pub fn read(text: &str) -> Result<Self, KeyError> {
        let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 48]>::try_from(bytes).ok());
        let key = match bytes {
            Some(bytes) => PublicKey::from_compressed(&bytes).map_err(|_| KeyError::Point)?,
            None => keys::read_public_key(text).map_err(|_| KeyError::Form)?,
        };
        Ok(SignerKey { key, account: key.address() })
    }
}

/// A submitted transaction that has been read. Its signatures are points; [`Self::is_signed`] checks them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedTransaction {
    /// The transaction.
    pub transaction: Transaction,
    /// What its signers sign.
    pub payload: SigningPayload,
    /// The signers, in the order of the operations.
    pub signers: Vec<OperationSigner>,
}

impl SignedTransaction {
    /// Reads a submitted transaction.
    ///
    /// # Errors
    /// When anything does not have the form that is described, or it is for another rollup.
    pub fn read(
        submitted: &SubmittedTransaction,
        rollup: &RollupAddress,
    ) -> Result<Self, SubmissionError> {
        Self::read_with(submitted, rollup, &SignerKey::read)
    }

    /// The same for somebody who reads keys in their own way: whoever reads many transactions may remember keys.
    ///
    /// # Errors
    /// Those of [`Self::read`].
    pub fn read_with(
        submitted: &SubmittedTransaction,
        rollup: &RollupAddress,
        read_key: &dyn Fn(&str) -> Result<SignerKey, KeyError>,
    ) -> Result<Self, SubmissionError> {
        let field =
            |field: &str, expected| SubmissionError::Field { field: field.into(), expected };
        if submitted.toru.as_deref().is_some_and(|kind| kind != "transaction") {
            return Err(field("toru", "\"transaction\""));
        }
        if submitted.version.is_some_and(|version| version != 1) {
            return Err(field("version", "1"));
        }
        if let Some(found) = submitted.rollup.as_ref().filter(|text| **text != rollup.to_string()) {
            let (found, expected) = (found.chars().take(80).collect(), *rollup);
            return Err(SubmissionError::OtherRollup { found, expected });
        }
        let bytes = hex::decode(&submitted.transaction);
        let bytes = bytes.map_err(|_| field("transaction", "bytes in hex"))?;
        let transaction = decode_transaction(&bytes);
        let transaction = transaction.map_err(|error| SubmissionError::Malformed(error.at))?;
        let payload = transaction.signing_payload(rollup);
        if let Some(given) =
            submitted.hash.as_ref().filter(|text| **text != payload.digest.to_string())
        {
            let given = given.chars().take(80).collect();
            return Err(SubmissionError::OtherHash { found: payload.digest, given });
        }
        let (operations, signatures) = (transaction.operations.len(), submitted.signatures.len());
        if operations != signatures {
            return Err(SubmissionError::SignatureCount { operations, signatures });
        }
        let mut signers: Vec<OperationSigner> = Vec::with_capacity(operations);
        for (number, (operation, text)) in
            transaction.operations.iter().zip(&submitted.signatures).enumerate()
        {
            let signer = read_signer(number, operation.signer, operation.counter, text, read_key)?;
            if signers.iter().any(|other| other.account == signer.account) {
                return Err(SubmissionError::TwoOperations(signer.account));
            }
            signers.push(signer);
        }
        Ok(SignedTransaction { transaction, payload, signers })
    }

    /// Its hash.
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        self.payload.digest
    }

    /// Whether every signature, and every proof of possession that is given, is good, each by itself.
    #[must_use]
    pub fn is_signed(&self) -> bool {
        let message = self.payload.to_sign();
        self.signers.iter().all(|signer| {
            signer.key.verify(Suite::Pop, &message, &signer.signature)
                && signer.proof.is_none_or(|proof| signer.key.verify_possession(&proof))
        })
    }

    /// The transaction as it is submitted.
    #[must_use]
    pub fn to_submitted(&self) -> SubmittedTransaction {
        let signature = |signer: &OperationSigner| SignatureText {
            account: signer.account.to_string(),
            key: keys::public_key_text(&signer.key),
            signature: hex::encode(signer.signature.to_compressed()),
            proof: signer.proof.map(|proof| hex::encode(proof.to_compressed())),
        };
        SubmittedTransaction {
            transaction: hex::encode(self.transaction.encode()),
            signatures: self.signers.iter().map(signature).collect(),
            ..SubmittedTransaction::default()
        }
    }
}

fn read_signer(
    operation: usize,
    name: Name,
    counter: Counter,
    text: &SignatureText,
    read_key: &dyn Fn(&str) -> Result<SignerKey, KeyError>,
) -> Result<OperationSigner, SubmissionError> {
    let field = |name: &str, expected| {
        let field = format!("{name} of signature {operation}");
        SubmissionError::Field { field, expected }
    };
    let account = Address::parse_as(Role::Account, &text.account);
    let account = Tz4Address(account.map_err(|_| field("account", "tz4…"))?.hash);
    let SignerKey { key, account: own } = read_key(&text.key).map_err(|error| match error {
        KeyError::Form => field("key", "BLpk…, or 48 bytes in hex"),
        KeyError::Point => SubmissionError::InvalidPublicKey(operation),
    })?;
    let point = |text: &str, what| {
        let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 96]>::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| field(what, "96 bytes in hex"))?;
        Signature::from_compressed(&bytes)
            .map_err(|_| SubmissionError::InvalidSignature { operation, what })
    };
    let signature = point(&text.signature, "signature")?;
    let proof = text.proof.as_deref().map(|proof| point(proof, "proof")).transpose()?;
    let is_signer = match name {
        Name::Address(address) => address == account,
        Name::Index(_) => true,
        Name::Registration(_) => return Err(SubmissionError::ByRegistration(operation)),
    };
    if own != account || !is_signer {
        return Err(SubmissionError::NotTheSigner { operation, account });
    }
    Ok(OperationSigner { account, key, counter, name, signature, proof })
}
