//! A host that counts what it is asked for.

use std::cell::Cell;

use host::{Call, CallHandler, RawRollupCore};

/// Passes every call on, and counts those to durable storage.
pub struct Counting<'h, H> {
    host: &'h H,
    reads: Cell<usize>,
    bytes_read: Cell<usize>,
    writes: Cell<usize>,
    bytes_written: Cell<usize>,
}

impl<'h, H> Counting<'h, H> {
    /// Over another host.
    pub fn over(host: &'h H) -> Self {
        let [reads, bytes_read, writes, bytes_written] = [const { Cell::new(0) }; 4];
        Counting { host, reads, bytes_read, writes, bytes_written }
    }

    /// Begins anew.
    pub fn reset(&self) {
        for counter in [&self.reads, &self.bytes_read, &self.writes, &self.bytes_written] {
            counter.set(0);
        }
    }

    /// Calls that read, whether they found anything or not.
    pub fn reads(&self) -> usize {
        self.reads.get()
    }

    /// Bytes that were found.
    pub fn bytes_read(&self) -> usize {
        self.bytes_read.get()
    }

    /// Calls that write or delete values.
    pub fn writes(&self) -> usize {
        self.writes.get()
    }

    /// Bytes that were given.
    pub fn bytes_written(&self) -> usize {
        self.bytes_written.get()
    }
}

fn add(to: &Cell<usize>, more: usize) {
    to.set(to.get() + more);
}

impl<H: RawRollupCore> CallHandler for Counting<'_, H> {
    fn handle(&self, call: Call<'_>) -> i32 {
        match &call {
            Call::StoreHas { .. } | Call::StoreValueSize { .. } | Call::StoreRead { .. } => {
                add(&self.reads, 1);
            }
            Call::StoreDelete { .. } => add(&self.writes, 1),
            Call::StoreWrite { bytes, .. } => {
                add(&self.writes, 1);
                add(&self.bytes_written, bytes.len());
            }
            _ => {}
        }
        let is_read = matches!(call, Call::StoreRead { .. });
        let answer = call.forward(self.host);
        if is_read {
            add(&self.bytes_read, usize::try_from(answer).unwrap_or(0));
        }
        answer
    }
}
