//! Pages of the ledger that are cached whole, those of a group side by side.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::page_path::PagePath;

/// Bytes of a number.
pub(crate) const NUMBER_BYTES: usize = 8;
/// Numbers in a page.
const PAGE_NUMBERS: usize = STORE_IO_BYTES / NUMBER_BYTES;
/// Groups that are cached in pages: so many tickets of one batch. What is of others is read record by record.
const FLATS: usize = 4;
/// Pages of a group that is cached in pages. Where there are more, records are read one by one.
const MOST_PAGES: usize = 1 << 20;
/// What an error of a page names.
pub(crate) const WHAT: &str = "a page of the ledger";

/// Groups whose pages are cached.
#[derive(Debug)]
pub(crate) struct Flats {
    /// Pages of a group; 0 where none are cached.
    width: usize,
    /// Records of a page.
    per_page: u32,
    flats: Vec<Flat>,
}

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
    /// Not stored: it is written if anything in it is not zero.
    New,
}

/// The place of the first number of a record in the pages of a flat, and which flat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FlatPlace(u32);

/// Bits of the place of a number in the pages of a flat.
const PLACE_BITS: u32 = 29;
/// A place takes less.
pub(crate) const PLACES: u32 = 1 << 31;

const _: () = assert!(MOST_PAGES * PAGE_NUMBERS <= 1 << PLACE_BITS && FLATS <= 4);

impl FlatPlace {
    /// The place of this number.
    #[inline]
    pub(crate) fn from_number(number: u32) -> Self {
        FlatPlace(number)
    }

    /// A number below [`PLACES`] that stands for it.
    #[inline]
    pub(crate) fn number(self) -> u32 {
        self.0
    }

    fn new(flat: usize, place: usize) -> Self {
        // There are four flats, of at most 2^28 numbers.
        let flat = u32::try_from(flat).unwrap_or(0) << PLACE_BITS;
        FlatPlace(flat | u32::try_from(place).unwrap_or(0))
    }

    /// The flat, and the byte in it.
    fn split(self) -> (usize, usize) {
        let in_memory = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        let place = self.0 & ((1 << PLACE_BITS) - 1);
        (in_memory(self.0 >> PLACE_BITS), in_memory(place) * NUMBER_BYTES)
    }
}

impl Flats {
    /// None are cached.
    pub(crate) fn none(per_page: u32) -> Self {
        Flats { width: 0, per_page, flats: Vec::new() }
    }

    /// Those of so many records, unless they are too many.
    pub(crate) fn of(records: u32, per_page: u32) -> Self {
        let pages = usize::try_from(records.div_ceil(per_page)).ok();
        let width = pages.filter(|pages| *pages <= MOST_PAGES).unwrap_or(0);
        Flats { width, per_page, flats: Vec::new() }
    }

    /// Whether none are cached.
    #[inline]
    pub(crate) fn are_none(&self) -> bool {
        self.width == 0
    }

    /// Whether none has been read or begun.
    pub(crate) fn is_empty(&self) -> bool {
        self.flats.is_empty()
    }

    /// Where the record of `index` would be, if its group is cached: the flat and its page, too.
    fn place(&self, group: u32, index: u32) -> Option<(usize, usize, FlatPlace)> {
        let page = usize::try_from(index / self.per_page).ok().filter(|page| *page < self.width)?;
        let flat = self.flats.iter().position(|flat| flat.group == group)?;
        let record = usize::try_from(index % self.per_page).ok()?;
        let numbers = PAGE_NUMBERS / usize::try_from(self.per_page).ok()?;
        Some((flat, page, FlatPlace::new(flat, page * PAGE_NUMBERS + record * numbers)))
    }

    /// Whether the record of `index` belongs here; and where it is, if it is there.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn cached(&self, group: u32, index: u32) -> (bool, Option<FlatPlace>) {
        let Some((flat, page, place)) = self.place(group, index) else { return (false, None) };
        let state = self.flats.get(flat).and_then(|flat| flat.pages.get(page));
        (true, state.filter(|state| **state != State::Absent).map(|_| place))
    }

    /// Reads the page of `index`: `None` if its group is not cached, and in it `None` if it is not stored.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        path: &mut PagePath,
        group: u32,
        index: u32,
    ) -> Result<Option<Option<FlatPlace>>, HostError> {
        if self.flats.len() < FLATS && !self.flats.iter().any(|flat| flat.group == group) {
            let bytes = vec![0; self.width.saturating_mul(STORE_IO_BYTES)];
            self.flats.push(Flat { group, bytes, pages: vec![State::Absent; self.width] });
        }
        let Some((flat, page, place)) = self.place(group, index) else { return Ok(None) };
        let Some(flat) = self.flats.get_mut(flat) else { return Ok(None) };
        let start = page * STORE_IO_BYTES;
        let target = flat.bytes.get_mut(start..start + STORE_IO_BYTES);
        let target = target.ok_or(HostError::Corrupt(WHAT))?;
        // Pages are written whole.
        if !state.host().read_part(path.page(index / self.per_page), 0, target, WHAT)? {
            return Ok(Some(None));
        }
        mark(flat, page, State::Read);
        Ok(Some(Some(place)))
    }

    /// Begins the page of `index`, which is not stored, with zeros, if its group is cached.
    pub(crate) fn begin(&mut self, group: u32, index: u32) -> Option<FlatPlace> {
        let (flat, page, place) = self.place(group, index)?;
        mark(self.flats.get_mut(flat)?, page, State::New);
        Some(place)
    }

    /// The number that is so many after the first one of a record.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn get(&self, place: FlatPlace, number: usize) -> u64 {
        let (flat, at) = place.split();
        let bytes = self.flats.get(flat).and_then(|flat| flat.bytes.get(at..));
        let bytes = bytes.and_then(|bytes| bytes.get(number * NUMBER_BYTES..)?.first_chunk());
        bytes.copied().map_or(0, u64::from_le_bytes)
    }

    /// Sets that number.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn set(&mut self, place: FlatPlace, number: usize, value: u64) {
        let (flat, at) = place.split();
        let at = at + number * NUMBER_BYTES;
        let Some(flat) = self.flats.get_mut(flat) else { return };
        if let Some(bytes) = flat.bytes.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
            *bytes = value.to_le_bytes();
        }
        let page = flat.pages.get_mut(at / STORE_IO_BYTES);
        if let Some(page) = page.filter(|page| **page != State::New) {
            *page = State::Changed;
        }
    }

    /// Writes the pages that have changed.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn write<H: RawRollupCore>(
        &self,
        to: &Subtree<'_, H>,
        path: &mut PagePath,
        folder: &dyn Fn(u32) -> String,
    ) -> Result<(), HostError> {
        for flat in &self.flats {
            let pages = (0u32..).zip(flat.bytes.chunks(STORE_IO_BYTES)).zip(&flat.pages);
            for ((page, bytes), state) in pages {
                let is_written = match state {
                    State::Changed => true,
                    State::New => bytes.iter().any(|byte| *byte != 0),
                    State::Absent | State::Read => false,
                };
                if is_written {
                    path.enter(to.root(), flat.group, folder);
                    to.host().write_part(path.page(page), 0, bytes)?;
                }
            }
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
