//! `toru batcher`: a service that puts the transactions of many people into batches with one signature.

mod args;
mod watch;

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use batcher::http::limits::WEB;
use batcher::http::{HttpOptions, SITE, router};
use batcher::{FeeTerms, Handle, Options, Running, StartError, start};
use encoding::{RollupAddress, Tz4Address};
use layer1::address::{Address, Role};
use layer1::plain::one_line;
use serde_json::{Value, json};
use wallet::known_rollups::KnownRollups;
use wallet::rpc::Node;
use wallet::session::Session as Connection;
use web::ListenError;

use self::watch::Watch;
use super::folders;
use crate::error::{Failure, shown_path};
use crate::exit::Exit;
use crate::interrupt::stop_on_ctrl_c;
use crate::key;
use crate::ui::{Output, Ui, json_line};

pub use args::BatcherArgs;

/// How often it is looked whether it is to end.
const LOOK: Duration = Duration::from_millis(50);
/// How often it is looked what has changed.
const WATCH: Duration = Duration::from_millis(500);

/// Runs it.
pub fn batcher(args: &BatcherArgs, ui: &Ui) -> Result<Output, Failure> {
    let http = HttpOptions {
        is_alone: true,
        any_host: args.allow_remote,
        behind_proxy: args.behind_proxy,
        ..HttpOptions::default()
    };
    let http = http.with_origins(&args.cors_origin, &[]).map_err(|error| {
        Failure::usage(error.to_string(), "such as --cors-origin https://wallet.example")
    })?;
    if args.window_ms > args.deadline_ms {
        let (window, round) = (args.window_ms, args.deadline_ms);
        let problem = format!("--window-ms {window} is longer than --deadline-ms {round}");
        return Err(Failure::usage(problem, "the window is the end of a round"));
    }
    let node = Node::new(&args.at.endpoint)?;
    let options = Options {
        timing: args.timing(),
        promised_levels: args.promise,
        fees: fees(args)?,
        ..Options::new(args.data.clone())
    };
    let listener = web::listen(args.listen, args.allow_remote, &WEB).map_err(|error| {
        Failure::of(Exit::Input, &error).with_hint(match error {
            ListenError::Remote(_) => "--allow-remote serves there all the same",
            ListenError::Io { .. } => "--listen 127.0.0.1:PORT serves elsewhere",
        })
    })?;
    let address = listener.local_addr().map_err(|error| Failure::output(&error))?;
    is_the_rollup(args, &node, ui)?;
    let running = start(options, node).map_err(|error| batcher_failure(&error))?;
    let stop = stop_on_ctrl_c();
    ui.say_words(&format!(
        "serving http://{address}/v1, /health, /metrics and /openapi.json; Ctrl-C ends it\n"
    ))?;
    if ui.is_json() {
        ui.say(&json_line(&json!({"event": "serving", "address": address.to_string()}))?)?;
    }
    let server = web::Running::start(listener, router(running.handle(), http), SITE);
    let server = server.map_err(Failure::internal)?;
    let mut watch = Watch::default();
    follow(&running, &mut watch, &stop, ui);
    // Who is being answered has its answer before the engine ends.
    let ended = server.end().map_err(Failure::internal);
    tell(&running.handle(), &mut watch, ui);
    running.stop();
    running.join().map_err(|error| batcher_failure(&error))?;
    ended?;
    ui.answer(&summary_json(&watch), || summary(&watch))
}

/// Tells what happens until it is to end, or has ended by itself.
fn follow(running: &Running, watch: &mut Watch, stop: &AtomicBool, ui: &Ui) {
    let handle = running.handle();
    while !stop.load(Ordering::SeqCst) && !running.is_ended() {
        tell(&handle, watch, ui);
        let until = Instant::now() + WATCH;
        while Instant::now() < until && !stop.load(Ordering::SeqCst) && !running.is_ended() {
            thread::sleep(LOOK);
        }
    }
}

fn tell(handle: &Handle, watch: &mut Watch, ui: &Ui) {
    for event in watch.look(handle.health(), handle.metrics()) {
        if ui.is_json() {
            // Nobody may be reading any more.
            let line = json_line(&event.json());
            let _ = line.and_then(|line| ui.say(&line));
        } else {
            ui.tell(&format!("{}\n", event.words()));
        }
    }
}

