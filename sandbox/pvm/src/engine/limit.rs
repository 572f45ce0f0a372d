//! What an engine or this machine cannot do where the PVM could: never a trap, never stuck.

use thiserror::Error;
use wasmi_core::{LimiterError, MemoryError, ResourceLimiter, TableError};

/// Bytes of memory and tables that a run may have unless told otherwise: 1 GiB.
pub const MEMORY_LIMIT_DEFAULT_BYTES: usize = 1 << 30;

/// Bytes that an entry of a table is counted for: it takes half of them, and twice as many while the
/// table moves.
const TABLE_ENTRY_BYTES: usize = 16;

/// Bytes of stack that nested calls may take at most: enough for 60,000 calls with 1,100 locals and operands each. It
/// takes memory as it is needed. Where a kernel may need more, it is watched which limit it comes to: see
/// [`super::Prepared`].
pub(super) const STACK_BYTES_MAX: usize = 512 << 20;

/// Why the engine ends a run that the PVM would go on with, or does not begin it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EngineLimit {
    /// It cannot translate the module.
    #[error("this engine cannot translate the kernel, which the PVM could run: {0}")]
    Translation(String),
    /// The kernel's memory and tables are larger than they may be.
    #[error(
        "the kernel's memory and tables take more than {} MiB, the limit that is set",
        limit >> 20
    )]
    Memory {
        /// How many bytes they may have.
        limit: usize,
    },
    /// Fewer calls are open than the PVM allows, but they need more stack than there is.
    #[error("the kernel's nested calls take more than {} MiB of this engine's stack", limit >> 20)]
    Stack {
        /// How many bytes it may have.
        limit: usize,
    },
    /// Two engines that are compared do not come to the same: one of them is wrong.
    #[error("the engines part: {0}")]
    Parted(String),
    /// Anything else.
    #[error("this engine cannot go on where the PVM would: {0}")]
    Other(String),
}

/// The room for a kernel's memory and tables. Counts what they ask for, on every engine alike.
#[derive(Debug)]
pub(super) struct Room {
    limit: usize,
    taken: usize,
    /// Whether more was asked for than there is.
    pub(super) is_exceeded: bool,
}

/// There is less room than was asked for. The run ends: to answer that memory cannot grow would be an answer that the
/// PVM does not give.
#[derive(Clone, Copy, Debug, Error)]
#[error("the room for memory and tables is used up")]
pub(super) struct Full;

impl Room {
    /// An empty room of so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, taken: 0, is_exceeded: false }
    }

    /// Takes what a memory grows by.
    pub(super) fn grow_memory(&mut self, current: usize, desired: usize) -> Result<(), Full> {
        self.take(desired.saturating_sub(current))
    }

    /// Takes what a table grows by, in entries. The table's own maximum is the kernel's affair, and looked at next.
    pub(super) fn grow_table(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<(), Full> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(());
        }
        self.take(desired.saturating_sub(current).saturating_mul(TABLE_ENTRY_BYTES))
    }

    fn take(&mut self, bytes: usize) -> Result<(), Full> {
        let taken = self.taken.saturating_add(bytes);
        if taken > self.limit {
            return Err(self.refuse());
        }
        self.taken = taken;
        Ok(())
    }

    /// Notes that the system has less than the room.
    pub(super) fn refuse(&mut self) -> Full {
        self.is_exceeded = true;
        Full
    }
}

impl From<Full> for LimiterError {
    fn from(Full: Full) -> Self {
        Self::ResourceLimiterDeniedAllocation
    }
}

impl ResourceLimiter for Room {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        self.grow_memory(current, desired)?;
        Ok(true)
    }

    fn memory_grow_failed(&mut self, error: &MemoryError) -> Result<(), LimiterError> {
        match error {
            MemoryError::OutOfSystemMemory => Err(self.refuse().into()),
            _ => Ok(()),
        }
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool, LimiterError> {
        self.grow_table(current, desired, maximum)?;
        Ok(true)
    }

    fn table_grow_failed(&mut self, error: &TableError) -> Result<(), LimiterError> {
        match error {
            TableError::OutOfSystemMemory => Err(self.refuse().into()),
            _ => Ok(()),
        }
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
