//! The ledger: account and ticket registries, balances and counters, in a draft that is committed or discarded.
