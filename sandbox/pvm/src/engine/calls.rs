//! The host functions as engines call them: by function, with arguments as a list.
//!
//! Every engine links all of [`HostFn::ALL`] to [`call`]. So the engines cannot differ in what a host function does.

use crate::abi::HostFn;
use crate::host::{Halted, Host};
use crate::memory::Linear;

/// The arguments of a call, in order. A 32-bit one is sign-extended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Args<'a>(pub(super) &'a [i64]);

impl Args<'_> {
    fn long(self, index: usize) -> i64 {
        // An engine passes as many as the function has.
        self.0.get(index).copied().unwrap_or(0)
    }

    /// A 32-bit argument. The upper half is its sign.
    fn int(self, index: usize) -> i32 {
        let [a, b, c, d, ..] = self.long(index).to_le_bytes();
        i32::from_le_bytes([a, b, c, d])
    }

    /// An address and a length.
    fn pair(self, index: usize) -> (i32, i32) {
        (self.int(index), self.int(index + 1))
    }
}

/// The most arguments that a host function has.
pub(super) const MAX_ARGS: usize = 6;

/// Executes a host call. Returns its result, 0 where it has none.
pub(super) fn call(
    function: HostFn,
    args: Args<'_>,
    host: &mut Host,
    memory: &mut Linear<'_>,
) -> Result<i64, Halted> {
    let key = args.pair(0);
    Ok(match function {
        HostFn::StoreListSize => {
            return host.on_key(function, memory, key, |durable, key| Ok(durable.list_size(key)));
        }
        HostFn::WriteDebug => {
            host.write_debug(memory, args.int(0), args.int(1))?;
            0
        }
        HostFn::ReadInput => host.read_input(memory, args.int(0), args.int(1), args.int(2))?,
        HostFn::WriteOutput => host.write_output(memory, args.int(0), args.int(1))?,
        HostFn::StoreHas => {
            host.on_key(function, memory, key, |durable, key| Ok(durable.kind(key)))?
        }
        HostFn::StoreGetNthKey => {
            host.store_get_nth_key(memory, key, args.long(2), args.int(3), args.int(4))?
        }
        HostFn::StoreDelete => {
            host.on_key(function, memory, key, |durable, key| durable.delete_tree(key).map(|()| 0))?
        }
        HostFn::StoreDeleteValue => host
            .on_key(function, memory, key, |durable, key| durable.delete_value(key).map(|()| 0))?,
        HostFn::StoreCreate => host.on_key(function, memory, key, |durable, key| {
            durable.create(key, args.int(2)).map(|()| 0)
        })?,
        HostFn::StoreExists => {
            host.on_key(function, memory, key, |durable, key| Ok(i32::from(durable.exists(key))))?
        }
        HostFn::StoreCopy => host.store_copy(memory, key, args.pair(2))?,
        HostFn::StoreMove => host.store_move(memory, key, args.pair(2))?,
        HostFn::StoreValueSize => {
            host.on_key(function, memory, key, |durable, key| durable.value_size(key))?
        }
        HostFn::StoreRead => host.store_read(memory, key, args.int(2), args.int(3), args.int(4))?,
        HostFn::StoreWrite => {
            host.store_write(memory, key, args.int(2), args.int(3), args.int(4))?
        }
        HostFn::StoreGetHash => host.store_get_hash(memory, key, args.int(2), args.int(3))?,
        HostFn::RevealPreimage => host.reveal_preimage(memory, key, args.int(2), args.int(3))?,
        HostFn::RevealMetadata => host.reveal_metadata(memory, args.int(0), args.int(1))?,
        HostFn::Reveal => host.reveal(memory, key, args.int(2), args.int(3))?,
        // The functions of a storage that no rollup here has do not look at their parameters.
        HostFn::NdsRegistryResize
        | HostFn::NdsRegistryCopy
        | HostFn::NdsRegistryMove
        | HostFn::NdsRegistryClear
        | HostFn::NdsStoreExists
        | HostFn::NdsStoreRead
        | HostFn::NdsStoreWrite
        | HostFn::NdsStoreSet
        | HostFn::NdsStoreDelete
        | HostFn::NdsStoreValueSize
        | HostFn::NdsDatabaseGetHash => host.nds(function)?,
    }
    .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_function_has_more_arguments_than_there_is_room_for() {
        let most = HostFn::ALL.iter().map(|function| function.params().len()).max();
        assert_eq!(most, Some(MAX_ARGS));
    }

    #[test]
    fn a_32_bit_argument_is_read_with_its_sign() {
        let args = Args(&[-1, i64::from(i32::MIN), 1 << 40]);
        assert_eq!((args.int(0), args.int(1), args.long(2)), (-1, i32::MIN, 1 << 40));
        assert_eq!(args.pair(0), (-1, i32::MIN));
    }
}
