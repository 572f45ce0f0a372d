//! The inbox of a level: what it is made of, in which order.

use crate::codes::{MAX_INBOX_MESSAGES, MAX_MESSAGE_BYTES};
use crate::config::InfoPerLevel;
use crate::dal::DalAttestedSlots;
use crate::report::PvmError;
use std::collections::VecDeque;

/// The message that ends a level.
pub(super) const END_OF_LEVEL: [u8; 2] = [0, 2];

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
        check(self.messages, self.messages.len().saturating_add(of_protocol))?;
        let mut about = vec![0, 3];
        about.extend_from_slice(&info.predecessor_timestamp.to_be_bytes());
        about.extend_from_slice(&info.predecessor);
        let all = [vec![0, 1], about]
            .into_iter()
            .chain(self.migration.map(migration_message))
            .chain(self.messages.iter().cloned())
            .chain(self.attested_slots.iter().map(DalAttestedSlots::to_message))
            .chain([END_OF_LEVEL.to_vec()]);
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

/// Checks that messages can be in an inbox of so many.
pub(super) fn check(messages: &[Vec<u8>], count: usize) -> Result<(), PvmError> {
    if count > MAX_INBOX_MESSAGES {
        return Err(PvmError::TooManyMessages { count });
    }
    let too_long = |message: &Vec<u8>| message.len() > MAX_MESSAGE_BYTES;
    match messages.iter().position(too_long) {
        Some(index) => {
            let size = messages.get(index).map_or(0, Vec::len);
            Err(PvmError::MessageTooLong { index, size })
        }
        None => Ok(()),
    }
}

/// What is no migration though it begins as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// The protocol that a message brings, if it is a migration: its name, behind its length.
pub(super) fn migration(message: &[u8]) -> Option<Result<&[u8], Malformed>> {
    let rest = message.strip_prefix(&[0, 4])?;
    let name = rest.split_first_chunk::<4>().and_then(|(size, name)| {
        (usize::try_from(u32::from_be_bytes(*size)) == Ok(name.len())).then_some(name)
    });
    Some(name.ok_or(Malformed))
}
