//! What the hash of a state costs: once for all of it, then for a level that changes nothing, and for each
//! value that a level changes; and the memory that is kept for it.

use cpu_time::ThreadTime;
use pvm::{Config, NativeHost, NativeProgram, Pvm};

use crate::levels::memory;
use crate::report::Row;
use crate::{Modules, Options};

/// Accounts, each of which has a value of its own. Our kernel keeps many in a value, and has fewer to hash.
const ACCOUNTS: u32 = 1 << 20;

/// Values that a level changes.
pub const CHANGED: u32 = 1_000;

/// Levels that are measured, for the one in the middle.
const LEVELS: u32 = 21;

/// What was measured: milliseconds of the processor's time.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// The hash of a state that nothing was hashed of before.
    pub whole: f64,
    /// The hash after a level that changed nothing of the accounts.
    pub empty: f64,
    /// The hash after a level that changed [`CHANGED`] values.
    pub changed: f64,
    /// Bytes that are kept for hashes, where the system tells.
    pub memory: Option<u64>,
}

/// Measures hashes of states with this many accounts.
///
/// # Errors
/// When a level cannot be played, or a hash is not known.
pub fn measure(accounts: u32) -> Result<Figures, String> {
    let program = NativeProgram::new(|_: &NativeHost| ());
    let mut pvm = Pvm::originate(Box::new(program), Config::default());
    for account in 0..accounts {
        set(&mut pvm, &place(account), &account.to_le_bytes())?;
    }
    let before = memory();
    let whole = timed(&pvm)?;
    let memory = memory().zip(before).map(|(after, before)| after.saturating_sub(before));
    let mut empty = Vec::new();
    let mut changed = Vec::new();
    for level in 0..LEVELS {
        pvm.run_level(&[]).map_err(|error| error.to_string())?;
        empty.push(timed(&pvm)?);
        for i in 0..CHANGED {
            // All over the accounts.
            let account = (i.wrapping_mul(0x9e37_79b1) ^ level) % accounts;
            set(&mut pvm, &place(account), &(accounts + level).to_le_bytes())?;
        }
        changed.push(timed(&pvm)?);
    }
    Ok(Figures { whole, empty: middle(empty), changed: middle(changed), memory })
}

fn place(account: u32) -> String {
    format!("/accounts/{account}")
}

fn set(pvm: &mut Pvm, path: &str, value: &[u8]) -> Result<(), String> {
    pvm.durable_mut().set(path, value).map_err(|error| error.to_string())
}

/// How long the hash of the state takes.
fn timed(pvm: &Pvm) -> Result<f64, String> {
    let begun = ThreadTime::now();
    pvm.state_hash().map_err(|error| error.to_string())?;
    Ok(begun.elapsed().as_secs_f64() * 1e3)
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

/// The rows of the report.
pub(crate) fn rows(_: &Modules, options: &Options) -> Result<Vec<Row>, String> {
    let accounts = if options.quick { 1 << 16 } else { ACCOUNTS };
    let Figures { whole, empty, changed, memory } = measure(accounts)?;
    let of_one = (changed - empty).max(0.0) / f64::from(CHANGED);
    let rows = [
        ("state_hash_whole", whole, "ms"),
        ("state_hash_of_an_empty_level", empty, "ms"),
        ("state_hash_of_a_changed_value", of_one, "ms"),
    ];
    let memory =
        memory.map(|bytes| ("state_hash_memory", bytes as f64 / f64::from(1 << 20), "MiB"));
    let row = |(metric, value, unit)| {
        let mut row = Row::new(metric, value, unit);
        row.accounts = accounts;
        row
    };
    Ok(rows.into_iter().chain(memory).map(row).collect())
}
