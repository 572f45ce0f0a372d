//! The small numbers of wire format v2. Those of names and tickets say how they are given; others are an index.

pub const ACCOUNT_ADDRESS: u32 = 0;
pub const ACCOUNT_REGISTRATION: u32 = 1;
pub const FIRST_ACCOUNT: u32 = 2;
// The last account can be named.
const _: () = assert!(encoding::limits::MAX_ACCOUNTS - 1 == u32::MAX - FIRST_ACCOUNT);
pub const TICKET_FULL: u32 = 0;
pub const FIRST_TICKET: u32 = 1;
pub const TEXT_CONTENT: u8 = 0;
pub const PAIR_CONTENT: u8 = 1;
pub const NO_MEMO: u8 = 0;
pub const MEMO_BYTES: u8 = 1;
pub const MEMO_HASH: u8 = 2;
pub const TRANSFERS: u8 = 0;
pub const WITHDRAW_BARE: u8 = 1;
pub const WITHDRAW_TO: u8 = 2;
pub const NEVER_EXPIRES: u8 = 0;
pub const EXPIRES: u8 = 1;
