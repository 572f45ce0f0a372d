//! Where the ledger lives in durable storage, and how its records look. All integers big-endian.
//!
//! | path | value |
//! |---|---|
//! | `/counts` | accounts u32, tickets u32, keys u32: how many there are |
//! | `/addresses/<tz4 hash, hex>` | account index u32 |
//! | `/accounts/<page>` | 64 records of 32 bytes: tz4 hash 20, counter u64, key slot + 1 u32 (0: none) |
//! | `/keys/<page>` | 21 records of 96 bytes: affine public keys, checked |
//! | `/tickets/index/<ticket hash, hex>` | ticket index u32 |
//! | `/tickets/record/<index>` | ticketer 20, content type 1, content as Micheline |
//! | `/tickets/supply/<index>` | on the rollup u64, deposited u128, withdrawn u128 |
//! | `/balances/<ticket>/<page>` | holdings of 170 neighbouring accounts: account u32, amount u64 |
//!
//! A balance page lists only the accounts that hold something (or did), in no order: a ticket with
//! few holders costs about what their records weigh, one with many about 12 bytes each.

use encoding::{AccountIndex, Amount, Counter, TicketHash, TicketIndex, Tz4Address};

/// Path of the counts.
pub(crate) const COUNTS: &str = "/counts";
/// Accounts in a page of account records.
const ACCOUNTS_PER_PAGE: u32 = 64;
/// Bytes of an account record.
pub(crate) const ACCOUNT_BYTES: usize = 32;
/// Keys in a page.
const KEYS_PER_PAGE: u32 = 21;
/// Bytes of a stored key.
pub(crate) const KEY_BYTES: usize = 96;
/// Accounts whose holdings of a ticket share a page.
const HOLDERS_PER_PAGE: u32 = 170;
/// Bytes of one holding.
pub(crate) const HOLDING_BYTES: usize = 12;
/// Bytes of a full page of holdings.
pub(crate) const HOLDING_PAGE_BYTES: usize = HOLDERS_PER_PAGE as usize * HOLDING_BYTES;
/// Bytes of a supply record.
pub(crate) const SUPPLY_BYTES: usize = 40;

const _: () =
    assert!(ACCOUNTS_PER_PAGE as usize * ACCOUNT_BYTES <= encoding::limits::STORE_IO_BYTES);
const _: () = assert!(KEYS_PER_PAGE as usize * KEY_BYTES <= encoding::limits::STORE_IO_BYTES);
const _: () = assert!(HOLDING_PAGE_BYTES <= encoding::limits::STORE_IO_BYTES);

/// A record inside a page: its path, and its offset there in bytes.
pub(crate) type Place = (String, usize);

fn place(folder: &str, number: u32, per_page: u32, bytes: usize) -> Place {
    // The remainder is below 2^8: it fits.
    let slot = usize::try_from(number % per_page).unwrap_or(0);
    (format!("{folder}/{}", number / per_page), slot * bytes)
}

pub(crate) fn address_path(address: &Tz4Address) -> String {
    let mut path = String::from("/addresses/");
    address.0.iter().for_each(|byte| path.push_str(&format!("{byte:02x}")));
    path
}

pub(crate) fn account_place(index: AccountIndex) -> Place {
    place("/accounts", index.0, ACCOUNTS_PER_PAGE, ACCOUNT_BYTES)
}

pub(crate) fn key_place(slot: u32) -> Place {
    place("/keys", slot, KEYS_PER_PAGE, KEY_BYTES)
}

pub(crate) fn ticket_index_path(hash: &TicketHash) -> String {
    format!("/tickets/index/{hash}")
}

pub(crate) fn ticket_record_path(index: TicketIndex) -> String {
    format!("/tickets/record/{index}")
}

pub(crate) fn supply_path(index: TicketIndex) -> String {
    format!("/tickets/supply/{index}")
}

/// The page of `account`'s holdings.
pub(crate) fn holding_page(account: AccountIndex) -> u32 {
    account.0 / HOLDERS_PER_PAGE
}

pub(crate) fn holding_path(ticket: TicketIndex, page: u32) -> String {
    format!("/balances/{ticket}/{page}")
}

/// How many accounts, tickets and keys there are; each is also the next index to give out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub accounts: u32,
    pub tickets: u32,
    pub keys: u32,
}

impl Counts {
    pub(crate) fn to_bytes(self) -> [u8; 12] {
        let mut bytes = [0; 12];
        bytes[..4].copy_from_slice(&self.accounts.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.tickets.to_be_bytes());
        bytes[8..].copy_from_slice(&self.keys.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: [u8; 12]) -> Self {
        let [a, b, c, d, e, f, g, h, i, j, k, l] = bytes;
        Counts {
            accounts: u32::from_be_bytes([a, b, c, d]),
            tickets: u32::from_be_bytes([e, f, g, h]),
            keys: u32::from_be_bytes([i, j, k, l]),
        }
    }
}

/// An account as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountRecord {
    pub address: Tz4Address,
    pub counter: Counter,
    /// Where its key is, if it has shown one.
    pub key_slot: Option<u32>,
}

impl AccountRecord {
    pub(crate) fn to_bytes(self) -> [u8; ACCOUNT_BYTES] {
        let key = self.key_slot.map_or(0, |slot| slot.saturating_add(1));
        let mut bytes = [0; ACCOUNT_BYTES];
        bytes[..20].copy_from_slice(&self.address.0);
        bytes[20..28].copy_from_slice(&self.counter.get().to_be_bytes());
        bytes[28..].copy_from_slice(&key.to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (address, rest) = bytes.split_first_chunk::<20>()?;
        let (counter, key) = rest.split_first_chunk::<8>()?;
        let key = u32::from_be_bytes(key.try_into().ok()?);
        Some(AccountRecord {
            address: Tz4Address(*address),
            counter: Counter::new(u64::from_be_bytes(*counter)),
            key_slot: key.checked_sub(1),
        })
    }
}

/// What one account holds of one ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Holding {
    pub account: AccountIndex,
    pub amount: Amount,
}

impl Holding {
    pub(crate) fn to_bytes(self) -> [u8; HOLDING_BYTES] {
        let mut bytes = [0; HOLDING_BYTES];
        bytes[..4].copy_from_slice(&self.account.0.to_be_bytes());
        bytes[4..].copy_from_slice(&self.amount.get().to_be_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (account, amount) = bytes.split_first_chunk::<4>()?;
        Some(Holding {
            account: AccountIndex(u32::from_be_bytes(*account)),
            amount: Amount::new(u64::from_be_bytes(amount.try_into().ok()?)),
        })
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
