//! What all pages are made with: the index, the node, and how many may be made at once.

use std::collections::HashMap;
use std::sync::Arc;

use encoding::Tz4Address;
use history::{Change, Readers};
use tokio::sync::{Semaphore, watch};
use wallet::pins::Pins;
use wallet::rpc::Node;
use web::Slots;

use crate::control::Panel;
use crate::head::{Heads, Look};
use crate::limits::{PAGES_AT_ONCE, PAGES_WAITING, STREAMS_PER_ADDRESS};
use crate::options::ExplorerOptions;
use crate::seen::{Process, Seen};
use crate::times::Times;

/// What all pages are made with.
#[derive(Debug)]
pub(crate) struct Site {
    /// What reads the index.
    pub readers: Readers,
    /// What the node says.
    pub heads: Heads,
    /// A node of layer 1, if one was named.
    pub layer1: Option<Node>,
    /// What that says of times.
    pub times: Times,
    /// Is woken by each change of the index.
    pub changes: watch::Receiver<Change>,
    /// What tells this process from others.
    pub process: Process,
    /// Accounts that have a name here.
    pub names: HashMap<Tz4Address, String>,
    /// Whether it is of a sandbox.
    pub sandbox: bool,
    /// Where a batcher is, if one was named.
    pub batcher: Option<Node>,
    /// What the page that does something stands on, if there is one.
    pub panel: Option<Arc<Panel>>,
    /// A permit for each page that is made.
    pub making: Arc<Semaphore>,
    /// A permit for each page that is made or waits for it.
    pub waiting: Arc<Semaphore>,
    /// A place for each event stream.
    pub streams: Arc<Slots>,
}

impl Site {
    pub(crate) fn new(options: ExplorerOptions) -> Self {
        let streams = Arc::new(Slots::new(options.streams(), STREAMS_PER_ADDRESS));
        let heads = Heads::new(&options);
        Site {
            readers: options.readers,
            heads,
            times: Times::new(options.layer1.clone()),
            layer1: options.layer1,
            changes: options.changes,
            process: Process::any(),
            names: options.names.into_iter().collect(),
            sandbox: options.sandbox,
            batcher: options.batcher,
            panel: options.control.map(|commands| Arc::new(Panel::new(commands))),
            making: Arc::new(Semaphore::new(PAGES_AT_ONCE)),
            waiting: Arc::new(Semaphore::new(PAGES_WAITING)),
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
