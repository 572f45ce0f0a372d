//! `toru withdrawals`: how far withdrawals have come, those on record or whatever is in outboxes.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use encoding::{Hash32, Level, Payout};
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::outbox::{OutboxMessage, OutboxMessageId, messages};
use wallet::withdrawal::{TrackedWithdrawal, WithdrawalStage};

use super::counted::counted;
use super::error::execution::ExecutionError;
use super::folders;
use super::session::Session;
use super::times::{caveat, caveat_json};
use super::withdrawal_text::Seen;
use crate::cli::groups::{Layer1Args, WalletArgs, WithdrawalLogArgs};
use crate::error::{Failure, shown_path};
use crate::exit::{EXIT_CODES, Exit};
use crate::ui::{Output, Ui, json_line};

/// How often a sandbox is asked.
const SANDBOX_PAUSE: Duration = Duration::from_millis(300);
/// How often a real node is asked: its levels come every few seconds.
const NODE_PAUSE: Duration = Duration::from_secs(3);
/// The most levels that are looked through for `--all`.
const MAX_LEVELS: u32 = 10_000;

/// `toru withdrawals`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct WithdrawalsArgs {
    /// Only those of this account: a key's name, tz4…, #N, or dev0 to dev9 of the sandbox
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "all")]
    of: Option<String>,

    /// Go on until every withdrawal is executed, lost or refused
    #[arg(long, conflicts_with = "all")]
    watch: bool,

    /// How many seconds to watch at most; without it, for ever
    #[arg(long, value_name = "SECONDS", requires = "watch")]
    timeout: Option<u64>,

    /// List everything in the outboxes of the last levels, whoever it is of; needs no record
    ///
    /// Where the node lists what has not been executed, older levels that have some are there too.
    #[arg(long)]
    all: bool,

    /// With --all: how many levels are looked through
    #[arg(long, value_name = "LEVELS", default_value_t = 200, requires = "all",
          value_parser = clap::value_parser!(u32).range(1..=i64::from(MAX_LEVELS)))]
    levels: u32,

    /// With --all: the last level that is looked through, instead of the head
    #[arg(long, value_name = "LEVEL", requires = "all")]
    up_to: Option<i32>,

    /// Where layer 1 is.
    #[command(flatten)]
    layer1: Layer1Args,

    /// Where withdrawals are recorded.
    #[command(flatten)]
    log: WithdrawalLogArgs,

    /// Where.
    #[command(flatten)]
    wallet: WalletArgs,
}

/// Shows them.
pub fn withdrawals(args: &WithdrawalsArgs, ui: &Ui) -> Result<Output, Failure> {
    let session = Session::open(&args.wallet, ui)?;
    if args.all {
        return everything(&session, args);
    }
    let of = match &args.of {
        Some(word) => Some(session.account_ref(&session.state()?, word)?.address),
        None => None,
    };
    let log = folders::withdrawals(&args.log, session.wallet.rollup())?;
    let look = || {
        let seen = session.seen(&args.layer1)?;
        let mut all = session.wallet.track_withdrawals(&seen, &log)?;
        all.retain(|one| of.is_none_or(|of| one.withdrawal.account == of));
        Ok::<_, Failure>((seen, all))
    };
    if args.watch {
        let deadline = args.timeout.map(|seconds| Instant::now() + Duration::from_secs(seconds));
        return watch(&session, look, deadline);
    }
    let (seen, all) = look()?;
    let text = match session.ui.is_json() {
        true => json_line(&list_json(&seen, &all))?,
        false if all.is_empty() => {
            format!("no withdrawals on record in {}\n", shown_path(log.path()))
        }
        false => {
            let shows_levels =
                seen.pace.known && all.iter().any(|one| one.stage.is_open() && one.id.is_some());
            let times = seen.times.as_ref().filter(|_| shows_levels);
            format!("{}{}", list(&session, &seen, &all)?, caveat(times))
        }
    };
    Ok(Output::from(text))
}

fn list(
    session: &Session<'_>,
    seen: &Seen<'_>,
    all: &[TrackedWithdrawal],
) -> Result<String, Failure> {
    all.iter().map(|tracked| seen.text(session, tracked)).collect()
}

fn list_json(seen: &Seen<'_>, all: &[TrackedWithdrawal]) -> Value {
    let settled = &seen.pace.settled;
    let mut told = json!({
        "level": settled.head.0,
        "cemented": settled.cemented.0,
        "waiting": seen.queue.len(),
        "withdrawals": all.iter().map(|tracked| seen.json(tracked)).collect::<Value>(),
    });
    with(&mut told, caveat_json(seen.times.as_ref()));
    told
}

/// Adds fields to an object.
fn with(object: &mut Value, more: Value) {
    if let (Value::Object(object), Value::Object(more)) = (object, more) {
        object.extend(more);
    }
}

/// Shows them again whenever something has changed: at a terminal in the same id, otherwise a line
/// for each that has. A node that does not answer for a while is waited for, once it has answered.
fn watch<'s>(
    session: &'s Session<'s>,
    look: impl Fn() -> Result<(Seen<'s>, Vec<TrackedWithdrawal>), Failure>,
    deadline: Option<Instant>,
) -> Result<Output, Failure> {
    let redraws = io::stdout().is_terminal() && !session.ui.is_json();
    let pause = if session.wallet.is_sandbox() { SANDBOX_PAUSE } else { NODE_PAUSE };
    let (mut told, mut rows, mut open, mut silent) = (Vec::new(), 0, None, false);
    loop {
        match look() {
            Ok((seen, all)) => {
                silent = false;
                if redraws {
                    rows = redraw(session.ui, rows, &seen, &list(session, &seen, &all)?)?;
                } else {
                    told = changes(session, &seen, &all, &told)?;
                }
                open = Some(all.iter().filter(|one| one.stage.is_open()).count());
            }
            Err(failure) if open.is_some() && failure.exit() == Exit::NoAnswer => {
                if !silent {
                    session.ui.tell(&format!("{failure}; asked again\n"));
                    // What is on the screen is left as it is.
                    (silent, rows) = (true, 0);
                }
            }
            Err(failure) => return Err(failure),
        }
        let open = open.unwrap_or_default();
        if open == 0 {
            return Ok(Output::default());
        }
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            let refused = Some(ExecutionError::Unsettled(open).into());
            return Ok(Output { text: String::new(), refused });
        }
        thread::sleep(pause);
    }
}

