//! What became of every operation and every message: codes that stay the same across versions,
//! and the records in which they are kept.
//!
//! | path under the state | value |
//! |---|---|
//! | `/results/<generation>/operation/<operation hash>` | [`OperationResult`], 32 bytes |
//! | `/results/<generation>/message/<level>/<message>` | [`MessageResult`], 20 bytes |
//!
//! Those of v2 are in [`batch`].
//!
//! A generation is a fixed number of levels; a whole one is deleted when it is too old. Nothing
//! else ever deletes a result, so nobody's flood can push out another one's.

pub mod batch;
pub mod code;

use accounts::Refused;
use deposit::Held;
use encoding::limits::{GENERATIONS_KEPT, LEVELS_PER_GENERATION, QUEUE_MESSAGES_PER_OWNER};
use encoding::{Hash32, Level, Malformed, MessageId};
use host::{HostError, RawRollupCore, Subtree};
use outbox::Full;
use withdraw::WithdrawRefused;

/// A stable code, with the two values that explain it; what they are is said at each code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// What happened. See [`code`].
    pub code: u16,
    /// The first value, 0 where there is none.
    pub first: u64,
    /// The second value, 0 where there is none.
    pub second: u64,
}

impl Reason {
    /// A code that needs no explanation.
    pub const fn plain(code: u16) -> Self {
        Reason { code, first: 0, second: 0 }
    }

    /// A code with its values.
    pub const fn new(code: u16, first: u64, second: u64) -> Self {
        Reason { code, first, second }
    }

    /// A code about two levels.
    pub(crate) fn levels(code: u16, first: Level, second: Level) -> Self {
        let value = |level: Level| u64::try_from(level.0).unwrap_or(0);
        Reason::new(code, value(first), value(second))
    }

    /// The reason of a malformed batch.
    pub fn malformed(error: &Malformed) -> Self {
        Reason::new(code::MALFORMED, place(error.at), 0)
    }

    /// Whether this is the last word on an operation: it applied or its counter is used up.
    pub fn is_final(&self) -> bool {
        !matches!(
            self.code,
            code::COUNTER_MISMATCH
                | code::STALE_SIBLING
                | code::EXPIRED
                | code::NO_INDEX_FOR_SIGNER
        )
    }
}

/// An offset or a length as the value of a reason. Nothing here comes near 2^64.
pub(crate) fn place(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

impl From<Refused> for Reason {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ZeroAmount => Reason::plain(code::ZERO_AMOUNT),
            Refused::SelfTransfer => Reason::plain(code::SELF_TRANSFER),
            Refused::UnknownTicket(_) => Reason::plain(code::UNKNOWN_TICKET),
            Refused::UnknownTicketIndex(_) => Reason::plain(code::UNKNOWN_TICKET),
            Refused::UnknownAccount { index, accounts } => {
                Reason::new(code::UNKNOWN_ACCOUNT, index.0.into(), accounts.into())
            }
            Refused::BalanceTooLow { available, requested } => {
                Reason::new(code::BALANCE_TOO_LOW, available.get(), requested.get())
            }
            Refused::SupplyTooLarge { supply, added } => {
                Reason::new(code::SUPPLY_TOO_LARGE, supply.get(), added.get())
            }
            Refused::CounterExhausted(counter) => {
                Reason::new(code::COUNTER_EXHAUSTED, counter.get(), 0)
            }
            Refused::RegistryFull(_) => Reason::plain(code::REGISTRY_FULL),
        }
    }
}

impl From<WithdrawRefused> for Reason {
    fn from(refused: WithdrawRefused) -> Self {
        match refused {
            WithdrawRefused::Ledger(refused) => refused.into(),
            WithdrawRefused::MessageTooLarge(bytes) => {
                Reason::new(code::MESSAGE_TOO_LARGE, place(bytes), 0)
            }
        }
    }
}

