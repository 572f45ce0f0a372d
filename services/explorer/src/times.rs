//! The times of the levels that a page names.

use std::collections::BTreeMap;

use encoding::Level;
use history::{HistoryError, Reader};

use crate::parts::When;

/// The times of some levels, as far as the index knows them.
#[derive(Debug, Default)]
pub(crate) struct Times(BTreeMap<Level, i64>);

impl Times {
    /// Of these levels.
    pub(crate) fn of(
        reader: &Reader<'_>,
        levels: impl IntoIterator<Item = Level>,
    ) -> Result<Self, HistoryError> {
        reader.times(levels).map(Times)
    }

    /// A level with its time.
    pub(crate) fn when(&self, level: Level) -> When {
        When::new(level, self.0.get(&level).copied())
    }
}
