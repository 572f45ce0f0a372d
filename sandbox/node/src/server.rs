//! Serves a chain: the thread that owns it, and beside it one for all connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::sync_channel;

use web::{ListenError, Refusal, Running, Site};

use crate::chain::Chain;
use crate::error::NodeError;
use crate::event_loop::event_loop;
use crate::limits::{MAX_CONNECTIONS, WEB};
use crate::options::Options;
use crate::router::router;
use crate::service::NodeService;

/// Takes an address to serve at. Others than this machine's own only if that is allowed.
///
/// # Errors
/// When it is not allowed, or taken.
pub fn listen(address: SocketAddr, allow_remote: bool) -> Result<TcpListener, ListenError> {
    web::listen(address, allow_remote, &WEB)
}

/// Serves the chain on the calling thread, which owns it, until it is told to stop. `tell` hears of
/// levels baked by time that failed, and of [`NodeError::Insolvent`].
///
/// # Errors
/// When no connections can be taken at all.
pub fn serve(
    chain: &mut Chain,
    listener: TcpListener,
    options: &Options,
    mut tell: impl FnMut(&NodeError),
) -> io::Result<()> {
    let (jobs, queue) = sync_channel(MAX_CONNECTIONS);
    let site = Site { name: "sandbox", limits: WEB, form: Refusal::octez_form };
    let connections = Running::start(listener, router(jobs, options), site)?;
    let mut service = NodeService::new(chain, options);
    event_loop(&mut service, &queue, &mut tell);
    drop((queue, service));
    connections.end()
}
