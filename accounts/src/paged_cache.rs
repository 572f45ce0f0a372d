//! A cache of numbers that durable storage keeps in pages of 2,048 bytes.
//!
//! A draft that touches most pages several times reads and writes them whole, so that a page costs
//! one call each way. One that touches few numbers of many reads and writes each by itself, so that
//! it costs its own bytes and not its page's. Either way everything is written back once.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::page_path::PagePath;
use crate::table::Table;

/// How much is read at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum CacheMode {
    /// A number.
    #[default]
    Record,
    /// A page, of so many that there are in a group.
    Page(usize),
}

/// Groups that are cached in pages: so many tickets of one batch. What is of others is read number
/// by number.
const FLATS: usize = 4;

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

/// A number that is cached by itself.
#[derive(Clone, Copy, Debug)]
struct Record {
    group: u32,
    index: u32,
    value: u64,
    changed: bool,
    /// Whether its page is in durable storage.
    stored: bool,
}

/// Numbers of `N` bytes, big-endian, by group and index.
#[derive(Debug)]
pub(crate) struct PagedCache<const N: usize> {
    /// Pages of a flat; 0 where there are none.
    width: usize,
    flats: Vec<Flat>,
    table: Table,
    records: Vec<Record>,
    path: PagePath,
}

/// Where a cached number stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CacheSlot {
    Flat { flat: usize, page: usize, at: usize },
    Record(usize),
}

impl<const N: usize> PagedCache<N> {
    /// Records in a page.
    pub(crate) const PER_PAGE: u32 = {
        assert!(N == 4 || N == 8);
        if N == 4 { 512 } else { 256 }
    };

    pub(crate) fn new(mode: CacheMode) -> Self {
        let width = match mode {
            CacheMode::Record => 0,
            CacheMode::Page(pages) => pages,
        };
        let (flats, records) = (Vec::new(), Vec::new());
        PagedCache { width, flats, table: Table::new(), records, path: PagePath::default() }
    }

    /// Makes room for so many more numbers, where they are read one by one.
    pub(crate) fn make_room(&mut self, more: usize) {
        if self.width == 0 {
            self.records.reserve_exact(more);
            self.table.make_room(more, |at| key_at(&self.records, at));
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.flats.is_empty() && self.records.is_empty()
    }

    /// Where the number of `index` is cached, if it is.
    #[inline]
    pub(crate) fn cached(&self, group: u32, index: u32) -> Option<CacheSlot> {
        if let Some(slot) = self.flat_slot(group, index) {
            let CacheSlot::Flat { flat, page, .. } = slot else { return None };
            let state = self.flats.get(flat)?.pages.get(page)?;
            return (*state != State::Absent).then_some(slot);
        }
        let key = key(group, index);
        self.table.get(key, |at| key_at(&self.records, at) == key).map(CacheSlot::Record)
    }

    /// Where the number of `index` would be, if its group is cached in pages.
    #[inline]
    fn flat_slot(&self, group: u32, index: u32) -> Option<CacheSlot> {
        let page =
            usize::try_from(index / Self::PER_PAGE).ok().filter(|page| *page < self.width)?;
        let flat = self.flats.iter().position(|flat| flat.group == group)?;
        let record = usize::try_from(index % Self::PER_PAGE).ok()?;
        Some(CacheSlot::Flat { flat, page, at: page * STORE_IO_BYTES + record * N })
    }

    /// Reads the number of `index`, or its page; `None` if the page is not stored. `folder` is that of the
    /// group's pages.
    pub(crate) fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        folder: impl Fn(u32) -> String,
        group: u32,
        index: u32,
    ) -> Result<Option<CacheSlot>, HostError> {
        const WHAT: &str = "a page of the ledger";
        if self.width > 0 && self.flats.len() < FLATS && !self.has_flat(group) {
            let bytes = vec![0; self.width.saturating_mul(STORE_IO_BYTES)];
            self.flats.push(Flat { group, bytes, pages: vec![State::Absent; self.width] });
        }
        let slot = self.flat_slot(group, index);
        self.path.enter(state.root(), group, folder);
        let path = self.path.page(index / Self::PER_PAGE);
        if let Some(CacheSlot::Flat { flat, page, .. }) = slot
            && let Some(flat) = self.flats.get_mut(flat)
        {
            let start = page * STORE_IO_BYTES;
            let target = flat.bytes.get_mut(start..start + STORE_IO_BYTES);
            let target = target.ok_or(HostError::Corrupt(WHAT))?;
            // Pages are written whole.
            if !state.host().read_part(path, 0, target, WHAT)? {
                return Ok(None);
            }
            mark(flat, page, State::Read);
            return Ok(slot);
        }
        let mut number = [0; N];
        let offset = usize::try_from(index % Self::PER_PAGE).unwrap_or(0) * N;
        let is_stored = state.host().read_part(path, offset, &mut number, WHAT)?;
        Ok(is_stored.then(|| self.enter(group, index, from_bytes(&number), true)))
    }

