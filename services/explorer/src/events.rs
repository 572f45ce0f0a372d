//! The stream that tells open pages that the chain has changed.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use tokio::sync::mpsc::channel;
use web::{Client, ServerEvent, Slots, events};

use crate::failure::Failure;
use crate::limits::{EVENT_PAUSE, SILENCE};
use crate::seen::Seen;
use crate::site::Site;

/// The name of an event.
const CHANGED: &str = "changed";

/// A stream of changes for one page. What is newer than what the page has seen is told at once. Changes that come
/// faster than it takes them are told as one, and the last of them always is.
pub(crate) fn stream(site: &Site, request: &Request) -> Result<Response<Body>, Failure> {
    let (headers, extensions) = (request.headers(), request.extensions());
    let seen = Seen::of_request(request.uri().query().unwrap_or_default(), headers)?;
    let client = Client::of(extensions, headers, false);
    let slot = Slots::take(&site.streams, client.address, client.is_limited);
    let slot = slot.map_err(|_| Failure::busy())?;
    let (mut changes, process) = (site.changes.clone(), site.process);
    // Who does not say what they have seen hears of what comes from now on.
    let mut told = seen.unwrap_or_else(|| site.seen());
    let (sender, receiver) = channel(1);
    tokio::spawn(async move {
        loop {
            let now = process.seen(changes.borrow_and_update().generation);
            if now != told {
                if sender.send(now).await.is_err() {
                    break;
                }
                told = now;
                tokio::select! {
                    () = sender.closed() => break,
                    () = tokio::time::sleep(EVENT_PAUSE) => continue,
                }
            }
            let changed = tokio::select! {
                () = sender.closed() => break,
                changed = changes.changed() => changed,
            };
            // The sender ends with the index, and the stream with it.
            if changed.is_err() {
                break;
            }
        }
    });
    Ok(events(receiver, event, SILENCE, slot, extensions))
}

/// A change as it is sent: what has changed is seen by asking for the page again.
fn event(now: Seen) -> ServerEvent {
    ServerEvent { id: now.id(), name: CHANGED, data: Arc::from(now.to_string()) }
}
