//! Pinned tickets: which ticket a name means to this wallet, whatever the contents of others say.
//!
//! The name in a ticket's content is its ticketer's word, and anybody can mint a ticket of any name. A pin
//! is the user's own word: it binds a name to one ticketer and one content. Pins are kept in a file per
//! rollup ([`PinStore`]), in a format that is shared with others ([`PinFile`]); a sandbox has some of its
//! own.

mod error;
mod file;
mod list;
mod pin;
mod store;
#[cfg(test)]
mod tests;
mod word;

pub use error::{PinFileProblem, PinProblem, PinsError};
pub use file::PinFile;
pub use list::Pins;
pub use pin::{Pin, PinKind};
pub use store::PinStore;
pub use word::{is_word, looks_like};
