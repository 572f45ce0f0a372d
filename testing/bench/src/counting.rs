//! A host that counts what goes through it.

use std::cell::Cell;

use host::{RawRollupCore, ReadInputMessageInfo};

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

    fn count(&self, keys: usize, values: i64) {
        let Traffic { calls, bytes } = self.traffic.get();
        let values = u64::try_from(values).unwrap_or(0);
        let keys = u64::try_from(keys).unwrap_or(0);
        self.traffic.set(Traffic { calls: calls + 1, bytes: bytes + keys + values });
    }

    /// Counts a call whose result is the number of bytes that came.
    fn came(&self, keys: usize, size: i32) -> i32 {
        self.count(keys, size.into());
        size
    }

    /// Counts a call that takes so many bytes away.
    fn went(&self, keys: usize, size: usize, result: i32) -> i32 {
        self.count(keys, i64::try_from(size).unwrap_or(0));
        result
    }
}

// SAFETY: every method passes its arguments on to the same method of another host.
unsafe impl<H: RawRollupCore> RawRollupCore for CountingHost<'_, H> {
    unsafe fn read_input(&self, info: *mut ReadInputMessageInfo, dst: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.came(0, unsafe { self.host.read_input(info, dst, max) })
    }

    unsafe fn write_output(&self, src: *const u8, size: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(0, size, unsafe { self.host.write_output(src, size) })
    }

    unsafe fn write_debug(&self, src: *const u8, size: usize) {
        self.went(0, size, 0);
        // SAFETY: the caller's promise is passed on.
        unsafe { self.host.write_debug(src, size) }
    }

    unsafe fn store_has(&self, path: *const u8, path_len: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(path_len, 0, unsafe { self.host.store_has(path, path_len) })
    }

    unsafe fn store_delete(&self, path: *const u8, path_len: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(path_len, 0, unsafe { self.host.store_delete(path, path_len) })
    }

    unsafe fn store_copy(&self, from: *const u8, f: usize, to: *const u8, t: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(f + t, 0, unsafe { self.host.store_copy(from, f, to, t) })
    }

    unsafe fn store_move(&self, from: *const u8, f: usize, to: *const u8, t: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(f + t, 0, unsafe { self.host.store_move(from, f, to, t) })
    }

    unsafe fn store_value_size(&self, path: *const u8, path_len: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.went(path_len, 0, unsafe { self.host.store_value_size(path, path_len) })
    }

    unsafe fn store_read(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        dst: *mut u8,
        max: usize,
    ) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.came(path_len, unsafe { self.host.store_read(path, path_len, offset, dst, max) })
    }

    unsafe fn store_write(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        src: *const u8,
        size: usize,
    ) -> i32 {
        // SAFETY: the caller's promise is passed on.
        let result = unsafe { self.host.store_write(path, path_len, offset, src, size) };
        self.went(path_len, size, result)
    }

    unsafe fn reveal_preimage(&self, hash: *const u8, h: usize, dst: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.came(h, unsafe { self.host.reveal_preimage(hash, h, dst, max) })
    }

    unsafe fn reveal_metadata(&self, dst: *mut u8, max: usize) -> i32 {
        // SAFETY: the caller's promise is passed on.
        self.came(0, unsafe { self.host.reveal_metadata(dst, max) })
    }
}
