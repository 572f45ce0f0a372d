//! How a chain is served.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use axum::Router;
use web::Cors;

/// How the chain is served.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How often a level is baked; only on demand without it.
    pub block_time: Option<Duration>,
    /// Whether there are the endpoints under `/dev`.
    pub dev: bool,
    /// Whether clients may call this host by any name. Otherwise a name other than `localhost` is
    /// refused, as a web page could have it point here.
    pub any_host: bool,
    /// The web pages of which other origins may ask.
    pub cors: Cors,
    /// Where it is served, for those who ask for the configuration.
    pub address: Option<SocketAddr>,
    /// What is served beside it at the same address, by whoever knows of it. It has the sandbox's connections, and
    /// says itself who may ask.
    pub beside: Router,
    /// Ends the serving when it is set.
    pub stop: Arc<AtomicBool>,
}
