//! A batch for which signatures are gathered: who signs the batch itself spares everybody a pairing,
//! who is not there is in it with a signature of their own transaction.

use client::{Assembly, Builder};
use encoding::{Hash32, Level, RollupAddress, Tz4Address};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Batch, IndividuallySigned, Registration};
use serde::{Deserialize, Serialize};

use crate::error::{FileError, FileKind, rollup};
use crate::signer::{SignerSignature, SignerSignatureJson};
use crate::transaction::{Signable, SignableJson};

/// The version of the file.
const VERSION: u32 = 1;

/// Transactions of several people that are to make one batch, and who has signed it so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureCollection {
    rollup: RollupAddress,
    expires: Option<Level>,
    registrations: Vec<Registration>,
    transactions: Vec<Signable>,
    signed: Vec<SignerSignature>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    toru: String,
    version: u32,
    rollup: String,
    hash: String,
    expires: Option<i32>,
    registrations: Vec<RegistrationJson>,
    transactions: Vec<SignableJson>,
    signatures: Vec<SignerSignatureJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationJson {
    key: String,
    proof: String,
}

impl SignatureCollection {
    /// A batch of transactions. Of those who have signed theirs, the keys that are not `registered` are
    /// registered by it.
    ///
    /// # Errors
    /// When there is no transaction, or one is for another rollup.
    pub fn new(
        rollup: RollupAddress,
        expires: Option<Level>,
        transactions: Vec<Signable>,
        registered: &[Tz4Address],
    ) -> Result<Self, FileError> {
        let mut collection = SignatureCollection {
            rollup,
            expires,
            registrations: Vec::new(),
            transactions: Vec::new(),
            signed: Vec::new(),
        };
        for transaction in &transactions {
            for signed in transaction.signed() {
                let registration = signed.registration();
                if !registered.contains(&signed.account())
                    && !collection.registrations.contains(&registration)
                {
                    collection.registrations.push(registration);
                }
            }
        }
        collection.transactions = transactions;
        collection.checked()
    }

    /// Registers a key, unless it does already.
    #[must_use]
    pub fn registering(mut self, registration: Registration) -> Self {
        if !self.registrations.iter().any(|known| known.key == registration.key) {
            self.registrations.push(registration);
            // What is signed takes in the registrations.
            self.signed.clear();
        }
        self
    }

    fn checked(self) -> Result<Self, FileError> {
        if self.transactions.is_empty() {
            return Err(FileError::Empty);
        }
        match self.transactions.iter().find(|one| *one.rollup() != self.rollup) {
            Some(other) => Err(FileError::OtherRollup(*other.rollup())),
            None => Ok(self),
        }
    }

    /// The rollup that it is for.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// The transactions, in order.
    #[must_use]
    pub fn transactions(&self) -> &[Signable] {
        &self.transactions
    }

    /// The last level in which it may be applied.
    #[must_use]
    pub fn expires(&self) -> Option<Level> {
        self.expires
    }

    /// The accounts whose keys it registers.
    #[must_use]
    pub fn registers(&self) -> Vec<Tz4Address> {
        self.registrations.iter().map(|one| Tz4Address::of_public_key(&one.key)).collect()
    }

    /// The batch, with a place for the signature.
    #[must_use]
    pub fn batch(&self) -> Batch {
        let mut builder = Builder::new();
        if let Some(expires) = self.expires {
            builder = builder.expires(expires);
        }
        for registration in &self.registrations {
            builder = builder.registration(*registration);
        }
        for one in &self.transactions {
            builder = builder.transaction(one.transaction().clone());
        }
        Batch {
            signature: Some([0; 96]),
            individually_signed: IndividuallySigned::Nobody,
            ..builder.build()
        }
    }

    /// What its signers sign.
    #[must_use]
    pub fn signing_payload(&self) -> SigningPayload {
        self.batch().signing_payload(&self.rollup)
    }

    /// Its hash: its result is kept under it.
    #[must_use]
    pub fn hash(&self) -> Hash32 {
        self.signing_payload().digest
    }

    /// Everybody who has to sign something, once.
    #[must_use]
    pub fn signers(&self) -> Vec<Tz4Address> {
        let mut all = Vec::new();
        for signer in self.transactions.iter().flat_map(Signable::signers) {
            if !all.contains(&signer) {
                all.push(signer);
            }
        }
        all
    }

    /// Who has signed the batch itself.
    #[must_use]
    pub fn signed(&self) -> &[SignerSignature] {
        &self.signed
    }

