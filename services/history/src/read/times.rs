//! Levels by their times.

use std::collections::{BTreeMap, BTreeSet};

use encoding::Level;

use super::Reader;
use super::columns::Columns;
use crate::error::HistoryError;

impl Reader<'_> {
    /// The first level of this time or a later one; nothing if the index has none, or knows no times.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn level_since(&self, time: i64) -> Result<Option<Level>, HistoryError> {
        let (Some((mut low, _)), Some((mut high, last))) =
            (self.timed(i32::MIN, true)?, self.timed(i32::MAX, false)?)
        else {
            return Ok(None);
        };
        if last < time {
            return Ok(None);
        }
        // Times grow with levels, so that it is found by halving.
        while low < high {
            let middle = low + (high - low) / 2;
            match self.timed(middle, true)? {
                Some((found, at)) if at < time => low = found.saturating_add(1),
                _ => high = middle,
            }
        }
        Ok(self.timed(low, true)?.map(|(level, _)| Level(level)))
    }

    /// The times of these levels, as far as they are known.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn times(
        &self,
        levels: impl IntoIterator<Item = Level>,
    ) -> Result<BTreeMap<Level, i64>, HistoryError> {
        let different: BTreeSet<Level> = levels.into_iter().collect();
        let mut times = BTreeMap::new();
        for level in different {
            let sql = "SELECT time FROM levels WHERE level = ?1";
            let time = self.one(sql, [level.0], |row| Columns::new(row).get::<Option<i64>>())?;
            times.extend(time.flatten().map(|time| (level, time)));
        }
        Ok(times)
    }

    /// The first and the last of which the time is known, in seconds since 1970, among the last so many levels: nothing
    /// where that is of none.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn dated_levels(&self, last: i32) -> Result<Option<[(Level, i64); 2]>, HistoryError> {
        let dated = |order: &str| {
            let sql = format!(
                "SELECT level, time FROM levels WHERE time IS NOT NULL \
                 AND level > (SELECT max(level) FROM levels) - ?1 ORDER BY level {order} LIMIT 1"
            );
            self.one(&sql, [last], |row| {
                let mut row = Columns::new(row);
                Ok((row.level()?, row.get()?))
            })
        };
        Ok(dated("ASC")?.zip(dated("DESC")?).map(|(first, last)| [first, last]))
    }

    /// Whether the times of levels are known, or of one at least.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn knows_times(&self) -> Result<bool, HistoryError> {
        Ok(self.timed(i32::MAX, false)?.is_some())
    }

    /// The first level with a time from one on, or the last one up to it.
    fn timed(&self, level: i32, onwards: bool) -> Result<Option<(i32, i64)>, HistoryError> {
        let sql = match onwards {
            true => {
                "SELECT level, time FROM levels WHERE level >= ?1 AND time IS NOT NULL \
                 ORDER BY level LIMIT 1"
            }
            false => {
                "SELECT level, time FROM levels WHERE level <= ?1 AND time IS NOT NULL \
                 ORDER BY level DESC LIMIT 1"
            }
        };
        self.one(sql, [level], |row| {
            let mut row = Columns::new(row);
            Ok((row.get()?, row.get()?))
        })
    }
}
