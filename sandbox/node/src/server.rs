//! Serves a chain: the thread that owns it, and beside it one for all connections.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::sync_channel;
use std::thread;

use socket2::SockRef;
use thiserror::Error;
use tokio::sync::watch;

use crate::chain::Chain;
use crate::error::NodeError;
use crate::event_loop::event_loop;
use crate::limits::{MAX_BACKLOG, MAX_CONNECTIONS, WANTED_FILES, WEB};
use crate::options::Options;
use crate::router::router;
use crate::service::NodeService;
use crate::web;

/// Why nothing can be served at an address.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Others could reach it.
    #[error("{0} is not this machine alone, and whoever gets there can do everything")]
    Remote(SocketAddr),
    /// The system gives no such address.
    #[error(
        "cannot listen on {address}: {}",
        source.to_string().split(" (os error").next().unwrap_or_default()
    )]
    Io {
        /// Which one.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// Takes an address to serve at. Others than this machine's own only if that is allowed.
///
/// # Errors
/// When it is not allowed, or taken.
pub fn listen(address: SocketAddr, allow_remote: bool) -> Result<TcpListener, ListenError> {
    if !allow_remote && !address.ip().is_loopback() {
        return Err(ListenError::Remote(address));
    }
    let failed = |source| ListenError::Io { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    // The library's own backlog is too short for a thousand who come at once.
    SockRef::from(&listener).listen(MAX_BACKLOG).map_err(failed)?;
    Ok(listener)
}

/// Serves the chain on the calling thread, which owns it, until it is told to stop. `tell` hears of
/// levels baked by time that failed.
///
/// # Errors
/// When no connections can be taken at all.
pub fn serve(
    chain: &mut Chain,
    listener: TcpListener,
    options: &Options,
    mut tell: impl FnMut(&NodeError),
) -> io::Result<()> {
    // Where the system gives no more files, as many connections are served as it gives.
    let _ = rlimit::increase_nofile_limit(WANTED_FILES);
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (jobs, queue) = sync_channel(MAX_CONNECTIONS);
    let (end, ending) = watch::channel(false);
    let router = router(jobs, options);
    let connections = thread::Builder::new().name("connections".to_owned()).spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            web::serve(listener, router, WEB, ending).await;
            io::Result::Ok(())
        })
    })?;
    let mut service = NodeService::new(chain, options);
    event_loop(&mut service, &queue, &mut tell);
    drop((queue, service));
    // It fails when all connections have ended already.
    let _ = end.send(true);
    // A thread that panicked has ended as well.
    connections.join().unwrap_or(Ok(()))
}
