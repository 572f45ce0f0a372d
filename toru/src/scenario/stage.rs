//! The state that a scenario starts from, as values of durable storage.
//!
//! Balances, accounts and keys are written by the ledger itself, as a kernel of one run. For what
//! no kernel can do (a counter or an index out of nowhere) it has no function; those records are
//! written here as `accounts/src/layout.rs` describes them.

use std::cell::RefCell;
use std::rc::Rc;

use accounts::{Ledger, LedgerError};
use encoding::{AccountIndex, Amount, Ticket, Tz4Address};
use host::{Host, HostError, Subtree};
use pvm::{Config, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ACCEPT_V1, STATE};

use super::cast::Cast;
use super::error::Problem;
use super::statement::{Fact, Registry, Statement};
use super::{Scenario, sign};
use crate::view;

/// A path and its value.
pub(super) type Values = Vec<(String, Vec<u8>)>;

/// Accounts in a page of account records, bytes of a record, and where in it the counter is.
const ACCOUNTS_PER_PAGE: u32 = 64;
const ACCOUNT_BYTES: usize = 32;
const COUNTER_OFFSET: usize = 20;
/// Keys in a page, and bytes of one.
const KEYS_PER_PAGE: u32 = 21;
const KEY_BYTES: usize = 96;
/// Bytes of a supply record, and where in it the deposited and the withdrawn amounts are.
const SUPPLY_BYTES: usize = 40;
const DEPOSITED_OFFSET: usize = 8;
const WITHDRAWN_OFFSET: usize = 24;

/// Everything below `/toru` before the first level.
pub(super) fn values(scenario: &Scenario) -> Result<Values, Problem> {
    let mut values = scenario.set.clone();
    if scenario.accept_v1 {
        values.push((ACCEPT_V1.to_owned(), vec![1]));
    }
    if !scenario.start.is_empty() {
        values.extend(ledger(scenario)?);
    }
    if scenario.start_held.is_empty() {
        return Ok(values);
    }
    hold(scenario, values)
}

/// Lets the ledger write what it can, and completes it.
fn ledger(scenario: &Scenario) -> Result<Values, Problem> {
    let outcome = Rc::new(RefCell::new(Ok(())));
    let (told, cast, start) = (Rc::clone(&outcome), scenario.cast.clone(), scenario.start.clone());
    let program = NativeProgram::new(move |host: &NativeHost| {
        let written = write(host, &cast, &start);
        *told.borrow_mut() = written;
    });
    let mut pvm = Pvm::originate(Box::new(program), Config::default());
    let report = pvm.run_level(&[]).map_err(|error| Problem::Start(error.to_string()))?;
    if let Some(trap) = report.first_trap() {
        return Err(Problem::Start(trap.to_owned()));
    }
    outcome.borrow().clone()?;
    Ok(pvm.durable().values_under("/toru").collect())
}

/// Plays the deposits that are held from the start, in a level before the first.
fn hold(scenario: &Scenario, values: Values) -> Result<Values, Problem> {
    let config = Config { first_level: -1, origination_level: -1, ..Config::default() };
    let mut pvm = Pvm::originate(view::native_program(), config);
    for (path, value) in &values {
        let set = pvm.durable_mut().set(path, value);
        set.map_err(|error| Problem::Start(error.to_string()))?;
    }
    let messages: Vec<Vec<u8>> = scenario.start_held.iter().map(sign::deposit).collect();
    pvm.run_level(&messages).map_err(|error| Problem::Start(error.to_string()))?;
    let held = super::facts::held(pvm.durable()).map_err(Problem::Start)?;
    if held.len() != messages.len() {
        let (asked, held) = (messages.len(), held.len());
        return Err(Problem::Start(format!("{asked} deposits are to be held, {held} are")));
    }
    Ok(pvm.durable().values_under("/toru").collect())
}

fn write(host: &NativeHost, cast: &Cast, start: &[Statement]) -> Result<(), Problem> {
    let state = Subtree::new(host, STATE);
    let refused = |statement: &Statement, error: String| {
        Problem::Start(format!("{}: {error}", statement.sentence(cast)))
    };
    let mut ledger = Ledger::open(state).map_err(|error| Problem::Start(error.to_string()))?;
    for statement in start {
        enter(&mut ledger, cast, statement).map_err(|error| refused(statement, error))?;
    }
    let ends = [ledger.accounts(), ledger.tickets()];
    ledger.commit(&state).map_err(|error| Problem::Start(error.to_string()))?;
    for statement in start {
        complete(&state, statement, ends).map_err(|error| refused(statement, error))?;
    }
    host.delete(tx_kernel::layout::REBOOT).map_err(|error| Problem::Start(error.to_string()))
}

type NativeLedger<'h> = Ledger<'h, NativeHost>;

