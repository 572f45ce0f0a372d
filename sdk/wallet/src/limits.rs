//! Every limit of the client, with its unit, in one place.

use std::time::Duration;

use batcher_api::limits::MAX_VALID_LEVELS;

/// Bytes: what is read of one answer.
pub const MAX_ANSWER_BYTES: u64 = 64 << 20;
/// Bytes: what is shown of a node's own words in an error.
pub const MAX_WORDS_BYTES: usize = 2_000;
/// How long to wait for a connection.
pub const CONNECT_TIME: Duration = Duration::from_secs(10);
/// Connections to a node that are kept for the next requests: as many as a program asks at once.
pub const KEPT_CONNECTIONS: usize = 16;
/// How often a node that is just being started is looked for.
pub const START_PAUSE: Duration = Duration::from_millis(100);
/// How long a node may take to answer.
pub const ANSWER_TIME: Duration = Duration::from_secs(120);
/// How long an answer may take while something is waited for: it is asked for again.
pub const WAITING_ANSWER_TIME: Duration = Duration::from_secs(10);
/// How long an answer may take once the time of whoever waits is over, or Ctrl-C was pressed.
pub const LAST_ANSWER_TIME: Duration = Duration::from_secs(2);
/// How often a node that says it is busy is asked again.
pub const BUSY_ATTEMPTS: u32 = 20;
/// How long to wait before a busy node is asked again.
pub const BUSY_PAUSE: Duration = Duration::from_millis(100);
/// Messages of one request to the batcher.
pub const MESSAGES_PER_REQUEST: usize = 1_000;
/// Bytes: a file that others wrote.
pub const MAX_FILE_BYTES: u64 = 16 << 20;
/// Bytes: a record of payments. A file of payments of the greatest length makes about a third of it.
pub const MAX_PAYMENTS_BYTES: u64 = 256 << 20;
/// The most decimals that a ticket may say it has: 2^64 − 1 has twenty digits.
pub const MAX_DECIMALS: u8 = 19;
/// Ticketers whose scripts layer 1 is asked for to list tickets: anybody can make others without end.
pub const CHECKED_TICKETERS: usize = 50;
/// Pinned tickets of a rollup.
pub const MAX_PINS: usize = 1_000;
/// Characters of a ticket's symbol.
pub const MAX_SYMBOL_CHARS: usize = 32;
/// Levels: an outbox message can be executed as long as the last cemented level is less than this far
/// beyond its own (`smart_rollup_max_active_outbox_levels`; 151,200 on mainnet).
pub const ACTIVE_OUTBOX_LEVELS: i32 = 151_200;
/// The longest time between levels that is believed.
pub const MAX_LEVEL_TIME: time::Duration = time::Duration::hours(1);
/// Levels that have to come while a node is watched before the time between them is taken from that.
pub const MIN_OBSERVED_LEVELS: i32 = 10;
/// Levels: outboxes that are looked through for withdrawals in one go.
pub const SEARCH_LEVELS: usize = 2_000;
/// Levels: inboxes that are looked through for a message, from the head back. What is signed is valid for
/// 240 unless its signer says otherwise.
pub const INBOX_LEVELS: i32 = 300;
/// Levels: inboxes that are looked through for the batch of a transaction whose place in it is not known any more.
/// No batcher takes what is valid for longer; its head may be some levels before the wallet's.
pub const COSIGNED_LEVELS: u32 = MAX_VALID_LEVELS + 100;
/// Levels: so far back a reorganisation of layer 1 goes at most. What was signed at a head may be in a level as many
/// before it, on another branch.
pub const REORGANISED_LEVELS: i32 = 2;
/// Levels that have to come without a message before it counts as gone: one that is in an operation of
/// layer 1 is in no queue until a level has it.
pub const GONE_LEVELS: i32 = 3;
/// Messages of a queue that name an account without its signature, and are looked at all the same.
pub const QUEUE_CHECKS: usize = 64;
/// Tickets whose balance is asked for to find what an account holds, the first that the rollup knew.
pub const HOLDINGS_TICKETS: u32 = 500;
/// Tickets among which one is looked for by a name that anybody can give, the first that the rollup knew.
pub const NAMED_TICKETS: u32 = 5_000;
/// Held deposits that are read one by one, to add up what they hold.
pub const HELD_LOOKED: u64 = 2_000;
/// Bytes: a file of nodes or batchers that were asked before. One of them takes about 100.
pub const MAX_KNOWN_FILE_BYTES: u64 = 16 << 20;
/// Bytes: the file of a rollup's known indexes. A pair takes about 60.
pub const MAX_INDEX_FILE_BYTES: u64 = 256 << 20;
/// How long a batcher may take to answer.
pub const BATCHER_ANSWER_TIME: Duration = Duration::from_secs(20);
/// How long a batcher is given to come as far as the node.
pub const BATCHER_CATCHES_UP: Duration = Duration::from_secs(3);
/// How often it is asked meanwhile.
pub const CATCHING_UP_PAUSE: Duration = Duration::from_millis(30);
/// Bytes: what is read of one answer of a batcher.
pub const MAX_BATCHER_ANSWER_BYTES: u64 = 16 << 20;
/// Bytes: a batch that is offered to be signed. A message of the inbox holds 4,096, and a batch for the data
/// availability layer is signed by what stands for its rows.
pub const MAX_OFFER_BYTES: usize = 16_384;
/// Bytes: one event of a batcher's stream, with an offer in hex and a thousand accounts in it.
pub const MAX_EVENT_BYTES: usize = 256 << 10;
/// How long a batcher's stream may be silent before it is opened anew.
pub const STREAM_SILENCE: Duration = Duration::from_secs(30);
/// How long the opening of a stream is waited for before a transaction is posted without it.
pub const STREAM_OPENING: Duration = Duration::from_secs(2);
/// How long to wait before a stream that broke is opened again, at first; it doubles.
pub const STREAM_PAUSE: Duration = Duration::from_millis(200);
/// The same at most.
pub const MAX_STREAM_PAUSE: Duration = Duration::from_secs(5);
/// Events that wait to be looked at; the stream is read no further then.
pub const EVENTS_WAITING: usize = 256;
/// How long no event comes before a batcher is asked how far a transaction is.
pub const RECORD_PAUSE: Duration = Duration::from_secs(1);
/// How long a batcher that says it is busy is left alone, if it does not say for how long.
pub const BATCHER_PAUSE: Duration = Duration::from_millis(500);
/// The longest that one is left alone, whatever it says.
pub const MAX_BATCHER_PAUSE: Duration = Duration::from_secs(5);
/// How long it is waited, beyond a round, for a batcher to hand a transaction to a node.
pub const SENDING_TIME: Duration = Duration::from_secs(10);
/// Offers that were not signed, of those that are kept to be told.
pub const REFUSED_OFFERS: usize = 20;
/// Rows of a plan of payouts: by address they make some 600 messages, by index some 110.
pub const MAX_PAYOUT_ROWS: usize = 100_000;
/// Bytes: the file of a plan. A row of it has some 160.
pub const MAX_PLAN_BYTES: u64 = 64 << 20;
