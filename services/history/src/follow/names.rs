//! The rows of accounts and tickets, by however they are named, and what the state's registry adds to them.

use std::collections::HashMap;

use encoding::{AccountIndex, Hash32, Level, Ticket, TicketHash, TicketIndex, Tz4Address};
use inbox::v2::TicketName;
use rusqlite::{Connection, OptionalExtension};
use wallet::state::RollupState;

use super::content::Who;
use super::problem::Problem;
use crate::limits::{NAMES_KEPT, REGISTRY_PER_LEVEL, TICKETS_PER_LEVEL};

/// What was looked up before. It is forgotten whenever rows may have gone.
#[derive(Debug, Default)]
pub(super) struct Names {
    accounts: HashMap<[u8; 20], i64>,
    indexes: HashMap<AccountIndex, Option<i64>>,
    tickets: HashMap<TicketHash, i64>,
    ticket_indexes: HashMap<TicketIndex, Option<i64>>,
    /// Whether the index has all of the registry as it was in the last level.
    complete: bool,
}

/// What the registry had that the index had not.
#[derive(Debug, Default)]
pub(super) struct News {
    /// Tickets, with their rows.
    pub(super) tickets: Vec<(TicketIndex, i64)>,
}

impl Names {
    /// Forgets all.
    pub(super) fn forget(&mut self) {
        *self = Names::default();
    }

    /// Whether a level to which nothing was sent has nothing new in the registry.
    pub(super) const fn is_complete(&self) -> bool {
        self.complete
    }

    /// Forgets what is only true of one state, and all if that is much.
    pub(super) fn next_level(&mut self) {
        self.indexes.retain(|_, row| row.is_some());
        self.ticket_indexes.retain(|_, row| row.is_some());
        if self.accounts.len().saturating_add(self.indexes.len()) > NAMES_KEPT {
            self.forget();
        }
    }

    /// The row of an account, however it is named; nothing for an index that stands for nobody.
    pub(super) fn account(
        &mut self,
        file: &Connection,
        state: Option<&RollupState<'_>>,
        level: Level,
        who: Who,
    ) -> Result<Option<i64>, Problem> {
        let index = match who {
            Who::Address(address) => return self.of_address(file, level, &address).map(Some),
            Who::Index(index) => index,
        };
        if let Some(row) = self.indexes.get(&index) {
            return Ok(*row);
        }
        let sql = "SELECT id FROM accounts WHERE number = ?1";
        let mut row =
            file.prepare_cached(sql)?.query_row([index.0], |row| row.get(0)).optional()?;
        // The registry may be longer than what has been read of it.
        if let (None, Some(state)) = (row, state)
            && let Some(address) = state.address(index)?
        {
            row = Some(self.of_address(file, level, &address)?);
        }
        self.indexes.insert(index, row);
        Ok(row)
    }

    /// The row of an address, which is made if there is none.
    pub(super) fn of_address(
        &mut self,
        file: &Connection,
        level: Level,
        address: &Tz4Address,
    ) -> Result<i64, Problem> {
        if let Some(row) = self.accounts.get(&address.0) {
            return Ok(*row);
        }
        let text = address.to_string();
        let sql = "SELECT id FROM accounts WHERE address = ?1";
        let known = file.prepare_cached(sql)?.query_row([&text], |row| row.get(0)).optional()?;
        let row = match known {
            Some(row) => row,
            None => {
                let sql = "INSERT INTO accounts (address, since) VALUES (?1, ?2)";
                file.prepare_cached(sql)?.insert((&text, level.0))?
            }
        };
        self.accounts.insert(address.0, row);
        Ok(row)
    }

