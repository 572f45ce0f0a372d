//! What wasmtime hands to the host functions, and how it asks for room.

use crate::engine::limit::Room;
use crate::host::Host;
use wasmtime::{Error, Memory, ResourceLimiter};

/// Bytes of memory that no 32-bit module has more than.
const MEMORY_BYTES_MAX: usize = 1 << 32;

/// What a store holds for the host functions.
pub(super) struct Context {
    pub(super) host: Host,
    /// Absent while the module is instantiated, when no host call is allowed.
    pub(super) memory: Option<Memory>,
    /// What memory and tables take.
    pub(super) limits: Limits,
    /// Whether a call was made when as many were open as may be.
    pub(super) is_too_deep: bool,
}

/// The room, as wasmtime asks for it.
pub(super) struct Limits {
    pub(super) room: Room,
    /// Whether what is asked for last is beyond what the module allows itself: then the module is told so.
    is_own_limit: bool,
}

impl Limits {
    pub(super) fn new(bytes: usize) -> Self {
        Self { room: Room::new(bytes), is_own_limit: false }
    }

    /// What did not grow for another reason than the module's own limit, could not: the system has no more.
    fn failed(&mut self) -> Result<(), Error> {
        match self.is_own_limit {
            true => Ok(()),
            false => Err(self.room.refuse().into()),
        }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Error> {
        self.is_own_limit = desired > maximum.unwrap_or(MEMORY_BYTES_MAX).min(MEMORY_BYTES_MAX);
        if !self.is_own_limit {
            self.room.grow_memory(current, desired)?;
        }
        Ok(true)
    }

    fn memory_grow_failed(&mut self, _error: Error) -> Result<(), Error> {
        self.failed()
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, Error> {
        let entries = usize::try_from(u32::MAX).unwrap_or(usize::MAX);
        self.is_own_limit = desired > maximum.unwrap_or(entries);
        self.room.grow_table(current, desired, maximum)?;
        Ok(true)
    }

    fn table_grow_failed(&mut self, _error: Error) -> Result<(), Error> {
        self.failed()
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        1
    }
}
