//! `toru operator`: a service that has layer 1 execute withdrawals, and tells before it is too late.

mod args;
mod parse;

use std::path::Path;

use encoding::{Kt1Address, RollupAddress};
use layer1::address::{Address, Kind};
use layer1::plain::quoted;
use operator::command::{Command, CommandError};
use operator::error::RoundError;
use operator::event::{About, Event};
use operator::executor::Executor;
use operator::http::{SITE, Shared, router};
use operator::journal::{Journal, JournalError};
use operator::limits::{MAX_PAUSE, SANDBOX_FIRST_PAUSE, SANDBOX_MAX_PAUSE, WEB};
use operator::operator::{Operator, Setup, Summary};
use operator::schedule::Policy;
use operator::watch_list::{Recorded, WatchList};
use operator::webhook::Webhook;
use serde_json::{Value, json};
use time::OffsetDateTime;
use wallet::outbox::receiver_of;
use wallet::rpc::Node;
use wallet::withdrawal_log::WithdrawalLog;
use web::{ListenError, Running};

use super::counted::counted;
use super::session::Session;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;
use crate::interrupt::stop_on_ctrl_c;
use crate::key;
use crate::ui::{Output, Ui, json_line};

pub use args::OperatorArgs;

/// Runs it.
pub fn operator(args: &OperatorArgs, ui: &Ui) -> Result<Output, Failure> {
    let layer1 = args.layer1.layer1.as_deref().map(Node::new).transpose()?;
    let webhook = args.webhook.as_deref().map(Webhook::start).transpose();
    // The address may have a secret in it.
    let webhook =
        webhook.map_err(|error| Failure::input(format!("--webhook: {error}")).of_kind("usage"))?;
    let session = Session::open(&args.wallet, ui)?;
    let is_sandbox = session.wallet.is_sandbox();
    let watch = watch_list(&session, args)?;
    let executor = executor(args, is_sandbox)?;
    // A folder that is mistyped looks like one of somebody who has withdrawn nothing.
    if let Some(folder) = args.record.as_deref().filter(|folder| !folder.is_dir()) {
        ui.tell(&format!("note: there is no folder {} yet\n", shown_path(folder)));
    }
    let setup = Setup {
        layer1,
        log: log(args, session.wallet.rollup())?,
        watch,
        policy: policy(args, is_sandbox),
        executor,
        daily_cap: args.daily_cap,
        warn_before: args.warn_before.unwrap_or_default(),
        webhook,
        session: session.wallet.clone(),
    };
    let journal = journal(args, &session)?;
    let shared = Shared::default();
    let tell = |event: &Event| {
        if ui.is_json() {
            // Nobody may be reading any more.
            let line = json_line(&event.json(OffsetDateTime::now_utc()));
            let _ = line.and_then(|line| ui.say(&line));
        } else {
            ui.tell(&format!("{}\n", event.words()));
        }
    };
    let stop = stop_on_ctrl_c();
    if args.once {
        let mut operator = Operator::new(setup, journal, shared, tell);
        let summary = operator.run_once(&stop).map_err(|error| round_failure(&error))?;
        return once_output(&summary, ui);
    }
    let listener = web::listen(args.listen, args.allow_remote, &WEB).map_err(|error| {
        Failure::of(Exit::Input, &error).with_hint(match error {
            ListenError::Remote(_) => {
                "whoever gets there sees what is followed: --allow-remote serves there all the same"
            }
            ListenError::Io { .. } => "--listen 127.0.0.1:PORT serves elsewhere",
        })
    })?;
    let address = listener.local_addr().map_err(|error| Failure::output(&error))?;
    ui.say_words(&format!(
        "serving http://{address}/health, /metrics and /v1/withdrawals; Ctrl-C ends it\n"
    ))?;
    if ui.is_json() {
        ui.say(&json_line(&json!({"event": "serving", "address": address.to_string()}))?)?;
    }
    let server = Running::start(listener, router(shared.clone(), args.allow_remote), SITE)
        .map_err(Failure::internal)?;
    let ended = Operator::new(setup, journal, shared, tell).run(&stop);
    server.end().map_err(Failure::internal)?;
    let summary = ended.map_err(|error| journal_failure(&error))?;
    ui.answer(&summary_json(&summary), || words(&summary))
}

