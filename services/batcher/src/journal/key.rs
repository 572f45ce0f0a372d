//! The key that receipts are signed with. It is made at the first start, and whoever else is on the machine does not
//! get to read it.

use std::io::ErrorKind;
use std::path::Path;

use ed25519_dalek::SigningKey;
use files::Readers;

use crate::error::StartError;

/// Reads the acceptance key of a file, or makes one.
pub(crate) fn acceptance_key(path: &Path) -> Result<SigningKey, StartError> {
    let io = |action| move |source| StartError::Io { action, path: path.to_owned(), source };
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let bytes = hex::decode(text.trim()).ok();
            let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            let bytes = bytes.ok_or_else(|| StartError::Foreign {
                path: path.to_owned(),
                problem: "expected 32 bytes in hex".to_owned(),
            })?;
            Ok(SigningKey::from_bytes(&bytes))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| StartError::Random(error.to_string()))?;
            let text = format!("{}\n", hex::encode(bytes));
            files::create(path, text.as_bytes(), Readers::Owner).map_err(io("write"))?;
            Ok(SigningKey::from_bytes(&bytes))
        }
        Err(error) => Err(io("read")(error)),
    }
}
