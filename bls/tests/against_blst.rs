//! Ours against blst's own high-level interface, against Octez's vectors, and against nonsense.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use bls::{
    Accumulator, KeySum, Message, Part, PointError, PublicKey, SecretKey, Signature, Suite,
    aggregate_verify,
};
use blst::BLST_ERROR::BLST_SUCCESS;
use blst::min_pk;

fn secret(seed: u8) -> SecretKey {
    SecretKey::derive(&[seed; 32]).unwrap()
}

#[test]
fn blst_accepts_what_we_sign_in_both_suites() {
    let key = secret(1);
    let compressed = key.public_key().to_compressed();
    let theirs = min_pk::PublicKey::key_validate(&compressed).unwrap();
    for (suite, augmentation) in [(Suite::Aug, &compressed[..]), (Suite::Pop, &[])] {
        let signature = key.sign(suite, b"message");
        assert!(key.public_key().verify(suite, b"message", &signature));
        assert!(!key.public_key().verify(suite, b"another", &signature));
        assert!(!secret(2).public_key().verify(suite, b"message", &signature));
        let parsed = min_pk::Signature::sig_validate(&signature.to_compressed(), true).unwrap();
        let verdict = parsed.verify(true, b"message", suite.dst(), augmentation, &theirs, true);
        assert_eq!(verdict, BLST_SUCCESS, "{suite:?}");
    }
    let aug = key.sign(Suite::Aug, b"message");
    assert!(!key.public_key().verify(Suite::Pop, b"message", &aug), "the suites differ");
}

#[test]
fn a_proof_of_possession_is_for_its_key_alone() {
    let key = secret(3);
    let proof = key.prove_possession();
    assert!(key.public_key().verify_possession(&proof));
    assert!(!secret(4).public_key().verify_possession(&proof));
    let signed = key.sign(Suite::Pop, &key.public_key().to_compressed());
    assert!(!key.public_key().verify_possession(&signed), "a signature is no proof");
}

#[test]
fn an_aggregate_holds_for_exactly_its_parts_however_it_is_cut() {
    let signers: Vec<SecretKey> = (0..5).map(secret).collect();
    // Signer 0 signs three messages, so that hashes are summed, in and across steps.
    let plan = [(0, "a"), (1, "a"), (0, "b"), (2, "c"), (3, "d"), (0, "e"), (4, "f")];
    let keys: Vec<PublicKey> = plan.iter().map(|(who, _)| signers[*who].public_key()).collect();
    let parts: Vec<Part<'_>> = plan
        .iter()
        .zip(&keys)
        .map(|((_, message), key)| Part { key: *key, message: Message::Aug(message.as_bytes()) })
        .collect();
    let signatures: Vec<Signature> =
        plan.iter().map(|(who, m)| signers[*who].sign(Suite::Aug, m.as_bytes())).collect();
    let aggregate = Signature::aggregate(&signatures).unwrap();

    assert!(aggregate_verify(&parts, &aggregate));
    assert!(!aggregate_verify(&parts[1..], &aggregate));
    let pop: Vec<Part<'_>> = plan
        .iter()
        .zip(&keys)
        .map(|((_, message), key)| Part { key: *key, message: Message::Pop(message.as_bytes()) })
        .collect();
    assert!(!aggregate_verify(&pop, &aggregate), "the suites differ");
    assert!(!aggregate_verify(&[], &aggregate));

    for cut in 0..=parts.len() {
        let first = Accumulator::new().with(&parts[..cut]);
        let resumed = Accumulator::from_stored(&first.to_stored());
        assert_eq!(resumed, first);
        assert!(resumed.with(&parts[cut..]).finish(&aggregate), "cut at {cut}");
    }

    let mut other = parts.clone();
    other[3].message = Message::Aug(b"x");
    assert!(!aggregate_verify(&other, &aggregate));
}

#[test]
fn points_that_are_none_are_refused() {
    let mut identity = [0u8; 48];
    identity[0] = 0xc0;
    assert_eq!(PublicKey::from_compressed(&identity), Err(PointError::NotCanonical));
    let mut identity = [0u8; 96];
    identity[0] = 0xc0;
    assert_eq!(Signature::from_compressed(&identity), Err(PointError::NotCanonical));

    let good = secret(1).public_key().to_compressed();
    let mut outside = 0;
    for byte in 0..=255u8 {
        let mut bytes = good;
        bytes[47] = byte;
        let ours = PublicKey::from_compressed(&bytes);
        assert_eq!(ours.is_ok(), min_pk::PublicKey::key_validate(&bytes).is_ok(), "{byte}");
        outside += usize::from(ours == Err(PointError::NotInGroup));
    }
    assert!(outside > 200, "nearly all neighbours are off the curve or out of the subgroup");
}

#[test]
fn a_stored_key_is_the_same_key() {
    let key = secret(9).public_key();
    let stored = key.to_stored();
    assert_eq!(PublicKey::from_stored(&stored), Ok(key));
    let mut broken = stored;
    broken[95] ^= 1;
    assert!(PublicKey::from_stored(&broken).is_err());
    broken[0] |= 0x80;
    assert!(PublicKey::from_stored(&broken).is_err(), "no compressed form where none belongs");
}

/// Octez's key encoding vectors (src/lib_crypto/test): `BLsk` holds the scalar little-endian.
#[test]
fn octez_secret_keys_are_little_endian() {
    use encoding::Tz4Address;
    let vectors = include_str!("octez_bls_keys.txt");
    let mut count = 0;
    for line in vectors.lines() {
        let mut fields = line.split(' ');
        let (secret, address) = (fields.next().unwrap(), fields.next().unwrap());
        let scalar: [u8; 32] = hex::decode(secret).unwrap().try_into().unwrap();
        let key = SecretKey::from_little_endian(&scalar).unwrap();
        assert_eq!(key.public_key().address(), Tz4Address::from_base58(address).unwrap());
        count += 1;
    }
    assert_eq!(count, 50);
    assert!(SecretKey::from_little_endian(&[0; 32]).is_err());
    assert!(SecretKey::from_little_endian(&[0xff; 32]).is_err());
}
