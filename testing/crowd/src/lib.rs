//! Ledgers of many accounts, for measurements and for tests that want a large state: more than anyone
//! would wait for in deposits. They are made by the ledger's own code, so that they are laid out as the
//! kernel does it.

use accounts::{Ledger, LedgerError, StoredKey};
use encoding::{AccountIndex, Amount, Ticket, Tz4Address};
use host::Subtree;
use pvm::{Durable, NativeHost};
use tx_kernel::layout::{LAYOUT_VERSION, STATE};

/// Accounts that are written at once: a draft looks through the ones that it has added, one by one.
const AT_ONCE: u32 = 1 << 11;

/// Gives `amount` of a ticket to each of so many new accounts. Their addresses are made up: no key leads
/// to any of them.
///
/// # Errors
/// When the ledger refuses: its supply of the ticket is too large, or there are too many accounts.
pub fn fill(
    durable: &mut Durable,
    accounts: u32,
    ticket: &Ticket,
    amount: Amount,
) -> Result<(), LedgerError> {
    change(durable, |state| {
        state.write("/version", &LAYOUT_VERSION.to_be_bytes())?;
        for first in (0..accounts).step_by(usize::try_from(AT_ONCE).unwrap_or(1)) {
            let last = first.saturating_add(AT_ONCE).min(accounts);
            let mut ledger = open(state, accounts)?;
            for index in first..last {
                ledger.deposit(&address(index), ticket, amount)?;
                ledger.forget_undo();
            }
            ledger.commit(&state)?;
        }
        Ok(())
    })
}

/// Gives accounts keys that are proven.
///
/// # Errors
/// When there is no such account.
pub fn prove(durable: &mut Durable, keys: &[(AccountIndex, [u8; 96])]) -> Result<(), LedgerError> {
    change(durable, |state| {
        let mut ledger = open(state, u32::try_from(keys.len()).unwrap_or(u32::MAX))?;
        for (account, point) in keys {
            ledger.set_key(*account, StoredKey { point: *point, proven: true })?;
        }
        ledger.commit(&state)?;
        Ok(())
    })
}

/// The made-up address of an account.
fn address(index: u32) -> Tz4Address {
    let mut hash = [0xcd; 20];
    hash[..4].copy_from_slice(&index.to_be_bytes());
    Tz4Address(hash)
}

fn open<'h>(
    state: Subtree<'h, NativeHost>,
    touches: u32,
) -> Result<Ledger<'h, NativeHost>, LedgerError> {
    Ok(Ledger::open_for(state, usize::try_from(touches).unwrap_or(usize::MAX))?)
}

/// Changes a state as a host's caller would.
fn change(
    durable: &mut Durable,
    work: impl FnOnce(Subtree<'_, NativeHost>) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let host = NativeHost::over(durable.clone());
    work(Subtree::new(&host, STATE))?;
    *durable = host.durable();
    Ok(())
}
