//! The allocator of the WASM: small, since the kernel's bytes count, and good for one run, after
//! which all memory is gone.
//!
//! Blocks have sizes that are powers of two. One that is freed is kept for the next request of its
//! size; blocks are never joined or split. So for each size memory holds what was in use of it at
//! most: for vectors that grow, up to four times what they hold.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::UnsafeCell;
use std::ptr;

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(Blocks::NONE));

/// Bytes: the smallest block. No type asks for a greater alignment.
const LEAST: usize = 16;
const PAGE_BYTES: usize = 65_536;

struct Memory(UnsafeCell<Blocks>);

// SAFETY: this WASM has one thread.
unsafe impl Sync for Memory {}

struct Blocks {
    /// The last block freed of `2^n` bytes, at `n`. It begins with the one freed before.
    free: [*mut u8; usize::BITS as usize + 1],
    /// What was never given out, from here
    fresh: usize,
    /// to here.
    end: usize,
}

impl Blocks {
    const NONE: Blocks =
        Blocks { free: [ptr::null_mut(); usize::BITS as usize + 1], fresh: 0, end: 0 };

    /// A block that was never given out.
    fn grow(&mut self, bytes: usize) -> Option<*mut u8> {
        if self.end - self.fresh < bytes {
            let pages = bytes.div_ceil(PAGE_BYTES);
            // Where there is no more, it returns the greatest number.
            let start = memory_grow::<0>(pages).checked_mul(PAGE_BYTES)?;
            if start != self.end {
                self.fresh = start;
            }
            self.end = start.checked_add(pages * PAGE_BYTES)?;
        }
        let block = ptr::with_exposed_provenance_mut(self.fresh);
        self.fresh += bytes;
        Some(block)
    }
}

/// The power of two that a request of so many bytes takes.
fn power(bytes: usize) -> u32 {
    usize::BITS - (bytes.max(LEAST) - 1).leading_zeros()
}

// SAFETY: a block is either in use, in the one list of free ones, or fresh; it has at least the
// bytes that were asked for, and begins at a multiple of `LEAST`, as pages do and all blocks before.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let power = power(layout.size());
        let (true, Some(bytes)) = (layout.align() <= LEAST, 1usize.checked_shl(power)) else {
            return ptr::null_mut();
        };
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        let block = blocks.free[power as usize];
        if block.is_null() {
            return blocks.grow(bytes).unwrap_or(ptr::null_mut());
        }
        // SAFETY: a free block begins with an address, and is aligned for it.
        blocks.free[power as usize] = unsafe { block.cast::<*mut u8>().read() };
        block
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: there is no other reference, as nothing below allocates.
        let is_fresh = unsafe { (&*self.0.get()).free[power(layout.size()) as usize].is_null() };
        // SAFETY: as the caller promises.
        let block = unsafe { self.alloc(layout) };
        // Memory that was never given out is zero since it is there.
        if !block.is_null() && !is_fresh {
            // SAFETY: a block of at least that size.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let power = power(layout.size());
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        // SAFETY: the block is whoever frees it's no more, has room for an address and is aligned.
        unsafe { block.cast::<*mut u8>().write(blocks.free[power as usize]) };
        blocks.free[power as usize] = block;
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if power(bytes) == power(layout.size()) {
            return block;
        }
        // SAFETY: the caller's promise that `bytes` is a size that the alignment allows.
        let larger = unsafe { Layout::from_size_align_unchecked(bytes, layout.align()) };
        // SAFETY: neither layout is empty.
        let new = unsafe { self.alloc(larger) };
        if !new.is_null() {
            // SAFETY: two blocks, of at least these sizes.
            unsafe { ptr::copy_nonoverlapping(block, new, bytes.min(layout.size())) };
            // SAFETY: the block is not used any more.
            unsafe { self.dealloc(block, layout) };
        }
        new
    }
}
