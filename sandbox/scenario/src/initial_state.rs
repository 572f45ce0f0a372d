//! The state that a scenario starts from, as values of durable storage.
//!
//! They are written by the ledger itself, as a kernel of one run.

use std::cell::RefCell;
use std::rc::Rc;

use accounts::{Ledger, LedgerError, StoredKey, Supply, skip};
use encoding::{Amount, Counter, Ticket};
use host::{Host, HostError, Subtree};
use pvm::{Config, NativeHost, NativeProgram, Pvm};
use tx_kernel::layout::{ACCEPT_V1, STATE};

use crate::assertion::{Assertion, Fact, Registry};
use crate::encode;
use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::model::Scenario;
use crate::native::native_program;

/// A path and its value.
pub(crate) type Values = Vec<(String, Vec<u8>)>;

/// Everything below `/toru` before the first level.
pub(crate) fn values(scenario: &Scenario) -> Result<Values, Problem> {
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
    let (told, fixtures, start) =
        (Rc::clone(&outcome), scenario.fixtures.clone(), scenario.start.clone());
    let program = NativeProgram::new(move |host: &NativeHost| {
        let written = write(host, &fixtures, &start);
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
    let mut pvm = Pvm::originate(native_program(), config);
    for (path, value) in &values {
        let set = pvm.durable_mut().set(path, value);
        set.map_err(|error| Problem::Start(error.to_string()))?;
    }
    let messages: Vec<Vec<u8>> = scenario.start_held.iter().map(encode::deposit).collect();
    pvm.run_level(&messages).map_err(|error| Problem::Start(error.to_string()))?;
    let held = crate::facts::held(pvm.durable()).map_err(Problem::Start)?;
    if held.len() != messages.len() {
        let (asked, held) = (messages.len(), held.len());
        return Err(Problem::Start(format!("{asked} deposits are to be held, {held} are")));
    }
    Ok(pvm.durable().values_under("/toru").collect())
}

fn write(host: &NativeHost, fixtures: &Fixtures, start: &[Assertion]) -> Result<(), Problem> {
    let state = Subtree::new(host, STATE);
    let refused = |assertion: &Assertion, error: String| {
        Problem::Start(format!("{}: {error}", assertion.sentence(fixtures)))
    };
    let mut ledger = Ledger::open(state).map_err(|error| Problem::Start(error.to_string()))?;
    for assertion in start {
        enter(&mut ledger, fixtures, assertion).map_err(|error| refused(assertion, error))?;
    }
    for assertion in start {
        complete(&mut ledger, assertion).map_err(|error| refused(assertion, error))?;
    }
    let ends = [ledger.accounts(), ledger.tickets()];
    ledger.commit(&state).map_err(|error| Problem::Start(error.to_string()))?;
    for assertion in start {
        if let (Fact::Next(registry), value) = (&assertion.fact, assertion.value) {
            let next = value.unwrap_or(0);
            skip(&state, *registry, next, ends).map_err(|error| refused(assertion, error))?;
        }
    }
    host.delete(tx_kernel::layout::REBOOT).map_err(|error| Problem::Start(error.to_string()))
}

type NativeLedger<'h> = Ledger<'h, NativeHost>;

/// What the ledger can do by itself.
fn enter(
    ledger: &mut NativeLedger<'_>,
    fixtures: &Fixtures,
    assertion: &Assertion,
) -> Result<(), String> {
    let text = |error: LedgerError| error.to_string();
    match (&assertion.fact, assertion.value) {
        (Fact::Balance(whose, ticket), Some(amount)) => {
            let amount = u64::try_from(amount).map_err(|error| error.to_string())?;
            ledger.deposit(whose, ticket, Amount::new(amount)).map_err(text)?;
        }
        (Fact::Counter(whose), _) => {
            ledger.find_or_allocate(whose).map_err(text)?;
        }
        (Fact::Key(whose) | Fact::Proven(whose), Some(_)) => {
            let person = fixtures.known(&fixtures.name_of_account(whose));
            let key = person.ok_or("nobody here has that key")?.key;
            let index = ledger.find_or_allocate(whose).map_err(text)?;
            let before = ledger.key(index).map_err(|error| error.to_string())?;
            let proven = matches!(assertion.fact, Fact::Proven(_));
            let proven = proven || before.is_some_and(|key| key.proven);
            let key = StoredKey { point: key.to_stored(), proven };
            ledger.set_key(index, key).map_err(|error| error.to_string())?;
        }
        (Fact::Account(whose), Some(wanted)) => {
            let index = ledger.find_or_allocate(whose).map_err(text)?;
            if u128::from(index.0) != wanted {
                return Err(format!("it is {index}: accounts are numbered as they are named"));
            }
        }
        (Fact::Deposited(_) | Fact::Next(_), Some(_)) => {}
        (Fact::Balance(..) | Fact::Key(_) | Fact::Proven(_), None) => {}
        _ => return Err("that cannot be set".to_owned()),
    }
    Ok(())
}

/// What can be said when the accounts and tickets are there.
fn complete(ledger: &mut NativeLedger<'_>, assertion: &Assertion) -> Result<(), String> {
    let text = |error: HostError| error.to_string();
    match (&assertion.fact, assertion.value) {
        (Fact::Counter(whose), value) => {
            let counter = u64::try_from(value.unwrap_or(0)).map_err(|error| error.to_string())?;
            let index = ledger.find_index(whose).map_err(text)?;
            let index = index.ok_or("there is no such account")?;
            ledger.set_counter(index, Counter::new(counter)).map_err(text)
        }
        (Fact::Deposited(ticket), Some(deposited)) => supply(ledger, ticket, deposited),
        _ => Ok(()),
    }
}

/// Lets a registry go on from `next`.
fn skip(
    state: &Subtree<'_, NativeHost>,
    registry: Registry,
    next: u128,
    ends: [u32; 2],
) -> Result<(), String> {
    let text = |error: HostError| error.to_string();
    let next = u32::try_from(next).map_err(|error| error.to_string())?;
    let (registry, taken) = match registry {
        Registry::Account => (skip::Registry::Accounts, ends[0]),
        Registry::Ticket => (skip::Registry::Tickets, ends[1]),
    };
    if next < taken {
        return Err(format!("{taken} are taken"));
    }
    skip::skip_to(state, registry, next).map_err(text)
}

/// Sets what was ever deposited; what is not on the rollup any more has been withdrawn.
fn supply(ledger: &mut NativeLedger<'_>, ticket: &Ticket, deposited: u128) -> Result<(), String> {
    let text = |error: HostError| error.to_string();
    let index = ledger.find_ticket(&ticket.hash()).map_err(text)?;
    let index = index.ok_or("nobody has any of it")?;
    let on_rollup = ledger.supply(index).map_err(text)?.on_rollup;
    let withdrawn = deposited.checked_sub(on_rollup.get().into()).ok_or("more of it are here")?;
    ledger.set_supply(index, Supply { on_rollup, deposited, withdrawn });
    Ok(())
}
