//! A cache of records that durable storage keeps in pages of 2,048 bytes: so many numbers each, by group and index. The
//! numbers are little-endian, as WASM has them: to turn eight bytes around takes it some forty instructions.
//!
//! A draft that touches most pages many times reads and writes them whole, so that a page costs one call each way. One
//! that touches few records of many reads and writes each by itself, so that it costs its own bytes and not its page's.
//! Either way everything is written back once.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

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

/// Groups that are cached in pages: so many tickets of one batch. What is of others is read record by record.
const FLATS: usize = 4;
/// Pages of a group that is cached in pages. Where there are more, records are read one by one.
const MOST_PAGES: usize = 1 << 20;
/// Bytes of a number.
const NUMBER_BYTES: usize = 8;
/// Numbers in a page.
const PAGE_NUMBERS: usize = STORE_IO_BYTES / NUMBER_BYTES;
/// What an error of a page names.
const WHAT: &str = "a page of the ledger";

/// A group whose pages are cached whole, side by side.
#[derive(Debug)]
struct Flat {
    group: u32,
    bytes: Vec<u8>,
    pages: Vec<State>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not looked at, or looked for and not there.
    Absent,
    Read,
    Changed,
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
    /// Pages of a flat; 0 where there are none.
    width: usize,
    flats: Vec<Flat>,
    table: Table,
    records: Vec<Record<N>>,
    path: PagePath,
    /// What was looked up last: it is mostly looked up again at once.
    last: Option<(u64, CacheSlot)>,
}

/// Where a cached record stands: its place in the list of records; or the place of its first number in the pages of a
/// flat, and which flat, with the highest bit set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CacheSlot(u32);

/// Bits of the place of a number in the pages of a flat.
const PLACE_BITS: u32 = 29;
const IN_FLAT: u32 = 1 << 31;
/// The key where there is no record.
const NO_KEY: u64 = u64::MAX;

const _: () = assert!(MOST_PAGES * PAGE_NUMBERS <= 1 << PLACE_BITS && FLATS <= 4);

impl CacheSlot {
    #[inline]
    fn of_record(at: usize) -> Self {
        // A draft has room for far fewer than 2^31.
        CacheSlot(u32::try_from(at).unwrap_or(IN_FLAT - 1))
    }

    fn in_flat(flat: usize, place: usize) -> Self {
        // There are four flats, of at most 2^28 numbers.
        let flat = u32::try_from(flat).unwrap_or(0) << PLACE_BITS;
        CacheSlot(IN_FLAT | flat | u32::try_from(place).unwrap_or(0))
    }

    #[inline]
    fn split(self) -> Place {
        if self.0 & IN_FLAT == 0 {
            return Place::Record(usize::try_from(self.0).unwrap_or(usize::MAX));
        }
        let flat = (self.0 & !IN_FLAT) >> PLACE_BITS;
        let place = self.0 & ((1 << PLACE_BITS) - 1);
        let in_memory = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        Place::Flat { flat: in_memory(flat), at: in_memory(place) * NUMBER_BYTES }
    }
}

