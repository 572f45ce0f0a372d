//! The raw functions of the PVM, one method per host function.
//!
//! The name is the historic one of what today's SDK calls `SmartRollupCore`. The signatures are
//! those of the current ABI: module `smart_rollup_core`, a negative result is an error code.

/// What `read_input` writes about the message it returns: two little-endian `i32`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadInputMessageInfo {
    /// The inbox level the message belongs to.
    pub level: i32,
    /// The place of the message in its level, from 0.
    pub id: i32,
}

/// The host functions of the Tezos WASM PVM that a kernel of ours may call.
///
/// Every pointer is an address in the kernel's own memory; every size is in bytes. Results below
/// zero are error codes (see [`crate::HostError`]). The set leaves out what the PVM documents as
/// non-deterministic or cannot reproduce off chain (`store_get_nth_key`,
/// `__internal_store_get_hash`) and what the default node does not link (`nds_*`).
///
/// # Safety
///
/// An implementation must not read or write outside the ranges it is given.
pub unsafe trait RawRollupCore {
    /// Takes the next inbox message; its bytes go to `dst`. Returns the bytes copied, 0 when the
    /// inbox is empty.
    ///
    /// # Safety
    /// `info` and `dst` point to initialised memory that nothing else refers to: one value, and `max_bytes` bytes.
    unsafe fn read_input(
        &self,
        info: *mut ReadInputMessageInfo,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32;

    /// Appends a message to the outbox of this level.
    ///
    /// # Safety
    /// `src` is valid for reads of `num_bytes`.
    unsafe fn write_output(&self, src: *const u8, num_bytes: usize) -> i32;

    /// Prints to the node's kernel log. Never fails.
    ///
    /// # Safety
    /// `src` is valid for reads of `num_bytes`.
    unsafe fn write_debug(&self, src: *const u8, num_bytes: usize);

    /// What lives at a path: 0 nothing, 1 a value, 2 a subtree, 3 both.
    ///
    /// # Safety
    /// `path` is valid for reads of `path_len`.
    unsafe fn store_has(&self, path: *const u8, path_len: usize) -> i32;

    /// Deletes a path and everything below it. Deleting nothing is no error.
    ///
    /// # Safety
    /// `path` is valid for reads of `path_len`.
    unsafe fn store_delete(&self, path: *const u8, path_len: usize) -> i32;

    /// Copies a subtree over another, which it replaces whole.
    ///
    /// # Safety
    /// Both paths are valid for reads of their lengths.
    unsafe fn store_copy(
        &self,
        from: *const u8,
        from_len: usize,
        to: *const u8,
        to_len: usize,
    ) -> i32;

    /// Moves a subtree over another, which it replaces whole.
    ///
    /// # Safety
    /// Both paths are valid for reads of their lengths.
    unsafe fn store_move(
        &self,
        from: *const u8,
        from_len: usize,
        to: *const u8,
        to_len: usize,
    ) -> i32;

    /// The size of the value at a path.
    ///
    /// # Safety
    /// `path` is valid for reads of `path_len`.
    unsafe fn store_value_size(&self, path: *const u8, path_len: usize) -> i32;

    /// Reads up to `max_bytes` (at most 2,048) of a value, from `offset`. Returns the bytes read.
    ///
    /// # Safety
    /// `path` is valid for reads of `path_len`, `dst` for writes of `max_bytes`.
    unsafe fn store_read(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32;

    /// Writes `num_bytes` (at most 2,048) into a value at `offset`, which must not lie beyond its
    /// end. Extends the value where needed, never shortens it. Returns 0.
    ///
    /// # Safety
    /// `path` is valid for reads of `path_len`, `src` for reads of `num_bytes`.
    unsafe fn store_write(
        &self,
        path: *const u8,
        path_len: usize,
        offset: usize,
        src: *const u8,
        num_bytes: usize,
    ) -> i32;

    /// Reads the preimage of a 33-byte hash. Returns the bytes copied.
    ///
    /// # Safety
    /// `hash` is valid for reads of `hash_len`. `dst` points to `max_bytes` initialised bytes that nothing else
    /// refers to.
    unsafe fn reveal_preimage(
        &self,
        hash: *const u8,
        hash_len: usize,
        dst: *mut u8,
        max_bytes: usize,
    ) -> i32;

    /// Writes the rollup's address (20 bytes) and origination level (`i32`, big-endian) to `dst`.
    ///
    /// # Safety
    /// `dst` points to `max_bytes` initialised bytes that nothing else refers to.
    unsafe fn reveal_metadata(&self, dst: *mut u8, max_bytes: usize) -> i32;
}
