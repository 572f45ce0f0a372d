//! The host functions that reveal: preimages and the rollup's metadata.

use super::{Halt, Halted, Host, Refusal, abi_len, truncate};
use crate::abi::HostFn;
use crate::codes::{Code, MAX_MESSAGE_BYTES_ABI};
use crate::memory::Memory;
use crate::preimages::PreimageHash;

impl Host {
    pub(crate) fn reveal_preimage<M: Memory>(
        &mut self,
        memory: &mut M,
        hash: (M::Address, i32),
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::RevealPreimage, |host| {
            let hash = load_request(memory, hash)?;
            let bytes = host.preimage(hash)?;
            store_revealed(memory, dst, max_bytes, &bytes)
        })
    }

    pub(crate) fn reveal_metadata<M: Memory>(
        &mut self,
        memory: &mut M,
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::RevealMetadata, |host| {
            store_revealed(memory, dst, max_bytes, &host.metadata)
        })
    }

    pub(crate) fn reveal<M: Memory>(
        &mut self,
        memory: &mut M,
        request: (M::Address, i32),
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        self.answer(HostFn::Reveal, |host| {
            let bytes = match load_request(memory, request)? {
                [0, hash @ ..] => host.preimage(hash)?,
                [1] => host.metadata.to_vec(),
                // DAL pages (2) and parameters (3): no DAL here. As for an invalid import, and as
                // for a request that cannot be decoded, the answer is empty.
                _ => Vec::new(),
            };
            store_revealed(memory, dst, max_bytes, &bytes)
        })
    }

    /// The preimage of a hash. What is no hash has an empty one.
    fn preimage(&self, hash: &[u8]) -> Result<Vec<u8>, Refusal> {
        let Ok(hash) = PreimageHash::try_from(hash) else { return Ok(Vec::new()) };
        if hash[0] != 0 {
            return Ok(Vec::new());
        }
        let found = self.preimages.as_ref().and_then(|preimages| preimages.get(&hash));
        found.ok_or_else(|| Refusal::Halt(Halt::MissingPreimage { hash: Box::new(hash) }))
    }
}

fn load_request<M: Memory>(memory: &M, (at, len): (M::Address, i32)) -> Result<&[u8], Code> {
    if len > MAX_MESSAGE_BYTES_ABI {
        return Err(Code::IoTooLarge);
    }
    memory.load(at, len)
}

fn store_revealed<M: Memory>(
    memory: &mut M,
    dst: M::Address,
    max_bytes: i32,
    bytes: &[u8],
) -> Result<i32, Refusal> {
    let taken = truncate(bytes, max_bytes)?;
    memory.store(dst, taken)?;
    Ok(abi_len(taken))
}