impl From<Full> for Reason {
    fn from(full: Full) -> Self {
        match full {
            Full::Queue { messages, bytes } => Reason::new(code::QUEUE_FULL, messages, bytes),
            Full::Lane(waiting) => {
                Reason::new(code::TOO_MANY_WAIT, waiting, QUEUE_MESSAGES_PER_OWNER)
            }
        }
    }
}

impl From<Held> for Reason {
    fn from(held: Held) -> Self {
        match held {
            Held::ReceiverNotTz4 => Reason::plain(code::RECEIVER_NOT_TZ4),
            Held::AmountOutOfRange => Reason::plain(code::AMOUNT_OUT_OF_RANGE),
            Held::ContentTooLarge(bytes) => Reason::new(code::CONTENT_TOO_LARGE, place(bytes), 0),
            Held::Ledger(refused) => refused.into(),
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageResult {
    /// It did what it was for, as the reason's code says.
    Done(Reason),
    /// A deposit that could not be credited; it is kept whole.
    Held(Reason),
    /// A batch that was refused whole; nothing changed.
    Refused(Reason),
}

/// Bytes of a stored message result: kind u16, code u16, two u64.
const MESSAGE_RESULT_BYTES: usize = 20;

impl MessageResult {
    /// The reason, whatever the kind.
    pub fn reason(&self) -> &Reason {
        let (MessageResult::Done(reason)
        | MessageResult::Held(reason)
        | MessageResult::Refused(reason)) = self;
        reason
    }

    pub(crate) fn to_bytes(self) -> [u8; MESSAGE_RESULT_BYTES] {
        let kind: u16 = match self {
            MessageResult::Done(_) => 0,
            MessageResult::Held(_) => 1,
            MessageResult::Refused(_) => 2,
        };
        let reason = self.reason();
        let mut bytes = [0; MESSAGE_RESULT_BYTES];
        bytes[..2].copy_from_slice(&kind.to_be_bytes());
        bytes[2..].copy_from_slice(&reason_bytes(reason));
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; MESSAGE_RESULT_BYTES]) -> Option<Self> {
        let (kind, reason) = bytes.split_first_chunk::<2>()?;
        let reason = reason_from(reason)?;
        match u16::from_be_bytes(*kind) {
            0 => Some(MessageResult::Done(reason)),
            1 => Some(MessageResult::Held(reason)),
            2 => Some(MessageResult::Refused(reason)),
            _ => None,
        }
    }
}

/// What became of an operation, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationResult {
    /// Applied, or why not.
    pub reason: Reason,
    /// The message that carried it.
    pub message: MessageId,
    /// The place of its transaction in the batch, from 0.
    pub transaction: u16,
    /// Its place in the transaction, from 0.
    pub operation: u16,
}

/// Bytes of a stored operation result: code u16, two u64, level i32, message u32, two u16, 2 spare.
const OPERATION_RESULT_BYTES: usize = 32;

impl OperationResult {
    pub(crate) fn to_bytes(self) -> [u8; OPERATION_RESULT_BYTES] {
        let mut bytes = [0; OPERATION_RESULT_BYTES];
        bytes[..18].copy_from_slice(&reason_bytes(&self.reason));
        bytes[18..22].copy_from_slice(&self.message.level.0.to_be_bytes());
        bytes[22..26].copy_from_slice(&self.message.index.to_be_bytes());
        bytes[26..28].copy_from_slice(&self.transaction.to_be_bytes());
        bytes[28..30].copy_from_slice(&self.operation.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; OPERATION_RESULT_BYTES]) -> Option<Self> {
        let (reason, rest) = bytes.split_first_chunk::<18>()?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, _, _] = *rest else { return None };
        Some(OperationResult {
            reason: reason_from(reason)?,
            message: MessageId {
                level: Level(i32::from_be_bytes([a, b, c, d])),
                index: u32::from_be_bytes([e, f, g, h]),
            },
            transaction: u16::from_be_bytes([i, j]),
            operation: u16::from_be_bytes([k, l]),
        })
    }
}

