//! A transaction: who pays whom how much, how far that is, and its bytes.

use askama::Template;
use encoding::Hash32;
use history::{
    BoundedCount, HistoryError, Message, MoveState, OperationRow, Page, Reader, TransactionRow,
};

use super::fields_table::{FieldRow, rows};
use super::message_row::tag;
use super::stages::{Come, Stage, stages};
use crate::answer::Answer;
use crate::failure::Failure;
use crate::frame::Frame;
use crate::head::Head;
use crate::limits::{ROWS, SOME_ROWS};
use crate::moves::MoveLine;
use crate::parts::{LongName, Tag, When, counted, more_than};
use crate::queue::NodeQueue;
use crate::text::Text;
use crate::times::Times;
use crate::visit::{self, Visit};

#[derive(Template)]
#[template(path = "transaction.html")]
struct TransactionPage {
    frame: Frame,
    hash: LongName,
    queued: Vec<Stage>,
    /// In how many messages it is, if it is in several.
    several: Option<String>,
    carried: Vec<Carried>,
    next: Option<String>,
}

/// A message that carries it.
struct Carried {
    when: When,
    place: u32,
    batch: Option<LongName>,
    expires: Option<i32>,
    stages: Vec<Stage>,
    /// What became of the message, where that is to be told.
    message: Option<Tag>,
    operations: Vec<Operation>,
    /// How many more operations there are.
    more: Option<String>,
    fields: Vec<FieldRow>,
    receipt: Option<String>,
}

impl Carried {
    /// Where there is more about the message.
    fn link(&self) -> String {
        format!("/level/{}/message/{}", self.when.level(), self.place)
    }
}

/// What the index has of it.
struct Read {
    rollup: String,
    carriers: Vec<Carrier>,
    count: BoundedCount,
    next: Option<i64>,
    times: Times,
    /// Whether the hash is that of a batch.
    is_batch: bool,
}

/// A message that carries it, as the index has it.
struct Carrier {
    transaction: TransactionRow,
    operations: Vec<OperationRow>,
    body: Vec<u8>,
}

/// An operation of it.
struct Operation {
    signer: Option<LongName>,
    counter: u64,
    memo: Option<Text>,
    individual: bool,
    tag: Tag,
    moves: Vec<MoveLine>,
    /// How many more it moves.
    more: Option<String>,
}

/// Makes it.
///
/// # Errors
/// When the hash is malformed, nothing has it, or the index cannot be read.
pub(crate) fn page(visit: &Visit<'_>) -> Result<Answer, Failure> {
    visit.asks_only(&["after"])?;
    let hash = visit::hash(visit.named(0))?;
    let part = Page { rows: SOME_ROWS, ..visit.part()? };
    let found = visit.read(|reader| read(reader, &hash, part))?;
    if found.is_batch {
        return Ok(Answer::Elsewhere(format!("/batch/{hash}")));
    }
    let mut queued = Vec::new();
    if found.carriers.is_empty() && part.after.is_none() {
        match in_queue(visit.look.seen().map(AsRef::as_ref), &hash) {
            Ok(()) => queued = stages(Come::Queued, None),
            Err(why) => {
                return Err(Failure::missing(
                    format!("No level of the index has a transaction {hash}, and {why}."),
                    "It may be on its way, in a level before the index begins, or taken back by a \
                     reorganisation. toru tx show asks the node and the batcher too.",
                ));
            }
        }
    }
    let head = visit.look.head().map(AsRef::as_ref);
    let carried = found.carriers.iter().map(|one| carried(visit, &found, one, head, &hash));
    let is_several = found.count.count > 1;
    let page = TransactionPage {
        frame: Frame::new(visit, "Transaction"),
        hash: LongName::plain(&hash.to_string()).whole(),
        queued,
        several: is_several.then(|| counted(found.count, "message")),
        carried: carried.collect(),
        next: visit.next(found.next),
    };
    Ok(Answer::Page(page.render()?))
}

