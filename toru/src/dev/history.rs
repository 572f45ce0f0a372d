//! The history of a sandbox: an index in the same process, over the sandbox's own interface.

use std::net::SocketAddr;
use std::path::Path;

use files::TempDir;
use history::limits::NODE_ANSWER_TIME;
use history::{Handle, HistoryError, Options, Running, start};
use layer1::plain::one_line;
use wallet::rpc::Node;

use super::batcher::own;
use super::opening::beside;
use crate::error::Failure;
use crate::exit::Exit;
use crate::ui::Ui;

/// The file's name behind that of the sandbox's state, or in a folder that goes with the process.
const NAME: &str = "history.sqlite";

/// An index that follows a sandbox.
pub(super) struct SandboxHistory {
    running: Running,
    /// Where its file is, if it goes with the sandbox and the system has to be told.
    scratch: Option<TempDir>,
}

impl SandboxHistory {
    /// Starts one over the sandbox that is going to be served at an address. It finds the sandbox when that is there.
    /// What an older version has indexed, or one of another sandbox, is indexed anew.
    pub(super) fn start(state: Option<&Path>, address: SocketAddr) -> Result<Self, Failure> {
        let node = Node::patient(&own(address).to_string(), NODE_ANSWER_TIME)?;
        let (file, scratch) = match state {
            Some(state) => (beside(state, NAME), None),
            None => {
                let folder = files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?;
                (folder.path().join(NAME), Some(folder))
            }
        };
        let options = Options { rebuild: true, ..Options::new(file) };
        let running = start(options, node).map_err(failing)?;
        // Its files go with this process, however that ends, where a system keeps what is open.
        let scratch = match scratch {
            Some(folder) if cfg!(unix) => {
                running.readers().open_all().map_err(failing)?;
                drop(folder);
                None
            }
            scratch => scratch,
        };
        Ok(Self { running, scratch })
    }

    /// What asks it.
    pub(super) fn handle(&self) -> Handle {
        self.running.handle()
    }

    /// Ends it.
    pub(super) fn end(self, ui: &Ui) {
        self.running.stop();
        if let Err(error) = self.running.join() {
            ui.tell(&format!("the history ended: {}\n", one_line(&error.to_string())));
        }
        drop(self.scratch);
    }
}

/// Forgets what was indexed of a sandbox that is no longer there: one that begins anew has the same address.
pub(super) fn forget(state: &Path) -> Result<(), Failure> {
    history::remove(&beside(state, NAME)).map_err(failing)
}

/// Why there is no history.
fn failing(error: HistoryError) -> Failure {
    let failure = Failure::of(Exit::Input, &error);
    match error {
        HistoryError::NotAnIndex(_) => {
            failure.with_hint("the sandbox keeps its history under that name: move the file away")
        }
        _ => failure,
    }
}
