//! Which account and which ticket an index of the rollup's registry means: read in a final level, and remembered.
//!
//! An index takes a byte or two where an address takes twenty. But it means what the registry says, and what a node
//! says of the registry is its word: whoever signs "account 12" has to know who that is. So a pair of an index and
//! an address is taken from a level that no reorganisation takes back, where it is the same for ever. It is kept on
//! the disk from then on. A node that says something else later is told, and nothing is signed by its word.

mod error;
mod file;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use encoding::{AccountIndex, RollupAddress, Ticket, TicketIndex, Tz4Address};

use crate::error::StateError;
use crate::session::Session;
use crate::state::RollupState;

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

    /// Looks accounts and tickets up in a final level, and remembers those that have an index there. What was
    /// remembered before is looked up as well, and has to be the same.
    ///
    /// # Errors
    /// When the node does not tell, it tells something else than before or contradicts itself, or the file cannot
    /// be written.
    pub fn learn(
        &mut self,
        finalized: &RollupState<'_>,
        accounts: &[Tz4Address],
        tickets: &[Ticket],
    ) -> Result<(), IndexError> {
        let mut new = Pairs::default();
        for account in accounts {
            let found = finalized.index(account)?;
            let known = self.index_of(account).or_else(|| new.of_account.get(account).copied());
            match (known, found) {
                (known, found) if known == found => {}
                (Some(known), found) => {
                    let found = found.map_or("no account".to_owned(), |at| format!("account {at}"));
                    let (what, before) = (account.to_string(), format!("account {known}"));
                    return Err(IndexError::Contradiction { what, before, found });
                }
                (None, Some(index)) => {
                    let back = finalized.address(index)?;
                    if back != Some(*account) {
                        return Err(IndexError::Inconsistent { index, account: *account });
                    }
                    if let Some(before) = self.account(index) {
                        return Err(IndexError::Contradiction {
                            what: format!("account {index}"),
                            before: before.to_string(),
                            found: account.to_string(),
                        });
                    }
                    new.add_account(index, *account);
                }
                (None, None) => {}
            }
        }
        for ticket in tickets {
            let found = ticket_index(finalized, ticket)?;
            match (self.index_of_ticket(ticket), found) {
                (known, found) if known == found => {}
                (Some(known), found) => {
                    let found = found.map_or("no index".to_owned(), |at| format!("#{at}"));
                    return Err(IndexError::Contradiction {
                        what: format!("the ticket of {}", ticket.ticketer),
                        before: format!("#{known}"),
                        found,
                    });
                }
                (None, Some(index)) => {
                    if let Some(before) = self.pairs.tickets.get(&index) {
                        return Err(IndexError::Contradiction {
                            what: format!("ticket #{index}"),
                            before: format!("one of {}", before.ticketer),
                            found: format!("one of {}", ticket.ticketer),
                        });
                    }
                    new.tickets.insert(index, ticket.clone());
                }
                (None, None) => {}
            }
        }
        self.remember(new)
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

/// The index of a ticket in a level, checked in both directions.
fn ticket_index(
    state: &RollupState<'_>,
    ticket: &Ticket,
) -> Result<Option<TicketIndex>, IndexError> {
    let found = state.ledger(|ledger| ledger.find_ticket(&ticket.hash()))?;
    let Some(index) = found else { return Ok(None) };
    let back = state.ledger(|ledger| ledger.ticket(index))?;
    match back == *ticket {
        true => Ok(Some(index)),
        false => Err(IndexError::InconsistentTicket(index)),
    }
}

impl Session {
    /// Looks accounts and tickets up in the last final level; nothing is learned before there is one.
    ///
    /// # Errors
    /// As for [`KnownIndexes::learn`].
    pub fn learn_indexes(
        &self,
        known: &mut KnownIndexes,
        accounts: &[Tz4Address],
        tickets: &[Ticket],
    ) -> Result<(), IndexError> {
        match self.finalized_state()? {
            Some(finalized) => known.learn(&finalized, accounts, tickets),
            None => Ok(()),
        }
    }

    /// Whether a key is registered in the last final level: what is signed by index is signed by a key that the
    /// rollup knows in any block that layer 1 goes on from.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn is_registered_for_good(&self, account: &Tz4Address) -> Result<bool, StateError> {
        match self.finalized_state()? {
            Some(finalized) => Ok(finalized.account(account)?.registered),
            None => Ok(false),
        }
    }
}
