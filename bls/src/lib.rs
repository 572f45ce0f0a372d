//! BLS12-381 as Tezos uses it: keys, signatures, proofs of possession, aggregate verification.
