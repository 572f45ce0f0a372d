//! The stream that tells open pages that the chain has changed.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Extensions, Response};
use tokio::sync::mpsc::channel;
use web::{ClientAddress, ServerEvent, Slots, events};

use crate::failure::Failure;
use crate::limits::{EVENT_PAUSE, SILENCE};
use crate::site::Site;

/// The name of an event.
const CHANGED: &str = "changed";

/// A stream of changes for one page. Changes that come faster than it takes them are told as one.
pub(crate) fn stream(site: &Site, extensions: &Extensions) -> Result<Response<Body>, Failure> {
    let address = extensions.get::<ClientAddress>().map(|address| address.0);
    let address = address.unwrap_or(std::net::Ipv4Addr::UNSPECIFIED.into());
    let slot = Slots::take(&site.streams, address, !address.is_loopback());
    let slot = slot.map_err(|_| Failure::busy())?;
    let mut changes = site.changes.clone();
    changes.mark_unchanged();
    let (sender, receiver) = channel(1);
    tokio::spawn(async move {
        loop {
            let changed = tokio::select! {
                () = sender.closed() => break,
                changed = changes.changed() => changed,
            };
            let change = changes.borrow_and_update().generation;
            // The sender ends with the index, and the stream with it.
            if changed.is_err() || sender.send(change).await.is_err() {
                break;
            }
            tokio::time::sleep(EVENT_PAUSE).await;
        }
    });
    Ok(events(receiver, told, SILENCE, slot, extensions))
}

/// A change as it is sent: what has changed is seen by asking for the page again.
fn told(change: u64) -> ServerEvent {
    ServerEvent { id: change, name: CHANGED, data: Arc::from(change.to_string()) }
}
