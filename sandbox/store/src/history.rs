//! Going back: looking at an earlier state, making it the last, and giving up what is too old.

use std::collections::BTreeMap;

use pvm::{Durable, MachineState, Snapshot};
use redb::{ReadOnlyTable, ReadableDatabase, ReadableTable};

use crate::error::StoreError;
use crate::record::LevelRecord;
use crate::registers::Kept;
use crate::store::{
    Head, KeptState, Store, drop_rows, messages_of, oldest, refuse_to_lose, replace_head,
};
use crate::tables::{INBOX, LEVELS, OUTBOX, UNDO};

/// What leads back to before a level: from the first key to the one the range ends before, if there
/// is any.
fn of_level<'a>(level: i32) -> (std::ops::Bound<Undo<'a>>, std::ops::Bound<Undo<'a>>) {
    use std::ops::Bound::{Excluded, Included, Unbounded};
    let end = level.checked_add(1).map_or(Unbounded, |next| Excluded((next, "", 0)));
    (Included((level, "", 0)), end)
}

/// A key of [`UNDO`].
type Undo<'a> = (i32, &'a str, u32);

/// A way back through the levels that are kept.
pub(crate) struct Back {
    /// The state that it has come to.
    pub(crate) head: Head,
    levels: ReadOnlyTable<i32, &'static [u8]>,
    undo: ReadOnlyTable<(i32, &'static str, u32), Option<&'static [u8]>>,
    outbox: ReadOnlyTable<(i32, u32), &'static [u8]>,
}

impl Back {
    /// Goes back to before the level at whose end the state is. Returns what is kept of that level.
    pub(crate) fn step(&mut self) -> Result<LevelRecord, StoreError> {
        let Self { head, levels, undo, outbox } = self;
        let played = head.machine.at_end_of();
        for row in undo.range::<Undo<'_>>(of_level(played))? {
            let (key, before) = row?;
            let (_, path, part) = key.value();
            head.durable.set_row(path, part, before.value())?;
        }
        let record = levels.get(played)?;
        let record =
            record.ok_or_else(|| StoreError::damaged(format!("level {played} is not there")))?;
        let record = LevelRecord::decode(played, record.value()).map_err(StoreError::damaged)?;
        let before = record.before.clone();
        if before.at_end_of() >= played {
            return Err(StoreError::damaged(format!("level {played} follows itself")));
        }
        match (before.kept, &mut head.state) {
            (Some(Kept { registers, outboxes, .. }), Some(state)) => {
                state.go_to(registers, outboxes, |level| messages_of(outbox, level))?;
            }
            // From a state of which too little is known, a later one cannot be known, but an earlier one can.
            (kept, state) => *state = kept.map(|kept| state_of(&kept, outbox)).transpose()?,
        }
        head.machine = before;
        Ok(record)
    }
}

/// What is kept of a state beside durable storage.
pub(crate) fn state_of(
    kept: &Kept,
    outbox: &impl ReadableTable<(i32, u32), &'static [u8]>,
) -> Result<MachineState, StoreError> {
    let mut boxes = BTreeMap::<i32, Vec<Vec<u8>>>::new();
    if let Some((first, last)) = kept.outboxes {
        boxes.extend((first..=last).map(|level| (level, Vec::new())));
        for row in outbox.range((first, 0)..=(last, u32::MAX))? {
            let (key, message) = row?;
            boxes.entry(key.value().0).or_default().push(message.value().to_vec());
        }
    }
    let too_many = || StoreError::damaged("more outboxes than a state has");
    MachineState::from_parts(kept.registers, boxes).ok_or_else(too_many)
}

impl Store {
    /// The whole state at an earlier place, to look at and to prove things of. Costs what the levels since
    /// then have changed.
    ///
    /// # Errors
    /// When the place is not kept, or the file cannot be read.
    pub fn state_at(&self, state: KeptState<'_>) -> Result<Snapshot, StoreError> {
        Ok(self.head_at(self.level_of(state)?)?.snapshot())
    }

    /// The durable storage at an earlier place, to look at. Costs what the levels since then have
    /// changed.
    ///
    /// # Errors
    /// When the place is not kept, or the file cannot be read.
    pub fn at(&self, state: KeptState<'_>) -> Result<Durable, StoreError> {
        Ok(self.head_at(self.level_of(state)?)?.durable)
    }

