//! Alarms: where the state says otherwise than the moves do.

use rusqlite::OptionalExtension;

use super::messages::Writing;
use super::problem::Problem;

impl Writing<'_> {
    /// What is wrong with a balance.
    pub(super) fn balance_words(&self, account: i64, ticket: i64) -> Result<String, Problem> {
        let sql = "SELECT address FROM accounts WHERE id = ?1";
        let mut ask = self.file.prepare_cached(sql)?;
        let account: Option<String> = ask.query_row([account], |row| row.get(0)).optional()?;
        let sql = "SELECT hash FROM tickets WHERE id = ?1";
        let mut ask = self.file.prepare_cached(sql)?;
        let hash: Option<Vec<u8>> = ask.query_row([ticket], |row| row.get(0)).optional()?;
        let (account, hash) = (account.unwrap_or_default(), hash.unwrap_or_default());
        Ok(format!("the balance of {account} of the ticket {} differs", hex::encode(hash)))
    }

    /// Writes that the state says otherwise.
    pub(super) fn alarm(&self, text: &str, stated: &str, derived: &str) -> Result<(), Problem> {
        let sql = "INSERT INTO alarms (level, text, stated, derived) VALUES (?1, ?2, ?3, ?4)";
        self.file.prepare_cached(sql)?.execute((self.level.0, text, stated, derived))?;
        Ok(())
    }

    /// What is wrong with a supply.
    pub(super) fn ticket_words(&self, ticket: i64, what: &str) -> Result<String, Problem> {
        let sql = "SELECT hash FROM tickets WHERE id = ?1";
        let hash: Vec<u8> = self.file.prepare_cached(sql)?.query_row([ticket], |row| row.get(0))?;
        Ok(format!("the supply of the ticket {} {what}", hex::encode(hash)))
    }
}
