//! A host that fails: from one call on, or at one call alone, it answers with an error code and
//! does nothing.

use std::cell::Cell;

use host::{RawRollupCore, ReadInputMessageInfo};

const NO_VALUE: i32 = -3;
const BAD_OFFSET: i32 = -4;
const OTHER: i32 = -8;

/// How a host fails.
#[derive(Clone, Copy, Debug)]
pub struct Failure {
    /// The first call that fails, counted from 0 in the level.
    pub from: u64,
    /// How many fail.
    pub count: u64,
    /// The code that they answer with.
    pub code: i32,
}

/// A host in front of another one.
pub struct FailingHost<'h, H> {
    /// The one that does the work.
    pub inner: &'h H,
    /// How it fails.
    pub failure: Failure,
    /// How many calls there were, over all runs of the level.
    pub calls: &'h Cell<u64>,
    /// Whether the call before was a `write_output` that was executed.
    pub has_output: &'h Cell<bool>,
    /// Whether a call failed just after one: what is written cannot be unwritten, so the move that
    /// follows is the one call that must not fail, and no PVM fails it.
    pub fence_failed: &'h Cell<bool>,
}

impl<H> FailingHost<'_, H> {
    /// A call that reads a value. That there is none, or that it ends before, is no failure but an
    /// answer, and a wrong one no kernel can tell from a right one: another code in its place.
    fn or_fail_reading(&self, call: impl FnOnce() -> i32) -> i32 {
        let mut answer = None;
        let code = self.or_fail(|| *answer.insert(call()));
        if answer.is_none() && matches!(code, NO_VALUE | BAD_OFFSET) { OTHER } else { code }
    }

    fn or_fail(&self, call: impl FnOnce() -> i32) -> i32 {
        let number = self.calls.get();
        self.calls.set(number + 1);
        let Failure { from, count, code } = self.failure;
        let fails = number >= from && number - from < count;
        self.fence_failed.set(self.fence_failed.get() || fails && self.has_output.get());
        self.has_output.set(false);
        if fails { code } else { call() }
    }
}

// SAFETY: every method hands its arguments on as they are, or touches nothing.
#[expect(clippy::undocumented_unsafe_blocks, reason = "each hands its own contract on")]
unsafe impl<H: RawRollupCore> RawRollupCore for FailingHost<'_, H> {
    unsafe fn read_input(&self, info: *mut ReadInputMessageInfo, dst: *mut u8, max: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.read_input(info, dst, max) })
    }

    unsafe fn write_output(&self, src: *const u8, bytes: usize) -> i32 {
        let mut written = false;
        let code = self.or_fail(|| {
            let code = unsafe { self.inner.write_output(src, bytes) };
            written = code == 0;
            code
        });
        self.has_output.set(written);
        code
    }

    unsafe fn write_debug(&self, src: *const u8, bytes: usize) {
        unsafe { self.inner.write_debug(src, bytes) }
    }

    unsafe fn store_has(&self, path: *const u8, len: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.store_has(path, len) })
    }

    unsafe fn store_delete(&self, path: *const u8, len: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.store_delete(path, len) })
    }

    unsafe fn store_copy(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.store_copy(from, len, to, to_len) })
    }

    unsafe fn store_move(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.store_move(from, len, to, to_len) })
    }

    unsafe fn store_value_size(&self, path: *const u8, len: usize) -> i32 {
        self.or_fail_reading(|| unsafe { self.inner.store_value_size(path, len) })
    }

    unsafe fn store_read(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        dst: *mut u8,
        max: usize,
    ) -> i32 {
        self.or_fail_reading(|| unsafe { self.inner.store_read(path, len, offset, dst, max) })
    }

    unsafe fn store_write(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        src: *const u8,
        bytes: usize,
    ) -> i32 {
        self.or_fail(|| unsafe { self.inner.store_write(path, len, offset, src, bytes) })
    }

    unsafe fn reveal_preimage(&self, hash: *const u8, len: usize, dst: *mut u8, max: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.reveal_preimage(hash, len, dst, max) })
    }

    unsafe fn reveal_metadata(&self, dst: *mut u8, max: usize) -> i32 {
        self.or_fail(|| unsafe { self.inner.reveal_metadata(dst, max) })
    }
}
