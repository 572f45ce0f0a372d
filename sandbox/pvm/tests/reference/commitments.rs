//! Commitments and their hashes.

use super::{bytes, hash, number, text, vectors};
use pvm::Commitment;
use std::collections::HashMap;

#[test]
fn commitments_have_the_hashes_of_the_reference() {
    let all = vectors(include_bytes!("commitments.jsonl.gz"));
    assert_eq!(all.len(), 71);
    // Hashes are given as text; each commitment's own is given as bytes, too.
    let known: HashMap<&str, [u8; 32]> =
        all.iter().map(|one| (text(one, "hash"), hash(one, "hash_hex"))).collect();
    for one in &all {
        let encoded = bytes(one, "encoded");
        let commitment = Commitment::decode(encoded.as_slice().try_into().unwrap());
        assert_eq!(commitment.inbox_level, number::<i32>(one, "inbox_level"));
        assert_eq!(commitment.ticks.to_string(), text(one, "number_of_ticks"));
        if let Some(predecessor) = known.get(text(one, "predecessor")) {
            assert_eq!(commitment.predecessor, *predecessor);
        }
        assert_eq!(commitment.encode().as_slice(), encoded);
        assert_eq!(commitment.hash(), hash(one, "hash_hex"), "{}", one["note"]);
    }
}
