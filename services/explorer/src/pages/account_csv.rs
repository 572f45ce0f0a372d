//! The history of an account as a table for a spreadsheet: all of it, newest first, piece by piece as it is read.

use std::sync::Arc;

use axum::body::Bytes;
use encoding::Level;
use explain::csv;
use history::limits::MAX_PAGE;
use history::{Filter, HistoryError, MoveRow, MoveState, Page};
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Sender, channel};
use tokio::task::spawn_blocking;
use wallet::amount;
use wallet::block_times::utc;
use wallet::pins::Pins;
use web::Piece;

use crate::answer::Answer;
use crate::failure::Failure;
use crate::history_filter::{ASKED, filter};
use crate::parts::{RESULT_LOST, reason, token};
use crate::site::Site;
use crate::visit::{self, Visit};

const COLUMNS: [&str; 14] = [
    "level",
    "time",
    "message",
    "transaction",
    "kind",
    "from",
    "to",
    "amount",
    "ticket",
    "pinned",
    "ticket_hash",
    "memo",
    "state",
    "reason",
];

/// Makes it. A part of it begins after a row.
///
/// # Errors
/// When the request is malformed, the index has no such ticket, or cannot be read.
pub(crate) fn table(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&[&ASKED[..], &["after"]].concat())?;
    let address = visit::account(visit.named(0))?;
    let (part, filter) = (visit.part()?, filter(visit)?);
    let account = visit.read(|reader| reader.account(&address))?.map(|account| account.row);
    let mut table = Table {
        site: Arc::clone(visit.site),
        pins: visit.pins.clone(),
        left: account.map(|account| (account, Page { rows: MAX_PAGE, ..part })),
        filter,
        last: None,
    };
    // What can be wrong with the index is told before the answer begins.
    let first = csv::line(&COLUMNS) + &table.piece()?;
    let (sender, receiver) = channel(1);
    Handle::current().spawn(table.send(first, sender));
    Ok(Answer::Table(format!("{address}.csv"), receiver))
}

/// A table as far as it is made.
struct Table {
    site: Arc<Site>,
    pins: Pins,
    filter: Filter,
    /// The row of the account, and where its moves go on, if they do.
    left: Option<(i64, Page)>,
    /// The level of the last row that was read, and its block.
    last: Option<(Level, String)>,
}

/// Why a table does not go on.
#[derive(Debug, thiserror::Error)]
enum TableError {
    /// The index cannot be read.
    #[error(transparent)]
    Index(#[from] HistoryError),
    /// A reorganisation has taken back what the table has: the rest would not belong to it.
    #[error("level {0} was taken back while the table was read")]
    TakenBack(Level),
}

impl From<TableError> for Failure {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Index(error) => error.into(),
            TableError::TakenBack(_) => Failure::internal(error.to_string()),
        }
    }
}

impl Table {
    /// The next lines.
    fn piece(&mut self) -> Result<String, TableError> {
        let Some((account, part)) = self.left else { return Ok(String::new()) };
        let last = self.last.as_ref();
        let (is_same, found, block) = self.site.readers.read(|reader| {
            let block_of = |level| Ok::<_, HistoryError>(reader.level(level)?.map(|row| row.block));
            let is_same = match last {
                Some((level, block)) => block_of(*level)?.as_ref() == Some(block),
                None => true,
            };
            let found = reader.moves_of_account(account, self.filter, part)?;
            let level = found.rows.last().map(|row| row.message.level);
            let block = level.map(block_of).transpose()?.flatten();
            Ok::<_, HistoryError>((is_same, found, level.zip(block)))
        })?;
        if let Some((level, _)) = last.filter(|_| !is_same) {
            return Err(TableError::TakenBack(*level));
        }
        self.last = block.or(self.last.take());
        self.left = found.next.map(|next| (account, Page { after: Some(next), ..part }));
        Ok(found.rows.iter().map(|row| line(&self.pins, row)).collect())
    }

    /// Sends all of it, and says that it is all: what ends otherwise is not whole.
    async fn send(self, first: String, pieces: Sender<Piece>) {
        let (mut table, mut text) = (self, first);
        loop {
            if !text.is_empty() && pieces.send(Piece::Bytes(Bytes::from(text))).await.is_err() {
                return;
            }
            if table.left.is_none() {
                // Nobody may be reading any more.
                let _ = pieces.send(Piece::End).await;
                return;
            }
            // Each piece is made as a page is, with those that others ask for in between.
            let Ok(making) = table.site.pages.take_again().await else { return };
            let made = spawn_blocking(move || {
                let made = table.piece();
                drop(making);
                made.map(|text| (table, text))
            });
            match made.await {
                Ok(Ok(next)) => (table, text) = next,
                _ => return,
            }
        }
    }
}

fn line(pins: &Pins, row: &MoveRow) -> String {
    let token = token(&row.ticket, pins);
    let own = |address: &encoding::Tz4Address| address.to_string();
    let outside = || row.outside.clone();
    let from = row.sender.as_ref().map(own).or_else(outside).unwrap_or_default();
    let to = row.receiver.as_ref().map(own).or_else(|| row.pays.clone()).or_else(outside);
    let (state, why) = match row.state {
        MoveState::Waits => ("waits", String::new()),
        MoveState::Applied => ("applied", String::new()),
        MoveState::NotApplied => {
            ("not applied", row.result.map(|result| reason(&result.outcome)).unwrap_or_default())
        }
        MoveState::Unknown => ("unknown", RESULT_LOST.to_owned()),
    };
    let cells: [String; COLUMNS.len()] = [
        row.message.level.to_string(),
        row.time.and_then(utc).unwrap_or_default(),
        row.message.index.to_string(),
        row.hash.map(|hash| hash.to_string()).unwrap_or_default(),
        row.kind.word().to_owned(),
        from,
        to.unwrap_or_default(),
        amount::text(row.amount, token.decimals),
        token.among(&[]),
        if token.pinned.is_some() { "yes" } else { "no" }.to_owned(),
        row.ticket.hash.to_string(),
        row.memo.clone().unwrap_or_default(),
        state.to_owned(),
        why,
    ];
    csv::line(&cells)
}
