//! The kinds of vectors that are known.

mod chain;
mod commitment;
mod level;
mod proof;
mod public;
mod state;

pub use chain::Chain;
pub use commitment::Commitment;
pub use level::Level;
pub use proof::Proof;
pub use public::Public;
pub use state::{State, States};

use crate::kind::Kind;

/// All of them. A proof is made in a state of a vector before it, which may be in a file before its own; so files
/// that belong together are played with the same kinds, one after another.
#[must_use]
pub fn all() -> Vec<Box<dyn Kind>> {
    let states = States::default();
    vec![
        Box::new(Level),
        Box::new(Chain::new(states.clone())),
        Box::new(State::new(states.clone())),
        Box::new(Proof::new(states)),
        Box::new(Public),
        Box::new(Commitment),
    ]
}
