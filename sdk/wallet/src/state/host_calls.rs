//! The calls of the kernel's own code over a block's state: reads are answered with what a node tells, and
//! nothing is written.

use host::Call;
use host::code::{BAD_OFFSET, NO_VALUE, READONLY};

/// No code of the PVM: the node has not answered. Whoever keeps the values says why.
const UNANSWERED: i32 = -1_000;

/// The values of a block's state, as a node tells them.
pub trait BlockValues {
    /// Uses a value, or that there is none. `None`: the node does not tell.
    fn value<T>(&self, path: &[u8], use_it: impl FnOnce(Option<&[u8]>) -> T) -> Option<T>;

    /// Whether there is anything below a path. `None`: the node does not tell.
    fn has_below(&self, path: &[u8]) -> Option<bool>;
}

/// Answers a call of the kernel's code over such values.
pub fn answer(values: &impl BlockValues, call: Call<'_>) -> i32 {
    match call {
        Call::StoreHas { path } => {
            let is_value = values.value(path, |value| value.is_some());
            match is_value.zip(values.has_below(path)) {
                Some((is_value, below)) => i32::from(is_value) + if below { 2 } else { 0 },
                None => UNANSWERED,
            }
        }
        Call::StoreValueSize { path } => {
            let size = |value: Option<&[u8]>| value.map_or(NO_VALUE, |value| length(value.len()));
            values.value(path, size).unwrap_or(UNANSWERED)
        }
        Call::StoreRead { path, offset, into } => {
            let copied = values.value(path, |value| copy(value, offset, into));
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
