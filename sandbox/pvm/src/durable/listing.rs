//! What a folder remembers for `store_get_nth_key`: when it was changed, and its listing. See
//! [`super::order`].

use super::name::Name;
use std::sync::OnceLock;

/// How many times a storage had been loaded when something was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Epoch(u32);

impl Epoch {
    /// The time after the next loading.
    pub(super) fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a folder remembers for its listing.
#[derive(Clone, Debug, Default)]
pub(super) struct Listing {
    changed: Epoch,
    /// What `changed` was before it was set last.
    before: Epoch,
    /// The names in the order of the tree on disk, once somebody has asked. `None` is the value.
    by_hash: OnceLock<Box<[Option<Name>]>>,
}

impl Listing {
    /// Notes a change.
    pub(super) fn touch(&mut self, epoch: Epoch) {
        self.before = self.changed;
        self.changed = epoch;
        self.by_hash.take();
    }

    /// Whether there was a change since the storage was loaded last.
    pub(super) fn is_changed(&self, now: Epoch) -> bool {
        self.changed >= now
    }

    /// The names in the order of the tree on disk, which are made if nobody has asked since the last change.
    pub(super) fn by_hash(&self, make: impl FnOnce() -> Box<[Option<Name>]>) -> &[Option<Name>] {
        self.by_hash.get_or_init(make)
    }

    /// Takes back the last note: nothing was changed after all.
    pub(super) fn untouch(&mut self) {
        self.changed = self.before;
    }
}
