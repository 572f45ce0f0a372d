//! A ledger on a host, committed as the kernel does it.

#![allow(dead_code, reason = "each test file uses some of it")]

use std::collections::BTreeMap;

use accounts::Ledger;
use encoding::{Amount, Kt1Address, Ticket, TicketContent, Tz4Address};
use host::{Host, Subtree};
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

/// A draft over what is committed under `/state`.
pub fn open(host: &NativeHost) -> Ledger<'_, NativeHost> {
    Ledger::open(Subtree::new(host, "/state")).unwrap()
}

/// Commits a draft over `/state`.
pub fn commit(host: &NativeHost, ledger: Ledger<'_, NativeHost>) {
    commit_to(host, "/state", ledger);
}

/// Commits a draft over a root in the steps of the kernel: copy, write, move.
pub fn commit_to(host: &NativeHost, root: &str, ledger: Ledger<'_, NativeHost>) {
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
