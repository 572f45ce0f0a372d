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
mod code;

pub use code::{ResultCode, Subject};

use accounts::Refused;
use deposit::Held;
use encoding::limits::{GENERATIONS_KEPT, LEVELS_PER_GENERATION, QUEUE_MESSAGES_PER_OWNER};
use encoding::{Hash32, Level, Malformed, MessageId};
use host::{HostError, RawRollupCore, Subtree};
use outbox::Full;
use withdraw::WithdrawRefused;

/// A code, with the two values that explain it: [`ResultCode::values`] has their names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What happened.
    pub code: ResultCode,
    /// The first value, 0 where there is none.
    pub first: u64,
    /// The second value, 0 where there is none.
    pub second: u64,
}

impl Outcome {
    /// A code that needs no explanation.
    pub const fn plain(code: ResultCode) -> Self {
        Outcome { code, first: 0, second: 0 }
    }

    /// A code with its values.
    pub const fn new(code: ResultCode, first: u64, second: u64) -> Self {
        Outcome { code, first, second }
    }

    /// A code about two levels.
    pub(crate) fn levels(code: ResultCode, first: Level, second: Level) -> Self {
        let value = |level: Level| u64::try_from(level.0).unwrap_or(0);
        Outcome::new(code, value(first), value(second))
    }

    /// That of a malformed message.
    pub fn malformed(error: &Malformed) -> Self {
        Outcome::new(ResultCode::Malformed, as_u64(error.at), 0)
    }

    /// Whether this is the last word on an operation: it applied or its counter is used up.
    pub fn is_final(&self) -> bool {
        self.code.is_final()
    }
}

/// An offset or a length as a value of an outcome. Nothing here comes near 2^64.
pub(crate) fn as_u64(at: usize) -> u64 {
    u64::try_from(at).unwrap_or(u64::MAX)
}

impl From<Refused> for Outcome {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::ZeroAmount => Outcome::plain(ResultCode::ZeroAmount),
            Refused::SelfTransfer => Outcome::plain(ResultCode::SelfTransfer),
            Refused::UnknownTicket(_) => Outcome::plain(ResultCode::UnknownTicket),
            Refused::UnknownTicketIndex(_) => Outcome::plain(ResultCode::UnknownTicket),
            Refused::UnknownAccount { index, accounts } => {
                Outcome::new(ResultCode::UnknownAccount, index.0.into(), accounts.into())
            }
            Refused::BalanceTooLow { available, requested } => {
                Outcome::new(ResultCode::BalanceTooLow, available.get(), requested.get())
            }
            Refused::SupplyTooLarge { supply, added } => {
                Outcome::new(ResultCode::SupplyTooLarge, supply.get(), added.get())
            }
            Refused::CounterExhausted(counter) => {
                Outcome::new(ResultCode::CounterExhausted, counter.get(), 0)
            }
            Refused::RegistryFull(_) => Outcome::plain(ResultCode::RegistryFull),
        }
    }
}

impl From<WithdrawRefused> for Outcome {
    fn from(refused: WithdrawRefused) -> Self {
        match refused {
            WithdrawRefused::Ledger(refused) => refused.into(),
            WithdrawRefused::MessageTooLarge(bytes) => {
                Outcome::new(ResultCode::OutboxMessageTooLarge, as_u64(bytes), 0)
            }
        }
    }
}

impl From<Full> for Outcome {
    fn from(full: Full) -> Self {
        match full {
            Full::Queue { messages, bytes } => {
                Outcome::new(ResultCode::OutboxQueueFull, messages, bytes)
            }
            Full::Owner(waiting) => {
                Outcome::new(ResultCode::TooManyPending, waiting, QUEUE_MESSAGES_PER_OWNER)
            }
        }
    }
}

impl From<Held> for Outcome {
    fn from(held: Held) -> Self {
        match held {
            Held::ReceiverNotTz4 => Outcome::plain(ResultCode::ReceiverNotTz4),
            Held::AmountOutOfRange => Outcome::plain(ResultCode::AmountOutOfRange),
            Held::ContentTooLarge(bytes) => {
                Outcome::new(ResultCode::TicketContentTooLarge, as_u64(bytes), 0)
            }
            Held::Ledger(refused) => refused.into(),
        }
    }
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageResult {
    /// It did what it was for, as the reason's code says.
    Done(Outcome),
    /// A deposit that could not be credited; it is kept whole.
    Held(Outcome),
    /// A batch that was refused whole; nothing changed.
    Refused(Outcome),
}

/// Bytes of a stored message result: kind u16, code u16, two u64.
const MESSAGE_RESULT_BYTES: usize = 20;

impl MessageResult {
    /// The outcome, whatever the kind.
    pub fn outcome(&self) -> &Outcome {
        let (MessageResult::Done(outcome)
        | MessageResult::Held(outcome)
        | MessageResult::Refused(outcome)) = self;
        outcome
    }

