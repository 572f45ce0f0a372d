//! History: an index over a rollup node, in one SQLite file.
//!
//! It follows any node by its RPC, decodes what was sent by the kernel's own code, and asks the state what became
//! of it. Rows belong to blocks: a level that is taken back takes its rows with it. Where the state says otherwise
//! than the moves do, the state wins, and the difference is an alarm.
//!
//! `store` has the file and `readers` the connections that read it; `file` says whose a file is. `rows` has what is in
//! it as types, and `read` the questions that can be asked. `follow` is the thread that follows a node, and what it
//! tells of itself. `http` serves all of it as JSON, in the types of `api`; `client` asks for it.

#![warn(clippy::missing_errors_doc)]

pub mod api;
pub mod client;
mod error;
mod file;
mod follow;
pub mod http;
pub mod limits;
mod numbers;
mod read;
mod readers;
mod rows;
mod store;
mod words;

pub use error::HistoryError;
pub use file::remove;
pub use follow::{Change, Following, Handle, Options, Running, Trouble, start};
pub use read::{Filter, Page, Paged, Reader};
pub use readers::Readers;
pub use rows::{
    AccountRow, AlarmRow, BalanceRow, BatchCount, BoundedCount, FailedOperation, HeldRow,
    HolderCursor, Holders, LevelRow, Message, MoveRow, OperationRow, Settlement, Status, SupplyRow,
    TicketRow, TransactionRow, WithdrawalRow,
};
pub use store::Store;
pub use words::{MoveKind, MoveState, ResultKind, WithdrawalWord};
