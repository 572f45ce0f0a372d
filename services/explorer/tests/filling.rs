//! Fills an index as a follower does, with what tests look for.

use std::path::PathBuf;

use encoding::{Kt1Address, Ticket, TicketContent, Tz4Address};
use history::Store;
use rusqlite::Connection;
use tempfile::TempDir;

/// The rollup of the index.
pub const ROLLUP: &str = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";
/// The last level.
pub const LAST: i32 = 70;
/// What somebody writes who means harm: markup, a quote that ends an attribute, a terminal's escape, text that runs
/// backwards, and what is not seen.
pub const HOSTILE: &str =
    "<img src=x onerror=alert(1)>\"'><script>1</script>\u{1b}[2J\u{202e}evil\u{200b}\u{2066}";

/// An index that is filled, and the folder that it is in.
pub struct Filled {
    pub store: Store,
    pub file: Connection,
    _folder: TempDir,
}

/// The address of an account by number.
pub fn account(number: u16) -> Tz4Address {
    let mut bytes = [0x11; 20];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    Tz4Address(bytes)
}

/// The hash of a transaction by number.
pub fn hash(number: u32) -> String {
    format!("{number:08x}{}", "5a".repeat(28))
}

/// The digest of a batch by its level.
pub fn digest(level: i32) -> String {
    format!("{level:08x}{}", "ba".repeat(28))
}

/// The hash of a block.
pub fn block(level: i32) -> String {
    format!("BL{level:049}")
}

/// Tickets by number: one that is a text, one of which the text means harm, and one with bytes.
pub fn ticket(number: u8) -> Ticket {
    let content = match number {
        1 => TicketContent::String(b"gold".to_vec()),
        2 => TicketContent::String(HOSTILE.as_bytes().to_vec()),
        _ => {
            let facts = format!("{{\"symbol\": \"USDt\", \"name\": {HOSTILE:?}, \"decimals\": 6}}");
            TicketContent::NatBytes(0u8.into(), Some(facts.into_bytes()))
        }
    };
    Ticket { ticketer: Kt1Address([number; 20]), content }
}

impl Filled {
    /// An empty index.
    pub fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path: PathBuf = folder.path().join("index.sqlite");
        let store = Store::open(&path, ROLLUP).unwrap();
        let file = Connection::open(&path).unwrap();
        file.execute_batch("PRAGMA synchronous = OFF").unwrap();
        Filled { store, file, _folder: folder }
    }

    /// One with something of everything.
    pub fn new() -> Self {
        let filled = Self::empty();
        filled.levels(LAST);
        filled.people(60);
        filled.tickets();
        filled.messages();
        filled
    }

    /// Levels from 1 on, six seconds apart.
    pub fn levels(&self, last: i32) {
        let add = "INSERT INTO levels VALUES (?1, ?2, ?3, ?4, 2, ?5, 3, ?6, ?7, ?7, ?8, ?7)";
        let mut add = self.file.prepare(add).unwrap();
        for level in 1..=last {
            let (transfers, failed) = (level % 13, i32::from(level == last - 3));
            let time = 1_790_000_000 + i64::from(level) * 6;
            let ticks = Some(1_000_000_000i64 + i64::from(level)).filter(|_| level % 5 > 0);
            let row =
                (level, block(level), time, level != 4, level % 7 * 120, ticks, transfers, failed);
            add.execute(row).unwrap();
        }
    }

    /// Accounts from 1 on.
    pub fn people(&self, last: u16) {
        let add = "INSERT INTO accounts VALUES (?1, ?2, 1, ?3, 1, ?4)";
        let mut add = self.file.prepare(add).unwrap();
        for number in 1..=last {
            let registered = Some(2).filter(|_| number % 2 == 1);
            let index = i64::from(number) - 1;
            add.execute((number, account(number).to_string(), index, registered)).unwrap();
        }
    }

    /// Three tickets.
    pub fn tickets(&self) {
        for number in 1..=3u8 {
            let ticket = ticket(number);
            let add = "INSERT INTO tickets VALUES (?1, ?2, ?3, ?4, 1, ?5, 1)";
            let row = (
                number,
                ticket.hash().0.0,
                ticket.ticketer.to_string(),
                ticket.to_record(),
                number - 1,
            );
            self.file.execute(add, row).unwrap();
        }
    }

    /// Deposits, a batch a level, withdrawals, held deposits, what waits and what was refused.
    fn messages(&self) {
        let run = |sql: &str| self.file.execute_batch(sql).unwrap();
        let hostile = HOSTILE.replace('\'', "''");
        run(&format!(
            "INSERT INTO messages VALUES
               (1, 1, 2, 'deposit', 'deposit by KT1 for {hostile}: 9 \"gold\"', NULL, 90, 0, 0, 'done', 100, 0, 9, 1),
               (2, 2, 2, 'deposit', 'deposit for {hostile}', NULL, 90, 0, 0, 'held', 201, 0, 0, 2),
               (3, 69, 4, 'malformed', 'external, 4 bytes: {hostile}', NULL, 4, 0, 0, 'refused', 300, 2, 0, 69),
               (4, 70, 5, 'v2', 'v2 batch: transactions 1', x'{}', 200, 1, 0, NULL, NULL, NULL, NULL, NULL);",
            digest(9_999)
        ));
    }
}
