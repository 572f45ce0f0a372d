//! What accounts have after a level: by its moves, and as the state says. The state wins.

use std::collections::BTreeSet;

use encoding::{AccountIndex, Level, TicketIndex};
use rusqlite::{Connection, Params, params};
use wallet::state::RollupState;

use super::doubt::last_unseen;
use super::messages::Writing;
use super::problem::Problem;
use crate::limits::{BALANCES_ASKED, HOLDINGS_TICKETS, VALUES_ASKED};
use crate::numbers::{Wide, whole};

/// A balance as the index has it, and as the level has changed it.
struct Pair {
    account: i64,
    ticket: i64,
    /// Their indexes in the registry, as far as they are known.
    numbers: Option<(u32, u32)>,
    before: Option<Row>,
    /// By the moves. It may be less than nothing, if the index does not know all of them.
    derived: i128,
    touched: bool,
}

#[derive(Clone, Copy)]
struct Row {
    amount: u64,
    level: i32,
    checked: Option<i32>,
}

/// The balances that a level looks at, each once.
#[derive(Default)]
struct Chosen {
    pairs: Vec<Pair>,
    keys: BTreeSet<(i64, i64)>,
}

impl Chosen {
    /// Whether an account's balance of a ticket is new here.
    fn is_new(&mut self, account: i64, ticket: i64) -> bool {
        self.keys.insert((account, ticket))
    }

    /// How many more the state may be asked for.
    fn room(&self) -> usize {
        BALANCES_ASKED.saturating_sub(self.pairs.len())
    }
}

