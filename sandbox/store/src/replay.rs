//! Playing levels that are kept once more: do they come to what is kept?

use std::ops::RangeInclusive;

use pvm::{
    Config, LevelReport, Program, Pvm, PvmError, RowChange, RowContent, Status, row_content,
};
use thiserror::Error;

use crate::error::StoreError;
use crate::record::LevelSummary;
use crate::store::{Head, Store};

/// How many differences of a level are told. There may be one for each row of durable storage.
pub const MAX_DIFFERENCES_TOLD: usize = 100;

/// A level that was played once more.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Its number.
    pub level: i32,
    /// What was told about it now.
    pub report: LevelReport,
    /// Where it parts from what is kept, up to [`MAX_DIFFERENCES_TOLD`].
    pub differences: Vec<Difference>,
    /// How many differences there are beyond.
    pub more: u64,
}

/// Where a level that was played once more parts from what is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A count, or whether something happened.
    Fact {
        /// Which.
        what: &'static str,
        /// As it is kept.
        kept: String,
        /// As it was found.
        found: String,
    },
    /// The machine after the level, beside its durable storage: whether the kernel still runs.
    Status {
        /// As it is kept.
        kept: Status,
        /// As it was found.
        found: Status,
    },
    /// A message of the outbox.
    Outbox {
        /// Its place.
        index: usize,
        /// As it is kept, if it is.
        kept: Option<Vec<u8>>,
        /// As it was found, if it was.
        found: Option<Vec<u8>>,
    },
    /// A value in durable storage after the level, or a part of one.
    Value {
        /// The path of the value.
        path: String,
        /// Which part of the value: 0 for all of it, n for the n-th 4,096 bytes of a long one, without zeros
        /// at the end.
        part: u32,
        /// As it is kept, if it is.
        kept: Option<Vec<u8>>,
        /// As it was found, if it was.
        found: Option<Vec<u8>>,
    },
    /// The length of a value, one of which is longer than 4,096 bytes.
    Length {
        /// The path of the value.
        path: String,
        /// As it is kept, in bytes, if it is.
        kept: Option<usize>,
        /// As it was found.
        found: Option<usize>,
    },
}

/// Why levels could not be played once more.
#[derive(Debug, Error)]
pub enum ReplayError {
    /// The store does not have what is needed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The messages of a level are not kept: it was played before inboxes were.
    #[error("the inbox of level {level} is not kept")]
    NoInbox {
        /// The level.
        level: i32,
    },
    /// The messages that are kept of a level are not those it was played with.
    #[error("the inbox that is kept of level {level} is not the one that it was played with")]
    OtherInbox {
        /// The level.
        level: i32,
    },
    /// A level cannot be played, though it was.
    #[error("level {level} cannot be played again: {source}")]
    Pvm {
        /// The level.
        level: i32,
        /// Why.
        source: PvmError,
    },
}

impl Store {
    /// A PVM of this rollup to play levels with once more. A rollup whose kernel is a program needs that program.
    ///
    /// # Errors
    /// When the rollup's kernel is a program, and none is given, or the other way round.
    pub fn replayer(
        &self,
        program: Option<Box<dyn Program>>,
        mut config: Config,
    ) -> Result<Pvm, StoreError> {
        let identity = self.identity();
        config.rollup = identity.rollup;
        config.origination_level = identity.origination_level;
        match (program, identity.fixed_kernel) {
            (Some(program), true) => Ok(Pvm::resume(program, &self.state(), config)),
            (None, false) => Ok(Pvm::resume_wasm(&self.state(), config)),
            (given, fixed) => {
                let kind = |fixed| if fixed { "a program" } else { "in its storage" }.to_owned();
                let (kept, given) = (kind(fixed), kind(given.is_some()));
                Err(StoreError::OtherRollup { what: "kernel", kept, given })
            }
        }
    }

