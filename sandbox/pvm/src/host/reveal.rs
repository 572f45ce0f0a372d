//! The host functions that reveal: preimages, the rollup's metadata, the DAL.

use super::cost::Cost;
use super::{Halt, Halted, Host, Raised, Refusal, abi_len, truncate};
use crate::abi::HostFn;
use crate::codes::{Code, MAX_MESSAGE_BYTES, MAX_MESSAGE_BYTES_ABI};
use crate::dal::{DalPage, PageStatus};
use crate::memory::Memory;
use crate::preimages::{PreimageHash, preimage_hash};

/// The tags of requests: what is asked for.
const PREIMAGE: u8 = 0;
const METADATA: u8 = 1;
const DAL_PAGE: u8 = 2;
const DAL_PARAMETERS: u8 = 3;
const ADAPTIVE_DAL: u8 = 4;

impl Host {
    pub(crate) fn reveal_preimage<M: Memory>(
        &mut self,
        memory: &mut M,
        hash: (M::Address, i32),
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        let function = HostFn::RevealPreimage;
        self.answer(function, Cost::Reveal, |host| {
            let hash = load_request(memory, hash)?;
            let bytes = host.revealed(&[&[PREIMAGE], hash].concat())?;
            store_revealed(function, memory, dst, max_bytes, &bytes)
        })
    }

    pub(crate) fn reveal_metadata<M: Memory>(
        &mut self,
        memory: &mut M,
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        let function = HostFn::RevealMetadata;
        self.answer(function, Cost::Reveal, |host| {
            let bytes = host.revealed(&[METADATA])?;
            store_revealed(function, memory, dst, max_bytes, &bytes)
        })
    }

    pub(crate) fn reveal<M: Memory>(
        &mut self,
        memory: &mut M,
        request: (M::Address, i32),
        dst: M::Address,
        max_bytes: i32,
    ) -> Result<i32, Halted> {
        let function = HostFn::Reveal;
        self.answer(function, Cost::Reveal, |host| {
            let bytes = host.revealed(load_request(memory, request)?)?;
            store_revealed(function, memory, dst, max_bytes, &bytes)
        })
    }

    /// What a request brings. One that cannot be decoded has an empty answer.
    fn revealed(&mut self, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        if let Some(reveals) = &self.reveals {
            let answer = reveals.answer(request);
            return answer
                .ok_or_else(|| Refusal::Halt(Halt::NoReveal { request: request.to_vec() }));
        }
        Ok(match request {
            [PREIMAGE, hash @ ..] => self.preimage(hash)?,
            [METADATA] => self.metadata.to_vec(),
            [DAL_PAGE, page @ ..] => match decode_page(page) {
                Some(page) => self.dal_page(page)?,
                None => Vec::new(),
            },
            [DAL_PARAMETERS] => match &self.dal {
                Some(dal) => dal.parameters().to_bytes().to_vec(),
                None => Vec::new(),
            },
            [ADAPTIVE_DAL, rest @ ..] if is_adaptive(rest) => {
                return Err(Refusal::Halt(Halt::AdaptiveDal));
            }
            _ => Vec::new(),
        })
    }

    /// The preimage of a hash. What is no hash has an empty one.
    fn preimage(&self, hash: &[u8]) -> Result<Vec<u8>, Refusal> {
        let Ok(hash) = PreimageHash::try_from(hash) else { return Ok(Vec::new()) };
        if hash[0] != 0 {
            return Ok(Vec::new());
        }
        let found = self.preimages.as_ref().and_then(|preimages| preimages.get(&hash));
        let hash = Box::new(hash);
        let Some(bytes) = found else {
            return Err(Refusal::Halt(Halt::MissingPreimage { hash }));
        };
        let found = Box::new(preimage_hash(&bytes));
        if found != hash {
            Err(Refusal::Halt(Halt::CorruptPreimage { hash, found }))
        } else if bytes.len() > MAX_MESSAGE_BYTES {
            Err(Refusal::Halt(Halt::LongPreimage { hash, size: bytes.len() }))
        } else {
            Ok(bytes)
        }
    }

    /// A DAL page. What cannot be imported, and what was not attested, is empty.
    fn dal_page(&mut self, page: DalPage) -> Result<Vec<u8>, Refusal> {
        let Some(dal) = &self.dal else { return Ok(Vec::new()) };
        let parameters = dal.parameters();
        match parameters.status(page, self.origination_level, self.level) {
            PageStatus::Invalid => return Ok(Vec::new()),
            PageStatus::Early => {
                let DalPage { published_level, slot, .. } = page;
                let reason = format!(
                    "the kernel asked for DAL slot {slot} of level {published_level} before it \
                     is settled whether it is attested"
                );
                self.default_node_may_fail.get_or_insert(reason);
                return Ok(Vec::new());
            }
            PageStatus::Valid => {}
        }
        let Some(bytes) = dal.page(page) else { return Ok(Vec::new()) };
        let expected = parameters.page_bytes;
        if bytes.len() == usize::from(expected) {
            Ok(bytes)
        } else {
            Err(Refusal::Halt(Halt::BadDalPage { page, size: bytes.len(), expected }))
        }
    }
}

/// The page that a request names: a level, a slot and a page, big-endian.
fn decode_page(request: &[u8]) -> Option<DalPage> {
    let [a, b, c, d, slot, high, low] = *request else { return None };
    let published_level = i32::from_be_bytes([a, b, c, d]);
    Some(DalPage { published_level, slot, page: i16::from_be_bytes([high, low]) })
}

/// Whether this is an adaptive request: a page, a threshold in percent, and perhaps, with their
/// size in front, the contracts that may publish.
fn is_adaptive(request: &[u8]) -> bool {
    /// The bytes of a contract.
    const CONTRACT_BYTES: usize = 22;
    /// The most contracts a request may name.
    const MAX_CONTRACTS: usize = 10;
    let Some((_, rest)) = request.split_at_checked(8) else { return false };
    match rest {
        [0] => true,
        [0xff, a, b, c, d, contracts @ ..] => {
            let size = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).ok();
            size == Some(contracts.len())
                && contracts.len() % CONTRACT_BYTES == 0
                && contracts.len() <= MAX_CONTRACTS * CONTRACT_BYTES
        }
        _ => false,
    }
}

fn load_request<M: Memory>(memory: &M, (at, len): (M::Address, i32)) -> Result<&[u8], Code> {
    if len > MAX_MESSAGE_BYTES_ABI {
        return Err(Code::IoTooLarge);
    }
    memory.load(at, len)
}

/// Writes what was revealed. The reference does not survive it where that cannot be done.
fn store_revealed<M: Memory>(
    function: HostFn,
    memory: &mut M,
    dst: M::Address,
    max_bytes: i32,
    bytes: &[u8],
) -> Result<i32, Refusal> {
    let raised = |raised| Refusal::Halt(Halt::Raised(raised));
    let negative = || raised(Raised::NegativeMaximum { function, max_bytes });
    let taken = truncate(bytes, max_bytes).ok_or_else(negative)?;
    let stored = memory.store(dst, taken);
    stored.map_err(|_| raised(Raised::RevealedBeyondMemory { function }))?;
    Ok(abi_len(taken))
}