impl Writing<'_> {
    /// Writes what the level has changed, and holds it against the state.
    pub(super) fn balances(&mut self) -> Result<(), Problem> {
        let unseen = last_unseen(self.file)?;
        let mut chosen = Chosen::default();
        for ((ticket, account), difference) in &self.tally.differences {
            chosen.is_new(*account, *ticket);
            chosen.pairs.push(self.pair(*account, *ticket, Some(*difference))?);
        }
        let holders = self.add_holdings(&mut chosen)?;
        self.add_doubtful(unseen, &mut chosen)?;
        let mut pairs = chosen.pairs;
        // In the order of the pages that they are in; what cannot be asked for last.
        pairs.sort_by_key(|pair| (pair.numbers.is_none(), pair.numbers.map(|(a, t)| (t, a))));
        let stated = match self.state {
            Some(state) => ask(state, &pairs)?,
            None => vec![None; pairs.len()],
        };
        let mut unanswered = BTreeSet::new();
        for (pair, stated) in pairs.iter().zip(stated) {
            self.write(pair, stated, unseen)?;
            if stated.is_none() {
                unanswered.insert(pair.account);
            }
        }
        for account in holders.iter().filter(|account| !unanswered.contains(account)) {
            let sql = "UPDATE accounts SET holdings = ?2 WHERE id = ?1";
            self.file.prepare_cached(sql)?.execute((account, self.level.0))?;
        }
        Ok(())
    }

    /// Accounts of which the state was never asked what they have, the first of the registry first: of the first
    /// tickets that there are, whoever may have moved them. Those for which there is no room stay unasked.
    fn add_holdings(&self, chosen: &mut Chosen) -> Result<Vec<i64>, Problem> {
        if self.state.is_none() {
            return Ok(Vec::new());
        }
        let sql = "SELECT id FROM tickets WHERE number < ?1 ORDER BY number";
        let tickets = self.rows(sql, (HOLDINGS_TICKETS,))?;
        let room = whole(chosen.room() / tickets.len().max(1));
        let sql = "SELECT id FROM accounts WHERE number IS NOT NULL AND holdings IS NULL \
                   ORDER BY number LIMIT ?1";
        let accounts = self.rows(sql, (room,))?;
        for ticket in tickets {
            for account in &accounts {
                if chosen.is_new(*account, ticket) {
                    chosen.pairs.push(self.pair(*account, ticket, None)?);
                }
            }
        }
        Ok(accounts)
    }

    fn rows(&self, sql: &str, of: impl Params) -> Result<Vec<i64>, Problem> {
        let mut ask = self.file.prepare_cached(sql)?;
        let rows = ask.query_map(of, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Balances that were not asked for since something was not shown: those first that were not for longest.
    fn add_doubtful(&self, unseen: Option<i32>, chosen: &mut Chosen) -> Result<(), Problem> {
        let (Some(unseen), Some(_)) = (unseen, self.state) else { return Ok(()) };
        let room = whole(chosen.room());
        let sql = "SELECT b.account, b.ticket FROM balances b CROSS JOIN accounts a \
                   ON a.id = b.account CROSS JOIN tickets k ON k.id = b.ticket \
                   WHERE coalesce(b.checked, -1) < ?1 AND a.number IS NOT NULL \
                   AND k.number IS NOT NULL ORDER BY coalesce(b.checked, -1) LIMIT ?2";
        let mut ask = self.file.prepare_cached(sql)?;
        let found = ask.query_map((unseen, room), |row| Ok((row.get(0)?, row.get(1)?)))?;
        for pair in found {
            let (account, ticket): (i64, i64) = pair?;
            if chosen.is_new(account, ticket) {
                chosen.pairs.push(self.pair(account, ticket, None)?);
            }
        }
        Ok(())
    }

    fn pair(&self, account: i64, ticket: i64, difference: Option<i128>) -> Result<Pair, Problem> {
        let sql = "SELECT a.number, k.number, b.amount, b.level, b.checked \
                   FROM accounts a JOIN tickets k \
                   LEFT JOIN balances b ON b.account = a.id AND b.ticket = k.id \
                   WHERE a.id = ?1 AND k.id = ?2";
        let mut ask = self.file.prepare_cached(sql)?;
        let found = ask.query_row((account, ticket), |row| {
            let numbers: (Option<u32>, Option<u32>) = (row.get(0)?, row.get(1)?);
            let amount: Option<Wide> = row.get(2)?;
            let level: Option<i32> = row.get(3)?;
            let checked = row.get(4)?;
            let before =
                amount.zip(level).map(|(amount, level)| Row { amount: amount.0, level, checked });
            Ok((numbers.0.zip(numbers.1), before))
        });
        let (numbers, before) = found?;
        let derived = before.map_or(0, |row| i128::from(row.amount));
        let derived = derived.saturating_add(difference.unwrap_or(0));
        Ok(Pair { account, ticket, numbers, before, derived, touched: difference.is_some() })
    }

    fn write(&self, pair: &Pair, stated: Option<u64>, unseen: Option<i32>) -> Result<(), Problem> {
        let derived = u64::try_from(pair.derived).ok();
        let amount = stated.or(derived).unwrap_or(0);
        let Some(before) = pair.before else {
            // One that was never seen begins with what the state says.
            if pair.touched || amount > 0 {
                keep(self.file, self.level, pair, None)?;
                let sql = "INSERT INTO balances VALUES (?1, ?2, ?3, ?4, ?5)";
                let level = self.level.0;
                let checked = stated.map(|_| level);
                let values = params![pair.account, pair.ticket, Wide(amount), level, checked];
                self.file.prepare_cached(sql)?.execute(values)?;
            }
            return Ok(());
        };
        let differs = derived != Some(amount);
        // What was sent to a level that is not shown may have moved it.
        let doubtful = unseen.is_some_and(|unseen| before.checked.unwrap_or(-1) < unseen);
        if differs && !doubtful {
            let text = self.balance_words(pair.account, pair.ticket)?;
            self.alarm(&text, &amount.to_string(), &pair.derived.to_string())?;
        }
        let changed = pair.touched || before.amount != amount;
        let level = if changed { self.level.0 } else { before.level };
        let checked = stated.map_or(before.checked, |_| Some(self.level.0));
        keep(self.file, self.level, pair, Some(before))?;
        let sql = "UPDATE balances SET amount = ?3, level = ?4, checked = ?5 \
                   WHERE account = ?1 AND ticket = ?2";
        let values = params![pair.account, pair.ticket, Wide(amount), level, checked];
        self.file.prepare_cached(sql)?.execute(values)?;
        Ok(())
    }
}

/// Keeps what a balance was before the level, to take the level back.
fn keep(file: &Connection, level: Level, pair: &Pair, before: Option<Row>) -> Result<(), Problem> {
    let sql = "INSERT OR IGNORE INTO undo_balances VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    file.prepare_cached(sql)?.execute(params![
        level.0,
        pair.account,
        pair.ticket,
        before.map(|row| Wide(row.amount)),
        before.map(|row| row.level),
        before.and_then(|row| row.checked),
    ])?;
    Ok(())
}

/// What the state says of some balances, one after the other, as long as that is not too much.
fn ask(state: &RollupState<'_>, pairs: &[Pair]) -> Result<Vec<Option<u64>>, Problem> {
    let before = state.asked();
    let stated = state.ledger(|ledger| {
        let mut stated = Vec::with_capacity(pairs.len());
        for (pair, asked) in pairs.iter().zip(0_usize..) {
            let spent = state.asked().saturating_sub(before);
            // Less than nothing cannot be, so that it has to be asked.
            let wanted = (asked < BALANCES_ASKED && spent < VALUES_ASKED) || pair.derived < 0;
            stated.push(match pair.numbers.filter(|_| wanted) {
                Some((account, ticket)) => {
                    Some(ledger.balance(AccountIndex(account), TicketIndex(ticket))?.get())
                }
                None => None,
            });
        }
        Ok(stated)
    })?;
    Ok(stated)
}
