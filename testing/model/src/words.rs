//! What the scenarios of the command line have words for: the one place here that knows them.

pub(crate) use toru::describe::grouped;
pub(crate) use toru::reasons;
