//! Every limit of the operator, with its unit, in one place.

use std::time::Duration;

/// Bytes: the longest argument that Linux passes to a program, without the zero at its end
/// (`MAX_ARG_STRLEN`). An operation of layer 1 has at most 32,768 bytes, so that a proof that layer 1 takes
/// has at most 65,536 digits.
pub const MAX_ARGUMENT_BYTES: usize = (128 << 10) - 1;
/// Bytes: what is kept of each of a command's two outputs. The rest is read and dropped.
pub const MAX_OUTPUT_BYTES: usize = 64 << 10;
/// Characters: what is told of a command's words.
pub const MAX_WORDS_CHARS: usize = 400;
/// How long what a command has printed is waited for once it has ended: its children may hold it open.
pub const OUTPUT_TIME: Duration = Duration::from_secs(1);
/// How often a command that runs is looked at.
pub const COMMAND_LOOK: Duration = Duration::from_millis(20);
/// How long a command may run, unless it is said otherwise.
pub const COMMAND_TIME: Duration = Duration::from_secs(300);
/// Levels: how long an execution whose result is not known is waited for, unless it is said otherwise.
pub const SETTLE_LEVELS: u32 = 20;
/// How long to wait after the first refusal, unless it is said otherwise. Each pause is twice the one before.
pub const FIRST_PAUSE: Duration = Duration::from_secs(60);
/// The longest pause between two tries.
pub const MAX_PAUSE: Duration = Duration::from_secs(6 * 3_600);
/// The same in the sandbox, where a try costs nothing.
pub const SANDBOX_FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The same in the sandbox.
pub const SANDBOX_MAX_PAUSE: Duration = Duration::from_secs(60);
/// Tries that are made in the time that is left before a deadline, at least.
pub const LAST_TRIES: u32 = 4;
/// How often a sandbox is asked.
pub const SANDBOX_ROUND: Duration = Duration::from_millis(300);
/// How often a real node is asked: its levels come every few seconds.
pub const NODE_ROUND: Duration = Duration::from_secs(3);
/// How often the operator looks whether it is to end.
pub const LOOK: Duration = Duration::from_millis(50);
/// Messages that are followed at once, the oldest of all that are found.
pub const MAX_WATCHED: usize = 10_000;
/// Levels: outboxes that are looked through in one round.
pub const LEVELS_PER_ROUND: usize = 2_000;
/// How often the names of tickets and the time of a level are asked for, at most.
pub const REFRESH_TIME: Duration = Duration::from_secs(60);
/// How long a level is taken to last where nobody tells: on mainnet, six seconds.
pub const ASSUMED_LEVEL_TIME: time::Duration = time::Duration::seconds(6);
/// Bytes: a journal beyond this is written anew, without what is over.
pub const JOURNAL_BYTES: u64 = 1 << 20;
/// Bytes: a journal beyond this is not read.
pub const MAX_JOURNAL_BYTES: u64 = 256 << 20;
/// Seconds: for how long what was paid counts against the cap of a day.
pub const DAY_SECONDS: i64 = 86_400;
/// How old the last round may be while the operator counts as ready.
pub const READY_TIME: Duration = Duration::from_secs(60);
/// Notices that wait for the webhook. With more, the oldest is dropped.
pub const MAX_NOTICES: usize = 256;
/// How long the webhook may take for its answer.
pub const WEBHOOK_TIME: Duration = Duration::from_secs(10);
/// How long to wait after a notice was not taken. Each pause is twice the one before.
pub const WEBHOOK_FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest such pause.
pub const WEBHOOK_MAX_PAUSE: Duration = Duration::from_secs(300);
/// How long notices are still delivered when the operator ends.
pub const LAST_NOTICES_TIME: Duration = Duration::from_secs(5);

/// What a client may take of the HTTP interface.
pub const WEB: web::Limits = web::Limits {
    connections: 64,
    kept_connections: 48,
    backlog: 64,
    files: 512,
    head_bytes: 8 << 10,
    headers: 64,
    body_bytes: 0,
    small_bytes: 16 << 10,
    bodies_bytes: 0,
    answers_bytes: 64 << 20,
    head_time: Duration::from_secs(5),
    body_time: Duration::from_secs(5),
    answer_time: Duration::from_secs(10),
    idle_time: Duration::from_secs(30),
    linger_time: Duration::from_millis(500),
    last_answers_time: Duration::from_secs(1),
};
