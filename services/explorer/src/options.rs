//! What an explorer is made of.

use std::sync::Arc;

use encoding::Tz4Address;
use history::{Change, Readers};
use tokio::sync::watch;
use wallet::pins::PinStore;
use wallet::rpc::Node;

use crate::control::Commands;
use crate::limits::{STREAMS, STREAMS_BESIDE};

/// What an explorer shows, and where it is served.
#[derive(Debug)]
pub struct ExplorerOptions {
    /// What reads the index.
    pub readers: Readers,
    /// The node, whose state wins over the index. It should be one of little patience:
    /// [`crate::limits::NODE_TIME`].
    pub node: Node,
    /// A node of layer 1, for what is locked there; a sandbox is one itself.
    pub layer1: Option<Node>,
    /// Is woken by each change of the index.
    pub changes: watch::Receiver<Change>,
    /// The tickets that the user has pinned. Those of a sandbox come with it.
    pub pins: Option<PinStore>,
    /// Accounts that have a name here, such as those of a sandbox, whose keys everybody knows.
    pub names: Vec<(Tz4Address, String)>,
    /// Whether it is of a sandbox.
    pub sandbox: bool,
    /// Where a batcher is, for a page of it.
    pub batcher: Option<Node>,
    /// What does something with a sandbox, for a page that does.
    pub control: Option<Arc<dyn Commands>>,
    /// Whether it is served by itself, and not beside a node's paths.
    pub is_alone: bool,
    /// Whether clients may call this host by any name.
    pub any_host: bool,
}

impl ExplorerOptions {
    /// How many event streams there may be at once.
    pub(crate) const fn streams(&self) -> usize {
        if self.is_alone { STREAMS } else { STREAMS_BESIDE }
    }
}
