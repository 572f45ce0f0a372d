//! The state as a host under the kernel's own code: reads are answered from a node, and nothing is written.

use host::code::{BAD_OFFSET, NO_VALUE, READONLY};
use host::{Call, CallHandler};

use super::BlockState;

/// No code of the PVM: the node has not answered, and [`BlockState::checked`] says why.
const UNANSWERED: i32 = -1_000;

impl CallHandler for BlockState {
    fn handle(&self, call: Call<'_>) -> i32 {
        match call {
            Call::StoreHas { path } => {
                let is_value = self.value(path, |value| value.is_some());
                match is_value.zip(self.has_below(path)) {
                    Some((is_value, below)) => i32::from(is_value) + if below { 2 } else { 0 },
                    None => UNANSWERED,
                }
            }
            Call::StoreValueSize { path } => {
                let size =
                    |value: Option<&[u8]>| value.map_or(NO_VALUE, |value| length(value.len()));
                self.value(path, size).unwrap_or(UNANSWERED)
            }
            Call::StoreRead { path, offset, into } => {
                let copied = self.value(path, |value| copied(value, offset, into));
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

/// Copies what there is of a value from an offset on, as far as there is room. Returns how many bytes that are.
fn copied(value: Option<&[u8]>, offset: usize, into: &mut [u8]) -> i32 {
    let Some(value) = value else { return NO_VALUE };
    let Some(rest) = value.get(offset..) else { return BAD_OFFSET };
    let count = rest.len().min(into.len());
    into.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    length(count)
}

fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).unwrap_or(i32::MAX)
}