/// Whose withdrawals are meant.
fn watch_list(session: &Session<'_>, args: &OperatorArgs) -> Result<WatchList, Failure> {
    if args.whose.is_empty() {
        return Ok(WatchList { recorded: Recorded::All, ..WatchList::default() });
    }
    let mut watch = WatchList::default();
    let mut accounts = Vec::new();
    for word in &args.whose {
        if word == "all" {
            watch.everything = true;
            continue;
        }
        match word.parse::<Address>() {
            Ok(Address { kind: Kind::Contract, hash }) => {
                // A contract is called, or is paid by a ticketer.
                watch.contracts.push(Kt1Address(hash));
                watch.receivers.extend(receiver_of(word));
            }
            Ok(Address { kind: Kind::Implicit(3), .. }) | Err(_) => {
                accounts.push(session.account_ref(&session.state()?, word)?.address);
            }
            Ok(_) => match receiver_of(word) {
                Some(receiver) => watch.receivers.push(receiver),
                None => return Err(Failure::option("--for", word, &"is nobody who is paid")),
            },
        }
    }
    if !accounts.is_empty() {
        watch.recorded = Recorded::Of(accounts);
    }
    Ok(watch)
}

/// Who executes.
fn executor(args: &OperatorArgs, is_sandbox: bool) -> Result<Executor, Failure> {
    let Some(command) = &args.command else {
        return Ok(if is_sandbox { Executor::Sandbox } else { Executor::Nobody });
    };
    if is_sandbox {
        return Err(Failure::usage(
            "--command is for a real layer 1, and this node is a sandbox",
            "without --command, the sandbox's layer 1 executes",
        ));
    }
    let source = args.from.as_deref().unwrap_or_default();
    let command = Command::new(command, source, args.fee_cap, args.burn_cap);
    let command = command.map_err(|error| match error {
        CommandError::Words(problem) => {
            Failure::input(format!("--command: {problem}")).of_kind("usage")
        }
        CommandError::Source(problem) => Failure::option("--from", source, &problem),
    })?;
    if !is_program(command.program()) {
        let program = command.program();
        return Err(Failure::input(format!("--command: there is no program {}", quoted(program)))
            .with_hint("give its whole path, or put its folder on PATH"));
    }
    if let Some(cap) = args.daily_cap.filter(|cap| *cap < command.cap()) {
        return Err(Failure::usage(
            format!(
                "--daily-cap: {cap} tez is less than one execution may cost, {}",
                command.cap()
            ),
            "--fee-cap and --burn-cap together are what one execution may cost",
        ));
    }
    Ok(Executor::Command(command))
}

fn policy(args: &OperatorArgs, is_sandbox: bool) -> Policy {
    let command_time = std::time::Duration::from_secs(args.command_time);
    let settle_levels = i32::try_from(args.settle).unwrap_or(i32::MAX);
    if is_sandbox {
        return Policy {
            first_pause: SANDBOX_FIRST_PAUSE,
            max_pause: SANDBOX_MAX_PAUSE,
            command_time,
            settle_levels,
            is_free: true,
        };
    }
    Policy {
        first_pause: std::time::Duration::from_secs(args.retry_after),
        max_pause: MAX_PAUSE,
        command_time,
        settle_levels,
        is_free: false,
    }
}

/// Whether a program is there: at a path, or in a folder of `PATH`.
fn is_program(name: &str) -> bool {
    match name.contains('/') {
        true => Path::new(name).is_file(),
        false => std::env::var_os("PATH").is_some_and(|folders| {
            std::env::split_paths(&folders).any(|folder| folder.join(name).is_file())
        }),
    }
}

