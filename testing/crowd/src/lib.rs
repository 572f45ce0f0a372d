//! Ledgers of many accounts, for measurements and for tests that want a large state: more than anyone
//! would wait for in deposits. They are made by the ledger's own code, so that they are laid out as the
//! kernel does it.

use accounts::{Ledger, LedgerError, StoredKey};
use encoding::{AccountIndex, Amount, Ticket, Tz4Address};
use host::Subtree;
use pvm::{Durable, NativeHost};
use tx_kernel::layout::{LAYOUT_VERSION, STATE};

/// Accounts that are written at once: a draft looks through the ones that it has added, one by one.
const AT_ONCE: usize = 1 << 11;

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
    fill_accounts(durable, (0..accounts).map(address), ticket, amount)
}

/// Gives `amount` of a ticket to each of these new accounts, whose indexes are in their order.
///
/// # Errors
/// When the ledger refuses: its supply of the ticket is too large, or there are too many accounts.
pub fn fill_accounts(
    durable: &mut Durable,
    addresses: impl ExactSizeIterator<Item = Tz4Address>,
    ticket: &Ticket,
    amount: Amount,
) -> Result<(), LedgerError> {
    let touches = u32::try_from(addresses.len()).unwrap_or(u32::MAX);
    let mut addresses = addresses.peekable();
    change(durable, |state| {
        state.write("/version", &LAYOUT_VERSION.to_be_bytes())?;
        while addresses.peek().is_some() {
            let mut ledger = open(state, touches)?;
            for address in addresses.by_ref().take(AT_ONCE) {
                ledger.deposit(&address, ticket, amount)?;
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