    pub(crate) fn to_bytes(self) -> [u8; MESSAGE_RESULT_BYTES] {
        let kind: u16 = match self {
            MessageResult::Done(_) => 0,
            MessageResult::Held(_) => 1,
            MessageResult::Refused(_) => 2,
        };
        let outcome = self.outcome();
        let mut bytes = [0; MESSAGE_RESULT_BYTES];
        bytes[..2].copy_from_slice(&kind.to_be_bytes());
        bytes[2..].copy_from_slice(&outcome_bytes(outcome));
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; MESSAGE_RESULT_BYTES]) -> Option<Self> {
        let (kind, outcome) = bytes.split_first_chunk::<2>()?;
        let outcome = outcome_from(outcome)?;
        match u16::from_be_bytes(*kind) {
            0 => Some(MessageResult::Done(outcome)),
            1 => Some(MessageResult::Held(outcome)),
            2 => Some(MessageResult::Refused(outcome)),
            _ => None,
        }
    }
}

/// What became of an operation, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationResult {
    /// Applied, or why not.
    pub outcome: Outcome,
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
        bytes[..18].copy_from_slice(&outcome_bytes(&self.outcome));
        bytes[18..22].copy_from_slice(&self.message.level.0.to_be_bytes());
        bytes[22..26].copy_from_slice(&self.message.index.to_be_bytes());
        bytes[26..28].copy_from_slice(&self.transaction.to_be_bytes());
        bytes[28..30].copy_from_slice(&self.operation.to_be_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8; OPERATION_RESULT_BYTES]) -> Option<Self> {
        let (outcome, rest) = bytes.split_first_chunk::<18>()?;
        let [a, b, c, d, e, f, g, h, i, j, k, l, _, _] = *rest else { return None };
        Some(OperationResult {
            outcome: outcome_from(outcome)?,
            message: MessageId {
                level: Level(i32::from_be_bytes([a, b, c, d])),
                index: u32::from_be_bytes([e, f, g, h]),
            },
            transaction: u16::from_be_bytes([i, j]),
            operation: u16::from_be_bytes([k, l]),
        })
    }
}

fn outcome_bytes(outcome: &Outcome) -> [u8; 18] {
    let mut bytes = [0; 18];
    bytes[..2].copy_from_slice(&outcome.code.number().to_be_bytes());
    bytes[2..10].copy_from_slice(&outcome.first.to_be_bytes());
    bytes[10..].copy_from_slice(&outcome.second.to_be_bytes());
    bytes
}

fn outcome_from(bytes: &[u8]) -> Option<Outcome> {
    let (code, rest) = bytes.split_first_chunk::<2>()?;
    let (first, second) = rest.split_first_chunk::<8>()?;
    Some(Outcome {
        code: ResultCode::from_number(u16::from_be_bytes(*code)),
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

/// Whether what was written in `first` is still kept in `level`.
pub(crate) fn is_kept(first: Level, level: Level) -> bool {
    generation(level).saturating_sub(generation(first)) < GENERATIONS_KEPT
}

/// The path of a result as it is within its generation, without a slash before it.
pub(crate) fn within_generation(path: &str) -> &str {
    path.splitn(4, '/').nth(3).unwrap_or_default()
}

/// A level of each generation whose results are kept in `level`, the newest first.
pub fn generations(level: Level) -> impl Iterator<Item = Level> {
    (0..GENERATIONS_KEPT)
        .map(move |age| Level(level.0.saturating_sub(age.saturating_mul(LEVELS_PER_GENERATION))))
}

/// The path of the leaves of a window of [`crate::receipts`] that began in `level`.
pub fn leaves_path(level: Level, window: u64) -> String {
    format!("/results/{}/leaves/{window}", generation(level))
}

/// The path of the root of a window of [`crate::receipts`] that began in `level`.
pub fn root_path(level: Level, window: u64) -> String {
    format!("{}/{window}", roots_path(level))
}

/// The folder of the roots of windows that began in the generation of `level`.
pub fn roots_path(level: Level) -> String {
    format!("/results/{}/roots", generation(level))
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
///
/// # Errors
/// When the host fails, or a stored value does not match the layout.
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
    for older in generations(level) {
        let bytes = state.read(&path(older))?;
        if !bytes.is_empty() {
            return decode(&bytes).map(Some).ok_or(HostError::Corrupt("/results"));
        }
    }
    Ok(None)
}

/// The result of a message, if it has one that is still kept.
///
/// # Errors
/// When the host fails, or a stored value does not match the layout.
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
        let outcome = Outcome::new(ResultCode::BalanceTooLow, 3, u64::MAX);
        for result in [
            MessageResult::Done(outcome),
            MessageResult::Held(outcome),
            MessageResult::Refused(outcome),
        ] {
            assert_eq!(MessageResult::from_bytes(&result.to_bytes()), Some(result));
        }
        let message = MessageId { level: Level(-1), index: 7 };
        let result = OperationResult { outcome, message, transaction: 1, operation: 2 };
        assert_eq!(OperationResult::from_bytes(&result.to_bytes()), Some(result));
    }

    #[test]
    fn a_generation_goes_when_two_newer_ones_are_there() {
        let level = |generation: i32| Level(generation * LEVELS_PER_GENERATION);
        assert_eq!(outdated(level(5), Level(level(6).0 - 1)), None);
        assert_eq!(outdated(Level(level(6).0 - 1), level(6)).as_deref(), Some("/results/4"));
    }
}
