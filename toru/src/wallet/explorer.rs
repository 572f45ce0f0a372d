//! `toru explorer`: web pages about the rollup of any node, over an index that follows it.

mod args;

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use ::explorer::limits::{NODE_TIME, WEB};
use ::explorer::{ExplorerOptions, SITE, router};
use files::TempDir;
use history::http::{HttpOptions, router as history_router};
use history::limits::NODE_ANSWER_TIME;
use history::{HistoryError, Options, Running, start};
use layer1::plain::one_line;
use serde_json::json;
use wallet::known_rollups::KnownRollups;
use wallet::rpc::Node;
use wallet::session::Session as Connection;
use web::ListenError;

use super::folders;
use super::session::rollup;
use crate::dev::Account;
use crate::error::Failure;
use crate::exit::Exit;
use crate::interrupt::stop_on_ctrl_c;
use crate::key;
use crate::ui::{Output, Ui, json_line};

pub use args::ExplorerArgs;

/// How often it is looked whether it is to end, and whether anything is to be told.
const LOOK: Duration = Duration::from_millis(100);

/// Runs it.
pub fn explorer(args: &ExplorerArgs, ui: &Ui) -> Result<Output, Failure> {
    let listener = web::listen(args.listen, args.allow_remote, &WEB).map_err(|error| {
        Failure::of(Exit::Input, &error).with_hint(match error {
            ListenError::Remote(_) => "--allow-remote serves there all the same",
            ListenError::Io { .. } => "--listen 127.0.0.1:PORT serves elsewhere",
        })
    })?;
    let address = listener.local_addr().map_err(|error| Failure::output(&error))?;
    let wanted = args.at.rollup.as_deref().map(rollup).transpose()?;
    let known = key::data_folder().map(|folder| KnownRollups::in_folder(&folder));
    let wallet = Connection::connect(&args.at.endpoint, wanted.as_ref(), known.as_ref())?;
    let (file, scratch) = index(args, &wallet)?;
    let node = |endpoint: &str| Node::patient(endpoint, NODE_TIME);
    let options = Options { rebuild: args.rebuild, ..Options::new(file) };
    let followed = Node::patient(&args.at.endpoint, NODE_ANSWER_TIME)?;
    let running = start(options, followed).map_err(|error| failure(&error))?;
    let history = running.handle();
    let pages = router(ExplorerOptions {
        readers: history.readers(),
        node: node(&args.at.endpoint)?,
        layer1: args.layer1.layer1.as_deref().map(node).transpose()?,
        changes: history.changes(),
        pins: folders::pins(&args.pins, wallet.rollup()).ok(),
        names: names(&wallet),
        sandbox: wallet.is_simulated(),
        batcher: args.batcher.as_deref().map(node).transpose()?,
        control: None,
        is_alone: true,
        any_host: args.allow_remote,
    });
    let http = HttpOptions { any_host: args.allow_remote, ..HttpOptions::default() };
    let pages = pages.merge(history_router(history, http));
    let stop = stop_on_ctrl_c();
    let server = web::Running::start(listener, pages, SITE).map_err(Failure::internal)?;
    ui.say_words(&format!("serving http://{address}/; Ctrl-C ends it\n"))?;
    if ui.is_json() {
        let rollup = wallet.rollup().to_string();
        let event = json!({"event": "serving", "address": address.to_string(), "rollup": rollup});
        ui.say(&json_line(&event)?)?;
    }
    follow(&running, &stop, ui);
    let ended = server.end().map_err(Failure::internal);
    let last = running.status().indexed.map(|level| level.0);
    running.stop();
    running.join().map_err(|error| failure(&error))?;
    drop(scratch);
    ended?;
    ui.answer(&json!({"event": "ended", "level": last}), || match last {
        Some(level) => format!("ended; the index has all up to level {level}\n"),
        None => "ended; the index is empty\n".to_owned(),
    })
}

/// The file of the index, and the folder that goes with the process if that has it.
fn index(args: &ExplorerArgs, wallet: &Connection) -> Result<(PathBuf, Option<TempDir>), Failure> {
    if let Some(file) = &args.data {
        return Ok((file.clone(), None));
    }
    // A sandbox begins anew under the same address.
    let kept = key::data_folder().filter(|_| !wallet.is_simulated());
    let Some(folder) = kept.map(|folder| folder.join("explorer")) else {
        let folder = files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?;
        return Ok((folder.path().join("index.sqlite"), Some(folder)));
    };
    files::own_folder(&folder).map_err(Failure::writing(&folder))?;
    Ok((folder.join(format!("{}.sqlite", wallet.rollup())), None))
}

/// The names of the accounts of a sandbox, whose keys everybody knows.
fn names(wallet: &Connection) -> Vec<(encoding::Tz4Address, String)> {
    let all = if wallet.is_simulated() { Account::all() } else { Vec::new() };
    let named = (0u32..).zip(all);
    named.map(|(number, account)| (account.address, format!("dev{number}"))).collect()
}

/// Tells what keeps the index from going on, until it is to end, or the index has ended by itself.
fn follow(running: &Running, stop: &AtomicBool, ui: &Ui) {
    let mut told = None;
    while !stop.load(Ordering::SeqCst) && !running.is_ended() {
        let trouble = running.status().trouble.map(|trouble| one_line(&trouble.text));
        if trouble != told {
            tell(trouble.as_deref(), ui);
            told = trouble;
        }
        thread::sleep(LOOK);
    }
}

fn tell(trouble: Option<&str>, ui: &Ui) {
    if ui.is_json() {
        let event = match trouble {
            Some(why) => json!({"event": "waiting", "why": why}),
            None => json!({"event": "following"}),
        };
        // Nobody may be reading any more.
        let _ = json_line(&event).and_then(|line| ui.say(&line));
    } else {
        ui.tell(&match trouble {
            Some(why) => format!("the index waits: {why}\n"),
            None => "the index goes on\n".to_owned(),
        });
    }
}

/// Why there is no index.
fn failure(error: &HistoryError) -> Failure {
    match error {
        HistoryError::Version { .. } | HistoryError::OtherRollup { .. } => {
            Failure::of(Exit::Input, error).with_hint("--rebuild makes the index anew")
        }
        damaged if damaged.is_damage() => Failure::of(Exit::Input, error)
            .with_hint("it is an index, and damaged: --rebuild makes it anew"),
        HistoryError::NotAnIndex(_) => Failure::of(Exit::Input, error)
            .with_hint("--data takes the file of an index; one that is not there is made"),
        HistoryError::File { .. } | HistoryError::Io { .. } => {
            Failure::of(Exit::Input, error).with_hint("--data FILE keeps the index in another file")
        }
        _ => Failure::of(Exit::Internal, error),
    }
}
