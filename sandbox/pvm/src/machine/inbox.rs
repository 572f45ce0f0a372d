//! The inbox of a level: what it is made of, in which order.

use crate::codes::{MAX_INBOX_MESSAGES, MAX_MESSAGE_BYTES};
use crate::config::InfoPerLevel;
use crate::dal::DalAttestedSlots;
use crate::report::PvmError;
use std::collections::VecDeque;

/// What the inbox of a level has in it beside what each has. The default has nothing.
///
/// In order: the start of the level, the information about its predecessor, the migration, the
/// messages, the attested slots, the end of the level.
#[derive(Clone, Copy, Debug, Default)]
pub struct LevelInbox<'a> {
    /// The protocol that is activated with this level, by name, such as `u025_025`. If it brings
    /// another version of the PVM, that is in force from this level on; with any other name the
    /// message is nothing but a message. [`crate::Version::of_protocol`] knows the names.
    pub migration: Option<&'a str>,
    /// The messages of users, each whole with its tag, in the order of layer 1.
    pub messages: &'a [Vec<u8>],
    /// What the protocol tells about DAL slots, since Ushuaia.
    pub attested_slots: &'a [DalAttestedSlots],
}

impl LevelInbox<'_> {
    /// All messages of the level, with their ids.
    pub(super) fn collect(
        &self,
        info: &InfoPerLevel,
    ) -> Result<VecDeque<(i32, Vec<u8>)>, PvmError> {
        let of_protocol = 3 + usize::from(self.migration.is_some()) + self.attested_slots.len();
        let count = self.messages.len().saturating_add(of_protocol);
        if count > MAX_INBOX_MESSAGES {
            return Err(PvmError::TooManyMessages { count });
        }
        let too_long = |message: &Vec<u8>| message.len() > MAX_MESSAGE_BYTES;
        if let Some(index) = self.messages.iter().position(too_long) {
            let size = self.messages.get(index).map_or(0, Vec::len);
            return Err(PvmError::MessageTooLong { index, size });
        }
        let mut about = vec![0, 3];
        about.extend_from_slice(&info.predecessor_timestamp.to_be_bytes());
        about.extend_from_slice(&info.predecessor);
        let all = [vec![0, 1], about]
            .into_iter()
            .chain(self.migration.map(migration_message))
            .chain(self.messages.iter().cloned())
            .chain(self.attested_slots.iter().map(DalAttestedSlots::to_message))
            .chain([vec![0, 2]]);
        Ok((0..).zip(all).collect())
    }
}

/// The message of a migration.
fn migration_message(protocol: &str) -> Vec<u8> {
    let size = u32::try_from(protocol.len()).unwrap_or(u32::MAX);
    let mut message = vec![0, 4];
    message.extend_from_slice(&size.to_be_bytes());
    message.extend_from_slice(protocol.as_bytes());
    message
}

/// The protocol that a message brings, if it is a migration.
pub(super) fn migration(message: &[u8]) -> Option<&str> {
    let (size, name) = message.strip_prefix(&[0, 4])?.split_first_chunk::<4>()?;
    let whole = usize::try_from(u32::from_be_bytes(*size)) == Ok(name.len());
    if whole { std::str::from_utf8(name).ok() } else { None }
}
