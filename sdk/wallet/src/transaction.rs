//! A transaction with its signatures: what is carried from one signer to the next, and kept in a file.

use encoding::{Hash32, RollupAddress, Tz4Address};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Name, Operation, Transaction, decode_transaction};
use serde::{Deserialize, Serialize};

use crate::error::{FileError, FileKind, rollup};
use crate::indexes::KnownIndexes;
use crate::signer::{SignerSignature, SignerSignatureJson};

/// The version of the file.
const VERSION: u32 = 1;

/// A transaction of one rollup, and who has signed it so far.
///
/// Who signs each operation is known, whatever a node says. An operation names its signer by address; one that names
/// it by an index in the registry comes with the address that the index means in a final level
/// ([`KnownIndexes`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signable {
    rollup: RollupAddress,
    transaction: Transaction,
    /// Who signs each operation.
    signers: Vec<Tz4Address>,
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
    /// Who signs each operation, if one of them names its signer by index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signers: Option<Vec<String>>,
    signatures: Vec<SignerSignatureJson>,
}

impl Signable {
    /// A transaction that nobody has signed yet, and that names all its signers by address.
    ///
    /// # Errors
    /// When a signer is not named by address, or signs twice.
    pub fn new(rollup: RollupAddress, transaction: Transaction) -> Result<Self, FileError> {
        let known = KnownIndexes::forgetful(&rollup);
        Self::named_by(rollup, transaction, &known)
    }

    /// The same where signers may be named by index, of those indexes whose accounts are known.
    ///
    /// # Errors
    /// When it is not known who a signer is, or somebody signs twice.
    pub fn named_by(
        rollup: RollupAddress,
        transaction: Transaction,
        known: &KnownIndexes,
    ) -> Result<Self, FileError> {
        let signer = |name| match name {
            Name::Address(address) => Ok(address),
            Name::Index(index) => {
                let is_its = *known.rollup() == rollup;
                let account = known.account(index).filter(|_| is_its);
                account.ok_or(FileError::SignerByIndex(index))
            }
            Name::Registration(_) => Err(FileError::SignerByRegistration),
        };
        let signers = transaction.operations.iter().map(|one| signer(one.signer));
        let signers = signers.collect::<Result<Vec<_>, _>>()?;
        Self::of_signers(rollup, transaction, signers)
    }

    fn of_signers(
        rollup: RollupAddress,
        transaction: Transaction,
        signers: Vec<Tz4Address>,
    ) -> Result<Self, FileError> {
        for (at, signer) in signers.iter().enumerate() {
            if signers.iter().take(at).any(|other| other == signer) {
                return Err(FileError::TwoOperations(*signer));
            }
        }
        Ok(Signable { rollup, transaction, signers, signed: Vec::new() })
    }

    /// One's own transaction of one operation, as one's own signature is kept with it: nothing is checked but that
    /// the operation is not named as somebody else's. What an index means was known when it was signed.
    pub(crate) fn of_own(
        rollup: RollupAddress,
        transaction: Transaction,
        signed: SignerSignature,
    ) -> Result<Self, FileError> {
        let account = signed.account();
        let is_own = match transaction.operations.as_slice() {
            [operation] => match operation.signer {
                Name::Address(address) => address == account,
                Name::Index(_) => true,
                Name::Registration(_) => false,
            },
            _ => false,
        };
        if !is_own {
            return Err(FileError::NotASigner(account));
        }
        let mut signable = Signable::of_signers(rollup, transaction, vec![account])?;
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
        self.signers.clone()
    }

    /// The operation of an account, if it signs one.
    #[must_use]
    pub fn operation_of(&self, account: &Tz4Address) -> Option<&Operation> {
        let at = self.signers.iter().position(|signer| signer == account)?;
        self.transaction.operations.get(at)
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

    /// Whether a signer is named by an index.
    fn is_by_index(&self) -> bool {
        let mut operations = self.transaction.operations.iter();
        operations.any(|one| matches!(one.signer, Name::Index(_)))
    }

    /// What the file says.
    pub(crate) fn json(&self) -> SignableJson {
        SignableJson {
            toru: FileKind::Transaction.word().to_owned(),
            version: VERSION,
            rollup: self.rollup.to_string(),
            hash: self.hash().to_string(),
            transaction: hex::encode(self.transaction.encode()),
            signers: self
                .is_by_index()
                .then(|| self.signers.iter().map(ToString::to_string).collect()),
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
    /// When anything is not, or a signer is named by index.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FileError> {
        Self::from_parts(&FileKind::Transaction.read(bytes, VERSION)?, None)
    }

    /// The same where signers may be named by index: what the file says of them has to be what is known here.
    ///
    /// # Errors
    /// When anything is wrong, or it is not known here whom an index means.
    pub fn from_json_named_by(bytes: &[u8], known: &KnownIndexes) -> Result<Self, FileError> {
        Self::from_parts(&FileKind::Transaction.read(bytes, VERSION)?, Some(known))
    }

    /// The rollup that a file says it is for, before anything else in it is looked at.
    ///
    /// # Errors
    /// When it is no such file.
    pub fn rollup_of_json(bytes: &[u8]) -> Result<RollupAddress, FileError> {
        let json: SignableJson = FileKind::Transaction.read(bytes, VERSION)?;
        rollup(&json.rollup)
    }

    /// The same of one that is part of a file.
    pub(crate) fn from_parts(
        json: &SignableJson,
        known: Option<&KnownIndexes>,
    ) -> Result<Self, FileError> {
        FileKind::Transaction.check(&json.toru, json.version, VERSION)?;
        let rollup = rollup(&json.rollup)?;
        let malformed = FileError::Field { field: "transaction", expected: "hexadecimal" };
        let bytes = hex::decode(&json.transaction).map_err(|_| malformed)?;
        let transaction = decode_transaction(&bytes).map_err(FileError::Malformed)?;
        let mut signable = match known {
            Some(known) => Signable::named_by(rollup, transaction, known)?,
            None => Signable::new(rollup, transaction)?,
        };
        let signers = signable.is_by_index().then(|| signable.signers.iter());
        let signers = signers.map(|all| all.map(ToString::to_string).collect::<Vec<_>>());
        if signers != json.signers {
            return Err(FileError::OtherSigners);
        }
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
