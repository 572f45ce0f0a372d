//! Every limit of a batcher, with its unit and why it is what it is. Those that clients have to know are in
//! `batcher_api::limits`; those that an operator may change are in the quote.

use std::time::Duration;

/// How long a batch is open for signatures: a quarter of a second there and back to the farthest client, twice, and
/// time for a phone to sign.
pub const ROUND: Duration = Duration::from_millis(800);
/// How long it stays open once a quorum has signed: those who are just about to.
pub const WINDOW: Duration = Duration::from_millis(150);
/// Per cent of those who are asked: the quorum.
pub const QUORUM: u32 = 90;
/// How long a transaction waits for others to fill its message.
pub const MAX_WAIT: Duration = Duration::from_millis(500);
/// The longest round that an operator may choose.
pub const MAX_ROUND: Duration = Duration::from_secs(60);
/// Levels: an accepted transaction is in an inbox after so many. A round and two messages that are lost fit in.
pub const PROMISED_LEVELS: u32 = 10;
/// Transactions that may be pending: at 5,000 a second that is ten seconds, longer than a level takes.
pub const PENDING: u32 = 50_000;
/// Transactions of one account that may be pending. The rollup lets 1,000 withdrawals of one account wait.
pub const PENDING_PER_ACCOUNT: u32 = 1_000;
/// Counters: how far ahead of the next one a transaction may be.
pub const GAP: u32 = 64;
/// How long a transaction waits for a missing counter.
pub const GAP_TIME: Duration = Duration::from_secs(60);
/// Transactions that one address may submit in a second. A crowd behind one address shares it.
pub const TRANSACTIONS_PER_SECOND: u32 = 10_000;
/// Event streams of one address.
pub const STREAMS_PER_ADDRESS: u32 = 20_000;
/// Addresses whose rates are remembered. Those who have not asked for longest are forgotten first.
pub const ADDRESSES: usize = 65_536;
/// Requests of signatures that one address may make in a second, for each transaction that it may submit.
pub const SIGNATURES_PER_TRANSACTION: u32 = 2;

/// Jobs that wait for a verifier: more than that, and it takes longer than a client waits.
pub const VERIFIER_QUEUE: usize = 4_096;
/// Transactions that wait for a verifier.
pub const VERIFIER_TRANSACTIONS: usize = 20_000;
/// Transactions that are verified together: they share a final exponentiation.
pub const VERIFIED_AT_ONCE: usize = 128;
/// Commands that wait for the engine.
pub const ENGINE_QUEUE: usize = 16_384;
/// Commands that share one commit of the journal.
pub const COMMANDS_PER_COMMIT: usize = 512;

/// Events that wait for one subscriber: one that is slower is cut off, and resumes by the last id.
pub const SUBSCRIBER_QUEUE: usize = 1_024;
/// Event streams altogether.
pub const SUBSCRIBERS: usize = 50_000;
/// Events that are kept for those who resume.
pub const KEPT_EVENTS: usize = 65_536;