/// What the ledger can do by itself.
fn enter(ledger: &mut NativeLedger<'_>, cast: &Cast, statement: &Statement) -> Result<(), String> {
    let text = |error: LedgerError| error.to_string();
    match (&statement.fact, statement.value) {
        (Fact::Balance(whose, ticket), Some(amount)) => {
            let amount = u64::try_from(amount).map_err(|error| error.to_string())?;
            ledger.deposit(whose, ticket, Amount::new(amount)).map_err(text)?;
        }
        (Fact::Counter(whose), _) => {
            ledger.find_or_allocate(whose).map_err(text)?;
        }
        (Fact::Key(whose), Some(_)) => {
            let person = cast.known(&cast.name_of_account(whose));
            let key = person.ok_or("nobody here has that key")?.key;
            let index = ledger.find_or_allocate(whose).map_err(text)?;
            ledger.set_key(index, key.to_stored()).map_err(text)?;
        }
        (Fact::Account(whose), Some(wanted)) => {
            let index = ledger.find_or_allocate(whose).map_err(text)?;
            if u128::from(index.0) != wanted {
                return Err(format!("it is {index}: accounts are numbered as they are named"));
            }
        }
        (Fact::Deposited(_) | Fact::Next(_), Some(_)) => {}
        (Fact::Balance(..) | Fact::Key(_), None) => {}
        _ => return Err("that cannot be set".to_owned()),
    }
    Ok(())
}

/// What only a record can say.
fn complete(
    state: &Subtree<'_, NativeHost>,
    statement: &Statement,
    ends: [u32; 2],
) -> Result<(), String> {
    let text = |error: HostError| error.to_string();
    let mut ledger = Ledger::open(*state).map_err(text)?;
    match (&statement.fact, statement.value) {
        (Fact::Counter(whose), value) => {
            let counter = u64::try_from(value.unwrap_or(0)).map_err(|error| error.to_string())?;
            let index = index_of(&mut ledger, whose)?;
            let slot = usize::try_from(index.0 % ACCOUNTS_PER_PAGE).unwrap_or(0);
            let path = format!("/accounts/{}", index.0 / ACCOUNTS_PER_PAGE);
            let offset = slot * ACCOUNT_BYTES + COUNTER_OFFSET;
            state.write_at(&path, offset, &counter.to_be_bytes()).map_err(text)
        }
        (Fact::Deposited(ticket), Some(deposited)) => supply(state, &mut ledger, ticket, deposited),
        (Fact::Next(registry), value) => {
            let next = u32::try_from(value.unwrap_or(0)).map_err(|error| error.to_string())?;
            let mut counts = state.read_record::<12>("/counts", "/counts").map_err(text)?;
            let counts = counts.get_or_insert_default();
            let (at, taken) = match registry {
                Registry::Account => (0, ends[0]),
                Registry::Ticket => (4, ends[1]),
                Registry::Key => (8, 0),
            };
            if next < taken {
                return Err(format!("{taken} are taken"));
            }
            counts[at..at + 4].copy_from_slice(&next.to_be_bytes());
            match registry {
                Registry::Account => {
                    fill(state, "/accounts", next, ACCOUNTS_PER_PAGE, ACCOUNT_BYTES)?
                }
                Registry::Key => fill(state, "/keys", next, KEYS_PER_PAGE, KEY_BYTES)?,
                Registry::Ticket => {}
            }
            state.write_at("/counts", 0, &counts[..]).map_err(text)
        }
        _ => Ok(()),
    }
}

/// Fills the page in which the record `next` will be up to there: pages only grow at their end.
fn fill(
    state: &Subtree<'_, NativeHost>,
    folder: &str,
    next: u32,
    per_page: u32,
    bytes: usize,
) -> Result<(), String> {
    let path = format!("{folder}/{}", next / per_page);
    let wanted = usize::try_from(next % per_page).unwrap_or(0) * bytes;
    let there = state.read(&path).map_err(|error| error.to_string())?.len();
    let missing = vec![0; wanted.saturating_sub(there)];
    if missing.is_empty() {
        return Ok(());
    }
    state.write_at(&path, there, &missing).map_err(|error| error.to_string())
}

fn index_of(ledger: &mut NativeLedger<'_>, whose: &Tz4Address) -> Result<AccountIndex, String> {
    let account = ledger.find(whose).map_err(|error| error.to_string())?;
    account.map(|account| account.index).ok_or_else(|| "there is no such account".to_owned())
}

/// Writes what was ever deposited; what is not on the rollup any more has been withdrawn.
fn supply(
    state: &Subtree<'_, NativeHost>,
    ledger: &mut NativeLedger<'_>,
    ticket: &Ticket,
    deposited: u128,
) -> Result<(), String> {
    let text = |error: HostError| error.to_string();
    let index = ledger.find_ticket(&ticket.hash()).map_err(text)?;
    let index = index.ok_or("nobody has any of it")?;
    let on_rollup = ledger.supply(index).map_err(text)?.on_rollup.get();
    let withdrawn = deposited.checked_sub(on_rollup.into()).ok_or("more of it are here")?;
    let mut record = [0; SUPPLY_BYTES];
    record[..DEPOSITED_OFFSET].copy_from_slice(&on_rollup.to_be_bytes());
    record[DEPOSITED_OFFSET..WITHDRAWN_OFFSET].copy_from_slice(&deposited.to_be_bytes());
    record[WITHDRAWN_OFFSET..].copy_from_slice(&withdrawn.to_be_bytes());
    state.write_at(&format!("/tickets/supply/{index}"), 0, &record).map_err(text)
}
