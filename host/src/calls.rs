//! Hosts in safe Rust: each call of the kernel arrives as a value.
//!
//! Whoever counts calls, makes them fail or answers them from elsewhere implements [`CallHandler`]: one
//! method, over slices. This file alone turns raw ranges into slices, and back.

use crate::{RawRollupCore, ReadInputMessageInfo};

/// One call of a host function, its ranges of memory as slices.
#[derive(Debug)]
pub enum Call<'a> {
    /// See [`RawRollupCore::read_input`].
    ReadInput {
        /// Where the message's level and index go.
        info: &'a mut ReadInputMessageInfo,
        /// Where the message goes.
        into: &'a mut [u8],
    },
    /// See [`RawRollupCore::write_output`].
    WriteOutput {
        /// The message.
        message: &'a [u8],
    },
    /// See [`RawRollupCore::write_debug`]. Its result is ignored.
    WriteDebug {
        /// The text.
        text: &'a [u8],
    },
    /// See [`RawRollupCore::store_has`].
    StoreHas {
        /// The path.
        path: &'a [u8],
    },
    /// See [`RawRollupCore::store_delete`].
    StoreDelete {
        /// The path.
        path: &'a [u8],
    },
    /// See [`RawRollupCore::store_copy`].
    StoreCopy {
        /// The root of the subtree.
        from: &'a [u8],
        /// The root of its copy.
        to: &'a [u8],
    },
    /// See [`RawRollupCore::store_move`].
    StoreMove {
        /// The root of the subtree.
        from: &'a [u8],
        /// Its root afterwards.
        to: &'a [u8],
    },
    /// See [`RawRollupCore::store_value_size`].
    StoreValueSize {
        /// The path.
        path: &'a [u8],
    },
    /// See [`RawRollupCore::store_read`].
    StoreRead {
        /// The path.
        path: &'a [u8],
        /// The first byte that is read.
        offset: usize,
        /// Where the bytes go.
        into: &'a mut [u8],
    },
    /// See [`RawRollupCore::store_write`].
    StoreWrite {
        /// The path.
        path: &'a [u8],
        /// The first byte that is written.
        offset: usize,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// See [`RawRollupCore::reveal_preimage`].
    RevealPreimage {
        /// The hash.
        hash: &'a [u8],
        /// Where the preimage goes.
        into: &'a mut [u8],
    },
    /// See [`RawRollupCore::reveal_metadata`].
    RevealMetadata {
        /// Where the metadata go.
        into: &'a mut [u8],
    },
}

/// A host in safe Rust. Implementing it implements [`RawRollupCore`], and so [`crate::Host`].
pub trait CallHandler {
    /// Answers a call: with what the host function returns, or one of the codes in [`crate::code`].
    fn handle(&self, call: Call<'_>) -> i32;
}

/// The range as a slice.
///
/// # Safety
/// `start` is valid for reads of `len` bytes for as long as the slice lives.
unsafe fn slice<'a>(start: *const u8, len: usize) -> &'a [u8] {
    if len == 0 {
        return &[];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts(start, len) }
}

/// The range as a slice that can be written.
///
/// # Safety
/// `start` is valid for reads and writes of `len` bytes for as long as the slice lives, and nothing
/// else refers to them.
unsafe fn slice_mut<'a>(start: *mut u8, len: usize) -> &'a mut [u8] {
    if len == 0 {
        return &mut [];
    }
    // SAFETY: as the caller promises.
    unsafe { std::slice::from_raw_parts_mut(start, len) }
}

// SAFETY: the callers promise ranges that are valid while a call lasts, those to write to initialised and theirs
// alone, and no slice outlives its call.
#[expect(clippy::undocumented_unsafe_blocks, reason = "each passes its caller's promise on")]
unsafe impl<T: CallHandler + ?Sized> RawRollupCore for T {
    unsafe fn read_input(&self, info: *mut ReadInputMessageInfo, dst: *mut u8, max: usize) -> i32 {
        let (info, into) = unsafe { (&mut *info, slice_mut(dst, max)) };
        self.handle(Call::ReadInput { info, into })
    }

    unsafe fn write_output(&self, src: *const u8, len: usize) -> i32 {
        self.handle(Call::WriteOutput { message: unsafe { slice(src, len) } })
    }

