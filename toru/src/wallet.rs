//! The wallet: money on a rollup, over nothing but a node's RPC. Commands print, ask and read arguments; what
//! keeps payments safe is the wallet library's.

mod account_ref;
mod balance;
mod batch;
mod confirm;
mod contents;
mod counted;
mod error;
mod execute;
mod exit;
mod files;
mod folders;
mod grid;
mod interrupt;
mod lookup;
mod memo;
mod operator;
mod payments;
mod payout;
mod plan;
mod register;
mod result_text;
mod resume;
mod rows;
mod send;
mod session;
mod signed;
mod submit;
mod swap;
mod tickets;
mod times;
mod tx;
mod withdraw;
mod withdrawal_text;
mod withdrawals;

pub use balance::{BalanceArgs, TicketsArgs, balance, tickets};
pub use batch::{BatchArgs, batch};
pub use execute::{ExecuteArgs, execute};
pub use operator::{OperatorArgs, operator};
pub use register::{RegisterArgs, register};
pub use send::{SendArgs, send};
pub use swap::{SwapArgs, swap};
pub use tx::{TxArgs, tx};
pub use withdraw::{WithdrawArgs, withdraw};
pub use withdrawals::{WithdrawalsArgs, withdrawals};
