//! The limits of the index.

use std::time::Duration;

/// Rows of one page at most.
pub const MAX_PAGE: usize = 200;

/// Rows of a page unless somebody asks for more or less.
pub const USUAL_PAGE: usize = 50;

/// Messages that are told which a transaction or a batch is in.
pub const MAX_PLACES: usize = 20;

/// Messages with one transaction or one batch that are looked at for the one whose result counts, the oldest first:
/// anybody can send it again.
pub const PLACES_LOOKED: usize = 5_000;

/// Rows as far as which is counted what can be without end.
pub const COUNTED: usize = 10_000;

/// Hashes that are found by their first digits.
pub const HASHES_FOUND: usize = 20;

/// Operations of a batch that are told because they were not applied.
pub const MAX_FAILURES: usize = 50;

/// Connections that read at once; who comes later waits for one of them.
pub const READERS: usize = 4;

/// SQL texts that a connection keeps prepared: more than there are.
pub const STATEMENTS: usize = 150;

/// How long somebody waits for another one's transaction.
pub const BUSY_TIME: Duration = Duration::from_secs(5);

/// Hexadecimal digits of a hash that a search needs at least.
pub const MIN_HASH_DIGITS: usize = 8;

/// How often the node is asked for its head.
pub const HEAD_POLL: Duration = Duration::from_millis(200);

/// The longest pause between two attempts while the node does not answer.
pub const MAX_HEAD_POLL: Duration = Duration::from_secs(5);

/// How long a node may take for an answer: as long may the end of an index take, if the node hangs.
pub const NODE_ANSWER_TIME: Duration = Duration::from_secs(30);

/// How long a client waits for a connection to a history that is served elsewhere.
pub const CONNECT_TIME: Duration = Duration::from_secs(5);

/// How long a client waits for an answer.
pub const ANSWER_TIME: Duration = Duration::from_secs(30);

/// Bytes: the longest answer that a client reads. A page of the longest rows has a tenth of it.
pub const MAX_ANSWER_BYTES: u64 = 16 << 20;

/// How long a client asks again where a history is busy, or has just begun.
pub const CATCHING_UP_TIME: Duration = Duration::from_secs(5);

/// Between two of those attempts.
pub const CATCHING_UP_PAUSE: Duration = Duration::from_millis(100);

/// Accounts of the rollup's registry that one level brings into the index at most: the rest comes with later levels.
pub const REGISTRY_PER_LEVEL: u32 = 10_000;

/// The same of tickets, and the tickets of which one level writes supplies.
pub const TICKETS_PER_LEVEL: u32 = 500;

/// Tickets, the first of the registry, of which the balance of an account that is new in the index is asked for.
pub const HOLDINGS_TICKETS: u32 = 20;

/// Balances of which the state is asked in one level.
pub const BALANCES_ASKED: usize = 5_000;

/// Values of the state that a node is asked for in one level to check balances: a page of accounts is one.
pub const VALUES_ASKED: usize = 2_000;

/// Messages that wait which a level looks at at once, to ask what became of them: the next ones follow.
pub const WAITING_LOOKED: u32 = 1_000;

/// Withdrawals in outboxes whose stage is looked at at once when there is a new head: the next ones follow.
pub const OPEN_LOOKED: u32 = 10_000;

/// Held deposits of which one level asks the state whether they are paid back, after one that is not shown. The rest
/// comes with later levels.
pub const HELD_LOOKED: u32 = 1_000;

/// Levels that can be taken back one by one. A branch that is older has the index made anew.
pub const UNDO_LEVELS: i32 = 2_000;

/// Levels of one commit while the index catches up.
pub const GROUP_LEVELS: usize = 200;

/// How long levels are gathered into one commit.
pub const GROUP_TIME: Duration = Duration::from_millis(500);

/// Names of accounts that are kept in memory; beyond that all are looked up again.
pub const NAMES_KEPT: usize = 500_000;

/// KiB of the file that the connection which writes keeps in memory.
pub const CACHE_KIB: u32 = 64 << 10;