    /// The level at whose end a place is. It need not be kept, unless it is a snapshot's.
    ///
    /// # Errors
    /// When there is no such snapshot.
    pub fn level_of(&self, state: KeptState<'_>) -> Result<i32, StoreError> {
        match state {
            KeptState::Level(level) => Ok(level),
            KeptState::Snapshot(name) => self.snapshot_level(name),
        }
    }

    /// The state at the end of a level.
    pub(crate) fn head_at(&self, level: i32) -> Result<Head, StoreError> {
        let mut back = self.back_to(level)?;
        while back.head.machine.at_end_of() > level {
            back.step()?;
        }
        Ok(back.head)
    }

    /// The way back to the end of a level, which is kept.
    pub(crate) fn back_to(&self, level: i32) -> Result<Back, StoreError> {
        let txn = self.db().begin_read()?;
        let levels = txn.open_table(LEVELS)?;
        let last = self.last();
        let oldest = oldest(&levels, last)?;
        if !(oldest..=last).contains(&level) {
            return Err(StoreError::NotKept { level, oldest, last });
        }
        let undo = txn.open_table(UNDO)?;
        let outbox = txn.open_table(OUTBOX)?;
        Ok(Back { head: self.head.clone(), levels, undo, outbox })
    }

    /// Goes back for good: the levels after a place are dropped, and the next one is played from
    /// there.
    ///
    /// # Errors
    /// When the place is not kept, or the file cannot be written to, or
    /// [`StoreError::SnapshotInTheWay`] when there is a snapshot after it.
    pub fn revert(&mut self, state: KeptState<'_>) -> Result<(), StoreError> {
        let level = self.level_of(state)?;
        let target = self.head_at(level)?;
        if level == self.last() {
            return Ok(());
        }
        self.write(|txn, old| {
            refuse_to_lose(txn, |snapshot| snapshot > level)?;
            replace_head(txn, old, &target, |_, _, _| Ok(()))?;
            // There is a level after this one: the last, which has been played.
            let first = level.saturating_add(1);
            drop_rows(&mut txn.open_table(UNDO)?, (first, "", 0)..)?;
            drop_rows(&mut txn.open_table(LEVELS)?, first..)?;
            drop_rows(&mut txn.open_table(INBOX)?, (first, 0)..)?;
            drop_rows(&mut txn.open_table(OUTBOX)?, (first, 0)..)
        })?;
        self.head = target;
        Ok(())
    }

    /// Gives up all that is kept about the levels before one: their summaries, their outboxes unless the
    /// state has them, and travelling to before their ends. Returns how many levels that were. The room is used again;
    /// [`Self::compact`] gives it back.
    ///
    /// # Errors
    /// When the level is beyond the next one, or the file cannot be written to, or
    /// [`StoreError::SnapshotInTheWay`] when a snapshot would not be reached any more.
    pub fn prune(&mut self, before: i32) -> Result<u64, StoreError> {
        let last = self.last();
        let oldest = self.oldest()?;
        // The state at the end of the level before is the one that stays reachable.
        let Some(reached) = before.checked_sub(1).filter(|reached| *reached > oldest) else {
            return Ok(0);
        };
        if reached > last {
            return Err(StoreError::NotKept { level: before, oldest, last });
        }
        // The oldest outbox that a state has which stays reachable.
        let outboxes = self.head_at(reached)?.machine.kept.and_then(|kept| kept.outboxes);
        let outbox = outboxes.map_or(before, |(first, _)| first.min(before));
        self.write(|txn, _| {
            refuse_to_lose(txn, |snapshot| snapshot < reached)?;
            drop_rows(&mut txn.open_table(UNDO)?, ..(before, "", 0))?;
            drop_rows(&mut txn.open_table(LEVELS)?, ..before)?;
            drop_rows(&mut txn.open_table(INBOX)?, ..(before, 0))?;
            drop_rows(&mut txn.open_table(OUTBOX)?, ..(outbox, 0))
        })?;
        let dropped = i64::from(reached) - i64::from(oldest);
        Ok(u64::try_from(dropped).unwrap_or(0))
    }
}
