//! A message: a batch with its transactions, a deposit, or anything else, with what became of it and its bytes.

use askama::Template;
use encoding::MessageId;
use history::{Message, MoveRow, OperationRow, Page, Paged, Reader, TransactionRow};
use layer1::plain::quoted;

use super::fields_table::{FieldRow, rows};
use super::message_row::{MessageRow, tag};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::limits::CARRIERS;
use crate::moves::MoveLine;
use crate::parts::{LongName, Tag, When, count, more_than};
use crate::text::Text;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    frame: Frame,
    title: &'static str,
    when: When,
    place: u32,
    kind: Text,
    text: Text,
    digest: Option<LongName>,
    tag: Tag,
    facts: Vec<(&'static str, String)>,
    moves: Vec<MoveLine>,
    transactions: Vec<Row>,
    next: Option<String>,
    /// Other messages with the same batch.
    again: Vec<MessageRow>,
    /// How many more of them there are.
    more_again: Option<String>,
    fields: Vec<FieldRow>,
}

/// A transaction of a batch.
struct Row {
    number: u32,
    hash: Option<LongName>,
    moves: Vec<MoveLine>,
    /// Moves that are not shown.
    more: usize,
    signers: Vec<LongName>,
}

/// Moves of a transaction that are shown in the table of a batch.
const SHOWN: usize = 3;

/// What the index has of a message.
struct Read {
    rollup: String,
    message: Message,
    again: Vec<Message>,
    time: Option<i64>,
    moves: Vec<MoveRow>,
    transactions: Paged<(TransactionRow, Vec<OperationRow>)>,
    body: Vec<u8>,
}

/// Makes the page of a batch by its digest.
///
/// # Errors
/// When the digest is malformed, nothing has it, or the index cannot be read.
pub(crate) fn batch(visit: &Visit<'_>) -> Result<Answer, Failure> {
    let digest = visit::hash(visit.named(0))?;
    made(
        visit,
        |reader| Ok((reader.some_batches(&digest, CARRIERS)?, reader.count_batches(&digest)?)),
        || {
            Failure::missing(
                format!("No level of the index has a batch {digest}."),
                "It may be in a level before the index begins, or taken back by a reorganisation.",
            )
        },
    )
}

/// Makes the page of a message by its level and place.
///
/// # Errors
/// When these are malformed, nothing is there, or the index cannot be read.
pub(crate) fn by_place(visit: &Visit<'_>) -> Result<Answer, Failure> {
    let level = visit::level(visit.named(0))
        .ok_or_else(|| Failure::malformed(format!("{} is no level", quoted(visit.named(0)))))?;
    let place = visit::whole(visit.named(1)).and_then(|place| u32::try_from(place).ok());
    let index = place.ok_or_else(|| {
        Failure::malformed(format!("{} is no place in an inbox", quoted(visit.named(1))))
    })?;
    let id = MessageId { level, index };
    made(
        visit,
        |reader| {
            let found: Vec<Message> = reader.message(id)?.into_iter().collect();
            Ok((found, 1))
        },
        || {
            Failure::missing(
                format!("The index has no message {index} of level {level}."),
                "Messages for others are not in it, and a reorganisation takes messages back.",
            )
        },
    )
}

fn made(
    visit: &Visit<'_>,
    find: impl FnOnce(&Reader<'_>) -> Result<(Vec<Message>, u64), history::HistoryError>,
    missing: impl FnOnce() -> Failure,
) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let part = visit.part()?;
    let read = visit.read(|reader| {
        let (mut found, all) = find(reader)?;
        if found.is_empty() {
            return Ok(None);
        }
        let more = more_than(all, found.len());
        // What was sent again is applied once: that is the one to show.
        let message = found.remove(0);
        Ok(Some((read(reader, message, found, part)?, more)))
    })?;
    let Some((read, more_again)) = read else { return Err(missing()) };
    let Read { rollup, message, again, time, moves, transactions, body } = read;
    let title = if message.digest.is_some() { "Batch" } else { "Message" };
    let page = MessagePage {
        frame: Frame::new(visit, title),
        title,
        when: When::new(message.id.level, time),
        place: message.id.index,
        kind: Text::of(&message.kind),
        text: Text::of(&message.text),
        digest: message.digest.map(|digest| LongName::plain(&digest.to_string()).whole()),
        tag: tag(&message),
        facts: vec![
            ("Size", count(message.length, "byte")),
            ("Transactions", message.transactions.to_string()),
            ("Registrations", message.registrations.to_string()),
        ],
        moves: moves.iter().map(|one| MoveLine::of(visit, one)).collect(),
        transactions: transactions.rows.iter().map(|(one, all)| row(visit, one, all)).collect(),
        next: visit.next(transactions.next),
        again: again.iter().map(MessageRow::of).collect(),
        more_again,
        fields: if part.after.is_none() { rows(&body, &rollup, None) } else { Vec::new() },
    };
    Ok(Answer::Page(page.render()?))
}

fn read(
    reader: &Reader<'_>,
    message: Message,
    again: Vec<Message>,
    part: Page,
) -> Result<Read, history::HistoryError> {
    let transactions = reader.transactions_of(message.row, part)?;
    let mut all = Vec::with_capacity(transactions.rows.len());
    for transaction in transactions.rows {
        let operations = reader.operations(transaction.row)?;
        all.push((transaction, operations));
    }
    Ok(Read {
        rollup: reader.rollup()?,
        again,
        time: reader.level(message.id.level)?.and_then(|level| level.time),
        moves: reader.moves_of_message(message.row)?,
        transactions: Paged { rows: all, next: transactions.next },
        body: reader.body(message.row)?.unwrap_or_default(),
        message,
    })
}

fn row(visit: &Visit<'_>, transaction: &TransactionRow, operations: &[OperationRow]) -> Row {
    let moves = || operations.iter().flat_map(|operation| &operation.moves);
    let signers = operations.iter().filter_map(|operation| operation.signer.as_ref());
    // Of v1 an operation has the hash.
    let hash = transaction.hash.or_else(|| operations.iter().find_map(|one| one.hash));
    Row {
        number: transaction.number,
        hash: hash.as_ref().map(LongName::transaction),
        more: moves().count().saturating_sub(SHOWN),
        moves: moves().take(SHOWN).map(|one| MoveLine::of(visit, one)).collect(),
        signers: signers.take(SHOWN).map(|signer| visit.account(signer)).collect(),
    }
}
