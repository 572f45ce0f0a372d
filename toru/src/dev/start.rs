//! Starts a sandbox, says what is in it, and serves it until it is ended.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use layer1::address::{Address, Kind};
use layer1::entrypoints::Parameter;
use layer1::json::outbox_message;
use node::{
    Chain, ContractHash, Contracts, Cors, ExecutionLog, ListenError, NodeError, Options, Pages,
    Parts, Queue, SettlementParameters, listen, serve,
};
use pvm::{Config, Interrupt, Pvm};
use serde_json::{Value, json};
use store::{Persistent, Store};

use super::accounts::{Account, DEMO_TICKETER, FUNDS, demo_ticket, deposit_payload};
use super::args::StartArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::inputs::ROLLUP_DEFAULT;
use crate::state;
use crate::ui::{Output, Ui, json_line};
use layer1::plain::one_line;

/// The level at which a sandbox is originated.
const ORIGINATION: i32 = 0;
/// Who calls the ticketer in the first level: tag and hash of nobody's tz1.
const SOURCE: [u8; 21] = [0; 21];

/// Starts it. Returns when it was ended.
pub fn start(args: &StartArgs, ui: &Ui) -> Result<Output, Failure> {
    let Some(settlement) =
        SettlementParameters::new(args.commitment_period, args.challenge_window, ORIGINATION)
    else {
        return Err(Failure::usage(
            format!(
                "a commitment period of {} and a challenge window of {} levels",
                args.commitment_period, args.challenge_window
            ),
            "a period has 1 to 1,000,000 levels, a window 0 to 1,000,000",
        ));
    };
    let cors = Cors::new(args.cors_origin.clone(), args.cors_header.clone()).map_err(|error| {
        Failure::usage(
            error.to_string(),
            "such as --cors-origin http://localhost:3000 --cors-header content-type",
        )
    })?;
    let listener = listen(args.rpc, args.allow_remote).map_err(|error| {
        Failure::of(Exit::Input, &error).with_hint(match error {
            ListenError::Remote(_) => {
                "whoever gets there can do everything: --allow-remote serves there all the same"
            }
            ListenError::Io { .. } => "--rpc 127.0.0.1:PORT serves elsewhere",
        })
    })?;
    let interrupt = Interrupt::default();
    let Opened { rollup, executed, contracts, queue } = open(args.state.as_deref(), &interrupt)?;
    let pages = Pages::default();
    let mut config = config(&interrupt);
    config.rollup = rollup.store().identity().rollup;
    config.origination_level = rollup.store().identity().origination_level;
    config.preimages = Box::new(pages.clone());
    let simulator = Pvm::resume_wasm(&rollup.store().state(), config);
    let parts = Parts {
        rollup,
        simulator,
        pages,
        settlement,
        executed,
        contracts,
        queue,
        describe: outbox_message,
    };
    let mut chain = Chain::new(parts).map_err(|error| failing(&error))?;
    let accounts = Account::all();
    // A rollup of toru run may have played a level of that number.
    let played = chain.summary(ORIGINATION).map_err(|error| failing(&error))?;
    if chain.head() == ORIGINATION && played.is_none() {
        fund(&mut chain, &accounts).map_err(|error| failing(&error))?;
    }
    let stop = Arc::new(AtomicBool::new(false));
    stop_on_ctrl_c(&stop, &interrupt);
    let address = listener.local_addr().map_err(|error| Failure::output(&error))?;
    let at = address.to_string();
    let banner = match ui.is_json() {
        true => json_line(&banner_json(&chain, &accounts, &at, args))?,
        false => banner(&chain, &accounts, &at, args),
    };
    ui.say(&banner)?;
    let options = Options {
        block_time: (args.block_time > 0).then(|| Duration::from_secs(args.block_time.into())),
        dev: true,
        any_host: args.allow_remote,
        cors,
        address: Some(address),
        stop,
    };
    serve(&mut chain, listener, &options, |error| {
        ui.tell(&format!("no level was baked: {}\n", one_line(&error.to_string())));
    })
    .map_err(|error| Failure::output(&error))?;
    let head = chain.head();
    ui.answer(&json!({"ended_at": head}), || format!("ended at level {head}\n"))
}

fn config(interrupt: &Interrupt) -> Config {
    Config { interrupt: interrupt.clone(), ..Config::on_chain(ROLLUP_DEFAULT.hash, ORIGINATION) }
}

/// What is kept.
struct Opened {
    rollup: Persistent,
    /// What was executed of its outbox.
    executed: ExecutionLog,
    /// What is known of layer 1's contracts.
    contracts: Contracts,
    /// What waits for its next level.
    queue: Queue,
}