/// What it asks for. Its tickets are looked up at the node once, at the start.
fn fees(args: &BatcherArgs) -> Result<Option<FeeTerms>, Failure> {
    let Some(account) = &args.account else { return Ok(None) };
    let address = Address::parse_as(Role::Account, account);
    let address = address.map_err(|problem| Failure::option("--account", account, &problem))?;
    let wanted = wanted_rollup(args)?;
    let known = key::data_folder().map(|folder| KnownRollups::in_folder(&folder));
    let wallet = Connection::connect(&args.at.endpoint, wanted.as_ref(), known.as_ref())?;
    let pins = folders::pins(&args.pins, wallet.rollup()).ok();
    let wallet = wallet.with_pins(pins.as_ref())?;
    let state = wallet.state()?;
    let tokens = state.tokens()?;
    let mut prices = Vec::new();
    for fee in args.fee.chunks_exact(2) {
        let [price, ticket] = fee else { continue };
        let token = state.token(&tokens, None, ticket)??;
        let amount = token.parse(price).map_err(|error| {
            // The error names the price itself.
            Failure::input(format!("--fee: {error}")).of_kind("usage")
        })?;
        if amount.is_zero() {
            return Err(Failure::option(
                "--fee",
                price,
                &"is no price: without --fee it costs nothing",
            ));
        }
        prices.push((token.ticket, amount));
    }
    Ok(Some(FeeTerms { account: Tz4Address(address.hash), prices }))
}

fn wanted_rollup(args: &BatcherArgs) -> Result<Option<RollupAddress>, Failure> {
    let Some(text) = &args.at.rollup else { return Ok(None) };
    let address = Address::parse_as(Role::Rollup, text);
    let address = address.map_err(|problem| Failure::option("--rollup", text, &problem))?;
    Ok(Some(RollupAddress(address.hash)))
}

/// Whether the node runs the rollup that is meant. One that does not answer yet is waited for by the engine.
fn is_the_rollup(args: &BatcherArgs, node: &Node, ui: &Ui) -> Result<(), Failure> {
    let wanted = wanted_rollup(args)?;
    match (node.rollup(), wanted) {
        (Ok(found), Some(wanted)) if found != wanted => {
            Err(Failure::input(format!("the node runs {found}, not {wanted}"))
                .with_hint("--endpoint names a node of that rollup"))
        }
        (Ok(_), _) => Ok(()),
        (Err(error), Some(_)) => Err(error.into()),
        (Err(error), None) => {
            ui.tell(&format!("note: {}; it is waited for\n", one_line(&error.to_string())));
            Ok(())
        }
    }
}

/// Why a batcher does not start, or ends.
pub(crate) fn batcher_failure(error: &StartError) -> Failure {
    match error {
        StartError::Io { action, path, source } => Failure::file(action, path, source),
        StartError::InUse(path) => {
            Failure::input(format!("another batcher uses {}", shown_path(path)))
                .with_hint("each batcher has a folder of its own")
        }
        StartError::Foreign { .. } | StartError::OtherRollup { .. } => {
            Failure::of(Exit::Input, error)
        }
        StartError::Option(problem) => Failure::usage(*problem, "toru batcher --help says more"),
        StartError::Journal { .. } | StartError::Random(_) | StartError::Thread(_) => {
            Failure::of(Exit::Internal, error)
        }
    }
}

fn summary(watch: &Watch) -> String {
    let (health, metrics) = watch.last();
    let kept = match health.pending {
        0 => String::new(),
        count => format!("; {count} pending, and kept for the next start"),
    };
    format!(
        "{} accepted, {} applied, {} failed, {} expired, {} dropped{kept}\n",
        metrics.accepted, metrics.applied, metrics.failed, metrics.expired, metrics.dropped
    )
}

fn summary_json(watch: &Watch) -> Value {
    let (health, metrics) = watch.last();
    json!({
        "event": "ended",
        "accepted": metrics.accepted,
        "applied": metrics.applied,
        "failed": metrics.failed,
        "expired": metrics.expired,
        "dropped": metrics.dropped,
        "pending": health.pending,
    })
}