/// A part of everywhere that it is. The place whose result counts comes first, before the oldest.
fn read(reader: &Reader<'_>, hash: &Hash32, part: Page) -> Result<Read, HistoryError> {
    let first = reader.decisive_transaction(hash)?;
    let row = first.as_ref().map(|first| first.row);
    let others = reader.transactions(hash, part)?;
    let first = first.filter(|_| part.after.is_none());
    let others_rows = others.rows.into_iter().filter(|other| Some(other.row) != row);
    let mut carriers = Vec::new();
    for transaction in first.into_iter().chain(others_rows) {
        let operations = reader.operations(transaction.row)?;
        let body = reader.body(transaction.message.row)?.unwrap_or_default();
        carriers.push(Carrier { transaction, operations, body });
    }
    Ok(Read {
        rollup: reader.rollup()?,
        count: reader.count_transactions(hash)?,
        next: others.next,
        times: Times::of(reader, carriers.iter().map(|one| one.transaction.message.id.level))?,
        is_batch: row.is_none() && !reader.batches(hash, Page::first(1))?.rows.is_empty(),
        carriers,
    })
}

fn carried(
    visit: &Visit<'_>,
    found: &Read,
    carrier: &Carrier,
    head: Option<&Head>,
    hash: &Hash32,
) -> Carried {
    let Carrier { transaction, operations, body } = carrier;
    let message = &transaction.message;
    let result = operations.iter().find_map(|operation| operation.result);
    let refused = message.result.filter(|_| result.is_none());
    let failed = operations
        .iter()
        .any(|operation| operation.result.is_some_and(|result| !is_applied(&result.outcome)));
    let come = match (result, refused) {
        (Some(result), _) if failed => Come::NotApplied(result.level),
        (Some(result), _) => Come::Applied(result.level),
        (None, Some((_, settlement))) => Come::NotApplied(settlement.level),
        (None, None) => Come::Included,
    };
    Carried {
        when: found.times.when(message.id.level),
        place: message.id.index,
        batch: message.digest.as_ref().map(LongName::batch),
        expires: transaction.expires.map(|level| level.0),
        stages: stages(come, head),
        message: refused.map(|_| tag(message)),
        operations: operations
            .iter()
            .take(ROWS)
            .map(|one| operation(visit, message, one))
            .collect(),
        more: more_than(len(operations), ROWS),
        fields: rows(body, &found.rollup, Some(transaction.number)),
        receipt: matches!(come, Come::Applied(_)).then(|| format!("toru receipt {hash}")),
    }
}

fn len<T>(all: &[T]) -> u64 {
    u64::try_from(all.len()).unwrap_or(u64::MAX)
}

fn is_applied(outcome: &tx_kernel::results::Outcome) -> bool {
    outcome.code == tx_kernel::results::ResultCode::Applied
}

fn operation(visit: &Visit<'_>, message: &Message, row: &OperationRow) -> Operation {
    let state = match &row.result {
        None if message.unknown.is_some() => MoveState::Unknown,
        None => MoveState::Waits,
        Some(result) if is_applied(&result.outcome) => MoveState::Applied,
        Some(_) => MoveState::NotApplied,
    };
    Operation {
        signer: row.signer.as_ref().map(|signer| visit.account(signer)),
        counter: row.counter.get(),
        memo: row.memo.as_deref().map(Text::of),
        individual: row.individual,
        tag: Tag::of_state(state, row.result.as_ref()),
        moves: row.moves.iter().take(ROWS).map(|one| MoveLine::of(visit, one)).collect(),
        more: more_than(len(&row.moves), ROWS),
    }
}

/// Whether the node's queue has a transaction of this hash, as it is now; otherwise what there is to say.
fn in_queue(head: Option<&Head>, hash: &Hash32) -> Result<(), &'static str> {
    let Some(head) = head else { return Err("the node is not there to tell what waits") };
    let is_in = |queue: &NodeQueue| queue.has(hash, head.session.rollup());
    // What waited a moment ago may be in a level that the index is about to have.
    if head.last_queue().is_some_and(|queue| is_in(&queue)) {
        return Ok(());
    }
    match head.queue_now() {
        None => Err("the node does not tell what waits"),
        Some(queue) if is_in(&queue) => Ok(()),
        Some(queue) if queue.is_looked_through() => Err("the node's queue has none either"),
        Some(_) => Err("the first messages of the node's queue have none either"),
    }
}