/// Shows all in the id of what was shown before, in so many rows. Returns how many it takes.
fn redraw(ui: &Ui, before: usize, seen: &Seen<'_>, list: &str) -> Result<usize, Failure> {
    let text = format!("level {}\n{list}", seen.pace.settled.head);
    ui.clear(before)?;
    ui.say(&text)?;
    let width = terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0.max(1)));
    Ok(text.lines().map(|line| line.chars().count().div_ceil(width).max(1)).sum())
}

/// Prints those that are at another stage than they were told to be. Returns what is told now.
fn changes(
    session: &Session<'_>,
    seen: &Seen<'_>,
    all: &[TrackedWithdrawal],
    told: &[(Hash32, WithdrawalStage)],
) -> Result<Vec<(Hash32, WithdrawalStage)>, Failure> {
    let now: Vec<_> = all.iter().map(|one| (one.withdrawal.hash, one.stage)).collect();
    let new = |one: &&TrackedWithdrawal| !told.contains(&(one.withdrawal.hash, one.stage));
    let changed: Vec<&TrackedWithdrawal> = all.iter().filter(new).collect();
    if session.ui.is_json() && !changed.is_empty() {
        session.ui.say(&json_line(&list_json(seen, all))?)?;
        return Ok(now);
    }
    let level = seen.pace.settled.head;
    for one in changed {
        session.ui.say(&format!("level {level}: {} {}\n", one.withdrawal.hash, seen.words(one)))?;
    }
    Ok(now)
}

/// Whatever is in outboxes.
fn everything(session: &Session<'_>, args: &WithdrawalsArgs) -> Result<Output, Failure> {
    let seen = session.seen(&args.layer1)?;
    let block = seen.state.block();
    let last = args.up_to.map_or(block.level, |level| Level(level).min(block.level));
    let levels = i32::try_from(args.levels).unwrap_or(i32::MAX);
    let first = last.0.saturating_sub(levels.saturating_sub(1)).max(0);
    let mut wanted: BTreeSet<Level> = (first..=last.0).map(Level).collect();
    wanted.extend(seen.listed_levels());
    let mut all = Vec::new();
    let mut unknown = 0_usize;
    for level in wanted {
        match messages(session.wallet.node(), &block.hash, level) {
            Ok(told) => all.extend(told),
            // From before the rollup, or forgotten by the node.
            Err(RpcError::Refused { .. }) => unknown += 1,
            Err(error) => return Err(error.into()),
        }
    }
    let mut shown = Vec::with_capacity(all.len());
    for told in &all {
        let (stage, executed) = seen.stage(told.id)?;
        shown.push((told, stage, executed));
    }
    if session.ui.is_json() {
        let all = shown.iter().map(|(told, stage, executed)| {
            let mut entry = seen.message_json(Some(told.id), *stage, *executed);
            entry["message"] = told.message.clone();
            entry
        });
        let mut told = json!({
            "level": block.level.0, "from": first, "up_to": last.0, "unknown": unknown,
            "messages": all.collect::<Value>(),
        });
        with(&mut told, caveat_json(seen.times.as_ref()));
        return json_line(&told).map(Output::from);
    }
    let mut text = String::new();
    for (told, stage, executed) in shown {
        if told.is_results_root() {
            let OutboxMessageId { level, index } = told.id;
            let what = "a root of results, which nobody has to execute: see toru receipt";
            text.push_str(&format!("level {level}, message {index}\n  {what}\n"));
            continue;
        }
        text.push_str(&format!("{}\n", seen.message_words(told.id, stage, executed)));
        text.push_str(&calls(&seen, told));
        if matches!(stage, WithdrawalStage::Executable | WithdrawalStage::Unknown) {
            let OutboxMessageId { level, index } = told.id;
            text.push_str(&format!("  toru execute --level {level} --index {index}\n"));
        }
    }
    if text.is_empty() {
        text = format!("nothing in the outboxes of levels {first} to {last}\n");
    }
    if unknown > 0 {
        let levels = counted(unknown, "level");
        text.push_str(&format!("of {levels} the node does not tell the outbox\n"));
    }
    Ok(Output::from(text))
}

/// What a message does, a line for each call.
fn calls(seen: &Seen<'_>, told: &OutboxMessage) -> String {
    let shown = told.shown(&seen.tokens);
    if shown.is_empty() {
        return "  no calls\n".to_owned();
    }
    let line =
        |call: wallet::outbox::ShownCall| match (call.destination, call.entrypoint, call.pays) {
            (Some(destination), Some(entrypoint), Some((token, amount))) => {
                let receiver = call.receiver;
                let payout =
                    Payout { destination, entrypoint, ticket: token.ticket, amount, receiver };
                format!("  {}\n", seen.pays(&payout))
            }
            (Some(destination), Some(entrypoint), None) => {
                format!("  a call of {destination}%{entrypoint}\n")
            }
            _ => "  a call of what is no contract\n".to_owned(),
        };
    shown.into_iter().map(line).collect()
}
