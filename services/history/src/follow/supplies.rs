//! Supplies after a level.

use std::collections::BTreeSet;

use accounts::Supply;
use encoding::TicketIndex;
use rusqlite::{OptionalExtension, params};

use super::doubt::last_unseen;
use super::messages::Writing;
use super::names::News;
use super::problem::Problem;
use crate::error::HistoryError;
use crate::limits::TICKETS_PER_LEVEL;
use crate::numbers::Wide;

/// A supply as the index has it.
struct Before {
    on_rollup: u64,
    deposited: u128,
    withdrawn: u128,
}

impl Writing<'_> {
    /// Writes the supplies that have changed, and holds them against the moves.
    pub(super) fn supplies(&mut self, news: &News) -> Result<(), Problem> {
        let Some(state) = self.state else { return Ok(()) };
        let unseen = last_unseen(self.file)?;
        let mut tickets: BTreeSet<i64> = news.tickets.iter().map(|(_, row)| *row).collect();
        tickets.extend(self.tally.credited.keys());
        tickets.extend(&self.tally.leaving);
        if let Some(unseen) = unseen {
            // Any may have changed. Those that were not asked for since come first that were not for longest.
            let sql = "SELECT id FROM tickets WHERE number IS NOT NULL \
                       AND coalesce(checked, -1) < ?1 ORDER BY coalesce(checked, -1) LIMIT ?2";
            let mut ask = self.file.prepare_cached(sql)?;
            let rows = ask.query_map((unseen, TICKETS_PER_LEVEL), |row| row.get(0))?;
            tickets.extend(rows.collect::<Result<Vec<i64>, _>>()?);
        }
        for ticket in tickets {
            let sql = "SELECT number, checked FROM tickets WHERE id = ?1";
            let mut ask = self.file.prepare_cached(sql)?;
            let (number, checked): (Option<u32>, Option<i32>) =
                ask.query_row([ticket], |row| Ok((row.get(0)?, row.get(1)?)))?;
            let Some(number) = number else { continue };
            let supply = state.ledger(|ledger| ledger.supply(TicketIndex(number)))?;
            let doubtful = unseen.is_some_and(|unseen| checked.unwrap_or(-1) < unseen);
            self.supply(ticket, &supply, doubtful)?;
            let sql = "UPDATE tickets SET checked = ?2 WHERE id = ?1";
            self.file.prepare_cached(sql)?.execute((ticket, self.level.0))?;
        }
        Ok(())
    }

    /// Writes a supply, if it has changed. One of which something was not shown since it was last asked for may differ.
    fn supply(&self, ticket: i64, supply: &Supply, doubtful: bool) -> Result<(), Problem> {
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
        let sql = "SELECT on_rollup, deposited, withdrawn FROM supplies WHERE ticket = ?1 \
                   ORDER BY level DESC LIMIT 1";
        let mut ask = self.file.prepare_cached(sql)?;
        let found: Option<(Wide, String, String)> = ask
            .query_row([ticket], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((on_rollup, deposited, withdrawn)) = found else { return Ok(None) };
        let sum = |column, text: String| match text.parse() {
            Ok(sum) => Ok(sum),
            Err(_) => Err(HistoryError::Value { column, value: text }),
        };
        Ok(Some(Before {
            on_rollup: on_rollup.0,
            deposited: sum("supplies.deposited", deposited)?,
            withdrawn: sum("supplies.withdrawn", withdrawn)?,
        }))
    }
}
