//! Places: levels, messages in a level, and the indexes of the registries.

use std::fmt;

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number! {
    /// A layer-1 level, as the PVM gives it: a signed 32-bit number.
    Level(i32)
}

number! {
    /// The place of an account in the registry: allocated in order, from 0.
    AccountIndex(u32)
}

number! {
    /// The place of a ticket in the registry: allocated in order, from 0.
    TicketIndex(u32)
}

/// Which message of the inbox: its level, and its place in that level's inbox, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageId {
    /// The level.
    pub level: Level,
    /// The place in the level.
    pub index: u32,
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "level {}, message {}", self.level, self.index)
    }
}
