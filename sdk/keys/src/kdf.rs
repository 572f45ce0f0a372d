//! From a password to a key, in either of the ways that EIP-2335 has.

use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::fault::KeyFileError;
use crate::limits::{PBKDF2_ROUNDS_MAX, SALT_BYTES_MAX, SCRYPT_BYTES_MAX, SCRYPT_PASSES_MAX};
use crate::password::Password;

/// Bytes of the derived key that the standard uses: the first half is the cipher's, the second the
/// checksum's.
pub(crate) const DERIVED_BYTES: u64 = 32;

/// From a password to 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "function", content = "params", rename_all = "lowercase")]
pub enum Kdf {
    /// What we write.
    Scrypt {
        /// Bytes that come out: the first 32 are used.
        dklen: u64,
        /// Blocks of memory, a power of two.
        n: u64,
        /// How often.
        p: u32,
        /// 128-byte pieces of a block.
        r: u32,
        /// Hexadecimal.
        salt: String,
    },
    /// What others may have written.
    Pbkdf2 {
        /// Bytes that come out: the first 32 are used.
        dklen: u64,
        /// Rounds.
        c: u32,
        /// `hmac-sha256`.
        prf: String,
        /// Hexadecimal.
        salt: String,
    },
}

impl Kdf {
    /// The first 32 bytes of the key.
    pub(crate) fn derive(&self, password: &Password) -> Result<Zeroizing<[u8; 32]>, KeyFileError> {
        let (Kdf::Scrypt { dklen, salt, .. } | Kdf::Pbkdf2 { dklen, salt, .. }) = self;
        // Of a longer key the first bytes are the same, as either function makes them from the first on.
        if *dklen < DERIVED_BYTES {
            return Err(KeyFileError::Parameters("dklen is less than 32"));
        }
        let salt = hex::decode(salt).map_err(|_| KeyFileError::Field("salt"))?;
        if salt.len() > SALT_BYTES_MAX {
            return Err(KeyFileError::Parameters("the salt is too long"));
        }
        let password = password.normalised();
        let mut derived = Zeroizing::new([0; 32]);
        match self {
            Kdf::Scrypt { n, r, p, .. } => {
                let params = scrypt_params(*n, *r, *p)?;
                scrypt::scrypt(password.as_bytes(), &salt, &params, &mut *derived)
                    .map_err(|_| KeyFileError::Parameters("scrypt refuses them"))?;
            }
            Kdf::Pbkdf2 { c, prf, .. } => {
                if prf != "hmac-sha256" {
                    return Err(KeyFileError::Parameters("prf is not hmac-sha256"));
                }
                if !(1..=PBKDF2_ROUNDS_MAX).contains(c) {
                    return Err(KeyFileError::Parameters("c is zero or too large"));
                }
                pbkdf2::pbkdf2_hmac::<Sha256>(password.as_bytes(), &salt, *c, &mut *derived);
            }
        }
        Ok(derived)
    }
}

fn scrypt_params(n: u64, r: u32, p: u32) -> Result<scrypt::Params, KeyFileError> {
    if n < 2 || !n.is_power_of_two() {
        return Err(KeyFileError::Parameters("n is not a power of two"));
    }
    let memory = n.checked_mul(u64::from(r)).and_then(|blocks| blocks.checked_mul(128));
    if memory.is_none_or(|bytes| bytes > SCRYPT_BYTES_MAX) {
        return Err(KeyFileError::Parameters("n and r take more than 1 GiB"));
    }
    if p > SCRYPT_PASSES_MAX {
        return Err(KeyFileError::Parameters("p is more than 16"));
    }
    let log_n =
        u8::try_from(n.trailing_zeros()).map_err(|_| KeyFileError::Parameters("n is too large"))?;
    scrypt::Params::new(log_n, r, p, 32)
        .map_err(|_| KeyFileError::Parameters("scrypt refuses them"))
}
