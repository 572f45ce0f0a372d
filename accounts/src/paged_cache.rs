//! A cache of records that durable storage keeps in pages of 2,048 bytes: so many numbers each, by group and index. The
//! numbers are little-endian, as WASM has them: to turn eight bytes around takes it some forty instructions.
//!
//! A draft that touches most pages many times reads and writes them whole, so that a page costs one call each way. One
//! that touches few records of many reads and writes each by itself, so that it costs its own bytes and not its page's.
//! Either way everything is written back once.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::flats::{FlatPlace, Flats, NUMBER_BYTES, PLACES, WHAT};
use crate::page_path::PagePath;
use crate::table::{Spread, Table};

/// How much is read at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CacheMode {
    /// A record.
    #[default]
    Record,
    /// A page, of records of so many accounts.
    Page(u32),
}

/// A record that is cached by itself.
#[derive(Clone, Copy, Debug)]
struct Record<const N: usize> {
    key: u64,
    /// As they are stored.
    numbers: [[u8; NUMBER_BYTES]; N],
    changed: bool,
    /// Whether its page is in durable storage.
    stored: bool,
}

/// Records of `N` numbers by group and index.
#[derive(Debug)]
pub(crate) struct PagedCache<const N: usize> {
    flats: Flats,
    table: Table,
    records: Vec<Record<N>>,
    path: PagePath,
    /// What was looked up last: it is mostly looked up again at once.
    last: Option<(u64, CacheSlot)>,
}

/// Where a cached record stands: its place in the list of records; or its place in a flat, with the highest bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheSlot(u32);

/// The key where there is no record.
const NO_KEY: u64 = u64::MAX;

impl CacheSlot {
    #[inline]
    fn of_record(at: usize) -> Self {
        // A draft has room for far fewer than 2^31.
        CacheSlot(u32::try_from(at).unwrap_or(PLACES - 1))
    }

    #[inline]
    fn in_flat(place: FlatPlace) -> Self {
        CacheSlot(PLACES | place.number())
    }

    #[inline]
    fn split(self) -> Slot {
        match self.0.checked_sub(PLACES) {
            None => Slot::Record(usize::try_from(self.0).unwrap_or(usize::MAX)),
            Some(place) => Slot::Flat(FlatPlace::from_number(place)),
        }
    }
}

enum Slot {
    Record(usize),
    Flat(FlatPlace),
}

impl<const N: usize> PagedCache<N> {
    /// Bytes of a record.
    const BYTES: usize = N * NUMBER_BYTES;
    /// Records in a page.
    pub(crate) const PER_PAGE: u32 = {
        assert!(N == 1 || N == 2);
        if N == 1 { 256 } else { 128 }
    };

    pub(crate) fn new(mode: CacheMode, spread: Spread) -> Self {
        let flats = match mode {
            CacheMode::Page(accounts) => Flats::of(accounts, Self::PER_PAGE),
            CacheMode::Record => Flats::none(Self::PER_PAGE),
        };
        let (table, path) = (Table::new(spread), PagePath::default());
        PagedCache { flats, table, records: Vec::new(), path, last: None }
    }

    /// Makes room for so many more records, where they are read one by one.
    pub(crate) fn make_room(&mut self, more: usize) {
        if self.flats.are_none() {
            self.records.reserve_exact(more);
            self.table.make_room(more, &|at| key_at(&self.records, at));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flats.is_empty() && self.records.is_empty()
    }

    /// Where the record of `index` is cached, if it is.
    #[inline]
    pub(crate) fn cached(&mut self, group: u32, index: u32) -> Option<CacheSlot> {
        let key = key(group, index);
        if let Some((last, slot)) = self.last
            && last == key
        {
            return Some(slot);
        }
        let slot = self.look_up(key, group, index)?;
        self.last = Some((key, slot));
        Some(slot)
    }

    fn look_up(&self, key: u64, group: u32, index: u32) -> Option<CacheSlot> {
        if !self.flats.are_none()
            && let (true, place) = self.flats.cached(group, index)
        {
            return place.map(CacheSlot::in_flat);
        }
        self.table.get(key, |at| key_at(&self.records, at) == key).map(CacheSlot::of_record)
    }

    /// Reads the record of `index`, or its page; `None` if the page is not stored. `folder` is that of the group's
    /// pages.
    #[inline]
    pub(crate) fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        folder: impl Fn(u32) -> String,
        group: u32,
        index: u32,
    ) -> Result<Option<CacheSlot>, HostError> {
        self.path.enter(state.root(), group, folder);
        if !self.flats.are_none()
            && let Some(place) = self.flats.load(state, &mut self.path, group, index)?
        {
            return Ok(place.map(CacheSlot::in_flat));
        }
        let path = self.path.page(index / Self::PER_PAGE);
        let mut numbers = [[0; NUMBER_BYTES]; N];
        let into = numbers.as_flattened_mut();
        if !state.host().read_part(path, Self::offset(index), into, WHAT)? {
            return Ok(None);
        }
        Ok(Some(self.enter(key(group, index), numbers, true)))
    }

