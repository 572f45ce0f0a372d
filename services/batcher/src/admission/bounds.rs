//! How long a transaction has to be valid, and how large it may be.

use batcher_api::limits::{MAX_VALID_LEVELS, MIN_VALID_LEVELS};
use batcher_api::{ApiError, Code};
use encoding::Level;
use inbox::v2::Transaction;
use layer1::plain::grouped;

use super::Verified;
use crate::limits::{HEAD_SLACK, INDIVIDUAL_PER_BATCH};
use crate::rounds::Size;

/// The last level of a transaction, if a batcher takes one that is valid so long.
pub(super) fn expiry(transaction: &Transaction, head: Level) -> Result<Level, ApiError> {
    let Some(expires) = transaction.expires else {
        let message = "the transaction has no last level: a batcher has to know until when it may be asked for it";
        return Err(ApiError::new(Code::NoExpiry, message));
    };
    let left = i64::from(expires.0) - i64::from(head.0);
    let error = |code, words: &str, limit: u32| {
        let message = format!(
            "the transaction's last level is {expires}, {words} {} levels after {head}",
            grouped(limit)
        );
        let error = ApiError::new(code, message);
        Err(error.with("expires", expires).with("level", head).with("limit", limit))
    };
    if left < i64::from(MIN_VALID_LEVELS) {
        return error(Code::ExpiresTooSoon, "less than", MIN_VALID_LEVELS);
    }
    if left > i64::from(MAX_VALID_LEVELS) + i64::from(HEAD_SLACK) {
        return error(Code::ExpiresTooLate, "more than", MAX_VALID_LEVELS);
    }
    Ok(expires)
}

/// Whether a transaction fits a message by itself, with the own signatures of all its signers.
pub(super) fn size(transaction: &Verified) -> Result<(), ApiError> {
    let signers = transaction.signers.len();
    if signers > INDIVIDUAL_PER_BATCH {
        let message = format!(
            "the transaction has {signers} signers, and a batch has room for {INDIVIDUAL_PER_BATCH} who do not \
             sign it themselves"
        );
        let error = ApiError::new(Code::TooLarge, message).with("signers", signers);
        return Err(error.with("limit", INDIVIDUAL_PER_BATCH));
    }
    let mut size = Size::default();
    if size.add(transaction).is_some() {
        return Ok(());
    }
    let message = format!(
        "the transaction has {} bytes, and a message {} with all that is around it",
        grouped(transaction.bytes),
        grouped(Size::ROOM)
    );
    let error = ApiError::new(Code::TooLarge, message).with("bytes", transaction.bytes);
    Err(error.with("limit", Size::ROOM))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_valid_for_too_short_or_too_long_is_refused_with_both_levels() {
        let of = |expires: Option<i32>| Transaction {
            expires: expires.map(Level),
            operations: Vec::new(),
        };
        let code =
            |expires: Option<i32>| expiry(&of(expires), Level(100)).map_err(|error| error.code);
        let most = i32::try_from(MAX_VALID_LEVELS).unwrap();
        let least = i32::try_from(MIN_VALID_LEVELS).unwrap();
        assert_eq!(code(None), Err("NO_EXPIRY".to_owned()));
        assert_eq!(code(Some(100 + least - 1)), Err("EXPIRES_TOO_SOON".to_owned()));
        assert_eq!(code(Some(i32::MIN)), Err("EXPIRES_TOO_SOON".to_owned()));
        assert_eq!(code(Some(100 + least)), Ok(Level(100 + least)));
        // The client's node may be ahead.
        let most = most + i32::try_from(HEAD_SLACK).unwrap();
        assert_eq!(code(Some(100 + most)), Ok(Level(100 + most)));
        assert_eq!(code(Some(100 + most + 1)), Err("EXPIRES_TOO_LATE".to_owned()));
        let error = expiry(&of(Some(101)), Level(100)).unwrap_err();
        assert_eq!(error.values["expires"], "101");
        assert_eq!(error.values["level"], "100");
    }
}
