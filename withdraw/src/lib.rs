//! The rules of a withdrawal.
