//! A simulated layer 1, as Octez's *mockup* is one: accounts, tokens, ticketers and tickets, and the operations
//! that move them. It does no IO, and the same operations lead to the same state.
#![doc = include_str!("../README.md")]
#![warn(clippy::missing_errors_doc)]

mod apply;
mod asset;
mod call;
mod called;
mod code;
mod contract;
pub mod genesis;
pub mod limits;
mod micheline;
mod mockup;
mod names;
mod normal;
mod operation;
mod originate;
mod question;
mod refusal;
mod run;
mod scripts;
mod solvency;
mod state;
mod storage;
mod ticket;
mod views;
mod work;

pub use apply::{Outcome, Trial};
pub use asset::{Asset, Change, Holding};
pub use call::{Call, CallOutcome, CallStatus, RollupCall};
pub use contract::{Code, Contract, Fa2, Fa12, FaTicketer, PendingDeposit, Token, TokenFacts};
pub use mockup::{Done, Mockup, NotAgain, Sender};
pub use operation::{Content, Operation, contract_address};
pub use refusal::Refusal;
pub use scripts::ROLLUP;
pub use solvency::{Layer1Terms, terms, tickets_of_message};
pub use state::State;
pub use storage::{script, storage};
pub use ticket::{ContractHash, Ticket};
pub use views::{ViewError, call_back, view};
