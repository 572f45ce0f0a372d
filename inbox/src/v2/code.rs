//! The small numbers of wire format v2. Those of names and tickets say how they are given; others are an index.

/// An account by its address, which follows.
pub const ACCOUNT_ADDRESS: u32 = 0;
/// An account by the number of a registration of the batch, which follows.
pub const ACCOUNT_REGISTRATION: u32 = 1;
/// The account with index 0; those after it follow.
pub const FIRST_ACCOUNT: u32 = 2;
// The last account can be named.
const _: () = assert!(encoding::limits::MAX_ACCOUNTS - 1 == u32::MAX - FIRST_ACCOUNT);
/// A ticket in full, which follows.
pub const TICKET_FULL: u32 = 0;
/// The ticket with index 0; those after it follow.
pub const FIRST_TICKET: u32 = 1;
/// A content that is a `string`.
pub const TEXT_CONTENT: u8 = 0;
/// A content that is a `pair nat (option bytes)`.
pub const PAIR_CONTENT: u8 = 1;
/// No memo.
pub const NO_MEMO: u8 = 0;
/// A memo of some bytes.
pub const MEMO_BYTES: u8 = 1;
/// A memo that is a hash.
pub const MEMO_HASH: u8 = 2;
/// An action that pays accounts.
pub const TRANSFERS: u8 = 0;
/// A withdrawal whose contract is told nobody to pay.
pub const WITHDRAW_BARE: u8 = 1;
/// A withdrawal whose contract is told whom to pay.
pub const WITHDRAW_TO: u8 = 2;
/// No last level.
pub const NEVER_EXPIRES: u8 = 0;
/// A last level, which follows.
pub const EXPIRES: u8 = 1;
