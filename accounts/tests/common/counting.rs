//! A host that counts what it is asked for.

use std::cell::Cell;

use host::{RawRollupCore, ReadInputMessageInfo};

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

// SAFETY: every call goes to another implementation, with the arguments it came with.
unsafe impl<H: RawRollupCore> RawRollupCore for Counting<'_, H> {
    unsafe fn read_input(&self, info: *mut ReadInputMessageInfo, to: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.read_input(info, to, max) }
    }

    unsafe fn write_output(&self, src: *const u8, size: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.write_output(src, size) }
    }

    unsafe fn write_debug(&self, src: *const u8, size: usize) {
        // SAFETY: the caller's promise.
        unsafe { self.host.write_debug(src, size) }
    }

    unsafe fn store_has(&self, path: *const u8, len: usize) -> i32 {
        add(&self.reads, 1);
        // SAFETY: the caller's promise.
        unsafe { self.host.store_has(path, len) }
    }

    unsafe fn store_delete(&self, path: *const u8, len: usize) -> i32 {
        add(&self.writes, 1);
        // SAFETY: the caller's promise.
        unsafe { self.host.store_delete(path, len) }
    }

    unsafe fn store_copy(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.store_copy(from, len, to, to_len) }
    }

    unsafe fn store_move(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.store_move(from, len, to, to_len) }
    }

    unsafe fn store_value_size(&self, path: *const u8, len: usize) -> i32 {
        add(&self.reads, 1);
        // SAFETY: the caller's promise.
        unsafe { self.host.store_value_size(path, len) }
    }

    unsafe fn store_read(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        to: *mut u8,
        max: usize,
    ) -> i32 {
        // SAFETY: the caller's promise.
        let code = unsafe { self.host.store_read(path, len, offset, to, max) };
        add(&self.reads, 1);
        add(&self.bytes_read, usize::try_from(code).unwrap_or(0));
        code
    }

    unsafe fn store_write(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        src: *const u8,
        size: usize,
    ) -> i32 {
        add(&self.writes, 1);
        add(&self.bytes_written, size);
        // SAFETY: the caller's promise.
        unsafe { self.host.store_write(path, len, offset, src, size) }
    }

    unsafe fn reveal_preimage(&self, hash: *const u8, len: usize, to: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.reveal_preimage(hash, len, to, max) }
    }

    unsafe fn reveal_metadata(&self, to: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise.
        unsafe { self.host.reveal_metadata(to, max) }
    }
}