enum Place {
    Record(usize),
    /// At a byte of the pages of a flat.
    Flat {
        flat: usize,
        at: usize,
    },
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
        let width = match mode {
            CacheMode::Page(accounts) => {
                let pages = usize::try_from(accounts.div_ceil(Self::PER_PAGE));
                pages.ok().filter(|pages| *pages <= MOST_PAGES).unwrap_or(0)
            }
            CacheMode::Record => 0,
        };
        PagedCache {
            width,
            flats: Vec::new(),
            table: Table::new(spread),
            records: Vec::new(),
            path: PagePath::default(),
            last: None,
        }
    }

    /// Makes room for so many more records, where they are read one by one.
    pub(crate) fn make_room(&mut self, more: usize) {
        if self.width == 0 {
            self.records.reserve_exact(more);
            self.table.make_room(more, |at| key_at(&self.records, at));
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
        if self.width > 0
            && let Some((flat, page, slot)) = self.flat_slot(group, index)
        {
            let state = self.flats.get(flat)?.pages.get(page)?;
            return (*state != State::Absent).then_some(slot);
        }
        self.table.get(key, |at| key_at(&self.records, at) == key).map(CacheSlot::of_record)
    }

    /// Where the record of `index` would be, if its group is cached in pages: the flat, the page and the slot.
    fn flat_slot(&self, group: u32, index: u32) -> Option<(usize, usize, CacheSlot)> {
        let page =
            usize::try_from(index / Self::PER_PAGE).ok().filter(|page| *page < self.width)?;
        let flat = self.flats.iter().position(|flat| flat.group == group)?;
        let record = usize::try_from(index % Self::PER_PAGE).ok()?;
        Some((flat, page, CacheSlot::in_flat(flat, page * PAGE_NUMBERS + record * N)))
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
        if self.width > 0
            && let Some(page) = self.load_page(state, group, index)?
        {
            return Ok(page);
        }
        let path = self.path.page(index / Self::PER_PAGE);
        let mut numbers = [[0; NUMBER_BYTES]; N];
        let into = numbers.as_flattened_mut();
        if !state.host().read_part(path, Self::offset(index), into, WHAT)? {
            return Ok(None);
        }
        Ok(Some(self.enter(key(group, index), numbers, true)))
    }

    /// Reads the page of `index`: `None` if its group is not cached in pages, and in it `None` if it is not stored.
    fn load_page<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        group: u32,
        index: u32,
    ) -> Result<Option<Option<CacheSlot>>, HostError> {
        if self.flats.len() < FLATS && !self.flats.iter().any(|flat| flat.group == group) {
            let bytes = vec![0; self.width.saturating_mul(STORE_IO_BYTES)];
            self.flats.push(Flat { group, bytes, pages: vec![State::Absent; self.width] });
        }
        let Some((flat, page, slot)) = self.flat_slot(group, index) else { return Ok(None) };
        let Some(flat) = self.flats.get_mut(flat) else { return Ok(None) };
        let start = page * STORE_IO_BYTES;
        let target = flat.bytes.get_mut(start..start + STORE_IO_BYTES);
        let target = target.ok_or(HostError::Corrupt(WHAT))?;
        // Pages are written whole.
        if !state.host().read_part(self.path.page(index / Self::PER_PAGE), 0, target, WHAT)? {
            return Ok(Some(None));
        }
        mark(flat, page, State::Read);
        Ok(Some(Some(slot)))
    }

    /// Enters zeros for `index`, whose page is not stored.
    pub(crate) fn begin(&mut self, group: u32, index: u32) -> CacheSlot {
        if let Some((flat, page, slot)) = self.flat_slot(group, index)
            && let Some(flat) = self.flats.get_mut(flat)
        {
            mark(flat, page, State::Read);
            return slot;
        }
        self.enter(key(group, index), [[0; NUMBER_BYTES]; N], false)
    }

    #[inline(always)]
    fn enter(&mut self, key: u64, numbers: [[u8; NUMBER_BYTES]; N], stored: bool) -> CacheSlot {
        let slot = CacheSlot::of_record(self.records.len());
        self.last = Some((key, slot));
        self.records.push(Record { key, numbers, changed: false, stored });
        self.table.push(key, |at| key_at(&self.records, at));
        slot
    }

    /// A number of a record.
    #[inline(always)]
    pub(crate) fn get<const NUMBER: usize>(&self, slot: CacheSlot) -> u64 {
        match slot.split() {
            Place::Record(at) => {
                self.records.get(at).map_or(0, |record| u64::from_le_bytes(record.numbers[NUMBER]))
            }
            Place::Flat { flat, at } => self.get_in_flat(flat, at + NUMBER * NUMBER_BYTES),
        }
    }

    #[inline(always)]
    pub(crate) fn set<const NUMBER: usize>(&mut self, slot: CacheSlot, number: u64) {
        match slot.split() {
            Place::Record(at) => {
                if let Some(record) = self.records.get_mut(at) {
                    record.numbers[NUMBER] = number.to_le_bytes();
                    record.changed = true;
                }
            }
            Place::Flat { flat, at } => {
                self.set_in_flat(flat, at + NUMBER * NUMBER_BYTES, number);
            }
        }
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn get_in_flat(&self, flat: usize, at: usize) -> u64 {
        let bytes = self.flats.get(flat).and_then(|flat| flat.bytes.get(at..)?.first_chunk());
        bytes.copied().map_or(0, u64::from_le_bytes)
    }

    #[inline(never)] // Smaller apart: docs/bls.md.
    fn set_in_flat(&mut self, flat: usize, at: usize, number: u64) {
        let Some(flat) = self.flats.get_mut(flat) else { return };
        if let Some(bytes) = flat.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *bytes = number.to_le_bytes();
        }
        mark(flat, at / STORE_IO_BYTES, State::Changed);
    }

    /// Where in its page the record of an index is.
    #[inline]
    fn offset(index: u32) -> usize {
        usize::try_from(index % Self::PER_PAGE).unwrap_or(0) * Self::BYTES
    }

    /// Writes what has changed. The first record of a page that is not stored brings the page.
    #[inline]
    pub(crate) fn write<H: RawRollupCore>(
        &self,
        to: &Subtree<'_, H>,
        folder: impl Fn(u32) -> String,
    ) -> Result<(), HostError> {
        let mut path = PagePath::default();
        for flat in &self.flats {
            let pages = (0u32..).zip(flat.bytes.chunks(STORE_IO_BYTES)).zip(&flat.pages);
            for ((page, bytes), state) in pages {
                if *state == State::Changed {
                    path.enter(to.root(), flat.group, &folder);
                    to.host().write_part(path.page(page), 0, bytes)?;
                }
            }
        }
        let mut begun = Begun::new(self.table.spread());
        let mut blank = Vec::new();
        for record in self.records.iter().filter(|record| record.changed) {
            let (group, index) = split(record.key);
            let page = index / Self::PER_PAGE;
            path.enter(to.root(), group, &folder);
            let path = path.page(page);
            if !record.stored && begun.is_first(key(group, page)) {
                // On the heap: a page of zeros that is part of the module takes ticks in every run.
                blank.resize(STORE_IO_BYTES, 0);
                to.host().write_part(path, 0, &blank)?;
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
    fn is_first(&mut self, key: u64) -> bool {
        if self.table.get(key, |at| self.keys.get(at) == Some(&key)).is_some() {
            return false;
        }
        self.keys.push(key);
        self.table.push(key, |at| self.keys.get(at).copied().unwrap_or(NO_KEY));
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

#[inline]
fn mark(flat: &mut Flat, page: usize, state: State) {
    if let Some(page) = flat.pages.get_mut(page) {
        *page = state;
    }
}

/// A folder that is the same for all groups.
pub(crate) fn only_folder(folder: &'static str) -> impl Fn(u32) -> String {
    move |_| folder.to_owned()
}
