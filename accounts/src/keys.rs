//! The public keys of accounts, 21 neighbouring ones a page: checked points, ready to use.

use encoding::AccountIndex;
use encoding::limits::STORE_IO_BYTES;
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::layout::{
    self, KEY_PAGE_BYTES, KEY_RECORD_BYTES, KEYS, KEYS_PER_PAGE, StoredKey, WHAT_KEYS,
};

/// The keys that were stored in this draft, and the last page that was read.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    new: Vec<(AccountIndex, StoredKey)>,
    page: Option<(u32, Vec<u8>)>,
    /// A path under construction: one allocation for all of them.
    path: String,
}

impl Keys {
    /// The key of an account. Of a page that is going to be asked for more, all of it is read.
    pub(crate) fn get<H: RawRollupCore>(
        &mut self,
        state: &Subtree<'_, H>,
        account: AccountIndex,
        whole_page: bool,
    ) -> Result<Option<StoredKey>, HostError> {
        if let Some((_, key)) = self.new.iter().find(|(other, _)| *other == account) {
            return Ok(Some(*key));
        }
        let page = account.0 / KEYS_PER_PAGE;
        let offset = layout::key_offset(account);
        if let Some((number, bytes)) = &self.page
            && *number == page
        {
            return layout::key_from_record(bytes.get(offset..).unwrap_or_default());
        }
        self.path.clear();
        self.path.push_str(state.root());
        layout::push_key_path(&mut self.path, page);
        // Where there is no page, zeros stay, which say that there is no key.
        if !whole_page {
            let mut record = [0; KEY_RECORD_BYTES];
            state.host().read_part(&self.path, offset, &mut record, WHAT_KEYS)?;
            return layout::key_from_record(&record);
        }
        let mut bytes = vec![0; KEY_PAGE_BYTES];
        state.host().read_part(&self.path, 0, &mut bytes, WHAT_KEYS)?;
        let key = layout::key_from_record(bytes.get(offset..).unwrap_or_default());
        self.page = Some((page, bytes));
        key
    }

    /// Stores a key.
    pub(crate) fn set(&mut self, account: AccountIndex, key: StoredKey) {
        self.new.retain(|(other, _)| *other != account);
        self.new.push((account, key));
    }

    /// Writes what is new. The first key of a page brings the page.
    pub(crate) fn write<H: RawRollupCore>(&self, to: &Subtree<'_, H>) -> Result<(), HostError> {
        // New accounts show their keys together, and are neighbours.
        let mut last = None;
        for (account, key) in &self.new {
            let page = account.0 / KEYS_PER_PAGE;
            let path = layout::key_path(page);
            if last != Some(page) && to.read_at(&path, 0, 1)?.is_empty() {
                let blank = [0; KEY_PAGE_BYTES];
                to.write(&path, &blank)?;
            }
            last = Some(page);
            to.write_at(&path, layout::key_offset(*account), &layout::key_record(key))?;
        }
        Ok(())
    }
}

/// Whether the next account's key is in the same page.
pub(crate) fn share_a_page(one: AccountIndex, other: AccountIndex) -> bool {
    one.0 / KEYS_PER_PAGE == other.0 / KEYS_PER_PAGE
}

const _: () = assert!(KEY_PAGE_BYTES <= STORE_IO_BYTES && !KEYS.is_empty());
