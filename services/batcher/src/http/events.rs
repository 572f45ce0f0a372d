//! The event stream: what accounts are asked to sign, and how far their transactions are.

use std::sync::Arc;

use axum::response::Response;
use batcher_api::limits::ACCOUNTS_PER_STREAM;
use encoding::Tz4Address;
use web::{ServerEvent, events};

use super::failure::Failure;
use super::limits::SILENCE;
use super::request::{Call, malformed, read_account};
use super::state::HttpState;
use crate::{Event, Subscription};

/// An event as it is sent.
fn sent(event: Arc<Event>) -> ServerEvent {
    ServerEvent { id: event.id, name: event.kind.word(), data: Arc::clone(&event.data) }
}

pub(super) async fn stream(state: Arc<HttpState>, call: Call) -> Result<Response, Failure> {
    let subscription = subscription(&call)?;
    let slot = state.take_stream(call.client)?;
    let told = state.engine.subscribe(subscription, call.client.address).await?;
    Ok(events(told, sent, SILENCE, slot, &call.extensions))
}

fn subscription(call: &Call) -> Result<Subscription, Failure> {
    let mut accounts: Vec<Tz4Address> =
        call.all("account").map(read_account).collect::<Result<_, _>>()?;
    accounts.sort_unstable();
    accounts.dedup();
    if accounts.len() > ACCOUNTS_PER_STREAM {
        return Err(Failure::too_many("accounts", accounts.len(), ACCOUNTS_PER_STREAM));
    }
    let cosign = call.flag("cosign")?;
    if cosign && accounts.is_empty() {
        return Err(Failure::malformed("cosign needs an account that signs"));
    }
    let id =
        |what, text: &str| text.parse().map_err(|_| malformed(what, text, "the id of an event"));
    // A browser that comes back asks by the same address, and says in a header what it has seen since.
    let since = match (&call.last_event, call.one("since")?) {
        (Some(text), _) => Some(id("Last-Event-ID", text)?),
        (None, Some(text)) => Some(id("since", text)?),
        (None, None) => None,
    };
    Ok(Subscription { accounts, cosign, since })
}
