//! The contracts that we ship, recognised by the hash of their script.