fn log(args: &OperatorArgs, rollup: &RollupAddress) -> Result<WithdrawalLog, Failure> {
    let folder = match &args.record {
        Some(folder) => folder.clone(),
        // Beside the keys.
        None => key::default_folder()?.with_file_name("withdrawals"),
    };
    Ok(WithdrawalLog::new(&folder, rollup))
}

fn journal(args: &OperatorArgs, session: &Session<'_>) -> Result<Journal, Failure> {
    let rollup = session.wallet.rollup();
    let path = match &args.state {
        Some(path) => path.clone(),
        None => key::default_folder()?.with_file_name("operator").join(format!("{rollup}.jsonl")),
    };
    let now = OffsetDateTime::now_utc().unix_timestamp();
    // All sandboxes have the same address, and each begins anew.
    let afresh = session.wallet.is_simulated();
    Journal::open(&path, rollup, now, afresh).map_err(|error| journal_failure(&error))
}

fn journal_failure(error: &JournalError) -> Failure {
    match error {
        JournalError::Io { .. } => Failure::of(Exit::Internal, error)
            .with_hint("nothing is executed without a journal: --state FILE keeps it elsewhere"),
        JournalError::InUse(path) => {
            Failure::input(format!("another operator uses {}", shown_path(path)))
                .with_hint("two operators at one rollup need a --state FILE of their own")
        }
        JournalError::Line { .. } | JournalError::OtherRollup { .. } | JournalError::TooLong(_) => {
            Failure::of(Exit::Input, error).with_hint("--state FILE keeps another journal")
        }
    }
}

fn round_failure(error: &RoundError) -> Failure {
    match error {
        RoundError::Journal(error) => journal_failure(error),
        RoundError::OtherRollup { .. } => Failure::of(Exit::Input, error),
        RoundError::Withdraw(wallet::withdrawals::WithdrawError::Log(_)) => {
            Failure::of(Exit::Input, error)
        }
        RoundError::Rpc(_) | RoundError::State(_) | RoundError::Withdraw(_) => {
            Failure::of(Exit::NoAnswer, error)
        }
    }
}

/// How it stands, for whoever has run it once: something lost counts more than something that is close to it.
fn once_output(summary: &Summary, ui: &Ui) -> Result<Output, Failure> {
    let mut output = ui.answer(&summary_json(summary), || words(summary))?;
    let are = |count| if count == 1 { "withdrawal is" } else { "withdrawals are" };
    output.refused = match (summary.lost.len(), summary.close.len()) {
        (0, 0) => None,
        (0, close) => {
            let message = format!("{close} {} close to the deadline, and not executed", are(close));
            Some(Failure::new(Exit::NotYet, message).of_kind("deadline"))
        }
        (lost, _) => {
            let message = format!("{lost} {} lost", are(lost));
            Some(Failure::new(Exit::No, message).of_kind("lost"))
        }
    };
    Ok(output)
}

fn words(summary: &Summary) -> String {
    let executed = counted(usize::try_from(summary.executed).unwrap_or(usize::MAX), "withdrawal");
    let mut text = format!("{executed} executed, {} followed\n", summary.followed);
    if summary.undelivered > 0 {
        let notices = counted(summary.undelivered, "notice");
        text.push_str(&format!("{notices} not delivered to the webhook\n"));
    }
    text
}

fn summary_json(summary: &Summary) -> Value {
    let ids = |all: &[About]| -> Value {
        let id = |about: &About| {
            json!({
                "outbox_level": about.id.level.0,
                "message_index": about.id.index,
                "hash": about.hash,
                "pays": about.pays,
            })
        };
        all.iter().map(id).collect()
    };
    json!({
        "event": "ended",
        "followed": summary.followed,
        "executed": summary.executed,
        "failed_tries": summary.failed_tries,
        "close": ids(&summary.close),
        "lost": ids(&summary.lost),
        "undelivered": summary.undelivered,
    })
}
