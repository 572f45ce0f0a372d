//! The thread that follows a node, and what others see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::watch;
use wallet::rpc::Node;

use super::Options;
use super::change::{Broadcast, Change, Following};
use super::looking::Looking;
use super::problem::Problem;
use crate::error::HistoryError;
use crate::limits::{HEAD_POLL, MAX_HEAD_POLL};
use crate::readers::Readers;
use crate::store::Store;

/// An index that follows a node.
#[derive(Debug)]
pub struct Running {
    handle: Handle,
    thread: JoinHandle<Result<(), HistoryError>>,
}

/// What asks an index while it follows its node. All copies are of the same one.
#[derive(Clone, Debug)]
pub struct Handle {
    readers: Readers,
    broadcast: Arc<Broadcast>,
    orders: Sender<Order>,
    stop: Arc<AtomicBool>,
}

/// What the thread is told.
#[derive(Debug)]
enum Order {
    /// To look at the node now.
    Look,
    /// To end.
    Stop,
}

#[cfg(test)]
impl Handle {
    /// One of an index that follows nobody.
    pub(crate) fn of(store: &Store) -> Self {
        let readers = store.readers();
        Handle { readers, broadcast: Arc::default(), orders: channel().0, stop: Arc::default() }
    }
}

impl Handle {
    /// What reads the index.
    #[must_use]
    pub fn readers(&self) -> Readers {
        self.readers.clone()
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> Following {
        self.broadcast.following()
    }

    /// Is woken by each change of the index.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Change> {
        self.broadcast.changes()
    }

    /// Has it look at the node at once, and not only when it is time to.
    pub fn look(&self) {
        let _ = self.orders.send(Order::Look);
    }
}

impl Running {
    /// What asks it.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// What reads the index.
    #[must_use]
    pub fn readers(&self) -> Readers {
        self.handle.readers()
    }

    /// How far it is.
    #[must_use]
    pub fn status(&self) -> Following {
        self.handle.status()
    }

    /// Is woken by each change of the index.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Change> {
        self.handle.changes()
    }

    /// Whether it has ended, told to or not.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.thread.is_finished()
    }

    /// Tells it to end. It does not wait for that.
    pub fn stop(&self) {
        self.handle.stop.store(true, Ordering::SeqCst);
        let _ = self.handle.orders.send(Order::Stop);
    }

    /// Waits until it has ended.
    ///
    /// # Errors
    /// Why it ended, if nobody told it to.
    pub fn join(self) -> Result<(), HistoryError> {
        self.thread.join().unwrap_or(Err(HistoryError::Panicked))
    }
}

/// Starts an index over a node, which need not be there yet.
///
/// # Errors
/// When the file cannot be used, or is an index of another version that is not to be made anew.
pub fn start(options: Options, node: Node) -> Result<Running, HistoryError> {
    let rebuild = options.rebuild;
    let store = Store::begin(&options.file, rebuild)?;
    let (orders, told_to) = channel();
    let handle = Handle {
        readers: store.readers(),
        broadcast: Arc::default(),
        orders,
        stop: Arc::default(),
    };
    handle.broadcast.begin(store.last()?);
    let (broadcast, stop) = (Arc::clone(&handle.broadcast), Arc::clone(&handle.stop));
    let thread = Builder::new()
        .name("history".to_owned())
        .spawn(move || {
            let looking = Looking::new(store, &node, &broadcast, &stop, rebuild);
            let ended = run(looking, &told_to);
            if let Err(error) = &ended {
                broadcast.note(|following| following.ended = Some(error.to_string()));
            }
            ended
        })
        .map_err(HistoryError::Thread)?;
    Ok(Running { handle, thread })
}

/// Follows until it is told to end. What is wrong with the node, or with the disk, may pass.
fn run(mut looking: Looking<'_>, orders: &Receiver<Order>) -> Result<(), HistoryError> {
    let (broadcast, stop) = (looking.broadcast, looking.stop);
    let mut failures: u32 = 0;
    while !stop.load(Ordering::SeqCst) {
        match looking.look() {
            Ok(()) => {
                failures = 0;
                broadcast.note(|following| following.trouble = None);
            }
            Err(Problem::Index(error @ HistoryError::OtherRollup { .. })) => return Err(error),
            // There is a new head.
            Err(Problem::Moved) => failures = 0,
            Err(problem) => {
                failures = failures.saturating_add(1);
                broadcast.trouble(problem.to_string());
            }
        }
        let pause = match failures {
            0 => HEAD_POLL,
            some => HEAD_POLL.saturating_mul(1 << some.min(5)).min(MAX_HEAD_POLL),
        };
        match orders.recv_timeout(pause) {
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => {}
        }
        // However often it was told to look, one look is enough. `stop` says whether it is to end.
        while orders.try_recv().is_ok() {}
    }
    looking.store.settle();
    Ok(())
}
