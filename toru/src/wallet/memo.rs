//! A remark from the command line or a file.

use inbox::v2::{MEMO_BYTES, Memo};

use super::error::file::SigningError;

/// A memo that somebody gave.
pub(super) fn memo(text: Option<&str>) -> Result<Option<Memo>, SigningError> {
    let Some(text) = text else { return Ok(None) };
    let bytes = text.as_bytes();
    match (1..=MEMO_BYTES).contains(&bytes.len()) {
        true => Ok(Some(Memo::Bytes(bytes.to_vec()))),
        false => Err(SigningError::Memo(bytes.len())),
    }
}

/// The bytes of a remark, if it is bytes.
pub(super) fn bytes_of(memo: &Memo) -> Option<Vec<u8>> {
    match memo {
        Memo::Bytes(bytes) => Some(bytes.clone()),
        Memo::Hash(_) => None,
    }
}