    /// The row of a ticket, however it is named; nothing for an index that stands for none.
    pub(super) fn ticket(
        &mut self,
        file: &Connection,
        state: Option<&RollupState<'_>>,
        level: Level,
        name: &TicketName,
    ) -> Result<Option<i64>, Problem> {
        let index = match name {
            TicketName::Full(ticket) => return self.of_ticket(file, level, ticket).map(Some),
            TicketName::Index(index) => *index,
        };
        if let Some(row) = self.ticket_indexes.get(&index) {
            return Ok(*row);
        }
        let sql = "SELECT id FROM tickets WHERE number = ?1";
        let mut row =
            file.prepare_cached(sql)?.query_row([index.0], |row| row.get(0)).optional()?;
        if let (None, Some(state)) = (row, state) {
            let ticket = state.ledger(|ledger| match index.0 < ledger.tickets() {
                true => ledger.ticket(index).map(Some),
                false => Ok(None),
            })?;
            row = match ticket {
                Some(ticket) => Some(self.of_ticket(file, level, &ticket)?),
                None => None,
            };
        }
        self.ticket_indexes.insert(index, row);
        Ok(row)
    }

    /// The row of a ticket, which is made if there is none.
    pub(super) fn of_ticket(
        &mut self,
        file: &Connection,
        level: Level,
        ticket: &Ticket,
    ) -> Result<i64, Problem> {
        let hash = ticket.hash();
        if let Some(row) = self.tickets.get(&hash) {
            return Ok(*row);
        }
        let TicketHash(Hash32(bytes)) = hash;
        let sql = "SELECT id FROM tickets WHERE hash = ?1";
        let known = file.prepare_cached(sql)?.query_row([bytes], |row| row.get(0)).optional()?;
        let row = match known {
            Some(row) => row,
            None => {
                let sql = "INSERT INTO tickets (hash, ticketer, record, since) \
                           VALUES (?1, ?2, ?3, ?4)";
                let ticketer = ticket.ticketer.to_string();
                let values = (bytes, ticketer, ticket.to_record(), level.0);
                file.prepare_cached(sql)?.insert(values)?
            }
        };
        self.tickets.insert(hash, row);
        Ok(row)
    }

    /// Takes over what the registry of a state has beyond what the index has of it: so many at most.
    pub(super) fn read_registry(
        &mut self,
        file: &Connection,
        state: &RollupState<'_>,
        level: Level,
    ) -> Result<News, Problem> {
        let next = |table: &str| -> Result<u32, Problem> {
            let sql = format!(
                "SELECT coalesce(max(number) + 1, 0) FROM {table} WHERE number IS NOT NULL"
            );
            Ok(file.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
        };
        let (account, ticket) = (next("accounts")?, next("tickets")?);
        let (addresses, tickets, complete) = state.ledger(|ledger| {
            let accounts = ledger.accounts().min(account.saturating_add(REGISTRY_PER_LEVEL));
            let addresses = (account..accounts).map(AccountIndex);
            let addresses: Result<Vec<_>, _> = addresses
                .map(|index| ledger.account(index).map(|account| (index, account.address)))
                .collect();
            let tickets = ledger.tickets().min(ticket.saturating_add(TICKETS_PER_LEVEL));
            let complete = accounts >= ledger.accounts() && tickets >= ledger.tickets();
            let tickets = (ticket..tickets).map(TicketIndex);
            let tickets: Result<Vec<_>, _> =
                tickets.map(|index| ledger.ticket(index).map(|ticket| (index, ticket))).collect();
            Ok((addresses?, tickets?, complete))
        })?;
        self.complete = complete;
        let mut news = News::default();
        let number = "UPDATE accounts SET number = ?2, numbered = ?3 WHERE id = ?1";
        for (index, address) in addresses {
            let row = self.of_address(file, level, &address)?;
            file.prepare_cached(number)?.execute((row, index.0, level.0))?;
            self.indexes.insert(index, Some(row));
        }
        let number = "UPDATE tickets SET number = ?2, numbered = ?3 WHERE id = ?1";
        for (index, ticket) in tickets {
            let row = self.of_ticket(file, level, &ticket)?;
            file.prepare_cached(number)?.execute((row, index.0, level.0))?;
            self.ticket_indexes.insert(index, Some(row));
            news.tickets.push((index, row));
        }
        Ok(news)
    }
}
