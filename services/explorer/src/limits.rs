//! Every limit of the explorer, with its unit.

use std::time::Duration;

use web::Limits;

/// Rows of a table on one page.
pub const ROWS: usize = 50;
/// Rows of a table that is one of several on its page.
pub const SOME_ROWS: usize = 10;
/// Levels that a drawing shows.
pub const DRAWN_LEVELS: usize = 60;
/// Levels with a change of its supply that the drawing of a ticket shows.
pub const DRAWN_SUPPLIES: usize = 120;
/// Characters that are shown of a text that somebody wrote.
pub const TEXT_CHARS: usize = 400;
/// Fields of a message that are shown one by one.
pub const FIELDS: usize = 400;
/// Bytes that are shown of one field.
pub const FIELD_BYTES: usize = 96;
/// Characters of what is searched for.
pub const SEARCH_CHARS: usize = 200;
/// Tickets that are found by a name.
pub const FOUND: usize = 20;
/// Tickets that are looked through for a name or a ticketer: anybody can make others without end.
pub const TICKETS_LOOKED: usize = 2_000;
/// Tickets that the page of an account shows it to have, and for which the state is asked: those that are pinned first,
/// then those that the index knew first.
pub const HOLDINGS: usize = 30;
/// Tickets, the first of the rollup, for which the state is asked what an account has of them beside those.
pub const ASKED_TICKETS: u32 = 20;
/// Pinned tickets for which the state is asked beside those.
pub const ASKED_PINS: usize = 20;
/// Pinned tickets that a list of what accounts have looks for first.
pub const PINS_LOOKED: usize = 100;
/// Pages that are made at once. Each has a thread for as long; who comes later waits.
pub const PAGES_AT_ONCE: usize = 8;
/// Pages that are made or wait for that. More are told to come back.
pub const PAGES_WAITING: usize = 2_000;
/// How long the node may take for one answer.
pub const NODE_TIME: Duration = Duration::from_secs(5);
/// How long what the node says is taken to be so, as long as the index does not learn of a new head.
pub const LOOK_TIME: Duration = Duration::from_millis(1_000);
/// How long a page waits for another one that asks the node, where the node said something before.
pub const LOOK_WAIT: Duration = Duration::from_secs(2);
/// How long a node that did not answer is left alone.
pub const AWAY_TIME: Duration = Duration::from_secs(2);
/// How old what waits at the node may be where a transaction is looked for in it.
pub const QUEUE_TIME: Duration = Duration::from_millis(200);
/// How long what layer 1 says of times is taken to be so.
pub const LAYER1_TIME: Duration = Duration::from_secs(60);
/// How long a node of layer 1 that did not answer is left alone.
pub const LAYER1_AWAY_TIME: Duration = Duration::from_secs(15);
/// Levels: the last ones, from which it is taken how fast levels come where no layer 1 says so.
pub const OBSERVED_LEVELS: i32 = 1_000;
/// Answers of the node about one head that are kept: accounts, outboxes, backings.
pub const ANSWERS: usize = 256;
/// How long it is waited for two nodes to be at one block.
pub const BACKING_TIME: Duration = Duration::from_secs(2);
/// Messages of the node's queue in which a transaction is looked for.
pub const QUEUE_LOOKED: usize = 1_000;
/// How long what a batcher says is taken to be so.
pub const BATCHER_TIME: Duration = Duration::from_secs(1);
/// How long a batcher that did not answer is left alone.
pub const BATCHER_AWAY_TIME: Duration = Duration::from_secs(10);
/// Batches that the page of a batcher lists, of those that are open and of those that are in levels.
pub const BATCHES: usize = 20;
/// Bytes: a form of the control panel.
pub const FORM_BYTES: usize = 8 << 10;
/// Levels that a form of the control panel may have baked.
pub const PANEL_LEVELS: u32 = 10_000;
/// Forms of the control panel that are done at once. Each has a thread for as long, and none takes one of a page.
pub const ACTIONS_AT_ONCE: usize = 2;
/// Forms of the control panel that are done or wait for that. More are told to come back.
pub const ACTIONS_WAITING: usize = 16;
/// What was done from the control panel that is kept.
pub const PANEL_DONE: usize = 20;
/// Withdrawals that the control panel lists as executable.
pub const PANEL_EXECUTABLE: usize = 20;
/// Event streams in all where the explorer is served by itself.
pub const STREAMS: usize = 2_000;
/// Event streams in all where it is served beside a sandbox, whose connections they are.
pub const STREAMS_BESIDE: usize = 1_000;
/// Event streams of one address that is not this machine.
pub const STREAMS_PER_ADDRESS: usize = 32;
/// How long at least between two events of one stream: levels can come faster than anybody reads.
pub const EVENT_PAUSE: Duration = Duration::from_millis(500);
/// How long an event stream is silent at most: then it has a comment.
pub const SILENCE: Duration = Duration::from_secs(15);
/// How long browsers may keep a file whose name has its hash, in seconds.
pub const ASSET_SECONDS: u32 = 31_536_000;
/// Connections served at once where the explorer is served by itself.
pub const CONNECTIONS: usize = 2_500;
/// Connections that may be open while one is kept for another request.
pub const KEPT_CONNECTIONS: usize = 2_300;

/// What a client may take of the server.
pub const WEB: Limits = Limits {
    connections: CONNECTIONS,
    kept_connections: KEPT_CONNECTIONS,
    backlog: 1_024,
    files: 4_096,
    head_bytes: 16 << 10,
    headers: 64,
    body_bytes: 64 << 10,
    small_bytes: 16 << 10,
    bodies_bytes: 4 << 20,
    answers_bytes: 64 << 20,
    head_time: Duration::from_secs(5),
    body_time: Duration::from_secs(10),
    answer_time: Duration::from_secs(20),
    idle_time: Duration::from_secs(30),
    linger_time: Duration::from_millis(500),
    last_answers_time: Duration::from_secs(1),
};

const _: () = assert!(STREAMS < CONNECTIONS && KEPT_CONNECTIONS < CONNECTIONS);
