//! A history as JSON.

use encoding::Tz4Address;
use serde_json::{Value, json};
use wallet::block_times::utc;

use super::super::ticket_list::token_json;
use super::shown::Shown;
use super::source::History;

/// A move.
pub(super) fn shown(one: &Shown) -> Value {
    let told = &one.told;
    let mut value = token_json(&one.token);
    let more = json!({
        "level": told.level,
        "message": told.message,
        "time": told.time.and_then(utc),
        "hash": told.hash,
        "kind": told.kind,
        "direction": one.direction(),
        "amount": one.decimal(),
        "units": told.amount,
        "ticket_hash": told.ticket.hash,
        "sender": told.sender,
        "receiver": told.receiver,
        "outside": told.outside,
        "entrypoint": told.entrypoint,
        "pays": told.pays,
        "account_name": one.name,
        "memo": told.memo,
        "state": told.state,
        "result": told.result,
    });
    if let (Value::Object(value), Value::Object(more)) = (&mut value, more) {
        value.extend(more);
    }
    value
}

/// All of it.
pub(super) fn whole(
    history: &History,
    whose: &Tz4Address,
    level: i32,
    moves: Vec<Value>,
    more: bool,
) -> Value {
    json!({
        "account": whose.to_string(),
        "history": history.client.url(),
        "level": level,
        "behind": history.status.behind,
        "moves": moves,
        "more": more,
    })
}
