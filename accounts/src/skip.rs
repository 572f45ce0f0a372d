//! Registries that have given out many indexes, without the accounts and tickets that have them: how scenarios and
//! tests come to the last index. The kernel's WASM has none of it.

use encoding::AccountIndex;
use host::{HostError, RawRollupCore, Subtree};

use crate::layout::{self, Counts};

/// A registry that gives out indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registry {
    /// That of accounts.
    Accounts,
    /// That of tickets.
    Tickets,
}

/// Makes `next` the next index that a registry gives out: all before it are taken, by nobody.
///
/// # Errors
/// When the host fails, or what is stored does not match the layout.
pub fn skip_to<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    registry: Registry,
    next: u32,
) -> Result<(), HostError> {
    let stored = state.read_record(layout::COUNTS, layout::COUNTS)?;
    let mut counts = stored.map(Counts::from_bytes).unwrap_or_default();
    match registry {
        Registry::Accounts => {
            counts.accounts = next;
            // The page of the next address only grows at its end: it is filled up to there.
            let (path, wanted) = layout::address_slot(AccountIndex(next));
            let there = state.read(&path)?.len();
            let missing = vec![0; wanted.saturating_sub(there)];
            if !missing.is_empty() {
                state.write_at(&path, there, &missing)?;
            }
        }
        Registry::Tickets => counts.tickets = next,
    }
    state.write(layout::COUNTS, &counts.to_bytes())
}
