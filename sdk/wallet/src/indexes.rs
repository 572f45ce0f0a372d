//! Which account and which ticket an index of the rollup's registry means: read in a final level, and remembered.
//!
//! An index takes a byte or two where an address takes twenty. But it means what the registry says, and what a node
//! says of the registry is its word: whoever signs "account 12" has to know who that is. So a pair of an index and
//! an address is taken from a level that no reorganisation takes back, where it is the same for ever. It is kept on
//! the disk from then on. A node that says something else later is told, and nothing is signed by its word.

mod error;
mod file;
mod learn;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use encoding::{AccountIndex, RollupAddress, Ticket, TicketIndex, Tz4Address};

pub use error::IndexError;
use file::Pairs;

/// What is known of a rollup's registry.
#[derive(Clone, Debug)]
pub struct KnownIndexes {
    rollup: RollupAddress,
    /// The file, and none where nothing is remembered.
    path: Option<PathBuf>,
    pairs: Pairs,
}

impl KnownIndexes {
    /// What is remembered of a rollup in a folder, neither of which need be there yet.
    ///
    /// # Errors
    /// When the file cannot be read, or is malformed.
    pub fn in_folder(folder: &Path, rollup: &RollupAddress) -> Result<Self, IndexError> {
        let path = folder.join(format!("{rollup}.json"));
        let pairs = file::read(&path, rollup)?;
        Ok(KnownIndexes { rollup: *rollup, path: Some(path), pairs })
    }

    /// Nothing, and nothing is written: for a simulated rollup, which begins anew whenever somebody says so.
    #[must_use]
    pub fn forgetful(rollup: &RollupAddress) -> Self {
        KnownIndexes { rollup: *rollup, path: None, pairs: Pairs::default() }
    }

    /// Pairs that a test says.
    #[cfg(test)]
    pub(crate) fn of_pairs(
        rollup: &RollupAddress,
        accounts: &[(u32, Tz4Address)],
        tickets: &[(u32, Ticket)],
    ) -> Self {
        let mut known = KnownIndexes::forgetful(rollup);
        for (index, account) in accounts {
            known.pairs.add_account(AccountIndex(*index), *account);
        }
        for (index, ticket) in tickets {
            known.pairs.tickets.insert(TicketIndex(*index), ticket.clone());
        }
        known
    }

    /// The rollup.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// The account of an index.
    #[must_use]
    pub fn account(&self, index: AccountIndex) -> Option<Tz4Address> {
        self.pairs.accounts.get(&index).copied()
    }

    /// The index of an account.
    #[must_use]
    pub fn index_of(&self, account: &Tz4Address) -> Option<AccountIndex> {
        self.pairs.of_account.get(account).copied()
    }

    /// The index of a ticket.
    #[must_use]
    pub fn index_of_ticket(&self, ticket: &Ticket) -> Option<TicketIndex> {
        let found = self.pairs.tickets.iter().find(|(_, other)| *other == ticket);
        found.map(|(index, _)| *index)
    }

    /// Puts pairs to the others, on the disk before they are used.
    fn remember(&mut self, new: Pairs) -> Result<(), IndexError> {
        if new.is_empty() {
            return Ok(());
        }
        match &self.path {
            Some(path) => self.pairs = file::add(path, &self.rollup, &new)?,
            None => self.pairs.join(&new).map_err(|clash| clash.error())?,
        }
        Ok(())
    }
}
