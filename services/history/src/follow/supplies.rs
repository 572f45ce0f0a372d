//! Supplies after a level, and the deposits that are held.

use std::collections::BTreeSet;

use accounts::Supply;
use encoding::TicketIndex;
use rusqlite::{OptionalExtension, params};
use tx_kernel::view::View;

use super::ended::columns;
use super::messages::Writing;
use super::names::News;
use super::problem::Problem;
use crate::limits::HELD_LOOKED;
use crate::numbers::Wide;

/// A supply as the index has it.
struct Before {
    level: i32,
    on_rollup: u64,
    deposited: u128,
    withdrawn: u128,
}

impl Writing<'_> {
    /// Writes the supplies that have changed, and holds them against the moves.
    pub(super) fn supplies(&mut self, news: &News) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        let unseen = self.last_unseen()?;
        let mut tickets: BTreeSet<i64> = news.tickets.iter().map(|(_, row)| *row).collect();
        tickets.extend(self.tally.credited.keys());
        tickets.extend(&self.tally.leaving);
        if unseen == Some(self.level.0) {
            // Any may have changed.
            let sql = "SELECT id FROM tickets WHERE number IS NOT NULL ORDER BY number LIMIT ?1";
            let mut ask = self.file.prepare_cached(sql)?;
            let rows = ask.query_map([crate::limits::TICKETS_PER_LEVEL], |row| row.get(0))?;
            tickets.extend(rows.collect::<Result<Vec<i64>, _>>()?);
        }
        for ticket in tickets {
            let sql = "SELECT number FROM tickets WHERE id = ?1";
            let number: Option<u32> =
                self.file.prepare_cached(sql)?.query_row([ticket], |row| row.get(0))?;
            let Some(number) = number else { continue };
            let supply = state.ledger(|ledger| ledger.supply(TicketIndex(number)))?;
            self.supply(ticket, &supply, unseen)?;
        }
        Ok(())
    }

    fn supply(&self, ticket: i64, supply: &Supply, unseen: Option<i32>) -> Result<(), Problem> {
        let before = self.supply_before(ticket)?;
        let on_rollup = supply.on_rollup.get();
        let left = supply.deposited.checked_sub(supply.withdrawn);
        if left != Some(on_rollup.into()) {
            let left = left.map_or_else(|| "less than nothing".to_owned(), |left| left.to_string());
            let text = self
                .ticket_words(ticket, "does not come to what was deposited less what has left")?;
            self.alarm(&text, &on_rollup.to_string(), &left)?;
        }
        if let Some(before) = &before {
            let credited = self.tally.credited.get(&ticket).copied().unwrap_or(0);
            let derived = before.deposited.saturating_add(credited);
            let doubtful = unseen.is_some_and(|unseen| unseen > before.level);
            if derived != supply.deposited && !doubtful {
                let text = self.ticket_words(ticket, "does not come to the deposits")?;
                self.alarm(&text, &supply.deposited.to_string(), &derived.to_string())?;
            }
        }
        let same = before.is_some_and(|before| {
            (before.on_rollup, before.deposited, before.withdrawn)
                == (on_rollup, supply.deposited, supply.withdrawn)
        });
        if !same {
            let sql = "INSERT INTO supplies VALUES (?1, ?2, ?3, ?4, ?5)";
            let (deposited, withdrawn) =
                (supply.deposited.to_string(), supply.withdrawn.to_string());
            let values = params![ticket, self.level.0, Wide(on_rollup), deposited, withdrawn];
            self.file.prepare_cached(sql)?.execute(values)?;
        }
        Ok(())
    }

    fn supply_before(&self, ticket: i64) -> Result<Option<Before>, Problem> {
        let sql = "SELECT level, on_rollup, deposited, withdrawn FROM supplies WHERE ticket = ?1 \
                   ORDER BY level DESC LIMIT 1";
        let mut ask = self.file.prepare_cached(sql)?;
        let found = ask.query_row([ticket], |row| {
            let on_rollup: Wide = row.get(1)?;
            let (deposited, withdrawn): (String, String) = (row.get(2)?, row.get(3)?);
            Ok(Before {
                level: row.get(0)?,
                on_rollup: on_rollup.0,
                deposited: deposited.parse().unwrap_or(0),
                withdrawn: withdrawn.parse().unwrap_or(0),
            })
        });
        Ok(found.optional()?)
    }

    fn ticket_words(&self, ticket: i64, what: &str) -> Result<String, Problem> {
        let sql = "SELECT hash FROM tickets WHERE id = ?1";
        let hash: Vec<u8> = self.file.prepare_cached(sql)?.query_row([ticket], |row| row.get(0))?;
        Ok(format!("the supply of the ticket {} {what}", hex::encode(hash)))
    }

    /// Writes the deposits that are held from this level on, and those that were paid back in it.
    pub(super) fn held(&mut self) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        let held = std::mem::take(&mut self.tally.held);
        if !held.is_empty() {
            // The kernel numbers them in their order, and these are the last.
            let count = state.read(|host| View::new(host).held_count())?;
            let first = count.saturating_sub(u64::try_from(held.len()).unwrap_or(0));
            for (one, number) in held.into_iter().zip(first..) {
                let (code, first, second) = columns(Some(one.outcome));
                let paid = state.read(|host| View::new(host).is_paid_back(number))?;
                let sql = "INSERT INTO held VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
                self.file.prepare_cached(sql)?.execute(params![
                    Wide(number),
                    one.message,
                    one.sender,
                    one.source,
                    one.record,
                    one.amount,
                    code,
                    first,
                    second,
                    self.level.0,
                    paid.then_some(self.level.0),
                ])?;
            }
        }
        let mut paid = std::mem::take(&mut self.tally.paid);
        if self.last_unseen()? == Some(self.level.0) {
            let sql = "SELECT number FROM held WHERE paid IS NULL ORDER BY number LIMIT ?1";
            let mut ask = self.file.prepare_cached(sql)?;
            let open = ask.query_map([HELD_LOOKED], |row| row.get(0))?;
            for number in open {
                let Wide(number) = number?;
                if state.read(|host| View::new(host).is_paid_back(number))? {
                    paid.push(number);
                }
            }
        }
        for number in paid {
            let sql = "UPDATE held SET paid = ?2 WHERE number = ?1 AND paid IS NULL";
            self.file.prepare_cached(sql)?.execute((Wide(number), self.level.0))?;
        }
        Ok(())
    }
}
