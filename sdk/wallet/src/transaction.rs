//! A transaction with its signatures: what is carried from one signer to the next, and kept in a file.

use encoding::{Hash32, RollupAddress, Tz4Address};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Name, Transaction, decode_transaction};
use serde::{Deserialize, Serialize};

use crate::error::{FileError, FileKind, rollup};
use crate::signer::{SignerSignature, SignerSignatureJson};

/// The version of the file.
const VERSION: u32 = 1;

/// A transaction of one rollup, and who has signed it so far.
///
/// Its operations name their signers by address, so that what is signed means the same to everybody,
/// whatever a node says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signable {
    rollup: RollupAddress,
    transaction: Transaction,
    signed: Vec<SignerSignature>,
}

/// A transaction with its signatures, as JSON has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignableJson {
    toru: String,
    version: u32,
    rollup: String,
    hash: String,
    transaction: String,
    signatures: Vec<SignerSignatureJson>,
}

impl Signable {
    /// A transaction that nobody has signed yet.
    ///
    /// # Errors
    /// When a signer is not named by address, or signs twice.
    pub fn new(rollup: RollupAddress, transaction: Transaction) -> Result<Self, FileError> {
        let signable = Signable { rollup, transaction, signed: Vec::new() };
        let signers = signable.signers();
        if signers.len() != signable.transaction.operations.len() {
            return Err(FileError::SignerByIndex);
        }
        for (at, signer) in signers.iter().enumerate() {
            if signers.iter().take(at).any(|other| other == signer) {
                return Err(FileError::TwoOperations(*signer));
            }
        }
        Ok(signable)
    }

    /// One's own transaction, as one's own signature is kept with it: nothing is checked but whose it is.
    pub(crate) fn of_own(
        rollup: RollupAddress,
        transaction: Transaction,
        signed: SignerSignature,
    ) -> Result<Self, FileError> {
        let mut signable = Signable::new(rollup, transaction)?;
        if !signable.signers().contains(&signed.account()) {
            return Err(FileError::NotASigner(signed.account()));
        }
        signable.signed.push(signed);
        Ok(signable)
    }

    /// The same with something in place of its signature, to be measured.
    pub(crate) fn with_stand_in(&self, signed: SignerSignature) -> Self {
        Signable { signed: vec![signed], ..self.clone() }
    }

    /// The rollup that it is for.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// What is in it.
    #[must_use]
    pub fn transaction(&self) -> &Transaction {
        &self.transaction
    }

    /// What its signers sign.
    #[must_use]
    pub fn signing_payload(&self) -> SigningPayload {
        self.transaction.signing_payload(&self.rollup)
    }

    /// Its hash: its result is kept under it.
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        self.signing_payload().digest
    }

    /// Everybody who has to sign, in the order of their operations.
    #[must_use]
    pub fn signers(&self) -> Vec<Tz4Address> {
        let address = |name| match name {
            Name::Address(address) => Some(address),
            Name::Index(_) | Name::Registration(_) => None,
        };
        self.transaction.operations.iter().filter_map(|op| address(op.signer)).collect()
    }

    /// Who has signed.
    #[must_use]
    pub fn signed(&self) -> &[SignerSignature] {
        &self.signed
    }

    /// The signature of an account, if there is one.
    #[must_use]
    pub fn signature_of(&self, account: &Tz4Address) -> Option<&SignerSignature> {
        self.signed.iter().find(|signed| signed.account() == *account)
    }

    /// Who has not signed.
    #[must_use]
    pub fn missing(&self) -> Vec<Tz4Address> {
        let all = self.signers().into_iter();
        all.filter(|signer| self.signature_of(signer).is_none()).collect()
    }

    /// Signs it. Signing it again changes nothing.
    ///
    /// # Errors
    /// When the key is not one of those that have to sign.
    pub fn sign(&mut self, secret: &bls::SecretKey) -> Result<(), FileError> {
        let account = secret.public_key().address();
        if !self.signers().contains(&account) {
            return Err(FileError::NotASigner(account));
        }
        let signed = SignerSignature::new(secret, &self.signing_payload());
        self.signed.retain(|other| other.account() != account);
        self.signed.push(signed);
        Ok(())
    }

    /// What the file says.
    pub(crate) fn json(&self) -> SignableJson {
        SignableJson {
            toru: FileKind::Transaction.word().to_owned(),
            version: VERSION,
            rollup: self.rollup.to_string(),
            hash: self.hash().to_string(),
            transaction: hex::encode(self.transaction.encode()),
            signatures: self.signed.iter().map(|signed| signed.to_json()).collect(),
        }
    }

    /// The file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let json = self.json();
        // There is nothing in it that JSON could not say.
        let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file, and checks everything in it: that every signature is good, and the hash that of
    /// what is in it.
    ///
    /// # Errors
    /// When anything is not.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FileError> {
        Self::from_parts(&FileKind::Transaction.read(bytes, VERSION)?)
    }

    /// The same of one that is part of a file.
    pub(crate) fn from_parts(json: &SignableJson) -> Result<Self, FileError> {
        FileKind::Transaction.check(&json.toru, json.version, VERSION)?;
        let rollup = rollup(&json.rollup)?;
        let malformed = FileError::Field { field: "transaction", expected: "hexadecimal" };
        let bytes = hex::decode(&json.transaction).map_err(|_| malformed)?;
        let transaction = decode_transaction(&bytes).map_err(FileError::Malformed)?;
        let mut signable = Signable::new(rollup, transaction)?;
        if signable.hash().to_string() != json.hash {
            return Err(FileError::OtherHash(signable.hash()));
        }
        json.signatures.iter().try_for_each(|signed| signable.add_signature(signed))?;
        Ok(signable)
    }

    /// Takes in a signature from a file, if it is one by somebody who has not signed yet.
    pub(crate) fn add_signature(&mut self, json: &SignerSignatureJson) -> Result<(), FileError> {
        let signed = SignerSignature::from_json(json, &self.signing_payload())?;
        if !self.missing().contains(&signed.account()) {
            return Err(FileError::NotASigner(signed.account()));
        }
        self.signed.push(signed);
        Ok(())
    }
}
