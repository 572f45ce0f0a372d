//! The wallet: money on a rollup, over nothing but a node's RPC.

mod balance;
mod batch;
mod claim;
mod failure;
mod files;
mod grid;
mod known;
mod payments;
mod plan;
mod record;
mod register;
mod send;
mod session;
mod submit;
mod swap;
mod traced;
mod tx;
mod who;
mod withdraw;
mod withdrawals;

pub use balance::{BalanceArgs, TicketsArgs, balance, tickets};
pub use batch::{BatchArgs, batch};
pub use claim::{ClaimArgs, claim};
pub use failure::WalletFailure;
pub use register::{RegisterArgs, register};
pub use send::{SendArgs, send};
pub use swap::{SwapArgs, swap};
pub use tx::{TxArgs, tx};
pub use withdraw::{WithdrawArgs, withdraw};
pub use withdrawals::{WithdrawalsArgs, withdrawals};
