//! Reads indexes in a final level of a node, and holds them against what is remembered.

use encoding::{Ticket, TicketIndex, Tz4Address};

use super::KnownIndexes;
use super::error::IndexError;
use super::file::Pairs;
use crate::error::StateError;
use crate::session::Session;
use crate::state::RollupState;

impl KnownIndexes {
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