    /// Who has signed neither the batch nor every transaction of theirs in it.
    #[must_use]
    pub fn missing(&self) -> Vec<Tz4Address> {
        let has_signed = |signer: &Tz4Address| {
            let of_batch = self.signed.iter().any(|signed| signed.account() == *signer);
            let mut own = self.transactions.iter().filter(|one| one.signers().contains(signer));
            of_batch || own.all(|one| one.signature_of(signer).is_some())
        };
        self.signers().into_iter().filter(|signer| !has_signed(signer)).collect()
    }

    /// Signs the batch. Signing it again changes nothing.
    ///
    /// # Errors
    /// When the key is not one of those that have something to sign.
    pub fn sign(&mut self, secret: &bls::SecretKey) -> Result<(), FileError> {
        self.take_in(SignerSignature::new(secret, &self.signing_payload()))
    }

    fn take_in(&mut self, signed: SignerSignature) -> Result<(), FileError> {
        let account = signed.account();
        if !self.signers().contains(&account) {
            return Err(FileError::NotASigner(account));
        }
        self.signed.retain(|other| other.account() != account);
        self.signed.push(signed);
        Ok(())
    }

    /// Takes in the signatures of another copy of the same batch.
    ///
    /// # Errors
    /// When it is another batch.
    pub fn join(&mut self, other: &SignatureCollection) -> Result<(), FileError> {
        if other.hash() != self.hash() {
            return Err(FileError::OtherBatch { found: other.hash(), expected: self.hash() });
        }
        other.signed.iter().try_for_each(|signed| self.take_in(*signed))
    }

    /// The external message, with its tag.
    ///
    /// # Errors
    /// When somebody has not signed: the first of those.
    pub fn message(&self) -> Result<Vec<u8>, Tz4Address> {
        if let Some(account) = self.missing().first() {
            return Err(*account);
        }
        let mut assembly = Assembly::new(self.batch(), self.rollup);
        let signings = self.transactions.iter().flat_map(|one| {
            one.signers().into_iter().map(move |signer| (signer, one.signature_of(&signer)))
        });
        for (number, (signer, own)) in signings.enumerate() {
            match self.signed.iter().find(|signed| signed.account() == signer) {
                Some(signed) => assembly.batch_signature(number, signed.signature),
                None => {
                    own.iter().for_each(|own| assembly.individual_signature(number, own.signature))
                }
            }
        }
        // Nobody is missing: that was looked at before.
        Ok(assembly.message().unwrap_or_default())
    }

    /// The file.
    #[must_use]
    pub fn to_json(&self) -> String {
        let registrations = self.registrations.iter().map(|one| RegistrationJson {
            key: hex::encode(one.key),
            proof: hex::encode(one.proof),
        });
        let json = Json {
            toru: FileKind::Batch.word().to_owned(),
            version: VERSION,
            rollup: self.rollup.to_string(),
            hash: self.hash().to_string(),
            expires: self.expires.map(|level| level.0),
            registrations: registrations.collect(),
            transactions: self.transactions.iter().map(Signable::json).collect(),
            signatures: self.signed.iter().map(|signed| signed.to_json()).collect(),
        };
        // There is nothing in it that JSON could not say.
        let mut text = serde_json::to_string_pretty(&json).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads a file, and checks everything in it.
    ///
    /// # Errors
    /// When anything is not as it should be.
    pub fn from_json(bytes: &[u8]) -> Result<Self, FileError> {
        let json: Json = FileKind::Batch.read(bytes, VERSION)?;
        let rollup = rollup(&json.rollup)?;
        if json.expires.is_some_and(|level| level < 0) {
            return Err(FileError::Field { field: "expires", expected: "a level" });
        }
        let expires = json.expires.map(Level);
        let registration = |json: &RegistrationJson| {
            let key = hex::decode(&json.key).ok()?.try_into().ok()?;
            let proof: [u8; 96] = hex::decode(&json.proof).ok()?.try_into().ok()?;
            let proven = bls::Signature::from_compressed(&proof).ok()?;
            let public = bls::PublicKey::from_compressed(&key).ok()?;
            public.verify_possession(&proven).then_some(Registration { key, proof })
        };
        let malformed =
            FileError::Field { field: "registrations", expected: "keys with proofs of possession" };
        let registrations: Option<Vec<_>> = json.registrations.iter().map(registration).collect();
        let registrations = registrations.ok_or(malformed)?;
        let transactions = json.transactions.iter().map(|one| Signable::from_parts(one, None));
        let transactions = transactions.collect::<Result<Vec<_>, _>>()?;
        let signed = Vec::new();
        let mut collection =
            SignatureCollection { rollup, expires, registrations, transactions, signed }
                .checked()?;
        if collection.hash().to_string() != json.hash {
            return Err(FileError::OtherHash(collection.hash()));
        }
        let signing_payload = collection.signing_payload();
        for signed in &json.signatures {
            collection.take_in(SignerSignature::from_json(signed, &signing_payload)?)?;
        }
        Ok(collection)
    }
}
