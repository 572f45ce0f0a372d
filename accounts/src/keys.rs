//! The public keys of accounts, 21 neighbouring ones a page: checked points, ready to use.

use encoding::AccountIndex;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::layout::{
    self, CORRUPT_KEYS, KEY_BYTES, KEY_PAGE_BYTES, KEY_RECORD_BYTES, KEYS, KEYS_PER_PAGE,
    StoredKey, WHAT_KEYS, key_from_record, key_record,
};
use crate::page_path::PagePath;
use crate::paged_cache::only_folder;
use crate::table::{Spread, Table};

/// Records that are read in one call at most lie so far apart: one in between costs as much as a call.
const REACH: u32 = 2;

/// What a record begins with.
const NONE: u8 = 0;
const PROVEN: u8 = 2;

/// Keys as they are stored, one after the other: read into their place, and not copied from there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredKeys {
    records: Vec<[u8; KEY_RECORD_BYTES]>,
}

impl StoredKeys {
    /// None yet, with room for so many.
    #[must_use]
    pub fn with_capacity(count: usize) -> Self {
        StoredKeys { records: Vec::with_capacity(count) }
    }

    /// How many accounts were asked for their keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether the key at a place is proven; `None` if the account has shown none.
    #[inline]
    #[must_use]
    pub fn is_proven(&self, at: usize) -> Option<bool> {
        let status = self.records.get(at).map_or(NONE, |record| record[0]);
        (status != NONE).then_some(status == PROVEN)
    }

    /// The point of the key at a place; `None` if the account has shown none.
    #[must_use]
    pub fn point(&self, at: usize) -> Option<&[u8; KEY_BYTES]> {
        let (status, point) = self.records.get(at)?.split_first()?;
        point.first_chunk().filter(|_| *status != NONE)
    }

    /// The key at a place, if the account has shown one.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<StoredKey> {
        Some(StoredKey { point: *self.point(at)?, proven: self.is_proven(at)? })
    }
}

/// The keys that were stored in this draft.
#[derive(Debug)]
pub(crate) struct Keys {
    new: Vec<(AccountIndex, StoredKey)>,
    table: Table,
    path: PagePath,
}

impl Keys {
    pub(crate) fn new() -> Self {
        // A message has room for few new keys: they need no spread of their own.
        Keys { new: Vec::new(), table: Table::new(Spread::ANY), path: PagePath::default() }
    }

    fn new_key(&self, account: AccountIndex) -> Option<usize> {
        let is_it = |at: usize| self.new.get(at).is_some_and(|(other, _)| *other == account);
        self.table.get(account.0.into(), is_it)
    }

    /// The key of an account.
    pub(crate) fn get<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
    ) -> Result<Option<StoredKey>, HostError> {
        if let Some((_, key)) = self.new_key(account).and_then(|at| self.new.get(at)) {
            return Ok(Some(*key));
        }
        let mut record = [0; KEY_RECORD_BYTES];
        self.path.enter(state.root(), 0, only_folder(KEYS));
        self.read(state, account, &mut record)?;
        key_from_record(&record)
    }

    /// Appends the keys of accounts. Those of a page that lie near each other and are asked for in order cost one call.
    pub(crate) fn append<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        accounts: &[AccountIndex],
        keys: &mut StoredKeys,
    ) -> Result<(), HostError> {
        let start = keys.records.len();
        keys.records.resize(start.saturating_add(accounts.len()), [NONE; KEY_RECORD_BYTES]);
        let mut records = keys.records.get_mut(start..).unwrap_or_default();
        let mut accounts = accounts;
        self.path.enter(state.root(), 0, only_folder(KEYS));
        while let [first, ..] = accounts {
            let count = near(accounts);
            let (now, later) = accounts.split_at_checked(count).unwrap_or_default();
            let (read, rest) = records.split_at_mut_checked(count).unwrap_or_default();
            match &mut *read {
                [record] => self.read(state, *first, record)?,
                several => self.read_near(state, now, several)?,
            }
            if !self.new.is_empty() {
                self.overwrite_new(now, read);
            }
            if read.iter().any(|record| record[0] > PROVEN) {
                return Err(CORRUPT_KEYS);
            }
            (accounts, records) = (later, rest);
        }
        Ok(())
    }

    /// Puts keys that were stored in this draft in the place of what was read.
    fn overwrite_new(&self, accounts: &[AccountIndex], records: &mut [[u8; KEY_RECORD_BYTES]]) {
        for (record, account) in records.iter_mut().zip(accounts) {
            if let Some((_, key)) = self.new_key(*account).and_then(|at| self.new.get(at)) {
                *record = key_record(key);
            }
        }
    }

    /// Reads records of a page in one call.
    fn read_near<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        accounts: &[AccountIndex],
        records: &mut [[u8; KEY_RECORD_BYTES]],
    ) -> Result<(), HostError> {
        let (Some(first), Some(last)) = (accounts.first(), accounts.last()) else { return Ok(()) };
        let start = layout::key_offset(*first);
        let size = layout::key_offset(*last) + KEY_RECORD_BYTES - start;
        let mut page = vec![0; size];
        self.read(state, *first, &mut page)?;
        for (record, account) in records.iter_mut().zip(accounts) {
            let read = page.get(layout::key_offset(*account) - start..);
            if let Some(read) = read.and_then(|read| read.first_chunk()) {
                *record = *read;
            }
        }
        Ok(())
    }

    /// Reads from the record of an account on, below the folder that the path has entered. Where there is no page, zeros stay, which say that there is no key.
    fn read<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        into: &mut [u8],
    ) -> Result<(), HostError> {
        let path = self.path.page(account.0 / KEYS_PER_PAGE);
        state.host().read_part(path, layout::key_offset(account), into, WHAT_KEYS).map(|_| ())
    }

    /// Stores a key.
    pub(crate) fn set(&mut self, account: AccountIndex, key: StoredKey) {
        if let Some((_, known)) = self.new_key(account).and_then(|at| self.new.get_mut(at)) {
            *known = key;
            return;
        }
        self.new.push((account, key));
        let new = &self.new;
        self.table
            .push(account.0.into(), &|at| new.get(at).map_or(0, |(account, _)| account.0.into()));
    }

    /// Writes what is new. The first key of a page brings the page.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        // New accounts show their keys together, and are neighbours.
        let mut last = None;
        for (account, key) in &self.new {
            let page = account.0 / KEYS_PER_PAGE;
            let path = layout::key_path(page);
            if last != Some(page) && to.read_at(&path, 0, 1)?.is_empty() {
                let blank = vec![0; KEY_PAGE_BYTES];
                to.write(&path, &blank)?;
            }
            last = Some(page);
            to.write_at(&path, layout::key_offset(*account), &key_record(key))?;
        }
        Ok(())
    }
}

/// How many of the first accounts are read in one call: in order, of one page, near each other.
fn near(accounts: &[AccountIndex]) -> usize {
    let mut count = 1;
    for pair in accounts.windows(2) {
        let [AccountIndex(one), AccountIndex(other)] = pair else { break };
        let is_near = other.wrapping_sub(*one).wrapping_sub(1) < REACH;
        if !is_near || one / KEYS_PER_PAGE != other / KEYS_PER_PAGE {
            break;
        }
        count += 1;
    }
    count
}

const _: () = assert!(KEY_PAGE_BYTES <= encoding::limits::STORE_IO_BYTES && !KEYS.is_empty());
