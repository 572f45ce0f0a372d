//! The vectors in this repository, played.

mod reference;
