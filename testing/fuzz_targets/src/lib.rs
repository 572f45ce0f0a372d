//! Fuzzing in this process: targets that are functions of bytes, and a small deterministic engine that
//! feeds them where libFuzzer does not, which is in CI. `cargo xtask fuzz` has libFuzzer feed them.
//!
//! The engine does not see where an input leads. In its place every target says which *class* of
//! outcome an input came to (accepted, or malformed at which byte; which result codes a level had),
//! and inputs that come to a new class join the ones that are mutated.
#![expect(clippy::unwrap_used, reason = "a test kit stops where it goes wrong")]

mod decoders;
mod engine;
mod failing_host;
mod files;
mod level_seeds;
mod levels;
mod proofs;
mod target;
mod v2;

pub use engine::{Engine, Random, Stats};
pub use target::Target;

/// Every target by name. The corpus of each is in `corpus/<name>`.
pub const TARGETS: &[(&str, Target)] = &[
    ("envelope", decoders::envelope),
    ("deposit", decoders::deposit),
    ("v1", decoders::v1),
    ("v2", v2::batch),
    ("own", v2::transaction),
    ("ticket", decoders::ticket),
    ("outbox", decoders::outbox),
    ("int", decoders::int),
    ("request", decoders::request),
    ("reclaim", decoders::reclaim),
    ("order", decoders::order),
    ("page", decoders::page),
    ("decoders", decoders::any),
    ("output_proof", proofs::output_proof),
    ("level", levels::level),
    ("failing", levels::failing),
    ("trapping", levels::trapping),
    ("micheline", files::micheline),
    ("michelson", files::michelson),
    ("calls", files::calls),
    ("transaction", files::transaction),
    ("signature_collection", files::signature_collection),
    ("keyfile", files::keyfile),
    ("receipt", files::receipt),
    ("names", files::names),
    ("amount", files::amount),
    ("scenario", files::scenario),
    ("inputs", files::inputs),
    ("setup", files::setup),
];

/// The target of a name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(known, _)| *known == name).map(|(_, target)| *target)
}

/// Good inputs of a target, from which damaged ones are made.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    match name {
        "level" | "failing" | "trapping" => level_seeds::seeds(),
        "output_proof" => proofs::seeds(),
        name if decoders::is_one(name) => decoders::seeds(name),
        _ => files::seeds(name),
    }
}
