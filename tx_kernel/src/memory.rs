//! The allocator of the WASM: small, since the kernel's bytes count, and good for one run, after
//! which all memory is gone.
//!
//! Blocks have the sizes of [`crate::block_sizes`]. One that is freed is kept for the next request of its size. A large
//! request may take a part of a larger one, as there are few of them, and they are most of what a large batch takes.
//! Blocks are never joined. So for each small size memory holds what was in use of it at most: for vectors that grow, up
//! to four times what they hold.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::UnsafeCell;
use std::ptr;

use crate::block_sizes::{LARGEST_SMALL, LEAST, SIZES, bytes_of, size_for};

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(Blocks::NONE));

const PAGE_BYTES: usize = 65_536;

struct Memory(UnsafeCell<Blocks>);

// SAFETY: this WASM has one thread.
unsafe impl Sync for Memory {}

struct Blocks {
    /// The last block freed of each size. It begins with the one freed before.
    free: [*mut u8; SIZES],
    /// What was never given out, from here
    fresh: usize,
    /// to here.
    end: usize,
}

impl Blocks {
    const NONE: Blocks = Blocks { free: [ptr::null_mut(); SIZES], fresh: 0, end: 0 };

    /// A block of this size that was freed.
    fn take(&mut self, size: usize) -> Option<*mut u8> {
        let block = self.free[size];
        if block.is_null() {
            return None;
        }
        // SAFETY: a free block begins with an address, and is aligned for it.
        self.free[size] = unsafe { block.cast::<*mut u8>().read() };
        Some(block)
    }

    /// Keeps a block of this size for later.
    ///
    /// # Safety
    /// It is nobody's, has as many bytes as the size says, and is aligned as all blocks are.
    unsafe fn put(&mut self, block: *mut u8, size: usize) {
        // SAFETY: as the caller promises.
        unsafe { block.cast::<*mut u8>().write(self.free[size]) };
        self.free[size] = block;
    }

    /// The first part of the smallest block that was freed and is larger than this size. The rest is kept.
    fn part(&mut self, size: usize) -> Option<*mut u8> {
        let larger = (size..SIZES).find(|larger| !self.free[*larger].is_null())?;
        let (bytes, all) = (bytes_of(size)?, bytes_of(larger)?);
        let block = self.take(larger)?;
        let rest = all - bytes;
        let mut size = size_for(rest);
        if bytes_of(size)? > rest {
            size -= 1;
        }
        if size > LARGEST_SMALL {
            // SAFETY: the block has `all` bytes, of which the last `rest` are given to nobody else. Sizes of large blocks
            // are multiples of the alignment.
            unsafe { self.put(block.add(bytes), size) };
        }
        Some(block)
    }

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

impl Memory {
    /// A block for a request, and whether it was never given out. It is null, and fresh, if there is none.
    fn block(&self, layout: Layout) -> (*mut u8, bool) {
        if layout.align() > LEAST {
            return (ptr::null_mut(), true);
        }
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        let size = size_for(layout.size());
        if let Some(block) = blocks.take(size) {
            return (block, false);
        }
        if size > LARGEST_SMALL
            && let Some(block) = blocks.part(size)
        {
            return (block, false);
        }
        let block = bytes_of(size).and_then(|bytes| blocks.grow(bytes));
        (block.unwrap_or(ptr::null_mut()), true)
    }
}

// SAFETY: a block is either in use, in the one list of free ones, or fresh; it has at least the
// bytes that were asked for, and begins at a multiple of `LEAST`, as pages do and all blocks before.
unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.block(layout).0
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let (block, is_fresh) = self.block(layout);
        // Memory that was never given out is zero since it is there.
        if !is_fresh {
            // SAFETY: a block of at least that size.
            unsafe { ptr::write_bytes(block, 0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        // SAFETY: the block is whoever frees it's no more, and was given out for a request of that many bytes.
        unsafe { blocks.put(block, size_for(layout.size())) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if size_for(bytes) == size_for(layout.size()) {
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