    /// Plays levels once more, each from the state before it that is kept, and compares what comes of it with what is
    /// kept. The last is the first to be told, as the way through the levels leads back. Costs what the levels have
    /// changed since the first of them, and playing them.
    ///
    /// # Errors
    /// When a level is not kept, or its inbox is not, or it cannot be played.
    pub fn replay(
        &self,
        levels: RangeInclusive<i32>,
        pvm: &mut Pvm,
        mut each: impl FnMut(Replayed),
    ) -> Result<(), ReplayError> {
        let (first, last) = (*levels.start(), *levels.end());
        if last > self.last() {
            let (oldest, last) = (self.oldest()?, self.last());
            return Err(StoreError::NotKept { level: *levels.end(), oldest, last }.into());
        }
        let mut back = self.back_to(first.saturating_sub(1))?;
        while back.head.machine.at_end_of() >= first {
            let level = back.head.machine.at_end_of();
            let after = back.head.clone();
            let record = back.step()?;
            if level > last {
                continue;
            }
            let messages = self.inbox(level)?.ok_or(ReplayError::NoInbox { level })?;
            if crate::inbox_hash(&messages) != record.summary.inbox {
                return Err(ReplayError::OtherInbox { level });
            }
            pvm.restore(&back.head.snapshot());
            pvm.set_info_per_level(back.head.machine.info);
            let report =
                pvm.run_level(&messages).map_err(|source| ReplayError::Pvm { level, source })?;
            let mut differences = Differences::default();
            differences.facts(&record.summary, &LevelSummary::of(&report, &messages, None));
            differences.status(after.machine.status(), pvm.status());
            differences.outboxes(&self.outbox(level)?, &report.outbox);
            differences.storages(&after, pvm)?;
            // Where one of them is not known, the parts of the state are compared all the same.
            if let (Some(kept), Ok(found)) = (after.machine.state_hash(), pvm.state_hash()) {
                differences.fact("state hash", hex::encode(kept), hex::encode(found));
            }
            let Differences { told: differences, more } = differences;
            each(Replayed { level, report, differences, more });
        }
        Ok(())
    }
}

#[derive(Default)]
struct Differences {
    told: Vec<Difference>,
    more: u64,
}

impl Differences {
    fn add(&mut self, difference: Difference) {
        match self.told.len() < MAX_DIFFERENCES_TOLD {
            true => self.told.push(difference),
            false => self.more += 1,
        }
    }

    fn fact<T: ToString + PartialEq>(&mut self, what: &'static str, kept: T, found: T) {
        if kept != found {
            let (kept, found) = (kept.to_string(), found.to_string());
            self.add(Difference::Fact { what, kept, found });
        }
    }

    fn facts(&mut self, kept: &LevelSummary, found: &LevelSummary) {
        self.fact("runs", kept.runs, found.runs);
        // What was played natively, or without counting, has none.
        if let (Some(kept), Some(found)) = (kept.instructions, found.instructions) {
            self.fact("instructions", kept, found);
        }
        self.fact("host calls", kept.host_calls, found.host_calls);
        self.fact("unread messages", kept.unread, found.unread);
        self.fact("outbox messages", kept.outbox, found.outbox);
        self.fact("stuck", kept.stuck, found.stuck);
        self.fact("ended for too many reboots", kept.forced_yield, found.forced_yield);
    }

    fn status(&mut self, kept: &Status, found: &Status) {
        if kept != found {
            let (kept, found) = (kept.clone(), found.clone());
            self.add(Difference::Status { kept, found });
        }
    }

    fn outboxes(&mut self, kept: &[Vec<u8>], found: &[Vec<u8>]) {
        for index in 0..kept.len().max(found.len()) {
            let (kept, found) = (kept.get(index), found.get(index));
            if kept != found {
                let (kept, found) = (kept.cloned(), found.cloned());
                self.add(Difference::Outbox { index, kept, found });
            }
        }
    }

    fn storages(&mut self, after: &Head, pvm: &Pvm) -> Result<(), StoreError> {
        after.durable.diff(pvm.durable(), |change| {
            self.add(difference(&change));
            Ok::<(), StoreError>(())
        })
    }
}

fn difference(change: &RowChange<'_>) -> Difference {
    let (path, part) = (change.path.to_owned(), change.part);
    let [kept, found] =
        [&change.before, &change.after].map(|row| row.as_ref().map(|row| row_content(part, row)));
    if [kept, found].iter().flatten().any(|content| matches!(content, RowContent::Length(_))) {
        let length = |content: RowContent<'_>| match content {
            RowContent::Length(length) => length,
            RowContent::Whole(bytes) | RowContent::Chunk(bytes) => bytes.len(),
        };
        return Difference::Length { path, kept: kept.map(length), found: found.map(length) };
    }
    let bytes = |content: RowContent<'_>| match content {
        RowContent::Length(_) => Vec::new(),
        RowContent::Whole(bytes) | RowContent::Chunk(bytes) => bytes.to_vec(),
    };
    Difference::Value { path, part, kept: kept.map(bytes), found: found.map(bytes) }
}