    unsafe fn write_debug(&self, src: *const u8, len: usize) {
        self.handle(Call::WriteDebug { text: unsafe { slice(src, len) } });
    }

    unsafe fn store_has(&self, path: *const u8, len: usize) -> i32 {
        self.handle(Call::StoreHas { path: unsafe { slice(path, len) } })
    }

    unsafe fn store_delete(&self, path: *const u8, len: usize) -> i32 {
        self.handle(Call::StoreDelete { path: unsafe { slice(path, len) } })
    }

    unsafe fn store_copy(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        let (from, to) = unsafe { (slice(from, len), slice(to, to_len)) };
        self.handle(Call::StoreCopy { from, to })
    }

    unsafe fn store_move(&self, from: *const u8, len: usize, to: *const u8, to_len: usize) -> i32 {
        let (from, to) = unsafe { (slice(from, len), slice(to, to_len)) };
        self.handle(Call::StoreMove { from, to })
    }

    unsafe fn store_value_size(&self, path: *const u8, len: usize) -> i32 {
        self.handle(Call::StoreValueSize { path: unsafe { slice(path, len) } })
    }

    unsafe fn store_read(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        dst: *mut u8,
        max: usize,
    ) -> i32 {
        let (path, into) = unsafe { (slice(path, len), slice_mut(dst, max)) };
        self.handle(Call::StoreRead { path, offset, into })
    }

    unsafe fn store_write(
        &self,
        path: *const u8,
        len: usize,
        offset: usize,
        src: *const u8,
        size: usize,
    ) -> i32 {
        let (path, bytes) = unsafe { (slice(path, len), slice(src, size)) };
        self.handle(Call::StoreWrite { path, offset, bytes })
    }

    unsafe fn reveal_preimage(&self, hash: *const u8, len: usize, dst: *mut u8, max: usize) -> i32 {
        let (hash, into) = unsafe { (slice(hash, len), slice_mut(dst, max)) };
        self.handle(Call::RevealPreimage { hash, into })
    }

    unsafe fn reveal_metadata(&self, dst: *mut u8, max: usize) -> i32 {
        self.handle(Call::RevealMetadata { into: unsafe { slice_mut(dst, max) } })
    }
}

impl Call<'_> {
    /// Makes the call on a host, and returns what it answers.
    pub fn forward<H: RawRollupCore + ?Sized>(self, host: &H) -> i32 {
        // SAFETY: every pointer is that of a live slice and goes with its length.
        unsafe {
            match self {
                Call::ReadInput { info, into } => {
                    host.read_input(info, into.as_mut_ptr(), into.len())
                }
                Call::WriteOutput { message } => host.write_output(message.as_ptr(), message.len()),
                Call::WriteDebug { text } => {
                    host.write_debug(text.as_ptr(), text.len());
                    0
                }
                Call::StoreHas { path } => host.store_has(path.as_ptr(), path.len()),
                Call::StoreDelete { path } => host.store_delete(path.as_ptr(), path.len()),
                Call::StoreCopy { from, to } => {
                    host.store_copy(from.as_ptr(), from.len(), to.as_ptr(), to.len())
                }
                Call::StoreMove { from, to } => {
                    host.store_move(from.as_ptr(), from.len(), to.as_ptr(), to.len())
                }
                Call::StoreValueSize { path } => host.store_value_size(path.as_ptr(), path.len()),
                Call::StoreRead { path, offset, into } => {
                    let (dst, max) = (into.as_mut_ptr(), into.len());
                    host.store_read(path.as_ptr(), path.len(), offset, dst, max)
                }
                Call::StoreWrite { path, offset, bytes } => {
                    let (src, size) = (bytes.as_ptr(), bytes.len());
                    host.store_write(path.as_ptr(), path.len(), offset, src, size)
                }
                Call::RevealPreimage { hash, into } => {
                    let (dst, max) = (into.as_mut_ptr(), into.len());
                    host.reveal_preimage(hash.as_ptr(), hash.len(), dst, max)
                }
                Call::RevealMetadata { into } => {
                    host.reveal_metadata(into.as_mut_ptr(), into.len())
                }
            }
        }
    }
}
