//! A host that counts what goes through it.

use std::cell::Cell;

use host::{Call, CallHandler, RawRollupCore};

/// Calls and bytes so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Calls of host functions.
    pub calls: u64,
    /// Bytes of keys and values that went either way.
    pub bytes: u64,
}

/// Counts the calls of the host functions under it.
pub struct CountingHost<'h, H> {
    host: &'h H,
    traffic: Cell<Traffic>,
}

impl<'h, H: RawRollupCore> CountingHost<'h, H> {
    /// Nothing counted yet.
    pub fn new(host: &'h H) -> Self {
        CountingHost { host, traffic: Cell::default() }
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        self.traffic.get()
    }

    /// Counts a call with keys and values of so many bytes.
    fn count(&self, keys: usize, values: usize) {
        let Traffic { calls, bytes } = self.traffic.get();
        let moved = u64::try_from(keys.saturating_add(values)).unwrap_or(u64::MAX);
        self.traffic.set(Traffic { calls: calls + 1, bytes: bytes.saturating_add(moved) });
    }
}

impl<H: RawRollupCore> CallHandler for CountingHost<'_, H> {
    fn handle(&self, call: Call<'_>) -> i32 {
        let (keys, written, is_read) = match &call {
            Call::ReadInput { .. } | Call::RevealMetadata { .. } => (0, 0, true),
            Call::WriteOutput { message: bytes } | Call::WriteDebug { text: bytes } => {
                (0, bytes.len(), false)
            }
            Call::StoreHas { path }
            | Call::StoreDelete { path }
            | Call::StoreValueSize { path } => (path.len(), 0, false),
            Call::StoreCopy { from, to } | Call::StoreMove { from, to } => {
                (from.len() + to.len(), 0, false)
            }
            Call::StoreRead { path: key, .. } | Call::RevealPreimage { hash: key, .. } => {
                (key.len(), 0, true)
            }
            Call::StoreWrite { path, bytes, .. } => (path.len(), bytes.len(), false),
        };
        let answer = call.forward(self.host);
        let read = if is_read { usize::try_from(answer).unwrap_or(0) } else { 0 };
        self.count(keys, written + read);
        answer
    }
}
