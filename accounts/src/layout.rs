//! Where the ledger lives in durable storage, and how its records look. Counters and balances are little-endian, all other
//! integers big-endian.
//!
//! | path | value |
//! |---|---|
//! | `/counts` | accounts u32, tickets u32: how many there are |
//! | `/addresses/<tz4 hash, hex>` | account index u32 |
//! | `/accounts/<page>` | 102 records of 20 bytes: tz4 hashes, by account index |
//! | `/main/<page>` | 128 records of 16 bytes, by account index: counter u64, balance u64 of the main ticket |
//! | `/keys/<page>` | 21 records of 97 bytes, by account index: 0 none, 1 shown, 2 proven; then the affine point |
//! | `/tickets/index/<ticket hash, hex>` | ticket index u32 |
//! | `/tickets/record/<index>` | ticketer 20, content type 1, content as Micheline |
//! | `/tickets/supply/<index>` | on the rollup u64, deposited u128, withdrawn u128 |
//! | `/balances/<ticket>/<page>` | amounts u64 of 256 neighbouring accounts, of any other ticket |
//! | `/balances/<ticket>/few/<page>` | the same where few of them hold something: place in the page u8, amount u64 |
//!
//! The main ticket is that of index 0: the first that was deposited. A transfer of it takes two calls for each of the two
//! accounts, one of another ticket takes two more. Most rollups have one ticket that most people use; and accounts that
//! choose a main ticket of their own would take a call more where that is not the one that they get.
//!
//! Pages are numbered in seven hexadecimal digits: see [`crate::page_path`]. Pages but those of addresses are written whole when their first record is, so that any record of
//! one can be written at its place.

use encoding::{AccountIndex, Amount, TicketHash, TicketIndex, Tz4Address};
use host::HostError;

use crate::page_path::page_name;

/// Folder of the indexes of accounts, below the state: an entry for each address, its hash in hex.
pub const ADDRESSES: &str = "/addresses";
/// Folder of the tickets, below the state: an entry for each index.
pub const TICKET_RECORDS: &str = "/tickets/record";
/// Path of the counts.
pub(crate) const COUNTS: &str = "/counts";
/// Folder of the pages of main records.
pub(crate) const MAIN: &str = "/main";
/// The ticket whose balances are in the main records.
pub(crate) const MAIN_TICKET: TicketIndex = TicketIndex(0);
/// Folder of the pages of keys.
pub(crate) const KEYS: &str = "/keys";
/// Addresses in a page.
const ADDRESSES_PER_PAGE: u32 = 102;
/// Bytes of an address.
pub(crate) const ADDRESS_BYTES: usize = 20;
/// Keys in a page.
pub(crate) const KEYS_PER_PAGE: u32 = 21;
/// Bytes of a stored point.
pub(crate) const KEY_BYTES: usize = 96;
/// Bytes of a key's record.
pub(crate) const KEY_RECORD_BYTES: usize = 1 + KEY_BYTES;
/// Bytes of a page of keys.
pub(crate) const KEY_PAGE_BYTES: usize = KEYS_PER_PAGE as usize * KEY_RECORD_BYTES;
/// Accounts whose holdings of a ticket share a page.
pub(crate) const HOLDERS_PER_PAGE: u32 = 256;
/// Up to this many holdings, a page is a list of them: half of what all amounts would take.
pub(crate) const SPARSE_HOLDERS: usize = 113;
/// Bytes of one holding in a list.
pub(crate) const HOLDING_BYTES: usize = 9;
/// Bytes of a supply record.
pub(crate) const SUPPLY_BYTES: usize = 40;

const _: () =
    assert!(ADDRESSES_PER_PAGE as usize * ADDRESS_BYTES <= encoding::limits::STORE_IO_BYTES);
const _: () = assert!(SPARSE_HOLDERS * HOLDING_BYTES <= encoding::limits::STORE_IO_BYTES / 2);

fn numbered(folder: &str, number: u32) -> String {
    format!("{folder}{number}")
}

/// The path of a page.
fn page_path(folder: &str, page: u32) -> String {
    let mut path = String::from(folder);
    path.extend(page_name(page).map(char::from));
    path
}

pub(crate) fn address_path(address: &Tz4Address) -> String {
    let mut path = String::from("/addresses/");
    for byte in address.0 {
        for digit in [byte >> 4, byte & 15] {
            path.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
        }
    }
    path
}

/// The page of an account's address, and the address's offset in it.
pub(crate) fn address_slot(index: AccountIndex) -> (String, usize) {
    let slot = usize::try_from(index.0 % ADDRESSES_PER_PAGE).unwrap_or(0);
    (page_path("/accounts", index.0 / ADDRESSES_PER_PAGE), slot * ADDRESS_BYTES)
}

pub(crate) fn key_path(page: u32) -> String {
    page_path(KEYS, page)
}

/// Where in its page an account's key is.
pub(crate) fn key_offset(account: AccountIndex) -> usize {
    usize::try_from(account.0 % KEYS_PER_PAGE).unwrap_or(0) * KEY_RECORD_BYTES
}

