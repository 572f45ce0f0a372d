//! The allocator of the WASM: small, since the kernel's bytes count, and good for one run, after
//! which all memory is gone.
//!
//! Small blocks have sizes that are powers of two; of large ones there are eight sizes between two powers, so that the
//! columns of a batch of many thousands take an eighth more than they hold at most. One that is freed is kept for the next
//! request of its size; blocks are never joined or split. So for each size memory holds what was in use of it at
//! most: for vectors that grow, up to four times what they hold.

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::UnsafeCell;
use std::ptr;

#[global_allocator]
static MEMORY: Memory = Memory(UnsafeCell::new(Blocks::NONE));

/// Bytes: the smallest block. No type asks for a greater alignment.
const LEAST: usize = 16;
/// Bytes, as a power of two: the largest small block.
const SMALL_POWER: u32 = 12;
/// Sizes of large blocks from one power of two to the next, as a power of two.
const STEPS_POWER: u32 = 3;
/// How many sizes there are.
const CLASSES: usize =
    SMALL_POWER as usize + 1 + ((usize::BITS - SMALL_POWER) as usize) * (1 << STEPS_POWER);
const PAGE_BYTES: usize = 65_536;

struct Memory(UnsafeCell<Blocks>);

// SAFETY: this WASM has one thread.
unsafe impl Sync for Memory {}

struct Blocks {
    /// The last block freed of each size. It begins with the one freed before.
    free: [*mut u8; CLASSES],
    /// What was never given out, from here
    fresh: usize,
    /// to here.
    end: usize,
}

impl Blocks {
    const NONE: Blocks = Blocks { free: [ptr::null_mut(); CLASSES], fresh: 0, end: 0 };

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

/// The place of a size among all sizes.
fn class(bytes: usize) -> usize {
    let power = usize::BITS - (bytes.max(LEAST) - 1).leading_zeros();
    if power <= SMALL_POWER {
        return power as usize;
    }
    // The steps begin at the power below.
    let step = power - 1 - STEPS_POWER;
    let steps = ((bytes - 1) >> step) - (1 << STEPS_POWER);
    let powers = (power - 1 - SMALL_POWER) as usize;
    SMALL_POWER as usize + 1 + (powers << STEPS_POWER) + steps
}

/// The size of the block that a request of so many bytes takes, if memory can be so large.
fn block_bytes(bytes: usize) -> Option<usize> {
    let power = usize::BITS - (bytes.max(LEAST) - 1).leading_zeros();
    let step = if power <= SMALL_POWER { power } else { power - 1 - STEPS_POWER };
    let steps = (bytes.max(LEAST) - 1) >> step;
    steps.checked_add(1)?.checked_mul(1_usize.checked_shl(step)?)
}

impl Memory {
    /// A block for a request, and whether it was never given out. It is null, and fresh, if there is none.
    fn block(&self, layout: Layout) -> (*mut u8, bool) {
        if layout.align() > LEAST {
            return (ptr::null_mut(), true);
        }
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        let class = class(layout.size());
        let block = blocks.free[class];
        if block.is_null() {
            let bytes = block_bytes(layout.size());
            return (bytes.and_then(|bytes| blocks.grow(bytes)).unwrap_or(ptr::null_mut()), true);
        }
        // SAFETY: a free block begins with an address, and is aligned for it.
        blocks.free[class] = unsafe { block.cast::<*mut u8>().read() };
        (block, false)
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
        let class = class(layout.size());
        // SAFETY: there is no other reference, as nothing below allocates.
        let blocks = unsafe { &mut *self.0.get() };
        // SAFETY: the block is whoever frees it's no more, has room for an address and is aligned.
        unsafe { block.cast::<*mut u8>().write(blocks.free[class]) };
        blocks.free[class] = block;
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if class(bytes) == class(layout.size()) {
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
