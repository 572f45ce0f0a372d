//! What all pages are made with: the index, the node, and how many may be made at once.

use std::collections::HashMap;
use std::sync::Arc;

use encoding::Tz4Address;
use history::{Change, Readers};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use wallet::pins::Pins;
use wallet::rpc::Node;
use web::Slots;

use crate::batcher::Batcher;
use crate::control::Panel;
use crate::failure::Failure;
use crate::forecast::Forecast;
use crate::limits::{
    ACTIONS_AT_ONCE, ACTIONS_WAITING, LAYER1_AWAY_TIME, PAGES_AT_ONCE, PAGES_WAITING,
    STREAMS_PER_ADDRESS,
};
use crate::look::{Heads, Look};
use crate::options::ExplorerOptions;
use crate::seen::{Process, Seen};
use crate::shared::Silence;

/// What all pages are made with.
#[derive(Debug)]
pub(crate) struct Site {
    /// What reads the index.
    pub readers: Readers,
    /// What the node says.
    pub heads: Heads,
    /// A node of layer 1, if one was named.
    pub layer1: Option<Node>,
    /// Why that has not answered, if it was asked for what is locked there a moment ago.
    pub layer1_silence: Silence,
    /// What that says of times.
    pub forecast: Forecast,
    /// Is woken by each change of the index.
    pub changes: watch::Receiver<Change>,
    /// What tells this process from others.
    pub process: Process,
    /// Accounts that have a name here.
    pub names: HashMap<Tz4Address, String>,
    /// Whether it is of a sandbox.
    pub sandbox: bool,
    /// Where a batcher is, if one was named.
    pub batcher: Option<Batcher>,
    /// What the page that does something stands on, if there is one.
    pub panel: Option<Arc<Panel>>,
    /// For the making of pages.
    pub pages: Permits,
    /// For what forms of the control panel do.
    pub actions: Permits,
    /// A place for each event stream.
    pub streams: Arc<Slots>,
}

/// How many threads there are for something, and how many may want one.
#[derive(Debug)]
pub(crate) struct Permits {
    working: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

/// A permit to work on a thread, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Permit {
    _working: OwnedSemaphorePermit,
    _waiting: OwnedSemaphorePermit,
}

impl Permits {
    fn new(at_once: usize, waiting: usize) -> Self {
        let [working, waiting] = [at_once, waiting].map(|all| Arc::new(Semaphore::new(all)));
        Permits { working, waiting }
    }

    /// Waits for a permit.
    ///
    /// # Errors
    /// When too many wait already.
    pub(crate) async fn take(&self) -> Result<Permit, Failure> {
        let waiting = Arc::clone(&self.waiting).try_acquire_owned().map_err(|_| Failure::busy())?;
        self.begin(waiting).await
    }

    /// The same for what has begun: it waits with as many as there are.
    ///
    /// # Errors
    /// When nothing is made any more.
    pub(crate) async fn take_again(&self) -> Result<Permit, Failure> {
        let waiting = Arc::clone(&self.waiting).acquire_owned().await;
        self.begin(waiting.map_err(|_| Failure::busy())?).await
    }

    async fn begin(&self, waiting: OwnedSemaphorePermit) -> Result<Permit, Failure> {
        let working = Arc::clone(&self.working).acquire_owned().await;
        let working = working.map_err(|_| Failure::busy())?;
        Ok(Permit { _working: working, _waiting: waiting })
    }
}

impl Site {
    pub(crate) fn new(options: ExplorerOptions) -> Self {
        let streams = Arc::new(Slots::new(options.streams(), STREAMS_PER_ADDRESS));
        let heads = Heads::new(&options);
        Site {
            readers: options.readers,
            heads,
            layer1_silence: Silence::new(LAYER1_AWAY_TIME),
            forecast: Forecast::new(options.layer1.clone()),
            layer1: options.layer1,
            changes: options.changes,
            process: Process::any(),
            names: options.names.into_iter().collect(),
            sandbox: options.sandbox,
            batcher: options.batcher.map(Batcher::new),
            panel: options.control.map(|commands| Arc::new(Panel::new(commands))),
            pages: Permits::new(PAGES_AT_ONCE, PAGES_WAITING),
            actions: Permits::new(ACTIONS_AT_ONCE, ACTIONS_WAITING),
            streams,
        }
    }

    /// What there is to see of the chain now.
    pub(crate) fn seen(&self) -> Seen {
        self.process.seen(self.changes.borrow().generation)
    }

    /// What the node says now. It blocks.
    pub(crate) fn look(&self) -> Look {
        let change = self.changes.borrow().generation;
        self.heads.look(change)
    }

    /// The name that an account has here.
    pub(crate) fn called(&self, address: &Tz4Address) -> Option<&str> {
        self.names.get(address).map(String::as_str)
    }

    /// The pinned tickets, with those of a sandbox if it was ever there, and why the user's own are not among them, if
    /// they are not.
    pub(crate) fn pins(&self, look: &Look) -> (Pins, Option<Arc<str>>) {
        match look.head() {
            Some(head) => (head.session.pins().clone(), head.pins_problem.clone()),
            None => self.heads.own_pins(),
        }
    }
}