    /// Enters a zero for `index`, whose page is not stored.
    pub(crate) fn begin(&mut self, group: u32, index: u32) -> CacheSlot {
        if let Some(slot) = self.flat_slot(group, index)
            && let CacheSlot::Flat { flat, page, .. } = slot
            && let Some(flat) = self.flats.get_mut(flat)
        {
            mark(flat, page, State::Read);
            return slot;
        }
        self.enter(group, index, 0, false)
    }

    fn has_flat(&self, group: u32) -> bool {
        self.flats.iter().any(|flat| flat.group == group)
    }

    fn enter(&mut self, group: u32, index: u32, value: u64, stored: bool) -> CacheSlot {
        let at = self.records.len();
        self.records.push(Record { group, index, value, changed: false, stored });
        self.table.push(|at| key_at(&self.records, at));
        CacheSlot::Record(at)
    }

    #[inline]
    pub(crate) fn get(&self, slot: CacheSlot) -> u64 {
        match slot {
            CacheSlot::Record(at) => self.records.get(at).map_or(0, |record| record.value),
            CacheSlot::Flat { flat, at, .. } => {
                let bytes = self.flats.get(flat).and_then(|flat| flat.bytes.get(at..at + N));
                from_bytes(bytes.unwrap_or_default())
            }
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, slot: CacheSlot, number: u64) {
        match slot {
            CacheSlot::Record(at) => {
                if let Some(record) = self.records.get_mut(at) {
                    (record.value, record.changed) = (number, true);
                }
            }
            CacheSlot::Flat { flat, page, at } => {
                let Some(flat) = self.flats.get_mut(flat) else { return };
                if let Some(bytes) = flat.bytes.get_mut(at..at + N) {
                    to_bytes(number, bytes);
                }
                mark(flat, page, State::Changed);
            }
        }
    }

    /// Writes what has changed. The first number of a page that is not stored brings the page.
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
        let mut begun: Vec<u64> = Vec::new();
        let mut blank = Vec::new();
        let mut table = Table::new();
        for record in self.records.iter().filter(|record| record.changed) {
            let page = record.index / Self::PER_PAGE;
            path.enter(to.root(), record.group, &folder);
            let path = path.page(page);
            let key = key(record.group, page);
            if !record.stored && table.get(key, |at| begun.get(at) == Some(&key)).is_none() {
                begun.push(key);
                table.push(|at| begun.get(at).copied().unwrap_or_default());
                blank.resize(STORE_IO_BYTES, 0);
                to.host().write_part(path, 0, &blank)?;
            }
            let mut bytes = [0; N];
            to_bytes(record.value, &mut bytes);
            let offset = usize::try_from(record.index % Self::PER_PAGE).unwrap_or(0) * N;
            to.host().write_part(path, offset, &bytes)?;
        }
        Ok(())
    }
}

/// What a number, or a page of them, is found by.
#[inline]
fn key(group: u32, index: u32) -> u64 {
    u64::from(group) << 32 | u64::from(index)
}

/// The key of the record at a place.
#[inline]
fn key_at(records: &[Record], at: usize) -> u64 {
    // No place of the table is beyond the records.
    records.get(at).map_or(u64::MAX, |record| key(record.group, record.index))
}

#[inline]
fn mark(flat: &mut Flat, page: usize, state: State) {
    if let Some(page) = flat.pages.get_mut(page) {
        *page = state;
    }
}

#[inline]
fn from_bytes(bytes: &[u8]) -> u64 {
    match *bytes {
        [a, b, c, d] => u32::from_be_bytes([a, b, c, d]).into(),
        [a, b, c, d, e, f, g, h] => u64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => 0,
    }
}

/// Writes the low bytes of a number that has no others.
#[inline]
fn to_bytes(number: u64, bytes: &mut [u8]) {
    let whole = number.to_be_bytes();
    if let Some(low) = whole.len().checked_sub(bytes.len()).and_then(|start| whole.get(start..)) {
        bytes.copy_from_slice(low);
    }
}

/// A folder that is the same for all groups.
pub(crate) fn only_folder(folder: &'static str) -> impl Fn(u32) -> String {
    move |_| folder.to_owned()
}
