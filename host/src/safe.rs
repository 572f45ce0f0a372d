//! The safe capabilities over the raw functions: input, output, durable storage, metadata.

use std::ptr;

use encoding::limits::{INBOX_MESSAGE_BYTES, STORE_IO_BYTES};
use encoding::{Level, MessageId, RollupAddress};

use crate::{HostError, RawRollupCore, ReadInputMessageInfo};

/// What layer 1 says about the rollup itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metadata {
    /// Its address.
    pub rollup: RollupAddress,
    /// The level of its origination.
    pub origination_level: Level,
}

/// What is read at first of a value of any length. Most are short or not there, and the room for what is read has to be
/// filled with zeros, which takes ticks for each byte.
const FIRST_READ_BYTES: usize = 64;

/// A record, and one byte more, to notice a longer value.
#[repr(C)]
struct Record<const N: usize> {
    bytes: [u8; N],
    more: u8,
}

/// The host, safely. Paths are given as text and must obey the PVM's rules; all of ours do.
pub trait Host: RawRollupCore {
    /// Takes the next message of the inbox, or `None` when it is empty.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn next_input(&self) -> Result<Option<(MessageId, Vec<u8>)>, HostError> {
        let mut buffer = Vec::new();
        let message = self.next_input_into(&mut buffer)?;
        Ok(message.map(|(message, bytes)| (message, bytes.to_vec())))
    }

    /// The same for many messages: `buffer` is made large enough by the first call and used again by the others, so
    /// that it is filled with zeros once.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn next_input_into<'b>(
        &self,
        buffer: &'b mut Vec<u8>,
    ) -> Result<Option<(MessageId, &'b [u8])>, HostError> {
        let mut info = ReadInputMessageInfo::default();
        // The PVM refuses a buffer that ends where the memory ends, so this one is a byte longer
        // than what is asked for.
        if buffer.len() <= INBOX_MESSAGE_BYTES {
            *buffer = vec![0; INBOX_MESSAGE_BYTES + 1];
        }
        // SAFETY: `info` and `buffer` are live and at least as large as said.
        let code = unsafe { self.read_input(&mut info, buffer.as_mut_ptr(), INBOX_MESSAGE_BYTES) };
        let size = checked(code)?;
        if size == 0 {
            return Ok(None);
        }
        let index = u32::try_from(info.id).map_err(|_| HostError::Other(info.id))?;
        let message = MessageId { level: Level(info.level), index };
        Ok(Some((message, buffer.get(..size).unwrap_or_default())))
    }

    /// Appends a message to this level's outbox.
    ///
    /// # Errors
    /// When the outbox of the level is full, the message is too long, or the host fails.
    fn output(&self, message: &[u8]) -> Result<(), HostError> {
        // SAFETY: `message` is live and as long as said.
        checked(unsafe { self.write_output(message.as_ptr(), message.len()) }).map(|_| ())
    }

    /// Prints a line to the node's kernel log.
    fn debug(&self, line: &str) {
        // SAFETY: `line` is live and as long as said.
        unsafe { self.write_debug(line.as_ptr(), line.len()) }
    }

    /// Whether there is a value or a subtree at `path`.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn has(&self, path: &str) -> Result<bool, HostError> {
        // SAFETY: `path` is live and as long as said.
        checked(unsafe { self.store_has(path.as_ptr(), path.len()) }).map(|found| found > 0)
    }

    /// Up to `max` bytes (at most one call's worth) of the value at `path`, from `offset`. Where
    /// there is nothing (no value, or it ends before), that is no bytes.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn read_at(&self, path: &str, offset: usize, max: usize) -> Result<Vec<u8>, HostError> {
        let mut buffer = vec![0; max.min(STORE_IO_BYTES)];
        // SAFETY: `path` and `buffer` are live and as long as said.
        let code = unsafe {
            self.store_read(path.as_ptr(), path.len(), offset, buffer.as_mut_ptr(), buffer.len())
        };
        match checked(code) {
            Ok(size) => {
                buffer.truncate(size);
                Ok(buffer)
            }
            Err(HostError::NoValue | HostError::BadOffset) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Reads the whole of a record that is part of the value at `path`, from `offset` on. Returns whether
    /// there is a value.
    ///
    /// # Errors
    /// When the value ends within the record or before it, or the host fails.
    #[inline(always)]
    fn read_part(
        &self,
        path: &[u8],
        offset: usize,
        record: &mut [u8],
        what: &'static str,
    ) -> Result<bool, HostError> {
        // SAFETY: `path` and `record` are live and as long as said.
        let code = unsafe {
            self.store_read(path.as_ptr(), path.len(), offset, record.as_mut_ptr(), record.len())
        };
        // Nearly always. The rest is apart: there are several calls for each transfer.
        if usize::try_from(code) == Ok(record.len()) { Ok(true) } else { not_whole(code, what) }
    }

    /// The whole value at `path`, of whatever length; no bytes when there is none.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn read(&self, path: &str) -> Result<Vec<u8>, HostError> {
        let mut first = [0; FIRST_READ_BYTES];
        // SAFETY: `path` and `first` are live and as long as said.
        let code = unsafe {
            self.store_read(path.as_ptr(), path.len(), 0, first.as_mut_ptr(), first.len())
        };
        let (mut asked, mut last) = match checked(code) {
            Ok(size) => (FIRST_READ_BYTES, size),
            Err(HostError::NoValue | HostError::BadOffset) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut value = first.get(..last).unwrap_or_default().to_vec();
        while last == asked {
            asked = STORE_IO_BYTES;
            let more = self.read_at(path, value.len(), asked)?;
            last = more.len();
            value.extend_from_slice(&more);
        }
        Ok(value)
    }

    /// The value at `path` if it is one of exactly `N` bytes, `None` if there is none.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn read_record<const N: usize>(
        &self,
        path: &str,
        what: &'static str,
    ) -> Result<Option<[u8; N]>, HostError> {
        const { assert!(N < STORE_IO_BYTES) };
        let mut record = Record { bytes: [0; N], more: 0 };
        // SAFETY: `path` and `record` are live, and the fields of `record` follow each other.
        let code = unsafe {
            let into = ptr::from_mut(&mut record).cast();
            self.store_read(path.as_ptr(), path.len(), 0, into, size_of::<Record<N>>())
        };
        match checked(code) {
            Ok(0) | Err(HostError::NoValue | HostError::BadOffset) => Ok(None),
            Ok(size) if size == N => Ok(Some(record.bytes)),
            Ok(_) => Err(HostError::Corrupt(what)),
            Err(error) => Err(error),
        }
    }

    /// Writes bytes into the value at `path`, from `offset`, in as many calls as it takes. The
    /// value is not shortened.
    ///
    /// # Errors
    /// When the path is read-only, the offset lies beyond the value, or the host fails.
    fn write_at(&self, path: &str, offset: usize, bytes: &[u8]) -> Result<(), HostError> {
        let mut at = offset;
        for chunk in bytes.chunks(STORE_IO_BYTES) {
            // SAFETY: `path` and `chunk` are live and as long as said.
            checked(unsafe {
                self.store_write(path.as_ptr(), path.len(), at, chunk.as_ptr(), chunk.len())
            })?;
            at = at.saturating_add(chunk.len());
        }
        Ok(())
    }

    /// Writes a record that is part of the value at `path`, from `offset` on, in one call.
    ///
    /// # Errors
    /// When the record is longer than a call takes, the offset lies beyond the value, or the host fails.
    #[inline(always)]
    fn write_part(&self, path: &[u8], offset: usize, record: &[u8]) -> Result<(), HostError> {
        // SAFETY: `path` and `record` are live and as long as said.
        let code = unsafe {
            self.store_write(path.as_ptr(), path.len(), offset, record.as_ptr(), record.len())
        };
        if code >= 0 { Ok(()) } else { Err(HostError::from_code(code)) }
    }

    /// Deletes whatever is at `path` and below.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn delete(&self, path: &str) -> Result<(), HostError> {
        // SAFETY: `path` is live and as long as said.
        checked(unsafe { self.store_delete(path.as_ptr(), path.len()) }).map(|_| ())
    }

    /// Copies the subtree at `from` over the one at `to`.
    ///
    /// # Errors
    /// When there is no subtree at `from`, or the host fails.
    fn copy(&self, from: &str, to: &str) -> Result<(), HostError> {
        // SAFETY: both paths are live and as long as said.
        checked(unsafe { self.store_copy(from.as_ptr(), from.len(), to.as_ptr(), to.len()) })
            .map(|_| ())
    }

    /// Moves the subtree at `from` over the one at `to`.
    ///
    /// # Errors
    /// When there is no subtree at `from`, or the host fails.
    fn rename(&self, from: &str, to: &str) -> Result<(), HostError> {
        // SAFETY: both paths are live and as long as said.
        checked(unsafe { self.store_move(from.as_ptr(), from.len(), to.as_ptr(), to.len()) })
            .map(|_| ())
    }

    /// The rollup's address and origination level.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    fn metadata(&self) -> Result<Metadata, HostError> {
        const SIZE: usize = 24;
        let mut buffer = [0; SIZE];
        // SAFETY: `buffer` is live and as long as said.
        let size = checked(unsafe { self.reveal_metadata(buffer.as_mut_ptr(), SIZE) })?;
        match (buffer.split_first_chunk::<20>(), size) {
            (Some((rollup, &[a, b, c, d])), SIZE) => Ok(Metadata {
                rollup: RollupAddress(*rollup),
                origination_level: Level(i32::from_be_bytes([a, b, c, d])),
            }),
            _ => Err(HostError::Corrupt("the rollup's metadata")),
        }
    }
}

impl<H: RawRollupCore + ?Sized> Host for H {}

/// What it means that a record was not read whole.
#[cold]
fn not_whole(code: i32, what: &'static str) -> Result<bool, HostError> {
    match checked(code) {
        Err(HostError::NoValue) => Ok(false),
        Ok(_) | Err(HostError::BadOffset) => Err(HostError::Corrupt(what)),
        Err(error) => Err(error),
    }
}

/// The size that a non-negative code is, or the error that a negative one is.
fn checked(code: i32) -> Result<usize, HostError> {
    usize::try_from(code).map_err(|_| HostError::from_code(code))
}
