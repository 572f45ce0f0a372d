//! Fills an index as a follower does, with what tests look for.

use std::path::PathBuf;

use encoding::{
    AccountIndex, Amount, Counter, Kt1Address, RollupAddress, Ticket, TicketContent, TicketIndex,
    Tz4Address,
};
use history::Store;
use inbox::envelope::framed_v2;
use inbox::v2::{Batch, IndividuallySigned, Name, TicketName, Transfer, TransferGroup};
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
            let facts = serde_json::json!({"symbol": "USDt", "name": HOSTILE, "decimals": 6});
            let facts = facts.to_string();
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
        self.people_from(1, last);
    }

    /// Accounts from a number on.
    pub fn people_from(&self, first: u16, last: u16) {
        let add = "INSERT INTO accounts VALUES (?1, ?2, 1, ?3, 1, ?4, 1)";
        let mut add = self.file.prepare(add).unwrap();
        for number in first..=last {
            let registered = Some(2).filter(|_| number % 2 == 1);
            let index = i64::from(number) - 1;
            add.execute((number, account(number).to_string(), index, registered)).unwrap();
        }
    }

    /// Three tickets.
    pub fn tickets(&self) {
        for number in 1..=3u8 {
            let ticket = ticket(number);
            let add = "INSERT INTO tickets VALUES (?1, ?2, ?3, ?4, 1, ?5, 1, 1)";
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

    /// Deposits, a batch a level from 10 to 40, withdrawals, held deposits, what waits and what was refused.
    fn messages(&self) {
        let run = |sql: &str| self.file.execute_batch(sql).unwrap();
        let hostile = HOSTILE.replace('\'', "''");
        run(&format!(
            "INSERT INTO messages VALUES
               (1, 1, 2, 'deposit', 'deposit by KT1 for {hostile}: 9 \"gold\"', NULL, 90, 0, 0, 'done', 100, 0, 9, 1),
               (2, 2, 2, 'deposit', 'deposit for {hostile}', NULL, 90, 0, 0, 'held', 201, 0, 0, 2),
               (3, 69, 4, 'malformed', 'external, 4 bytes: {hostile}', NULL, 4, 0, 0, 'refused', 300, 2, 0, 69),
               (4, 70, 5, 'v2', 'v2 batch: transactions 1', x'{}', 200, 1, 0, NULL, NULL, NULL, NULL, NULL),
               (5, 3, 2, 'deposit', 'deposit', NULL, 90, 0, 0, 'held', 201, 0, 0, 3),
               (6, 3, 3, 'deposit', 'deposit', NULL, 90, 0, 0, 'held', 203, 5000, 0, 3);
             INSERT INTO bodies VALUES (1, x'0001'), (3, x'01020304');
             INSERT INTO moves VALUES (1, 1, 1, NULL, 'deposit', NULL, 1, '{hostile}', NULL, NULL, 2, 9, 1, 1);
             INSERT INTO balances VALUES (1, 1, 1000, 40, 40), (1, 2, 9, 1, NULL), (1, 3, 12500000, 40, 40),
                                         (2, 1, '18446744073709551615', 40, NULL);
             INSERT INTO alarms VALUES (1, 40, 'the balance of {hostile} differs', '3', '4');",
            digest(9_999)
        ));
        for level in 10..=40 {
            self.batch(level);
        }
        // A withdrawal in each stage, in the batches of the first levels.
        let stages = [
            "queued",
            "outbox",
            "committed",
            "cementing",
            "executable",
            "executed",
            "lost",
            "unknown",
        ];
        for (at, stage) in (0i64..).zip(stages) {
            let level = 10 + at;
            let outbox = Some(level).filter(|_| stage != "queued");
            let executed = Some(60).filter(|_| stage == "executed");
            let add = "INSERT INTO withdrawals VALUES (?1, ?1, NULL, ?2, ?3, ?4, ?5, NULL, ?4)";
            let row = (level * 1_000 + 2, outbox, outbox.map(|_| 0), executed, stage);
            self.file.execute(add, row).unwrap();
        }
        for level in 1..=30 {
            let add = "INSERT INTO supplies VALUES (?1, ?2, ?3, ?4, ?5)";
            for ticket in 1..=3 {
                let amount = i64::from(level) * 1_000 % 7_777;
                let all = (ticket, level, amount, amount.to_string(), "0");
                self.file.execute(add, all).unwrap();
            }
        }
        let kt1 = &*Kt1Address([5; 20]).to_string();
        let tz1 = "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb";
        let record = ticket(1).to_record();
        let add = "INSERT INTO held VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 0, ?9, ?10, NULL)";
        let none: Option<Vec<u8>> = None;
        let first = (0, 2, kt1, tz1, Some(&record), Some("25"), 201, 0, 2, None::<i32>);
        let second = (1, 5, kt1, HOSTILE, Some(&record), Some("25"), 201, 0, 3, Some(9));
        let third = (2, 6, HOSTILE, HOSTILE, none.as_ref(), Some(HOSTILE), 203, 5_000, 3, None);
        for row in [first, second, third] {
            self.file.execute(add, row).unwrap();
        }
    }

    /// A batch of three transactions: a transfer, one with a withdrawal, and one that was not applied.
    fn batch(&self, level: i32) {
        let id = i64::from(level) * 1_000;
        let body = body();
        let add = "INSERT INTO messages VALUES (?1, ?2, 7, 'v2', 'v2 batch: transfers 3', ?3, ?4, 3, 0, 'done', 102, 2, 1, ?2)";
        let key = hex::decode(digest(level)).unwrap();
        self.file.execute(add, (id, level, key, i64::try_from(body.len()).unwrap())).unwrap();
        self.file.execute("INSERT INTO bodies VALUES (?1, ?2)", (id, body)).unwrap();
        let kt1 = Kt1Address([5; 20]).to_string();
        for number in 0..3 {
            let (row, from) = (id + i64::from(number), 1 + (level + number) % 9);
            let hash = hex::decode(hash(u32::try_from(level * 10 + number).unwrap())).unwrap();
            let add = "INSERT INTO transactions VALUES (?1, ?2, ?3, ?4, ?5)";
            let expires = Some(level + 100).filter(|_| number > 0);
            self.file.execute(add, (row, id, number, hash, expires)).unwrap();
            let add =
                "INSERT INTO operations VALUES (?1, ?1, 0, ?2, ?3, NULL, ?4, ?5, ?6, ?7, ?8, ?9)";
            let failed = number == 2 && level % 2 == 0;
            let (code, first, second) = if failed { (7, 3, 500) } else { (0, 0, 0) };
            let memo = Some(HOSTILE).filter(|_| number == 1);
            let operation = (row, from, level, memo, number == 1, code, first, second, level);
            self.file.execute(add, operation).unwrap();
            let add = "INSERT INTO moves VALUES (?1, ?2, ?3, ?1, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?2)";
            let withdraws = number == 2 && level < 18;
            let kind = if withdraws { "withdrawal" } else { "transfer" };
            let receiver = Some(from % 9 + 1).filter(|_| !withdraws);
            let outside = Some(&kt1).filter(|_| withdraws);
            let entrypoint = Some(if level == 12 { HOSTILE } else { "burn" }).filter(|_| withdraws);
            let pays =
                Some(if level == 13 { HOSTILE } else { "tz1VSUr8wwNhLAzempoch5d6hLRiTh8Cjcjb" });
            let pays = pays.filter(|_| withdraws && level != 14);
            let state = if failed { 2 } else { 1 };
            let values: [&dyn rusqlite::ToSql; 12] = [
                &row,
                &level,
                &id,
                &kind,
                &from,
                &receiver,
                &outside,
                &entrypoint,
                &pays,
                &(number % 3 + 1),
                &(level * 1_000 + number),
                &state,
            ];
            self.file.execute(add, values.as_slice()).unwrap();
        }
    }
}

/// The bytes of a batch of three transfers.
pub fn body() -> Vec<u8> {
    let row = |signer: u32| Transfer {
        signer: AccountIndex(signer),
        counter: Counter::new(signer.into()),
        to: Name::Index(AccountIndex(8)),
        amount: Amount::new(1_000),
    };
    let batch = Batch {
        expires: None,
        registrations: Vec::new(),
        transfer_groups: vec![TransferGroup {
            expires: None,
            ticket: TicketName::Index(TicketIndex(0)),
            transfers: vec![row(1), row(2), row(3)],
        }],
        transactions: Vec::new(),
        individually_signed: IndividuallySigned::Nobody,
        signature: Some([8; 96]),
    };
    let rollup = RollupAddress::from_base58(ROLLUP).unwrap();
    framed_v2(&rollup, &batch.encode())
}
