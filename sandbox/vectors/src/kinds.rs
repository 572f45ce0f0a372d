//! The kinds of vectors that are known.

mod chain;
mod level;

pub use chain::Chain;
pub use level::Level;

use crate::kind::Kind;

/// All of them. Each file needs its own: some keep what earlier vectors left.
#[must_use]
pub fn all() -> Vec<Box<dyn Kind>> {
    vec![Box::new(Level), Box::new(Chain::default())]
}
