//! What a signer leaves in a file: their key, the proof that they have it, and a signature.

use bls::{PublicKey, SecretKey, Signature, Suite};
use encoding::Tz4Address;
use inbox::v2::Registration;
use inbox::v2::signed::SigningPayload;
use layer1::address::Address;
use serde::{Deserialize, Serialize};

use crate::error::FileError;

/// A signature over a signing payload, with all that is needed to check it and to register its signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignerSignature {
    /// The signer's key.
    pub key: PublicKey,
    /// Its proof of possession.
    pub proof: [u8; 96],
    /// The signature.
    pub signature: Signature,
}

/// The same as JSON has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignerSignatureJson {
    pub(crate) account: String,
    pub(crate) key: String,
    pub(crate) proof: String,
    pub(crate) signature: String,
}

impl SignerSignature {
    /// Signs.
    #[must_use]
    pub fn new(secret: &SecretKey, signing_payload: &SigningPayload) -> Self {
        let registration = client::registration(secret);
        SignerSignature {
            key: secret.public_key(),
            proof: registration.proof,
            signature: client::sign(secret, signing_payload),
        }
    }

    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> Tz4Address {
        self.key.address()
    }

    /// What makes an account of the key.
    #[must_use]
    pub fn registration(&self) -> Registration {
        Registration { key: self.key.to_compressed(), proof: self.proof }
    }

    pub(crate) fn to_json(self) -> SignerSignatureJson {
        SignerSignatureJson {
            account: self.account().to_string(),
            key: keys::public_key_text(&self.key),
            proof: hex::encode(self.proof),
            signature: hex::encode(self.signature.to_compressed()),
        }
    }

    /// Reads it, and checks that it is a signature over that payload by that key.
    pub(crate) fn from_json(
        json: &SignerSignatureJson,
        signing_payload: &SigningPayload,
    ) -> Result<Self, FileError> {
        let said = |problem| FileError::Signature { account: shown(&json.account), problem };
        let wrong = |problem: &str| said(problem.to_owned());
        let key = keys::read_public_key(&json.key);
        let key = key.map_err(|problem| said(format!("its key {problem}")))?;
        if let Some(problem) = Address::mistyped(&json.account) {
            return Err(said(format!("the account {problem}")));
        }
        if key.address().to_string() != json.account {
            return Err(wrong("its key is that of another account"));
        }
        let point = |text: &str, problem| {
            let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 96]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(|| wrong(problem))?;
            let signature = Signature::from_compressed(&bytes).map_err(|_| wrong(problem))?;
            Ok((bytes, signature))
        };
        let (proof, proven) = point(&json.proof, "its proof of possession is no signature")?;
        let (_, signature) = point(&json.signature, "it is no signature")?;
        if !key.verify_possession(&proven) {
            return Err(wrong("its proof of possession is not by its key"));
        }
        if !key.verify(Suite::Pop, &signing_payload.to_sign(), &signature) {
            return Err(wrong("it is not a signature of what is in the file"));
        }
        Ok(SignerSignature { key, proof, signature })
    }
}

/// An account's name from a file, which may say anything.
fn shown(account: &str) -> String {
    crate::error::one_line(account).chars().take(60).collect()
}
