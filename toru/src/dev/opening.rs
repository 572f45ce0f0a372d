//! The files of a sandbox: the rollup's, and the records beside it.

use std::path::{Path, PathBuf};

use layer1::address::{Address, Kind};
use layer1::michelson::decode;
use layer1::plain::one_line;
use mockup::{Operation, State};
use node::{Layer1, NodeError, Queue};
use pvm::{Config, Interrupt, Pvm};
use store::{Persistent, Store};
use tx_kernel::layout::{RECEIPTS_EVERY, exit_path};

use super::accounts::{Account, FUNDS, demo_ticket, deposit_payload};
use super::genesis::{DevContract, genesis};
use super::owing::found;
use crate::engine::EngineArgs;
use crate::error::Failure;
use crate::inputs::ROLLUP_DEFAULT;
use crate::state;

/// The level at which a sandbox is originated.
pub(super) const ORIGINATION: i32 = 0;
/// Who calls the ticketer in the first level: nobody's tz1.
const NOBODY: Address = Address { kind: Kind::Implicit(0), hash: [0; 20] };

/// How the rollup's PVM is set up.
pub(super) fn config(interrupt: &Interrupt, engine: EngineArgs) -> Result<Config, Failure> {
    let on_chain = Config::on_chain(ROLLUP_DEFAULT.hash, ORIGINATION);
    Ok(Config { interrupt: interrupt.clone(), engine: engine.engine()?, ..on_chain })
}

/// What is kept.
pub(super) struct Opened {
    pub(super) rollup: Persistent,
    /// The rest of layer 1.
    pub(super) layer1: Layer1,
    /// What waits for its next level.
    pub(super) queue: Queue,
}

/// Opens what is kept in a file, or starts it; without a file nothing outlives the process. A new rollup writes
/// roots over the results of `window` levels, if that is given.
pub(super) fn open(
    file: Option<&Path>,
    window: Option<u32>,
    mut config: Config,
) -> Result<Opened, Failure> {
    let Some(file) = file else {
        let folder = files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?;
        let rollup = create(&folder.path().join("rollup"), window, config)?;
        // It stays as long as this process has it open, and goes with it however that ends.
        drop(folder);
        let layer1 = Layer1::create(None, begun(ROLLUP_DEFAULT.hash)?, funding());
        let layer1 = layer1.map_err(|error| Failure::internal(one_line(&error.to_string())))?;
        return Ok(Opened { rollup, layer1, queue: Queue::in_memory() });
    };
    let (done, waiting) = (beside(file, "layer1"), beside(file, "queue"));
    if file.symlink_metadata().is_err() {
        // First, so that a rollup that is there has its records.
        let layer1 = Layer1::create(Some(&done), begun(ROLLUP_DEFAULT.hash)?, funding());
        let layer1 = layer1.map_err(unusable(&done))?;
        let queue = Queue::create(&waiting).map_err(unusable(&waiting))?;
        return Ok(Opened { rollup: create(file, window, config)?, layer1, queue });
    }
    let store: Store = state::open(file)?;
    is_set_up(&store, window)?;
    config.rollup = store.identity().rollup;
    config.origination_level = store.identity().origination_level;
    let genesis = begun(config.rollup)?;
    let layer1 =
        match Layer1::open(&done, genesis.clone(), store.last()).map_err(unusable(&done))? {
            Some(layer1) => layer1,
            None => {
                // The rollup was played without it: it has what it has.
                let tickets = found(&store).map_err(|words| Failure::in_file(file, &words))?;
                let operation = (store.last(), Operation::Found(tickets));
                Layer1::create(Some(&done), genesis, vec![operation]).map_err(unusable(&done))?
            }
        };
    let queue = Queue::open(&waiting, &store).map_err(unusable(&waiting))?;
    let rollup = Persistent::resume_wasm(store, config).map_err(state::failing(file))?;
    Ok(Opened { rollup, layer1, queue })
}

/// The layer 1 that every sandbox begins with.
fn begun(rollup: [u8; 20]) -> Result<State, Failure> {
    genesis(rollup).map_err(|error| Failure::internal(one_line(&error.to_string())))
}

/// What is done in the first level: the demo's ticket is deposited for every account.
fn funding() -> Vec<(i32, Operation)> {
    let deposit = |account: Account| {
        let payload = decode(&deposit_payload(&account.address.to_string(), FUNDS)).ok()?;
        let sender = demo_ticket().ticketer.0;
        Some((ORIGINATION, Operation::Call { sender, source: NOBODY, payload }))
    };
    Account::all().into_iter().filter_map(deposit).collect()
}

/// Fails if a rollup that is there is set up with other windows than were asked for.
fn is_set_up(store: &Store, window: Option<u32>) -> Result<(), Failure> {
    let Some(asked) = window else { return Ok(()) };
    let found = store.durable().get(RECEIPTS_EVERY);
    if found.as_deref() == Some(asked.to_be_bytes().as_slice()) {
        return Ok(());
    }
    let found = found.and_then(|bytes| bytes.try_into().ok()).map(u32::from_be_bytes);
    let found = found.map_or("no roots".to_owned(), |levels| format!("roots over {levels} levels"));
    let problem =
        format!("--receipts-every {asked}: the rollup is there already, and writes {found}");
    Err(Failure::usage(problem, "leave the option out, or start a new one in another file"))
}

fn create(file: &Path, window: Option<u32>, config: Config) -> Result<Persistent, Failure> {
    let mut pvm = Pvm::originate_wasm(kernel_wasm::EMBEDDED, config)
        .map_err(|error| Failure::internal(one_line(&error.to_string())))?;
    // As an installer would set it: what cannot be credited goes back through its ticketer.
    for contract in DevContract::ALL {
        if let Some(exit) = contract.exit() {
            let set = pvm.durable_mut().set(&exit_path(&contract.address()), exit.as_bytes());
            set.map_err(|error| Failure::internal(one_line(&error.to_string())))?;
        }
    }
    if let Some(levels) = window {
        let set = pvm.durable_mut().set(RECEIPTS_EVERY, &levels.to_be_bytes());
        set.map_err(|error| Failure::internal(one_line(&error.to_string())))?;
    }
    Persistent::create(file, pvm).map_err(state::failing(file))
}

/// A file beside a state.
pub(super) fn beside(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

fn unusable(path: &Path) -> impl FnOnce(NodeError) -> Failure + '_ {
    move |error| {
        Failure::in_file(path, &one_line(&error.to_string())).with_hint(
            "the state itself is whole; without this file nothing counts as executed, or as waiting",
        )
    }
}