    /// Enters zeros for `index`, whose page is not stored.
    pub(crate) fn begin(&mut self, group: u32, index: u32) -> CacheSlot {
        match self.flats.begin(group, index) {
            Some(place) => CacheSlot::in_flat(place),
            None => self.enter(key(group, index), [[0; NUMBER_BYTES]; N], false),
        }
    }

    #[inline]
    fn enter(&mut self, key: u64, numbers: [[u8; NUMBER_BYTES]; N], stored: bool) -> CacheSlot {
        let slot = CacheSlot::of_record(self.records.len());
        self.last = Some((key, slot));
        self.records.push(Record { key, numbers, changed: false, stored });
        self.table.push(key, &|at| key_at(&self.records, at));
        slot
    }

    /// A number of a record.
    #[inline(always)]
    pub(crate) fn get<const NUMBER: usize>(&self, slot: CacheSlot) -> u64 {
        match slot.split() {
            Slot::Record(at) => {
                self.records.get(at).map_or(0, |record| u64::from_le_bytes(record.numbers[NUMBER]))
            }
            Slot::Flat(place) => self.flats.get(place, NUMBER),
        }
    }

    #[inline(always)]
    pub(crate) fn set<const NUMBER: usize>(&mut self, slot: CacheSlot, number: u64) {
        match slot.split() {
            Slot::Record(at) => {
                if let Some(record) = self.records.get_mut(at) {
                    record.numbers[NUMBER] = number.to_le_bytes();
                    record.changed = true;
                }
            }
            Slot::Flat(place) => self.flats.set(place, NUMBER, number),
        }
    }

    /// Where in its page the record of an index is.
    #[inline]
    fn offset(index: u32) -> usize {
        usize::try_from(index % Self::PER_PAGE).unwrap_or(0) * Self::BYTES
    }

    /// Writes what has changed. The first record of a page that is not stored brings the page, unless it is zeros: then
    /// nothing was there before, and what has changed was taken back.
    pub(crate) fn write<H: RawRollupCore>(
        &self,
        to: &Subtree<'_, H>,
        folder: impl Fn(u32) -> String,
    ) -> Result<(), HostError> {
        let mut path = PagePath::default();
        self.flats.write(to, &mut path, &folder)?;
        let mut begun = Begun::new(self.table.spread());
        for record in self.records.iter().filter(|record| record.changed) {
            let (group, index) = split(record.key);
            let page = index / Self::PER_PAGE;
            path.enter(to.root(), group, &folder);
            let path = path.page(page);
            if !record.stored {
                if record.numbers.as_flattened().iter().all(|byte| *byte == 0) {
                    continue;
                }
                if begun.is_first(key(group, page)) {
                    // On the heap: a page of zeros that is part of the module takes ticks in every run.
                    let blank = vec![0; STORE_IO_BYTES];
                    to.host().write_part(path, 0, &blank)?;
                }
            }
            to.host().write_part(path, Self::offset(index), record.numbers.as_flattened())?;
        }
        Ok(())
    }
}

/// Pages that have been begun.
struct Begun {
    keys: Vec<u64>,
    table: Table,
}

impl Begun {
    fn new(spread: Spread) -> Self {
        Begun { keys: Vec::new(), table: Table::new(spread) }
    }

    /// Whether this page is mentioned for the first time.
    #[inline(never)] // Smaller apart: docs/bls.md.
    fn is_first(&mut self, key: u64) -> bool {
        if self.table.get(key, |at| self.keys.get(at) == Some(&key)).is_some() {
            return false;
        }
        self.keys.push(key);
        self.table.push(key, &|at| self.keys.get(at).copied().unwrap_or(NO_KEY));
        true
    }
}

/// What a record, or a page of them, is found by.
#[inline]
fn key(group: u32, index: u32) -> u64 {
    u64::from(group) << 32 | u64::from(index)
}

/// The group and the index in a key.
#[inline]
fn split(key: u64) -> (u32, u32) {
    let [a, b, c, d, e, f, g, h] = key.to_le_bytes();
    (u32::from_le_bytes([e, f, g, h]), u32::from_le_bytes([a, b, c, d]))
}

/// The key of the record at a place.
#[inline]
fn key_at<const N: usize>(records: &[Record<N>], at: usize) -> u64 {
    // No place of the table is beyond the records.
    records.get(at).map_or(NO_KEY, |record| record.key)
}

/// A folder that is the same for all groups.
pub(crate) fn only_folder(folder: &'static str) -> impl Fn(u32) -> String {
    move |_| folder.to_owned()
}
