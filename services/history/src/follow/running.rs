//! The thread that follows a node, and what others see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::watch;
use wallet::rpc::Node;

use super::Options;
use super::change::{Change, Following, Told};
use crate::error::HistoryError;
use crate::limits::HEAD_POLL;
use crate::store::{Readers, Store};

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
    told: Arc<Told>,
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
        Handle { readers, told: Arc::default(), orders: channel().0, stop: Arc::default() }
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
        self.told.following()
    }

    /// Is woken by each change of the index.
    #[must_use]
    pub fn changes(&self) -> watch::Receiver<Change> {
        self.told.changes()
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
    let store = Store::begin(&options.file, options.rebuild)?;
    let (orders, told_to) = channel();
    let handle =
        Handle { readers: store.readers(), told: Arc::default(), orders, stop: Arc::default() };
    let (told, stop) = (Arc::clone(&handle.told), Arc::clone(&handle.stop));
    let thread = Builder::new()
        .name("history".to_owned())
        .spawn(move || {
            let ended = run(store, &node, &told, &stop, &told_to);
            if let Err(error) = &ended {
                told.note(|following| following.ended = Some(error.to_string()));
            }
            ended
        })
        .map_err(HistoryError::Thread)?;
    Ok(Running { handle, thread })
}

fn run(
    store: Store,
    node: &Node,
    told: &Told,
    stop: &AtomicBool,
    orders: &Receiver<Order>,
) -> Result<(), HistoryError> {
    let _ = (store, node, told);
    while !stop.load(Ordering::SeqCst) {
        match orders.recv_timeout(HEAD_POLL) {
            Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => break,
            Ok(Order::Look) | Err(RecvTimeoutError::Timeout) => {}
        }
    }
    Ok(())
}
