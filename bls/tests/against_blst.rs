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

/// Every way to group parts: few keys, few messages, keys with messages of their own, the same part
/// twice.
#[test]
fn an_aggregate_holds_however_its_parts_are_grouped() {
    let signers: Vec<SecretKey> = (0..6).map(secret).collect();
    let aug = |who: usize| (who, Message::Aug(b"a"));
    let pop = |who: usize| (who, Message::Pop(b"a"));
    let other = |who: usize| (who, Message::Pop(b"b"));
    let possession = |who: usize| (who, Message::Possession);
    let plans: [Vec<(usize, Message<'_>)>; 8] = [
        (0..6).map(pop).collect(),
        (0..6).flat_map(|who| [pop(who), other(who)]).collect(),
        vec![pop(0), other(0), (0, Message::Pop(b"c")), pop(1)],
        (0..6).flat_map(|who| [aug(who), pop(who)]).collect(),
        (0..6).map(pop).chain((0..2).map(possession)).chain([aug(1)]).collect(),
        (0..6).map(possession).collect(),
        vec![pop(0), pop(0), aug(0), aug(0), pop(1)],
        vec![aug(0), aug(1), pop(2), pop(3), other(3)],
    ];
    for plan in plans {
        let part = |(who, message): &(usize, _)| Part {
            key: signers[*who].public_key(),
            message: *message,
        };
        let parts: Vec<Part<'_>> = plan.iter().map(part).collect();
        let signatures: Vec<Signature> =
            plan.iter().map(|(who, message)| signers[*who].sign_message(message)).collect();
        let aggregate = Signature::aggregate(&signatures).unwrap();
        assert!(aggregate_verify(&parts, &aggregate), "{plan:?}");
        for cut in 0..=parts.len() {
            let (first, last) = parts.split_at(cut);
            let accumulator = Accumulator::new().with(first);
            assert!(accumulator.with(last).finish(&aggregate), "{plan:?}");
            assert!(accumulator.finish_with(last, &aggregate), "{plan:?}");
            assert!(last.is_empty() || !accumulator.finish(&aggregate), "{plan:?}");
        }
        for (at, message) in [Message::Pop(b"x"), Message::Aug(b"x")].into_iter().enumerate() {
            let mut changed = parts.clone();
            changed[at].message = message;
            assert!(!aggregate_verify(&changed, &aggregate), "{plan:?}");
            changed[at] = Part { key: secret(9).public_key(), ..parts[at] };
            assert!(!aggregate_verify(&changed, &aggregate), "{plan:?}");
        }
    }
}

/// The key whose secret is the negative of that of `key`.
fn negative(key: &PublicKey) -> PublicKey {
    let mut bytes = key.to_compressed();
    bytes[0] ^= 0x20;
    PublicKey::from_compressed(&bytes).unwrap()
}

#[test]
fn keys_that_cancel_out_contribute_nothing() {
    let (one, two) = (secret(1), secret(2));
    let message = Message::Pop(b"m");
    let part = |key: PublicKey| Part { key, message };
    let pair = [part(one.public_key()), part(negative(&one.public_key()))];
    let with_another = [pair[0], pair[1], part(two.public_key())];
    assert!(aggregate_verify(&with_another, &two.sign_message(&message)));
    assert!(!aggregate_verify(&with_another, &one.sign_message(&message)));
    assert!(!aggregate_verify(&pair, &one.sign_message(&message)));
    assert_eq!(Accumulator::new().with(&pair), Accumulator::new());
    assert!(!Accumulator::new().with(&pair).finish(&one.sign_message(&message)));
}

#[test]
fn a_sum_of_keys_stands_for_all() {
    let signers: Vec<SecretKey> = (0..5).map(secret).collect();
    let mut sum = KeySum::new();
    assert_eq!(sum.key(), None);
    signers.iter().for_each(|signer| sum.add(&signer.public_key()));
    let all = signers.iter().map(|signer| signer.sign(Suite::Pop, b"m"));
    let signature = all.reduce(|sum, one| sum.plus(&one)).unwrap();
    assert!(sum.key().unwrap().verify(Suite::Pop, b"m", &signature));
    assert!(!sum.key().unwrap().verify(Suite::Pop, b"n", &signature));
    sum.add(&signers[0].public_key());
    assert!(!sum.key().unwrap().verify(Suite::Pop, b"m", &signature), "twice counts twice");
    sum.add(&negative(&signers[0].public_key()));
    assert!(sum.key().unwrap().verify(Suite::Pop, b"m", &signature));
    signers.iter().for_each(|signer| sum.add(&negative(&signer.public_key())));
    assert_eq!(sum.key(), None);
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
