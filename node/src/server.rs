//! The server: connections on threads of their own, and one thread that owns the chain, plays
//! levels and answers.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

use crate::chain::Chain;
use crate::error::NodeError;
use crate::http::{self, Answer, NoRequest, Request};
use crate::limits::{ANSWER_TIME, MAX_CONNECTIONS};
use crate::routes;

/// How often the thread that owns the chain looks whether it is to end.
const LOOK: Duration = Duration::from_millis(100);
/// How long to wait when the system has no connection to give.
const PAUSE: Duration = Duration::from_millis(50);
/// How long answers that are on their way are waited for at the end.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// Bytes: the stack of a connection's thread, which does not recurse.
const STACK_BYTES: usize = 256 << 10;

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
    /// Ends the serving when it is set.
    pub stop: Arc<AtomicBool>,
}

/// Why nothing can be served at an address.
#[derive(Debug, Error)]
pub enum ListenError {
    /// Others could reach it.
    #[error("{0} is not this machine alone, and whoever gets there can do everything")]
    Remote(SocketAddr),
    /// The system gives no such address.
    #[error("cannot listen on {address}: {source}")]
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
    TcpListener::bind(address).map_err(|source| ListenError::Io { address, source })
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
    let (jobs, queue) = sync_channel(MAX_CONNECTIONS);
    let ended = Arc::new(AtomicBool::new(false));
    let taken = Arc::new(AtomicUsize::new(0));
    let acceptor = {
        let (ended, taken) = (Arc::clone(&ended), Arc::clone(&taken));
        let any_host = options.any_host;
        thread::Builder::new().spawn(move || accept(&listener, &jobs, &ended, &taken, any_host))?
    };
    work(chain, &queue, options, &mut tell);
    ended.store(true, Ordering::SeqCst);
    drop(queue);
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
    while taken.load(Ordering::SeqCst) > 0 && begin.elapsed() < LAST_ANSWERS {
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// A request, and where its answer goes.
struct Job {
    request: Request,
    answer: SyncSender<Answer>,
}

fn work(
    chain: &mut Chain,
    queue: &Receiver<Job>,
    options: &Options,
    tell: &mut impl FnMut(&NodeError),
) {
    let mut next = options.block_time.map(|time| Instant::now() + time);
    while !options.stop.load(Ordering::SeqCst) {
        let until = next.map(|next| next.saturating_duration_since(Instant::now()));
        match queue.recv_timeout(until.map_or(LOOK, |until| until.min(LOOK))) {
            Ok(Job { request, answer }) => {
                // The client may have gone.
                let _ = answer.send(routes::answer(chain, &request, options));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let (Some(due), Some(time)) = (next, options.block_time)
            && Instant::now() >= due
        {
            if let Err(error) = chain.bake() {
                tell(&error);
            }
            next = Some(Instant::now() + time);
        }
    }
}

/// Counts a connection as long as it is there.
struct Place(Arc<AtomicUsize>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn accept(
    listener: &TcpListener,
    jobs: &SyncSender<Job>,
    ended: &AtomicBool,
    taken: &Arc<AtomicUsize>,
    any_host: bool,
) {
    for stream in listener.incoming() {
        if ended.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else {
            thread::sleep(PAUSE);
            continue;
        };
        let place = Place(Arc::clone(taken));
        if taken.fetch_add(1, Ordering::SeqCst) >= MAX_CONNECTIONS {
            refuse(&mut stream);
            continue;
        }
        let jobs = jobs.clone();
        let served = thread::Builder::new().stack_size(STACK_BYTES).spawn(move || {
            let _place = place;
            converse(&mut stream, &jobs, any_host);
        });
        if served.is_err() {
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

fn converse(stream: &mut TcpStream, jobs: &SyncSender<Job>, any_host: bool) {
    let answer = match http::read(stream, any_host) {
        Ok(request) => ask(request, jobs),
        Err(NoRequest::Refused(answer)) => answer,
        Err(NoRequest::Gone) => return,
    };
    http::finish(stream, &answer);
}

fn ask(request: Request, jobs: &SyncSender<Job>) -> Answer {
    let (answer, answered) = sync_channel(1);
    let sent = jobs.send(Job { request, answer }).is_ok();
    let answer = if sent { answered.recv().ok() } else { None };
    answer.unwrap_or_else(|| routes::error(&NodeError::Ending))
}