fn open(file: Option<&Path>, interrupt: &Interrupt) -> Result<Opened, Failure> {
    let mut config = config(interrupt);
    let Some(file) = file else {
        let folder = files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?;
        let rollup = create(&folder.path().join("rollup"), config)?;
        // It stays as long as this process has it open, and goes with it however that ends.
        drop(folder);
        let (executed, queue) = (ExecutionLog::in_memory(), Queue::in_memory());
        let contracts = Contracts::in_memory(given()?);
        return Ok(Opened { rollup, executed, contracts, queue });
    };
    let (executed, waiting) = (beside(file, "executed"), beside(file, "queue"));
    let known = beside(file, "contracts");
    if file.symlink_metadata().is_err() {
        // First, so that a rollup that is there has its records.
        let log = ExecutionLog::create(&executed).map_err(unusable(&executed))?;
        let queue = Queue::create(&waiting).map_err(unusable(&waiting))?;
        let contracts = Contracts::create(&known, given()?).map_err(unusable(&known))?;
        return Ok(Opened { rollup: create(file, config)?, executed: log, contracts, queue });
    }
    let store: Store = state::open(file)?;
    config.rollup = store.identity().rollup;
    config.origination_level = store.identity().origination_level;
    let log = ExecutionLog::open(&executed, store.last()).map_err(unusable(&executed))?;
    let queue = Queue::open(&waiting, &store).map_err(unusable(&waiting))?;
    let contracts = Contracts::open(&known, store.last(), given()?).map_err(unusable(&known))?;
    let rollup = Persistent::resume_wasm(store, config).map_err(state::failing(file))?;
    Ok(Opened { rollup, executed: log, contracts, queue })
}

/// The contracts that every sandbox begins with: the ticketer of the demo ticket.
fn given() -> Result<BTreeMap<ContractHash, Parameter>, Failure> {
    let parameter = Parameter::of_script(DEMO_TICKETER)
        .map_err(|error| Failure::internal(one_line(&error.to_string())))?;
    Ok(BTreeMap::from([(demo_ticket().ticketer.0, parameter)]))
}

fn create(file: &Path, config: Config) -> Result<Persistent, Failure> {
    let pvm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, config)
        .map_err(|error| Failure::internal(one_line(&error.to_string())))?;
    Persistent::create(file, pvm).map_err(state::failing(file))
}

/// A file beside a state.
fn beside(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

/// The first level deposits the demo ticket for every account. What waits is for the next one.
fn fund(chain: &mut Chain, accounts: &[Account]) -> Result<(), NodeError> {
    let deposit = |account: &Account| {
        let payload = deposit_payload(&account.address.to_string(), FUNDS);
        chain.transfer_message(&payload, &demo_ticket().ticketer.0, &SOURCE)
    };
    let messages: Vec<Vec<u8>> = accounts.iter().map(deposit).collect();
    chain.bake_with(&messages).map(|_| ())
}

/// Ctrl-C ends the serving, and the level that is being played; pressed again, the process.
fn stop_on_ctrl_c(stop: &Arc<AtomicBool>, interrupt: &Interrupt) {
    /// As shells report a process that SIGINT ended.
    const INTERRUPTED: i32 = 130;
    let (stop, interrupt) = (Arc::clone(stop), interrupt.clone());
    // It fails if there is a handler already, and then that one is in charge.
    let _ = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
        interrupt.set();
    });
}

fn rollup_address(chain: &Chain) -> String {
    Address { kind: Kind::Rollup, hash: chain.store().identity().rollup }.to_string()
}

/// The same as JSON.
fn banner_json(chain: &Chain, accounts: &[Account], address: &str, args: &StartArgs) -> Value {
    let accounts = (0..).zip(accounts).map(|(number, account): (u32, _)| {
        json!({
            "name": format!("dev{number}"),
            "account": account.address.to_string(),
            "secret_key": account.text,
        })
    });
    json!({
        "endpoint": format!("http://{address}"),
        "rollup": rollup_address(chain),
        "level": chain.head(),
        "block_time": args.block_time,
        "commitment_period": args.commitment_period,
        "challenge_window": args.challenge_window,
        "ticketer": demo_ticket().ticketer.to_string(),
        "accounts": accounts.collect::<Value>(),
    })
}

fn banner(chain: &Chain, accounts: &[Account], address: &str, args: &StartArgs) -> String {
    let rollup = rollup_address(chain);
    let mut text = String::from(
        "A sandbox: NOTHING HERE IS WORTH ANYTHING. THESE SECRET KEYS ARE KNOWN TO EVERYBODY.\n\
         Whatever is sent to these accounts on a real network is lost.\n\n",
    );
    for (number, account) in accounts.iter().enumerate() {
        text.push_str(&format!("  dev{number}  {}  {}\n", account.address, account.text));
    }
    let baking = match args.block_time {
        0 => "on demand (toru dev mine)".to_owned(),
        1 => "each second".to_owned(),
        seconds => format!("every {seconds} seconds"),
    };
    text.push_str(&format!(
        "\neach began with {FUNDS} of the ticket \"demo\" of {}, which pays out at %burn\n\
         rollup       {rollup}\n\
         level        {}, then {baking}\n\
         commitments  every {} levels, cemented after {}\n\
         serving      http://{address} (GET /openapi)\n",
        demo_ticket().ticketer,
        chain.head(),
        args.commitment_period,
        args.challenge_window,
    ));
    text
}

fn failing(error: &NodeError) -> Failure {
    Failure::of(Exit::Internal, error)
}

fn unusable(path: &Path) -> impl FnOnce(NodeError) -> Failure + '_ {
    move |error| {
        Failure::in_file(path, &one_line(&error.to_string())).with_hint(
            "the state itself is whole; without this file nothing counts as executed, as waiting, or as told",
        )
    }
}
