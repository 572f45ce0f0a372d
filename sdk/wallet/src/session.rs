//! A node held to one rollup: what everything that moves money begins with.
//!
//! What a [`Session`] does is spread over the modules that need it: [`crate::in_flight`],
//! [`crate::pay`], [`crate::following`], [`crate::missing_result`] and [`crate::withdrawals`].

use std::sync::Arc;
use std::time::Duration;

use encoding::RollupAddress;
use serde::Deserialize;
use serde_json::Value;

use crate::error::{RpcError, StateError};
use crate::known_rollups::{KnownRollups, KnownRollupsError};
use crate::pins::{PinFile, PinStore, Pins, PinsError};
use crate::rpc::Node;
use crate::state::RollupState;

/// The rollup that `toru dev` simulates. What is signed for it is worth nothing anywhere else.
pub const SIMULATED_ROLLUP: RollupAddress = RollupAddress([0; 20]);

/// How long a node that is just being started is waited for.
const START_TIME: Duration = Duration::from_secs(1);

/// Why there is no session with a node.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// The node does not tell.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The node is that of another rollup.
    #[error("the node runs {found}, not {wanted}")]
    OtherRollup {
        /// Which is meant.
        wanted: RollupAddress,
        /// Which it is.
        found: RollupAddress,
    },
    /// The node ran another rollup before, or it is not known which.
    #[error(transparent)]
    Known(#[from] KnownRollupsError),
}

/// A node, and the rollup that it runs.
#[derive(Clone, Debug)]
pub struct Session {
    node: Node,
    rollup: RollupAddress,
    is_sandbox: bool,
    pins: Arc<Pins>,
}

impl Session {
    /// Asks a node which rollup it runs. It has to be the one that is `wanted`; if none is, the one that
    /// the node ran when it was first asked, as far as that is `known`. The simulated rollup of a sandbox
    /// is worth nothing, and is not remembered.
    ///
    /// # Errors
    /// When the node does not answer, or runs another rollup.
    pub fn connect(
        endpoint: &str,
        wanted: Option<&RollupAddress>,
        known: Option<&KnownRollups>,
    ) -> Result<Self, SessionError> {
        let node = Node::new(endpoint)?;
        let rollup = node.once_up(START_TIME, Node::rollup)?;
        Self::of(node, rollup, wanted, known)
    }

    /// The same over a node that is there already, with its own time for an answer; it is not waited for.
    ///
    /// # Errors
    /// When the node does not answer.
    pub fn over(node: Node) -> Result<Self, SessionError> {
        let rollup = node.rollup()?;
        Self::of(node, rollup, None, None)
    }

    fn of(
        node: Node,
        rollup: RollupAddress,
        wanted: Option<&RollupAddress>,
        known: Option<&KnownRollups>,
    ) -> Result<Self, SessionError> {
        if let Some(wanted) = wanted.filter(|wanted| **wanted != rollup) {
            return Err(SessionError::OtherRollup { wanted: *wanted, found: rollup });
        }
        let is_sandbox = node.is_sandbox()?;
        let session = Session { node, rollup, is_sandbox, pins: Arc::default() };
        if let Some(known) = known.filter(|_| !session.is_simulated()) {
            known.check(session.node.endpoint(), &rollup, wanted.is_some())?;
        }
        Ok(session)
    }

    /// A session about something of a rollup that asks no node for now.
    ///
    /// # Errors
    /// When the endpoint is malformed.
    pub fn offline(endpoint: &str, rollup: RollupAddress) -> Result<Self, SessionError> {
        let node = Node::new(endpoint)?;
        Ok(Session { node, rollup, is_sandbox: false, pins: Arc::default() })
    }

    /// The node.
    #[must_use]
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The rollup that the node runs.
    #[must_use]
    pub fn rollup(&self) -> &RollupAddress {
        &self.rollup
    }

    /// Whether the node is that of `toru dev`, and has its endpoints.
    #[must_use]
    pub fn is_sandbox(&self) -> bool {
        self.is_sandbox
    }

    /// Whether the node is a sandbox with the rollup that it simulates: everybody knows the keys of its
    /// accounts, and its chain goes back, or begins anew, whenever somebody says so.
    #[must_use]
    pub fn is_simulated(&self) -> bool {
        self.is_sandbox && self.rollup == SIMULATED_ROLLUP
    }

    /// The same with names that mean one ticket each: those that the user has pinned, if there is a place
    /// for them, and after them those of the sandbox, if the node is one. Without this, a name is what its ticketer says.
    ///
    /// # Errors
    /// When the file of pinned tickets, or the sandbox's answer, is malformed.
    pub fn with_pins(mut self, store: Option<&PinStore>) -> Result<Self, PinsError> {
        let mut pins = store.map_or_else(|| Ok(Pins::default()), PinStore::load)?;
        pins.join(&self.sandbox_pins()?);
        self.pins = Arc::new(pins);
        Ok(self)
    }

    /// The names that mean one ticket each.
    #[must_use]
    pub fn pins(&self) -> &Pins {
        &self.pins
    }

    /// The tickets that a sandbox has pinned: none of any other node, nor of a sandbox that runs a rollup
    /// of another address.
    ///
    /// # Errors
    /// When the node does not answer, or its answer is malformed.
    pub fn sandbox_pins(&self) -> Result<Pins, PinsError> {
        const PATH: &str = "/dev/layer1";
        /// The part of the answer that is about tickets.
        #[derive(Deserialize)]
        struct Layer1 {
            tickets: Vec<Value>,
        }
        if !self.is_simulated() {
            return Ok(Pins::default());
        }
        let told = match self.node.get::<Layer1>(PATH) {
            // A sandbox of an earlier version.
            Err(RpcError::Refused { .. }) => return Ok(Pins::default()),
            told => told?,
        };
        PinFile::entries(told.tickets).map_err(|problem| PinsError::Sandbox {
            endpoint: format!("{}{PATH}", self.node.endpoint()),
            problem,
        })
    }

    /// The state at the head.
    ///
    /// # Errors
    /// When the node does not tell, or the rollup has no state of this kernel.
    pub fn state(&self) -> Result<RollupState<'_>, StateError> {
        Ok(RollupState::at(&self.node, "head")?.with_pins(&self.pins))
    }

    /// The state in the last level that no reorganisation of layer 1 takes back; none before the kernel's
    /// first level is final.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn finalized_state(&self) -> Result<Option<RollupState<'_>>, StateError> {
        match RollupState::at(&self.node, "finalized") {
            Err(StateError::NotOurs { .. } | StateError::Rpc(RpcError::Refused { .. })) => Ok(None),
            state => Ok(Some(state?.with_pins(&self.pins))),
        }
    }
}
