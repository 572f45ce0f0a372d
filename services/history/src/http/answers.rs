//! The endpoints: each a question to the index.

use std::sync::Arc;

use encoding::{Hash32, Level};
use layer1::plain::quoted;

use super::failure::Failure;
use super::request::{Call, TicketWord};
use super::state::HttpState;
use crate::api::{
    AlarmAnswer, AlarmsAnswer, ApiError, BatchAnswer, Code, FailureAnswer, HeldAnswer,
    HeldListAnswer, LevelAnswer, LevelsAnswer, MoveAnswer, MovesAnswer, PlaceAnswer, Since,
    StatusAnswer, TransactionAnswer, WithdrawalAnswer, WithdrawalsAnswer,
};
use crate::error::HistoryError;
use crate::limits::{MAX_FAILURES, MAX_PLACES};
use crate::read::{Filter, Page, Paged, Reader};
use crate::rows::{BoundedCount, Message};

type Reading<T> = Result<Result<T, Failure>, HistoryError>;

pub(super) async fn status(state: Arc<HttpState>, _: Call) -> Result<StatusAnswer, Failure> {
    let following = state.following();
    state.read(|reader| Ok(Ok(StatusAnswer::new(reader.status()?, following)))).await
}

pub(super) async fn moves(state: Arc<HttpState>, call: Call) -> Result<MovesAnswer, Failure> {
    let account = call.account()?;
    let (ticket, since, page) = (call.ticket()?, call.since()?, call.page()?);
    let wanted = Filter { kind: call.kind()?, applied: call.flag("applied")?, ..Filter::default() };
    state
        .read(move |reader| {
            let level = match last(reader)? {
                Ok(level) => level,
                Err(away) => return Ok(Err(away)),
            };
            let ticket = match ticket.map(|word| ticket_row(reader, word)).transpose()? {
                None => None,
                Some(Ok(row)) => Some(row),
                Some(Err(unknown)) => return Ok(Err(unknown)),
            };
            let since = match since.map(|since| first_level(reader, since, level)).transpose()? {
                None => None,
                Some(Ok(level)) => Some(level),
                Some(Err(unknown)) => return Ok(Err(unknown)),
            };
            let filter = Filter { ticket, since, ..wanted };
            // Every address is an account, if nothing has named it too.
            let Paged { rows, next } = match reader.account(&account)? {
                Some(found) => reader.moves_of_account(found.row, filter, page)?,
                None => Paged::default(),
            };
            let moves = rows.into_iter().map(MoveAnswer::from).collect();
            let account = account.to_string();
            Ok(Ok(MovesAnswer { account, level: level.0, moves, next: token(next) }))
        })
        .await
}

pub(super) async fn transaction(
    state: Arc<HttpState>,
    call: Call,
) -> Result<TransactionAnswer, Failure> {
    let hash = call.hash()?;
    state
        .read(move |reader| {
            let level = match last(reader)? {
                Ok(level) => level,
                Err(away) => return Ok(Err(away)),
            };
            let places = places(reader, &hash)?;
            let batches = batches(reader, &hash)?;
            if places.is_empty() && batches.is_empty() {
                let message = format!("no level up to {level} has {hash}");
                return Ok(Err(Failure::not_found(message).with("level", level)));
            }
            let BoundedCount { count, more } = reader.count_transactions(&hash)?;
            let mut told = Vec::new();
            for message in batches {
                let count = reader.count_operations(message.row)?;
                let failures = reader.failures(message.row, MAX_FAILURES)?.into_iter();
                let failures = failures.map(|one| FailureAnswer {
                    transaction: one.transaction,
                    hash: one.hash.map(|hash| hash.to_string()),
                    operation: one.operation.into(),
                });
                told.push(BatchAnswer {
                    message: message.into(),
                    applied: count.applied,
                    failed: count.failed,
                    failures: failures.collect(),
                });
            }
            let (hash, level) = (hash.to_string(), level.0);
            Ok(Ok(TransactionAnswer { hash, level, count, more, places, batches: told }))
        })
        .await
}

