//! A ledger on a host, committed as the kernel does it.

#![allow(dead_code, reason = "each test file uses some of it")]

pub mod counting;
pub mod plain;

use std::collections::BTreeMap;

use accounts::{Ledger, LedgerError, Receiver};
use encoding::{AccountIndex, Amount, Kt1Address, Ticket, TicketContent, TicketIndex, Tz4Address};
use host::{Host, RawRollupCore, Subtree};
use pvm::{Config, Durable, NativeHost, NativeProgram, Pvm};

/// A host with nothing stored.
pub fn empty() -> NativeHost {
    NativeHost::over(Durable::default())
}

/// The holder of this number.
pub fn holder(number: u32) -> Tz4Address {
    let mut hash = [0x77; 20];
    hash[16..].copy_from_slice(&number.to_be_bytes());
    // Not in order of the numbers: indexes must come from the order of allocation alone.
    hash[0] = hash[19].reverse_bits();
    Tz4Address(hash)
}

/// A ticket of this name.
pub fn ticket(name: &str) -> Ticket {
    let content = TicketContent::String(name.as_bytes().to_vec());
    Ticket { ticketer: Kt1Address([0x11; 20]), content }
}

/// This many units.
pub fn units(units: u64) -> Amount {
    Amount::new(units)
}

/// Touches that are few of whatever there is: a draft reads record by record.
pub const FEW: usize = 0;
/// Touches that are many of all that is made up here: a draft reads in pages.
pub const MANY: usize = 4_000;
/// What drafts are told about their touches. What they do must not depend on it.
pub const CACHE_MODES: [usize; 2] = [FEW, MANY];

/// A draft over what is committed under `/state`.
pub fn open<H: RawRollupCore>(host: &H) -> Ledger<'_, H> {
    open_for(host, "/state", FEW)
}

/// A draft over what is committed under a root, for so many touches.
pub fn open_for<'h, H: RawRollupCore>(
    host: &'h H,
    root: &'static str,
    touches: usize,
) -> Ledger<'h, H> {
    Ledger::open_for(Subtree::new(host, root), touches).unwrap()
}

/// Transfers to a holder.
pub fn pay<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    from: AccountIndex,
    to: u32,
    name: &str,
    amount: u64,
) -> Result<(), LedgerError> {
    let known = ledger.known_ticket(&ticket(name).hash())?;
    ledger.transfer(from, Receiver::Address(holder(to)), known, units(amount))
}

/// Withdraws.
pub fn take<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    from: AccountIndex,
    name: &str,
    amount: u64,
) -> Result<TicketIndex, LedgerError> {
    let known = ledger.known_ticket(&ticket(name).hash())?;
    ledger.withdraw(from, known, units(amount))
}

/// Commits a draft over `/state`.
pub fn commit<H: RawRollupCore>(host: &H, ledger: Ledger<'_, H>) {
    commit_to(host, "/state", ledger);
}

/// Commits a draft over a root in the steps of the kernel: copy, write, move.
pub fn commit_to<H: RawRollupCore>(host: &H, root: &str, ledger: Ledger<'_, H>) {
    if !host.has(root).unwrap() {
        // There has to be a tree to copy.
        host.write_at(&format!("{root}/marker"), 0, b"x").unwrap();
    }
    host.copy(root, "/work").unwrap();
    ledger.commit(&Subtree::new(host, "/work")).unwrap();
    host.rename("/work", root).unwrap();
}

/// What durable storage holds after a kernel that does this.
pub fn storage_after(kernel: impl FnMut(&NativeHost) + 'static) -> Durable {
    let mut pvm = Pvm::originate(Box::new(NativeProgram::new(kernel)), Config::default());
    let report = pvm.run_level(&[]).unwrap();
    assert_eq!(report.first_trap(), None);
    pvm.durable().clone()
}

/// Every value under a root, by its path below it.
pub fn under(durable: &Durable, root: &str) -> BTreeMap<String, Vec<u8>> {
    durable.values_under(root).map(|(path, value)| (path[root.len()..].to_owned(), value)).collect()
}