fn reason_bytes(reason: &Reason) -> [u8; 18] {
    let mut bytes = [0; 18];
    bytes[..2].copy_from_slice(&reason.code.to_be_bytes());
    bytes[2..10].copy_from_slice(&reason.first.to_be_bytes());
    bytes[10..].copy_from_slice(&reason.second.to_be_bytes());
    bytes
}

fn reason_from(bytes: &[u8]) -> Option<Reason> {
    let (code, rest) = bytes.split_first_chunk::<2>()?;
    let (first, second) = rest.split_first_chunk::<8>()?;
    Some(Reason {
        code: u16::from_be_bytes(*code),
        first: u64::from_be_bytes(*first),
        second: u64::from_be_bytes(second.try_into().ok()?),
    })
}

/// The generation of a level.
fn generation(level: Level) -> i32 {
    level.0.div_euclid(LEVELS_PER_GENERATION)
}

pub(crate) fn message_path(message: MessageId) -> String {
    let MessageId { level, index } = message;
    format!("/results/{}/message/{level}/{index}", generation(level))
}

/// The path at which an operation's result is written when it is known in `level`.
pub(crate) fn operation_path_at(level: Level, hash: &Hash32) -> String {
    format!("/results/{}/operation/{hash}", generation(level))
}

/// The generation that need not be kept any more when `to` follows `from`, if there is one.
pub(crate) fn outdated(from: Level, to: Level) -> Option<String> {
    let newest = generation(to);
    (generation(from) != newest)
        .then(|| newest.checked_sub(GENERATIONS_KEPT))
        .flatten()
        .map(|old| format!("/results/{old}"))
}

/// The result of an operation, if it has one that is still kept in `level`.
pub fn of_operation<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    level: Level,
    hash: &Hash32,
) -> Result<Option<OperationResult>, HostError> {
    find(
        state,
        level,
        |level| operation_path_at(level, hash),
        |bytes| OperationResult::from_bytes(bytes.try_into().ok()?),
    )
}

/// Looks for a result in all the generations that are kept in `level`, the newest first.
fn find<H: RawRollupCore, T>(
    state: &Subtree<'_, H>,
    level: Level,
    path: impl Fn(Level) -> String,
    decode: impl Fn(&[u8]) -> Option<T>,
) -> Result<Option<T>, HostError> {
    for age in 0..GENERATIONS_KEPT {
        let older = level.0.saturating_sub(age.saturating_mul(LEVELS_PER_GENERATION));
        let bytes = state.read(&path(Level(older)))?;
        if !bytes.is_empty() {
            return decode(&bytes).map(Some).ok_or(HostError::Corrupt("/results"));
        }
    }
    Ok(None)
}

/// The result of a message, if it has one that is still kept.
pub fn of_message<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    message: MessageId,
) -> Result<Option<MessageResult>, HostError> {
    const WHAT: &str = "/results/message";
    match state.read_record(&message_path(message), WHAT)? {
        None => Ok(None),
        Some(bytes) => MessageResult::from_bytes(&bytes).map(Some).ok_or(HostError::Corrupt(WHAT)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_there_and_back() {
        let reason = Reason::new(code::BALANCE_TOO_LOW, 3, u64::MAX);
        for result in [
            MessageResult::Done(reason),
            MessageResult::Held(reason),
            MessageResult::Refused(reason),
        ] {
            assert_eq!(MessageResult::from_bytes(&result.to_bytes()), Some(result));
        }
        let message = MessageId { level: Level(-1), index: 7 };
        let result = OperationResult { reason, message, transaction: 1, operation: 2 };
        assert_eq!(OperationResult::from_bytes(&result.to_bytes()), Some(result));
    }

    #[test]
    fn a_generation_goes_when_two_newer_ones_are_there() {
        let level = |generation: i32| Level(generation * LEVELS_PER_GENERATION);
        assert_eq!(outdated(level(5), Level(level(6).0 - 1)), None);
        assert_eq!(outdated(Level(level(6).0 - 1), level(6)).as_deref(), Some("/results/4"));
    }
}
