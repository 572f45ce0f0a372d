//! The transaction kernel: inbox, verify, apply, outbox.
