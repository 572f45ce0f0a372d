//! The host functions of inbox, outbox, log and storage.

use super::cost::Cost;
use super::{Halt, Halted, Host, Raised, Refusal, StuckCall, abi_len, truncate};
use crate::abi::HostFn;
use crate::codes::{Code, MAX_KEY_BYTES, MAX_MESSAGE_BYTES_ABI, MAX_OUTBOX_MESSAGES};
use crate::durable::{Durable, Key};
use crate::memory::Memory;

impl Host {
    pub(crate) fn read_input<M: Memory>(
        &mut self,
        memory: &mut M,
        info: M::Address,
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::ReadInput, Cost::Answer, |host| {
            memory.check_room(info, 8)?;
            let max_bytes = max_bytes.min(MAX_MESSAGE_BYTES_ABI);
            memory.check_room(dst, max_bytes)?;
            let Some((id, message)) = host.inbox.pop_front() else { return Ok(0) };
            let taken = truncate(&message, max_bytes).ok_or(Code::BadMemory)?;
            memory.store(dst, taken)?;
            let mut about = [0; 8];
            about[..4].copy_from_slice(&host.level.to_le_bytes());
            about[4..].copy_from_slice(&id.to_le_bytes());
            memory.store(info, &about)?;
            Ok(abi_len(taken))
        })
    }

    pub(crate) fn write_output<M: Memory>(
        &mut self,
        memory: &M,
        src: M::Address,
        num_bytes: i32,
    ) -> Result<i32, Halted> {
        // What is charged is the answer, which is 0 whatever the length.
        self.answer(HostFn::WriteOutput, Cost::Answer, |host| {
            if num_bytes > MAX_MESSAGE_BYTES_ABI {
                return Err(Code::IoTooLarge.into());
            }
            let message = memory.load(src, num_bytes)?;
            if host.outbox.len() >= MAX_OUTBOX_MESSAGES {
                return Err(Code::OutboxFull.into());
            }
            host.outbox.push(message.to_vec());
            Ok(0)
        })
    }

    pub(crate) fn write_debug<M: Memory>(
        &mut self,
        memory: &M,
        src: M::Address,
        num_bytes: i32,
    ) -> Result<(), Halted> {
        self.answer(HostFn::WriteDebug, Cost::Free, |host| {
            // A bad range is no error here, only nothing to print.
            if let (Ok(text), Some(log)) = (memory.load(src, num_bytes), &mut host.log) {
                log(&String::from_utf8_lossy(text));
            }
            Ok(0_i32)
        })
        .map(|_| ())
    }

    /// The host functions that take one key and nothing else from memory.
    pub(crate) fn on_key<M: Memory, T: Copy + From<i32> + Into<i64>>(
        &mut self,
        function: HostFn,
        memory: &M,
        key: (M::Address, i32),
        body: impl FnOnce(&mut Durable, Key<'_>) -> Result<T, Code>,
    ) -> Result<T, Halted> {
        self.answer(function, Cost::key(key.1), |host| {
            let key = load_key(memory, key)?;
            Ok(body(&mut host.durable, key)?)
        })
    }

    pub(crate) fn store_copy<M: Memory>(
        &mut self,
        memory: &M,
        from: (M::Address, i32),
        to: (M::Address, i32),
    ) -> Result<i32, Halted> {
        self.on_two_keys(HostFn::StoreCopy, memory, from, to, Durable::copy)
    }

    pub(crate) fn store_move<M: Memory>(
        &mut self,
        memory: &M,
        from: (M::Address, i32),
        to: (M::Address, i32),
    ) -> Result<i32, Halted> {
        self.on_two_keys(HostFn::StoreMove, memory, from, to, Durable::rename)
    }

    fn on_two_keys<M: Memory>(
        &mut self,
        function: HostFn,
        memory: &M,
        from: (M::Address, i32),
        to: (M::Address, i32),
        body: impl FnOnce(&mut Durable, Key<'_>, Key<'_>) -> Result<(), Code>,
    ) -> Result<i32, Halted> {
        self.answer(function, Cost::both(from.1, to.1), |host| {
            let from = load_key(memory, from)?;
            let to = load_key(memory, to)?;
            body(&mut host.durable, from, to)?;
            Ok(0)
        })
    }

    pub(crate) fn store_get_nth_key<M: Memory>(
        &mut self,
        memory: &mut M,
        key: (M::Address, i32),
        index: i64,
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        let function = HostFn::StoreGetNthKey;
        self.answer(function, Cost::key(key.1), |host| {
            let name = host.durable.nth_key(load_key(memory, key)?, index)?;
            give(function, memory, name.as_bytes(), dst, max_bytes)
        })
    }

    pub(crate) fn store_get_hash<M: Memory>(
        &mut self,
        memory: &mut M,
        key: (M::Address, i32),
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        let function = HostFn::StoreGetHash;
        self.answer(function, Cost::key(key.1), |host| {
            let hash = host.durable.hash(load_key(memory, key)?)?;
            give(function, memory, &hash, dst, max_bytes)
        })
    }

    pub(crate) fn store_read<M: Memory>(
        &mut self,
        memory: &mut M,
        key: (M::Address, i32),
        offset: i32,
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::StoreRead, Cost::Read(key.1), |host| {
            let bytes = host.durable.read(load_key(memory, key)?, offset, max_bytes)?;
            memory.store(dst, &bytes)?;
            Ok(abi_len(&bytes))
        })
    }

    pub(crate) fn store_write<M: Memory>(
        &mut self,
        memory: &M,
        key: (M::Address, i32),
        offset: i32,
        src: M::Address,
        num_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::StoreWrite, Cost::both(key.1, num_bytes), |host| {
            let key = load_key(memory, key)?;
            host.durable.write(key, offset, num_bytes, || memory.load(src, num_bytes))?;
            Ok(0)
        })
    }
}

impl Host {
    /// Any function of the new durable storage. No rollup here has one, and [`Code::NdsDisabled`] is the
    /// answer of a rollup that has.
    pub(crate) fn nds(&mut self, function: HostFn) -> Result<i32, Halted> {
        self.answer(function, Cost::Free, |_| {
            Err::<i32, _>(Refusal::Halt(Halt::Raised(Raised::NoSecondStorage { function })))
        })
    }
}

/// Writes at most so many bytes. A negative maximum is no refusal, but the end.
fn give<M: Memory>(
    function: HostFn,
    memory: &mut M,
    bytes: &[u8],
    dst: M::Address,
    max_bytes: i32,
) -> Result<i32, Refusal> {
    let stuck = StuckCall { function, max_bytes };
    let taken = truncate(bytes, max_bytes).ok_or(Refusal::Halt(Halt::StuckCall(stuck)))?;
    memory.store(dst, taken)?;
    Ok(abi_len(taken))
}

/// Reads and checks a key: its length before its bytes, its bytes before its form.
fn load_key<M: Memory>(memory: &M, (at, len): (M::Address, i32)) -> Result<Key<'_>, Code> {
    if usize::try_from(len).is_ok_and(|len| len > MAX_KEY_BYTES) {
        return Err(Code::KeyTooLong);
    }
    Key::from_bytes(memory.load(at, len)?)
}
