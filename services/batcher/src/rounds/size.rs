//! How long a message gets, transaction by transaction, without encoding it each time.

use std::collections::{BTreeMap, HashMap, HashSet};

use encoding::limits::{INBOX_MESSAGE_BYTES, ROLLUP_FRAME_BYTES};
use encoding::{AccountIndex, Tz4Address};
use inbox::v2::{LAST_LEVEL_BYTES, REGISTRATION_BYTES, SIGNATURE_BYTES};

use crate::admission::{RowForm, Signer, Verified};

/// Bytes of a message that are there whatever is in it: the frame, the flags and the signature.
const ALWAYS: usize = ROLLUP_FRAME_BYTES + 1 + SIGNATURE_BYTES;

/// A batch under construction, as far as its length needs to be known.
#[derive(Debug, Default)]
pub(crate) struct Size {
    /// Groups, by how many transfers of the same signer are in groups before them, ticket and expiry.
    groups: BTreeMap<(usize, Vec<u8>), Group>,
    /// Transfers of a signer.
    rows: HashMap<AccountIndex, usize>,
    group_bytes: usize,
    transactions: usize,
    transaction_bytes: usize,
    /// Signers of transactions: their later transfers have to come after these.
    of_transactions: HashSet<Tz4Address>,
    registered: HashSet<Tz4Address>,
    signings: usize,
}

#[derive(Debug, Default)]
struct Group {
    /// Expiry and ticket.
    header: usize,
    /// By the signer's index: bytes of the transfer without the gap.
    transfers: BTreeMap<u32, usize>,
    /// All transfers with their gaps.
    bytes: usize,
}

/// Where a transaction goes in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Into a transfer group.
    Row,
    /// Among the transactions.
    Transaction,
}

impl Size {
    /// The most bytes that a message is filled with. If the kernel refuses it, the same transactions come again with a
    /// last level, which makes the batch another one: they must fit with it too.
    pub(crate) const ROOM: usize = INBOX_MESSAGE_BYTES - LAST_LEVEL_BYTES;

    /// The message's bytes, with room for a bitmap of who signed individually.
    pub(crate) fn bytes(&self) -> usize {
        let counted = |count: usize, bytes: usize| match count {
            0 => 0,
            count => varint(count) + bytes,
        };
        ALWAYS
            + counted(self.registered.len(), self.registered.len() * REGISTRATION_BYTES)
            + counted(self.groups.len(), self.group_bytes)
            + counted(self.transactions, self.transaction_bytes)
            + self.signings.div_ceil(8)
    }

    /// Adds a transaction if the message has room for it, and says where it goes.
    pub(crate) fn add(&mut self, transaction: &Verified) -> Option<Form> {
        let after = |signer: &Signer| self.of_transactions.contains(&signer.account);
        let as_row = !transaction.signers.iter().any(after);
        let form = match &transaction.row {
            Some(_) if as_row => Form::Row,
            _ => Form::Transaction,
        };
        let new: Vec<Tz4Address> = transaction
            .registers()
            .into_iter()
            .filter(|account| !self.registered.contains(account))
            .collect();
        // The most that the counts of registrations, groups, transfers and transactions grow by, and the bitmap.
        const COUNTS: usize = 5;
        let more = match (form, &transaction.row) {
            (Form::Row, Some(row)) => self.row_bytes(row),
            _ => transaction.bytes,
        };
        let more = more + new.len() * (REGISTRATION_BYTES + 1) + COUNTS;
        if self.bytes() + more > Self::ROOM && !self.fits_exactly(transaction, form, &new) {
            return None;
        }
        self.put(transaction, form, new);
        Some(form)
    }

