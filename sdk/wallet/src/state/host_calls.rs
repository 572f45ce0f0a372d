//! The state as a host under the kernel's own code: reads are answered from a node, and nothing is written.

use host::code::{BAD_OFFSET, NO_VALUE, READONLY};
use host::{Call, CallHandler};

use super::RollupState;

/// No code of the PVM: the node has not answered, and [`RollupState::read`] says why.
const UNANSWERED: i32 = -1_000;

impl CallHandler for RollupState<'_> {
    fn handle(&self, call: Call<'_>) -> i32 {
        match call {
            Call::StoreHas { path } => self.store_has(path),
            Call::StoreValueSize { path } => {
                let size =
                    |value: Option<&[u8]>| value.map_or(NO_VALUE, |value| length(value.len()));
                self.value(path, size).unwrap_or(UNANSWERED)
            }
            Call::StoreRead { path, offset, into } => {
                let copied = self.value(path, |value| copy(value, offset, into));
                copied.unwrap_or(UNANSWERED)
            }
            Call::ReadInput { .. } | Call::WriteDebug { .. } => 0,
            Call::RevealPreimage { .. } | Call::RevealMetadata { .. } => NO_VALUE,
            Call::WriteOutput { .. }
            | Call::StoreDelete { .. }
            | Call::StoreCopy { .. }
            | Call::StoreMove { .. }
            | Call::StoreWrite { .. } => READONLY,
        }
    }
}

impl RollupState<'_> {
    fn store_has(&self, path: &[u8]) -> i32 {
        let Some(is_value) = self.value(path, |value| value.is_some()) else { return UNANSWERED };
        let text = String::from_utf8_lossy(path);
        // A node may list a value itself as a subkey without a name.
        match self.node.subkeys(&self.block.hash, &text) {
            Ok(below) => {
                i32::from(is_value) + if below.iter().any(|name| !name.is_empty()) { 2 } else { 0 }
            }
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                UNANSWERED
            }
        }
    }
}

/// Copies as much of a value from an offset on as there is room for, and returns how much that is.
fn copy(value: Option<&[u8]>, offset: usize, into: &mut [u8]) -> i32 {
    let Some(value) = value else { return NO_VALUE };
    let Some(rest) = value.get(offset..) else { return BAD_OFFSET };
    let count = rest.len().min(into.len());
    for (to, from) in into.iter_mut().zip(rest) {
        *to = *from;
    }
    length(count)
}

fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
