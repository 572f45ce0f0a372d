//! The deposits that are held.

use rusqlite::params;
use tx_kernel::view::View;

use super::doubt::last_unseen;
use super::ended::columns;
use super::messages::Writing;
use super::problem::Problem;
use crate::limits::HELD_LOOKED;
use crate::numbers::Wide;

impl Writing<'_> {
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
                let sql =
                    "INSERT INTO held VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, NULL)";
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
        if let Some(unseen) = last_unseen(self.file)? {
            let sql = "SELECT number FROM held WHERE paid IS NULL \
                       AND coalesce(checked, settled) < ?1 \
                       ORDER BY coalesce(checked, settled) LIMIT ?2";
            let open: Vec<Wide> = {
                let mut ask = self.file.prepare_cached(sql)?;
                let rows = ask.query_map((unseen, HELD_LOOKED), |row| row.get(0))?;
                rows.collect::<Result<_, _>>()?
            };
            for Wide(number) in open {
                if state.read(|host| View::new(host).is_paid_back(number))? {
                    paid.push(number);
                }
                let sql = "UPDATE held SET checked = ?2 WHERE number = ?1";
                self.file.prepare_cached(sql)?.execute((Wide(number), self.level.0))?;
            }
        }
        for number in paid {
            let sql = "UPDATE held SET paid = ?2 WHERE number = ?1 AND paid IS NULL";
            self.file.prepare_cached(sql)?.execute((Wide(number), self.level.0))?;
        }
        Ok(())
    }
}
