//! A cache of numbers that durable storage keeps in pages of 2,048 bytes.
//!
//! What is cached together is a *line*: a whole page where a draft touches most pages several
//! times, so that a page costs one call each way; a single record where it touches few of many, so
//! that a record costs its own bytes and not its page's. Either is written back once.

use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::layout::push_number;
use crate::table::Table;

/// How much is cached together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Grain {
    /// A record.
    #[default]
    Record,
    /// A page, of so many that there are in a group.
    Page(usize),
}

#[derive(Clone, Copy, Debug)]
struct Line {
    group: u32,
    number: u32,
    changed: bool,
    /// Whether its page is in durable storage.
    stored: bool,
}

/// Numbers of `N` bytes, big-endian, by group and index.
#[derive(Debug)]
pub(crate) struct Lines<const N: usize> {
    records_per_line: u32,
    line_bytes: usize,
    table: Table,
    lines: Vec<Line>,
    bytes: Vec<u8>,
}

/// Where a cached number stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot {
    line: usize,
    at: usize,
}

impl<const N: usize> Lines<N> {
    /// Records in a page.
    pub(crate) const PER_PAGE: u32 = {
        assert!(N == 4 || N == 8);
        if N == 4 { 512 } else { 256 }
    };

    pub(crate) fn new(grain: Grain) -> Self {
        let (records_per_line, table) = match grain {
            Grain::Record => (1, Table::hashed()),
            Grain::Page(pages) => (Self::PER_PAGE, Table::direct(pages)),
        };
        let line_bytes = if records_per_line == 1 { N } else { STORE_IO_BYTES };
        Lines { records_per_line, line_bytes, table, lines: Vec::new(), bytes: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Where the number of `index` is cached, if it is.
    #[inline]
    pub(crate) fn cached(&self, group: u32, index: u32) -> Option<Spot> {
        let line = self.table.get(group, index / self.records_per_line)?;
        Some(self.spot(line, index))
    }

    #[inline]
    fn spot(&self, line: usize, index: u32) -> Spot {
        // The remainder is below 2^9.
        let record = usize::try_from(index % self.records_per_line).unwrap_or(0);
        Spot { line, at: line * self.line_bytes + record * N }
    }

    /// Reads the line of `index`; `None` if its page is not stored.
    pub(crate) fn load<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        path: impl Fn(&mut String, u32),
        group: u32,
        index: u32,
    ) -> Result<Option<Spot>, HostError> {
        let number = index / self.records_per_line;
        let mut whole = String::from(state.root());
        path(&mut whole, index / Self::PER_PAGE);
        let at = self.bytes.len();
        self.bytes.resize(at + self.line_bytes, 0);
        let offset = usize::try_from(number % self.lines_per_page()).unwrap_or(0) * self.line_bytes;
        let target = self.bytes.get_mut(at..).unwrap_or_default();
        let read = state.host().read_into(&whole, offset, target);
        if read == Ok(Some(self.line_bytes)) {
            return Ok(Some(self.enter(group, number, index, true)));
        }
        // Line n is to stay at n times a line's size, whatever came of this one.
        self.bytes.truncate(at);
        match read? {
            None => Ok(None),
            // Pages are written whole.
            Some(_) => Err(HostError::Corrupt("a page of the ledger")),
        }
    }

    /// Enters the line of `index` of a page that is not stored: all zeros.
    pub(crate) fn begin(&mut self, group: u32, index: u32) -> Spot {
        self.bytes.resize(self.bytes.len() + self.line_bytes, 0);
        self.enter(group, index / self.records_per_line, index, false)
    }

    fn enter(&mut self, group: u32, number: u32, index: u32, stored: bool) -> Spot {
        let line = self.lines.len();
        self.lines.push(Line { group, number, changed: false, stored });
        self.table.insert(group, number, line);
        self.spot(line, index)
    }

    fn lines_per_page(&self) -> u32 {
        Self::PER_PAGE / self.records_per_line
    }

    #[inline]
    pub(crate) fn get(&self, spot: Spot) -> u64 {
        let bytes = self.bytes.get(spot.at..spot.at + N).unwrap_or_default();
        if N == 8 {
            bytes.try_into().map_or(0, u64::from_be_bytes)
        } else {
            bytes.try_into().map_or(0, u32::from_be_bytes).into()
        }
    }

    #[inline]
    pub(crate) fn set(&mut self, spot: Spot, number: u64) {
        let whole = number.to_be_bytes();
        if let (Some(bytes), Some(low)) =
            (self.bytes.get_mut(spot.at..spot.at + N), whole.get(8 - N..))
        {
            bytes.copy_from_slice(low);
        }
        if let Some(line) = self.lines.get_mut(spot.line) {
            line.changed = true;
        }
    }

    /// Writes what has changed. The first record of a page that is not stored brings the page.
    pub(crate) fn write<H: RawRollupCore>(
        &self,
        to: &Subtree<'_, H>,
        path: impl Fn(&mut String, u32, u32),
    ) -> Result<(), HostError> {
        let mut begun: Vec<(u32, u32)> = Vec::new();
        let per_page = self.lines_per_page();
        let mut whole = String::new();
        for (slot, line) in self.lines.iter().enumerate().filter(|(_, line)| line.changed) {
            let page = line.number / per_page;
            whole.clear();
            whole.push_str(to.root());
            path(&mut whole, line.group, page);
            let start = slot * self.line_bytes;
            let bytes = self.bytes.get(start..start + self.line_bytes).unwrap_or_default();
            let is_page = self.line_bytes == STORE_IO_BYTES;
            if !line.stored && !is_page && !begun.contains(&(line.group, page)) {
                begun.push((line.group, page));
                let blank = [0; STORE_IO_BYTES];
                to.host().write_at(&whole, 0, &blank)?;
            }
            let offset = usize::try_from(line.number % per_page).unwrap_or(0) * self.line_bytes;
            to.host().write_at(&whole, offset, bytes)?;
        }
        Ok(())
    }
}

/// Appends `folder/page` to a path.
pub(crate) fn page_path(folder: &'static str) -> impl Fn(&mut String, u32) {
    move |path, page| {
        path.push_str(folder);
        push_number(path, page);
    }
}
