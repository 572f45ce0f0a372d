//! A cache of numbers that durable storage keeps in pages of 2,048 bytes.
//!
//! A draft that touches most pages several times reads and writes them whole, so that a page costs
//! one call each way. One that touches few numbers of many reads and writes each by itself, so that
//! it costs its own bytes and not its page's. Either way everything is written back once.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::layout::push_number;
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
    /// A path under construction: one allocation for all of them.
    path: String,
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
        PagedCache { width, flats, table: Table::new(), records, path: String::new() }
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
        self.table.get(group, index).map(CacheSlot::Record)
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

    /// Reads the number of `index`, or its page; `None` if the page is not stored.
    pub(crate) fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        path: impl Fn(&mut String, u32),
        group: u32,
        index: u32,
    ) -> Result<Option<CacheSlot>, HostError> {
        const WHAT: &str = "a page of the ledger";
        self.path.clear();
        self.path.push_str(state.root());
        path(&mut self.path, index / Self::PER_PAGE);
        if self.width > 0 && self.flats.len() < FLATS && !self.has_flat(group) {
            let bytes = vec![0; self.width.saturating_mul(STORE_IO_BYTES)];
            self.flats.push(Flat { group, bytes, pages: vec![State::Absent; self.width] });
        }
        let slot = self.flat_slot(group, index);
        if let Some(CacheSlot::Flat { flat, page, .. }) = slot
            && let Some(flat) = self.flats.get_mut(flat)
        {
            let start = page * STORE_IO_BYTES;
            let target = flat.bytes.get_mut(start..start + STORE_IO_BYTES);
            let target = target.ok_or(HostError::Corrupt(WHAT))?;
            // Pages are written whole.
            if !state.host().read_part(&self.path, 0, target, WHAT)? {
                return Ok(None);
            }
            mark(flat, page, State::Read);
            return Ok(slot);
        }
        let mut number = [0; N];
        let offset = usize::try_from(index % Self::PER_PAGE).unwrap_or(0) * N;
        let is_stored = state.host().read_part(&self.path, offset, &mut number, WHAT)?;
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
        self.table.insert(group, index, at);
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
        path: impl Fn(&mut String, u32, u32),
    ) -> Result<(), HostError> {
        let mut whole = String::new();
        let set = |whole: &mut String, group, page| {
            whole.clear();
            whole.push_str(to.root());
            path(whole, group, page);
        };
        for flat in &self.flats {
            let pages = (0u32..).zip(flat.bytes.chunks(STORE_IO_BYTES)).zip(&flat.pages);
            for ((page, bytes), state) in pages {
                if *state == State::Changed {
                    set(&mut whole, flat.group, page);
                    to.host().write_at(&whole, 0, bytes)?;
                }
            }
        }
        let mut begun: Vec<(u32, u32)> = Vec::new();
        for record in self.records.iter().filter(|record| record.changed) {
            let page = record.index / Self::PER_PAGE;
            set(&mut whole, record.group, page);
            if !record.stored && !begun.contains(&(record.group, page)) {
                begun.push((record.group, page));
                let blank = [0; STORE_IO_BYTES];
                to.host().write_at(&whole, 0, &blank)?;
            }
            let mut bytes = [0; N];
            to_bytes(record.value, &mut bytes);
            let offset = usize::try_from(record.index % Self::PER_PAGE).unwrap_or(0) * N;
            to.host().write_at(&whole, offset, &bytes)?;
        }
        Ok(())
    }
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

/// Appends `folder/page` to a path.
pub(crate) fn page_path(folder: &'static str) -> impl Fn(&mut String, u32) {
    move |path, page| {
        path.push_str(folder);
        push_number(path, page);
    }
}
