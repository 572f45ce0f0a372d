//! The rollup node: heads, the state at a head, results, and messages that are given to it.

mod fates;
mod follower;
mod known;
mod lookups;
mod state;
mod values;
mod watch;

pub(crate) use follower::{Follower, Order, Outgoing, Report};
pub(crate) use known::{Known, TipStates};
pub(crate) use lookups::{Lookups, Resumable, Resumed};
pub(crate) use state::BlockState;
pub(crate) use values::{Notes, Question};
pub(crate) use watch::{Watch, Watched};
