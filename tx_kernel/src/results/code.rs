//! The codes. They are never reused or renumbered.

/// Operation: applied. Final.
pub const APPLIED: u16 = 0;
/// Operation: not applied, as its counter is not the next one: expected, provided.
pub const COUNTER_MISMATCH: u16 = 1;
/// Operation: not applied, as another one of its transaction was stale: that one's place.
pub const STALE_SIBLING: u16 = 2;
/// Operation: undone, as another one of its transaction failed: that one's place. Final.
pub const ROLLED_BACK: u16 = 3;
/// Operation or held deposit: the amount is zero. Final.
pub const ZERO_AMOUNT: u16 = 4;
/// Operation: sender and receiver are the same. Final.
pub const SELF_TRANSFER: u16 = 5;
/// Operation: the rollup has never held that ticket. Final.
pub const UNKNOWN_TICKET: u16 = 6;
/// Operation: balance too low: available, requested. Final.
pub const BALANCE_TOO_LOW: u16 = 7;
/// Held deposit: the supply would exceed 2^64 − 1: supply, added.
pub const SUPPLY_TOO_LARGE: u16 = 8;
/// Operation: that was the last counter. Final.
pub const COUNTER_EXHAUSTED: u16 = 9;
/// Operation or held deposit: a registry has no index left.
pub const REGISTRY_FULL: u16 = 10;
/// Operation: the outbox message would be too long: its bytes. Final.
pub const MESSAGE_TOO_LARGE: u16 = 11;
/// Operation: there is no account of that index: it, how many there are. Final.
pub const UNKNOWN_ACCOUNT: u16 = 12;
/// Operation: not applied, as its transaction has expired: its last level, this level.
pub const EXPIRED: u16 = 13;
/// Operation: not applied, as there is no index left for its signer's account.
pub const NO_INDEX_FOR_SIGNER: u16 = 14;
/// Operation, request: the queue for the outbox is full: messages that wait, their bytes. Final of an
/// operation.
pub const QUEUE_FULL: u16 = 15;
/// Operation, request: too many messages of the account, or of the depositor, wait for the outbox: how
/// many do, how many may. Final of an operation.
pub const TOO_MANY_WAIT: u16 = 16;

/// Message: a deposit was credited: account index, amount.
pub const DEPOSIT_CREDITED: u16 = 100;
/// Message: bytes with no ticket that are no request of a known kind: at which byte.
pub const BYTES_IGNORED: u16 = 101;
/// Message: a batch was accepted: transactions applied, transactions not applied.
pub const BATCH_ACCEPTED: u16 = 102;
/// Message: a held deposit is on its way to where this message asked: its number.
pub const RECLAIMED: u16 = 103;
/// Message: an upgrade was announced.
pub const UPGRADE_ANNOUNCED: u16 = 104;
/// Message: an upgrade was called off.
pub const UPGRADE_CANCELLED: u16 = 105;
/// Message: a page of a new kernel was kept: bytes so far, and if that was the last page the level in
/// which it is to be installed, else 0.
pub const PAGE_KEPT: u16 = 106;

/// Held deposit: the payload has no shape of the rollup's type: at which byte.
pub const UNKNOWN_SHAPE: u16 = 200;
/// Held deposit: the receiver is no tz4.
pub const RECEIVER_NOT_TZ4: u16 = 201;
/// Held deposit: the amount is negative or exceeds 2^64 − 1.
pub const AMOUNT_OUT_OF_RANGE: u16 = 202;
/// Held deposit: the ticket's content is too long: its bytes.
pub const CONTENT_TOO_LARGE: u16 = 203;
/// Held deposit, refused batch: a run that worked on it was cut off.
pub const INTERRUPTED: u16 = 204;

/// Batch: malformed: at which byte of the batch.
pub const MALFORMED: u16 = 300;
/// Batch: a version that this kernel does not know: which.
pub const UNKNOWN_VERSION: u16 = 301;
/// Batch: v1 is not accepted by this rollup.
pub const V1_NOT_ACCEPTED: u16 = 302;
/// Batch: its level cannot afford it, and too many wait for a later one already.
pub const BUSY: u16 = 303;
/// Batch: one signer has two operations in a transaction: transaction, operation.
pub const DUPLICATE_SIGNER: u16 = 304;
/// Batch: nobody knows that signer's key: transaction, operation.
pub const UNKNOWN_SIGNER: u16 = 305;
/// Batch: a public key is not one: transaction.
pub const INVALID_KEY: u16 = 306;
/// Batch: the signature is not one.
pub const INVALID_SIGNATURE: u16 = 307;
/// Batch: the signature is not that of these signers over these transactions.
pub const WRONG_SIGNATURE: u16 = 308;
/// Batch: every transaction in it has a counter that has been used.
pub const ALL_STALE: u16 = 309;

/// Batch: it has expired: its last level, this level.
pub const BATCH_EXPIRED: u16 = 310;
/// Batch: more signers than may sign their own transaction: how many, how many may.
pub const TOO_MANY_OWN_PARTS: u16 = 311;
/// Batch: the signer's key is known, but not proven to be theirs: transaction, operation.
pub const KEY_NOT_PROVEN: u16 = 312;

/// Request for a held deposit: there is none of that number: the number.
pub const NOT_HELD: u16 = 400;
/// Request for a held deposit: it has been paid back already: its number.
pub const ALREADY_PAID_BACK: u16 = 401;
/// Request for a held deposit: somebody else made it: its number.
pub const NOT_THE_DEPOSITOR: u16 = 402;
/// Request for a held deposit: there is no ticket in it, or none that fits an outbox message:
/// its number.
pub const NOTHING_TO_PAY: u16 = 403;
/// Order of an upgrade: its sender is not the administrator.
pub const NOT_THE_ADMINISTRATOR: u16 = 404;
/// Order to call an upgrade off: none was announced.
pub const NO_UPGRADE: u16 = 405;
/// Page of a new kernel: not the one that is expected.
pub const PAGE_NOT_EXPECTED: u16 = 406;
/// Page of a new kernel: that is no WASM module, or one that is too large: its bytes so far.
pub const NOT_A_KERNEL: u16 = 407;
