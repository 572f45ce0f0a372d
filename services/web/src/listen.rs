//! The address at which a service listens.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::SockRef;
use thiserror::Error;

use crate::Limits;

/// Why nothing can be served at an address.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Others could reach it.
    #[error("{0} is not this machine alone")]
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
pub fn listen(
    address: SocketAddr,
    allow_remote: bool,
    limits: &Limits,
) -> Result<TcpListener, ListenError> {
    if !allow_remote && !address.ip().is_loopback() {
        return Err(ListenError::Remote(address));
    }
    let failed = |source| ListenError::Io { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    // The library's own backlog is too short for a thousand who come at once.
    SockRef::from(&listener).listen(limits.backlog).map_err(failed)?;
    Ok(listener)
}
