//! The server: takes connections, each for a thread of its own, and ends.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use socket2::SockRef;
use thiserror::Error;

use crate::chain::Chain;
use crate::converse::{Hall, converse};
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::{ANSWER_TIME, MAX_BACKLOG, MAX_CONNECTIONS, WANTED_FILES};
use crate::options::Options;
use crate::work::{Job, work};

/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(50);
/// How long answers that are on their way are waited for at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// Bytes: the stack of a connection's thread, which does not recurse.
const STACK_BYTES: usize = 256 << 10;

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
        /// Which.
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
    let address = listener.local_addr()?;
    // Where the system gives no more files, as many connections are served as it gives.
    let _ = rlimit::increase_nofile_limit(WANTED_FILES);
    let (jobs, queue) = sync_channel(MAX_CONNECTIONS);
    let hall = Arc::new(Hall::new(options.any_host));
    let acceptor = {
        let hall = Arc::clone(&hall);
        thread::Builder::new().spawn(move || accept(&listener, &jobs, &hall))?
    };
    let mut desk = Desk::new(chain, options);
    work(&mut desk, &queue, &mut tell);
    hall.end();
    drop((queue, desk));
    // The acceptor waits for a connection: this is one.
    let local = if address.ip().is_unspecified() {
        SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port())
    } else {
        address
    };
    if TcpStream::connect_timeout(&local, ANSWER_TIME).is_ok() {
        // A thread that panicked has ended as well.
        let _ = acceptor.join();
    }
    let begin = Instant::now();
    while hall.taken() > 0 && begin.elapsed() < LAST_ANSWERS {
        thread::sleep(PAUSE);
    }
    Ok(())
}

fn accept(listener: &TcpListener, jobs: &SyncSender<Job>, hall: &Arc<Hall>) {
    for stream in listener.incoming() {
        if hall.has_ended() {
            return;
        }
        let Ok(mut stream) = stream else {
            thread::sleep(PAUSE);
            continue;
        };
        let Some(place) = Hall::enter(hall) else {
            refuse(&mut stream);
            continue;
        };
        let jobs = jobs.clone();
        let serve = move || converse(stream, &jobs, &place);
        if thread::Builder::new().stack_size(STACK_BYTES).spawn(serve).is_err() {
            // The connection went with what was to serve it.
            thread::sleep(PAUSE);
        }
    }
}

/// Says that there are too many, without waiting for anything: the answer fits a socket's buffer.
fn refuse(stream: &mut TcpStream) {
    use std::io::Write;
    let refusal = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nRetry-After: 1\r\n\
        Connection: close\r\n\r\n";
    // Who has gone needs no answer.
    let _ = stream.set_nonblocking(true).and_then(|()| stream.write_all(refusal));
}
