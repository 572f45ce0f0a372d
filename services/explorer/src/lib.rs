//! Web pages over a rollup, made of its history and of what its node says now.