/// What an error of a stored key names.
pub(crate) const WHAT_KEYS: &str = "/keys";
/// What is said of keys that are not as they were written.
pub(crate) const CORRUPT_KEYS: HostError = HostError::Corrupt(WHAT_KEYS);

/// A key that an account has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// x and y, big-endian: on the curve and in the subgroup.
    pub point: [u8; KEY_BYTES],
    /// Whether its owner has proved to have the secret. One that has only signed augmented messages
    /// has not: it must not be summed with others.
    pub proven: bool,
}

/// What a record of a page of keys says.
pub(crate) fn key_from_record(record: &[u8]) -> Result<Option<StoredKey>, HostError> {
    match record.split_first().map(|(status, rest)| (*status, rest.first_chunk())) {
        Some((0, _)) => Ok(None),
        Some((status @ (1 | 2), Some(point))) => {
            Ok(Some(StoredKey { point: *point, proven: status == 2 }))
        }
        _ => Err(CORRUPT_KEYS),
    }
}

pub(crate) fn key_record(key: &StoredKey) -> [u8; KEY_RECORD_BYTES] {
    let mut record = [0; KEY_RECORD_BYTES];
    record[0] = if key.proven { 2 } else { 1 };
    record[1..].copy_from_slice(&key.point);
    record
}

pub(crate) fn ticket_index_path(hash: &TicketHash) -> String {
    format!("/tickets/index/{hash}")
}

pub(crate) fn ticket_record_path(index: TicketIndex) -> String {
    numbered("/tickets/record/", index.0)
}

pub(crate) fn supply_path(index: TicketIndex) -> String {
    numbered("/tickets/supply/", index.0)
}

/// The place of an account in its page of holdings.
pub(crate) fn holder_slot(account: AccountIndex) -> u8 {
    // The remainder is below 2^8.
    u8::try_from(account.0 % HOLDERS_PER_PAGE).unwrap_or(0)
}

/// The folder of the pages of many holders.
pub(crate) fn dense_folder(ticket: u32) -> String {
    numbered("/balances/", ticket)
}

/// The path of a page of many holders.
pub(crate) fn dense_path(ticket: TicketIndex, page: u32) -> String {
    page_path(&dense_folder(ticket.0), page)
}

/// The path of a page of few holders.
pub(crate) fn sparse_path(ticket: TicketIndex, page: u32) -> String {
    page_path(&[&dense_folder(ticket.0), "/few"].concat(), page)
}

/// How many accounts and tickets there are; each is also the next index to give out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub accounts: u32,
    pub tickets: u32,
}

impl Counts {
    pub(crate) fn to_bytes(self) -> [u8; 8] {
        (u64::from(self.accounts) << 32 | u64::from(self.tickets)).to_be_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 8]) -> Self {
        let [a, b, c, d, e, f, g, h] = bytes;
        Counts {
            accounts: u32::from_be_bytes([a, b, c, d]),
            tickets: u32::from_be_bytes([e, f, g, h]),
        }
    }
}

/// What one account of a page holds of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub slot: u8,
    pub amount: Amount,
}

impl Holding {
    pub(crate) fn to_bytes(self) -> [u8; HOLDING_BYTES] {
        let mut bytes = [0; HOLDING_BYTES];
        bytes[0] = self.slot;
        bytes[1..].copy_from_slice(&self.amount.get().to_le_bytes());
        bytes
    }

    /// A page's list, without entries of nothing.
    pub(crate) fn list_from_bytes(bytes: &[u8]) -> Option<Vec<Holding>> {
        let mut holdings = Vec::new();
        for record in bytes.chunks(HOLDING_BYTES) {
            let (slot, amount) = record.split_first()?;
            let amount = Amount::new(u64::from_le_bytes(amount.try_into().ok()?));
            if !amount.is_zero() {
                holdings.push(Holding { slot: *slot, amount });
            }
        }
        Some(holdings)
    }
}

/// What is known of a ticket as a whole. `deposited = on the rollup + withdrawn`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Supply {
    /// All balances, and what waits to leave.
    pub on_rollup: Amount,
    /// All that was ever credited by deposits.
    pub deposited: u128,
    /// All that has left through the outbox.
    pub withdrawn: u128,
}

impl Supply {
    pub(crate) fn to_bytes(self) -> [u8; SUPPLY_BYTES] {
        let mut bytes = [0; SUPPLY_BYTES];
        bytes[..8].copy_from_slice(&self.on_rollup.get().to_be_bytes());
        bytes[8..24].copy_from_slice(&self.deposited.to_be_bytes());
        bytes[24..].copy_from_slice(&self.withdrawn.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8; SUPPLY_BYTES]) -> Option<Self> {
        let (on_rollup, rest) = bytes.split_first_chunk::<8>()?;
        let (deposited, withdrawn) = rest.split_first_chunk::<16>()?;
        Some(Supply {
            on_rollup: Amount::new(u64::from_be_bytes(*on_rollup)),
            deposited: u128::from_be_bytes(*deposited),
            withdrawn: u128::from_be_bytes(withdrawn.try_into().ok()?),
        })
    }
}