    /// Whether there is room, where that is a matter of a few bytes.
    fn fits_exactly(&self, transaction: &Verified, form: Form, new: &[Tz4Address]) -> bool {
        let growth = match (form, &transaction.row) {
            (Form::Row, Some(row)) => {
                let is_new = !self.groups.contains_key(&self.group_of(row));
                let in_group = self.groups.get(&self.group_of(row));
                let count = in_group.map_or(0, |group| group.transfers.len());
                let counts = varint(count + 1).saturating_sub(varint(count.max(1)));
                let groups = match self.groups.len() {
                    0 => 1,
                    many if is_new => varint(many + 1) - varint(many),
                    _ => 0,
                };
                self.row_bytes(row) + counts + groups
            }
            _ => {
                let counts = match self.transactions {
                    0 => 1,
                    many => varint(many + 1) - varint(many),
                };
                transaction.bytes + counts
            }
        };
        let registered = self.registered.len();
        let counts = match (registered, new.len()) {
            (_, 0) => 0,
            (0, more) => varint(more),
            (some, more) => varint(some + more) - varint(some),
        };
        let signings = transaction.signers.len();
        let bitmap = (self.signings + signings).div_ceil(8) - self.signings.div_ceil(8);
        let total = growth + new.len() * REGISTRATION_BYTES + counts + bitmap;
        self.bytes() + total <= Self::ROOM
    }

    fn group_of(&self, row: &RowForm) -> (usize, Vec<u8>) {
        let round = self.rows.get(&row.row.transfer.signer).copied().unwrap_or(0);
        (round, row.header.clone())
    }

    /// What a transfer adds to its group, a new group's header and count included.
    fn row_bytes(&self, row: &RowForm) -> usize {
        let index = row.row.transfer.signer.0;
        let key = self.group_of(row);
        let own = row.body;
        let Some(group) = self.groups.get(&key) else {
            return key.1.len() + 1 + varint_u32(index) + own;
        };
        group.gaps_after(index).saturating_sub(group.gap_before(index)) + own
    }

    fn put(&mut self, transaction: &Verified, form: Form, new: Vec<Tz4Address>) {
        match (form, &transaction.row) {
            (Form::Row, Some(row)) => {
                let key = self.group_of(row);
                let index = row.row.transfer.signer.0;
                let group = self.groups.entry(key).or_insert_with_key(|(_, header)| {
                    self.group_bytes += header.len() + 1;
                    Group { header: header.len(), ..Group::default() }
                });
                let before = group.total();
                group.bytes += row.body;
                group.bytes += group.gaps_after(index);
                group.bytes -= group.gap_before(index);
                group.transfers.insert(index, row.body);
                self.group_bytes += group.total();
                self.group_bytes -= before;
                *self.rows.entry(row.row.transfer.signer).or_default() += 1;
            }
            _ => {
                self.transactions += 1;
                self.transaction_bytes += transaction.bytes;
                self.of_transactions.extend(transaction.signers.iter().map(|one| one.account));
            }
        }
        self.registered.extend(new);
        self.signings += transaction.signers.len();
    }
}

impl Group {
    fn total(&self) -> usize {
        self.header + varint(self.transfers.len().max(1)) + self.bytes
    }

    fn neighbours(&self, index: u32) -> (Option<u32>, Option<u32>) {
        let before = self.transfers.range(..index).next_back().map(|(index, _)| *index);
        let after = self.transfers.range(index..).next().map(|(index, _)| *index);
        (before, after)
    }

    /// Bytes of the gaps before this index and after it, once it is there.
    fn gaps_after(&self, index: u32) -> usize {
        let (before, after) = self.neighbours(index);
        varint_u32(gap(before, index))
            + after.map_or(0, |after| varint_u32(gap(Some(index), after)))
    }

    /// Bytes of the gap that it divides.
    fn gap_before(&self, index: u32) -> usize {
        let (before, after) = self.neighbours(index);
        after.map_or(0, |after| varint_u32(gap(before, after)))
    }
}

fn gap(before: Option<u32>, index: u32) -> u32 {
    before.map_or(index, |before| index.saturating_sub(before).saturating_sub(1))
}

fn varint(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    usize::try_from(bits.max(1).div_ceil(7)).unwrap_or(0)
}

fn varint_u32(number: u32) -> usize {
    usize::try_from(number).map_or(5, varint)
}
