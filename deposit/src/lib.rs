//! The rules of a deposit, and what becomes of one that cannot be credited.