/// The places that are told: the one whose result counts, and the oldest of the others.
fn places(reader: &Reader<'_>, hash: &Hash32) -> Result<Vec<PlaceAnswer>, HistoryError> {
    let Some(first) = reader.decisive_transaction(hash)? else { return Ok(Vec::new()) };
    let others = reader.transactions(hash, Page::first(MAX_PLACES))?.rows;
    let row = first.row;
    let others = others.into_iter().filter(|other| other.row != row);
    let all = std::iter::once(first).chain(others).take(MAX_PLACES);
    all.map(|place| Ok(PlaceAnswer::new(place.clone(), reader.operations(place.row)?))).collect()
}

/// The messages with a batch that are told: the one whose result counts, and the oldest of the others.
fn batches(reader: &Reader<'_>, digest: &Hash32) -> Result<Vec<Message>, HistoryError> {
    let Some(first) = reader.decisive_batch(digest)? else { return Ok(Vec::new()) };
    let others = reader.batches(digest, Page::first(MAX_PLACES))?.rows;
    let row = first.row;
    let others = others.into_iter().filter(|other| other.row != row);
    Ok(std::iter::once(first).chain(others).take(MAX_PLACES).collect())
}

pub(super) async fn levels(state: Arc<HttpState>, call: Call) -> Result<LevelsAnswer, Failure> {
    let page = call.page()?;
    let levels = |paged: Paged<_>| LevelsAnswer {
        levels: paged.rows.into_iter().map(LevelAnswer::from).collect(),
        next: token(paged.next),
    };
    state.read(move |reader| Ok(Ok(levels(reader.levels(page)?)))).await
}

pub(super) async fn withdrawals(
    state: Arc<HttpState>,
    call: Call,
) -> Result<WithdrawalsAnswer, Failure> {
    let (open, page) = (call.flag("open")?, call.page()?);
    let told = |paged: Paged<_>| WithdrawalsAnswer {
        withdrawals: paged.rows.into_iter().map(WithdrawalAnswer::from).collect(),
        next: token(paged.next),
    };
    state.read(move |reader| Ok(Ok(told(reader.withdrawals(open, page)?)))).await
}

pub(super) async fn held(state: Arc<HttpState>, call: Call) -> Result<HeldListAnswer, Failure> {
    let (open, page) = (call.flag("open")?, call.page()?);
    let told = |paged: Paged<_>| HeldListAnswer {
        held: paged.rows.into_iter().map(HeldAnswer::from).collect(),
        next: token(paged.next),
    };
    state.read(move |reader| Ok(Ok(told(reader.held(open, page)?)))).await
}

pub(super) async fn alarms(state: Arc<HttpState>, call: Call) -> Result<AlarmsAnswer, Failure> {
    let page = call.page()?;
    let told = |paged: Paged<_>| AlarmsAnswer {
        alarms: paged.rows.into_iter().map(AlarmAnswer::from).collect(),
        next: token(paged.next),
    };
    state.read(move |reader| Ok(Ok(told(reader.alarms(page)?)))).await
}

/// The last level that is in the index.
fn last(reader: &Reader<'_>) -> Reading<Level> {
    let last = reader.levels(Page::first(1))?.rows.pop();
    let away = || {
        let message = "the index has no level yet: its node does not answer, or it has just begun";
        ApiError::new(Code::Away, message).into()
    };
    Ok(last.map(|last| last.level).ok_or_else(away))
}

/// The row of a ticket.
fn ticket_row(reader: &Reader<'_>, word: TicketWord) -> Reading<i64> {
    let (found, told) = match word {
        TicketWord::Hash(hash) => (reader.ticket(&hash)?, hash.to_string()),
        TicketWord::Index(index) => (reader.ticket_at(index)?, index.to_string()),
    };
    let unknown = || Failure::not_found(format!("no level has named the ticket {}", quoted(&told)));
    Ok(found.map(|found| found.row).ok_or_else(unknown))
}

/// From which level on.
fn first_level(reader: &Reader<'_>, since: Since, last: Level) -> Reading<Level> {
    let time = match since {
        Since::Level(level) => return Ok(Ok(level)),
        Since::Time(time) => time,
    };
    if !reader.knows_times()? {
        let message = "the index knows no times of levels: since takes a level";
        return Ok(Err(Failure::not_found(message)));
    }
    let later = Level(last.0.saturating_add(1));
    Ok(Ok(reader.level_since(time)?.unwrap_or(later)))
}

/// What the next page is asked for with.
fn token(next: Option<i64>) -> Option<String> {
    next.map(|next| next.to_string())
}
