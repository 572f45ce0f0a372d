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
/// Transactions that one address may submit in a second, whoever it is: the limits of the HTTP interface, which are far
/// lower, are for addresses of other machines alone. A crowd behind one address shares it.
pub const TRANSACTIONS_PER_SECOND: u32 = 10_000;
/// Event streams of one address, whoever it is.
pub const STREAMS_PER_ADDRESS: u32 = 20_000;
/// Addresses whose rates are remembered. Those who have not asked for longest are forgotten first.
pub const ADDRESSES: usize = 65_536;
/// Requests of signatures that one address may make in a second, for each transaction that it may submit.
pub const SIGNATURES_PER_TRANSACTION: u32 = 2;

/// Levels: the node that a client asks may be so many ahead of the batcher's.
pub const HEAD_SLACK: u32 = 10;
/// Signers: if of so many that were asked nobody has answered in time, the offer came too late to them. That is told
/// against nobody.
pub const UNHEARD_SIGNERS: usize = 8;

/// How long a transaction waits for a verifier at most, by the pace at which they are verified: with a round after it,
/// it is sealed before its client thinks that it is lost. Beyond that it is refused at once.
pub const ADMISSION_WAIT: Duration = Duration::from_millis(250);
/// Jobs that wait for a verifier, however fast they are.
pub const VERIFIER_QUEUE: usize = 4_096;
/// Transactions that wait for a verifier, however fast they are.
pub const VERIFIER_TRANSACTIONS: usize = 20_000;
/// Transactions that are verified together: they share a final exponentiation.
pub const VERIFIED_AT_ONCE: usize = 128;
/// Public keys that are remembered, each in some 400 bytes: as many as senders that may come again soon.
pub const KNOWN_KEYS: usize = 65_536;
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

/// How long what an address sends is verified before it counts, after a wrong signature; each further one doubles it.
pub const COOL_DOWN: Duration = Duration::from_secs(60);
/// The longest time for which that is so.
pub const MAX_COOL_DOWN: Duration = Duration::from_secs(60 * 60);
/// Rounds in a row in which an account may be silent before it costs anything: connections break.
pub const SILENCES: u32 = 2;
/// Right signatures that make up for one silence. Whoever is silent every other time would keep others waiting for ever.
pub const RIGHT_PER_SILENCE: u32 = 2;
/// How long an account is not asked after that; each further silence doubles it.
pub const SILENT_COOL_DOWN: Duration = Duration::from_secs(10);
/// The longest time for which an account is not asked as it was silent.
pub const MAX_SILENT_COOL_DOWN: Duration = Duration::from_secs(10 * 60);
/// How long after that wrong signatures and silences are remembered.
pub const COOL_DOWN_MEMORY: Duration = Duration::from_secs(60 * 60);
/// Accounts whose silences are remembered, and addresses whose wrong signatures are. Those that are over first are
/// forgotten first.
pub const COOLING: usize = 100_000;
/// Different signatures of one batch that are kept for one account before one of them is verified: anybody can send one
/// in its name. Each further one is verified by itself.
pub const SIGNATURES_PER_ACCOUNT: usize = 4;
/// Signatures of batches of one address that are verified by themselves in a second: each takes some 0.7 ms.
pub const ALONE_PER_ADDRESS: u32 = 50;
/// The same of all addresses together: a quarter of one core at most.
pub const ALONE_ALTOGETHER: u32 = 300;
/// Signings that may be individual in a batch: the protocol's limit.
pub const INDIVIDUAL_PER_BATCH: usize = 100;
/// Transactions that did not fit, and are passed over for later ones that may.
pub const PASSED_OVER: usize = 16;
/// Transactions in the first batch of those whose batch the kernel refused; a quarter after each further refusal.
pub const AFTER_REFUSAL: usize = 256;
/// Levels without a trace after which a message is given to the node again, as the same bytes. One that is in an
/// operation of layer 1 is in no queue until a level has it.
pub const RESEND_LEVELS: i32 = 3;
/// Levels for which the kernel would refuse what is queued before it is dropped: by then no reorganisation brings
/// back what it needs.
pub const FAILING_LEVELS: i32 = 3;
/// How long after a failure a message is given to the node again, at first.
pub const INJECTION_PAUSE: Duration = Duration::from_secs(1);
/// The longest of these times.
pub const MAX_INJECTION_PAUSE: Duration = Duration::from_secs(30);
/// Messages that are given to the node in one request.
pub const MESSAGES_PER_INJECTION: usize = 64;
/// Stale transactions whose results are looked for at one head.
pub const LOOKED_UP_PER_HEAD: usize = 256;

/// How often the node is asked for its head.
pub const HEAD_POLL: Duration = Duration::from_millis(100);
/// How often at least, while it does not answer.
pub const MAX_HEAD_POLL: Duration = Duration::from_secs(3);
/// How long a node may take to answer for a value of the state: a round waits for it.
pub const STATE_ANSWER_TIME: Duration = Duration::from_secs(5);
/// Values of the state that the node is asked for at once, each over a connection that is kept: so many waits of a
/// network's length pass at the same time. A node answers one value a request.
pub const LOOK_UPS_AT_ONCE: usize = 16;
/// How long what a transaction needs of the state may take to be looked up. It is refused then, as the node is away.
pub const LOOK_UP_TIME: Duration = Duration::from_secs(5);
/// Transactions that wait for what is looked up: beyond that, new ones are refused at once.
pub const LOOKED_UP_TRANSACTIONS: usize = 4_096;
/// How often it is looked whether a look-up has taken too long.
pub const LOOK_UP_SWEEP: Duration = Duration::from_millis(200);
/// How long the node may be silent before nothing is accepted any more: what was accepted until then is simulated over
/// the last state that is known.
pub const NODE_AWAY_AFTER: Duration = Duration::from_secs(60);
/// Heads that are remembered, to see how far the chain has gone back.
pub const RECENT_HEADS: usize = 128;
/// Levels whose inboxes are looked through for messages after a start, from the head back.
pub const INBOXES_LOOKED_AT: i32 = 300;
/// Pages of counters and balances that are read for a new head before it is used: those that were used before.
pub const WARM_PATHS: usize = 8_192;

/// The format of the journal. Others are refused.
pub const JOURNAL_FORMAT: u32 = 1;
/// Bytes: what the journal may hold in memory.
pub const JOURNAL_CACHE: usize = 32 << 20;
/// Rows that are forgotten in one commit.
pub const FORGOTTEN_PER_COMMIT: usize = 2_000;
/// Levels for which what has ended is kept: as long as the rollup keeps results.
pub const KEPT_LEVELS: i32 =
    encoding::limits::LEVELS_PER_GENERATION * encoding::limits::GENERATIONS_KEPT;

/// Tickets whose balances are shown of an account: the first that the rollup knew. Anybody can make others without end.
pub const TICKETS_SHOWN: u32 = 64;
/// Transactions of an account that are shown.
pub const TRANSACTIONS_SHOWN: usize = 1_000;
/// How long the engine waits for something to happen.
pub const LONGEST_WAIT: Duration = Duration::from_millis(500);
/// How often subscribers that are gone are looked for.
pub const SWEEP_TIME: Duration = Duration::from_secs(1);
/// Levels: how often what has ended too long ago is forgotten.
pub const FORGET_EVERY: i32 = 10;
