//! One suite for both backends, against blst's own interface.

use ::blst::BLST_ERROR::BLST_SUCCESS;
use ::blst::min_pk;

use super::blst as reference;

const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_AUG_";

fn secret(seed: u8) -> min_pk::SecretKey {
    min_pk::SecretKey::key_gen(&[seed; 32], &[]).unwrap()
}

/// The public keys of Octez's vectors.
fn octez_keys() -> Vec<[u8; 48]> {
    let lines = include_str!("../../tests/octez_bls_keys.txt").lines();
    let key = |line: &str| {
        let mut scalar = hex::decode(line.split(' ').next().unwrap()).unwrap();
        scalar.reverse();
        min_pk::SecretKey::from_bytes(&scalar).unwrap().sk_to_pk().compress()
    };
    lines.map(key).collect()
}

/// Compressed forms, good and bad: `good`, every value of its first and of its last byte, and small
/// coordinates with every combination of flags, most of them off the curve or out of the subgroup.
fn forms<const N: usize>(good: [u8; N]) -> Vec<[u8; N]> {
    let mut forms = vec![good, [0; N], [0xff; N]];
    for byte in 0..=u8::MAX {
        for position in [0, N - 1] {
            let mut changed = good;
            changed[position] = byte;
            forms.push(changed);
        }
        for flags in 0..8 {
            let mut small = [0; N];
            small[0] = flags << 5;
            small[N - 1] = byte;
            forms.push(small);
        }
    }
    // Coordinates from just below the modulus to just above.
    let modulus = hex::decode(
        "1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaab",
    );
    for last in 0xa0..0xb0 {
        for chunk in 0..N / 48 {
            let mut bytes = [0; N];
            bytes[chunk * 48..][..48].copy_from_slice(modulus.as_ref().unwrap());
            bytes[chunk * 48 + 47] = last;
            for sign in [0x80, 0xa0] {
                let mut form = bytes;
                form[0] |= sign;
                forms.push(form);
            }
        }
    }
    forms
}

/// A compressed key, and the message that it has signed.
type Signed = ([u8; 48], [u8; 4]);

/// Some of them, and the aggregate.
fn signed() -> (Vec<Signed>, [u8; 96]) {
    let parts: Vec<_> = (1..=7u8).map(|seed| (secret(seed), [seed; 4])).collect();
    let signatures: Vec<_> = parts.iter().map(|(key, text)| key.sign(text, DST, b"pre")).collect();
    let signatures: Vec<&min_pk::Signature> = signatures.iter().collect();
    let aggregate = min_pk::AggregateSignature::aggregate(&signatures, true).unwrap();
    let parts = parts.iter().map(|(key, text)| (key.sk_to_pk().compress(), *text)).collect();
    (parts, aggregate.to_signature().compress())
}

macro_rules! suite {
    ($backend:ident) => {
        mod $backend {
            use super::super::$backend::{G1, G1Sum, G2, Product};
            use crate::canonical::P;
            use super::*;

            fn point(seed: u8) -> G1 {
                G1::decompress(&secret(seed).sk_to_pk().compress()).unwrap()
            }

            pub(super) fn product(parts: &[Signed]) -> Product {
                let pair = |(key, text): &Signed| {
                    (G1::decompress(key).unwrap(), G2::hash(DST, b"pre", text))
                };
                Product::of_pairs(&parts.iter().map(pair).collect::<Vec<_>>())
            }

            pub(super) fn holds(product: &Product, aggregate: &[u8; 96]) -> bool {
                let signature = G2::decompress(aggregate).unwrap();
                let pair = Product::of_pairs(&[(G1::minus_generator(), signature)]);
                product.times(&pair).is_one_when_exponentiated()
            }

            #[test]
            fn keys_are_taken_and_refused_as_blst_does() {
                let mut counts = [0; 2];
                let all = octez_keys().into_iter().chain(forms(secret(1).sk_to_pk().compress()));
                for form in all {
                    let theirs = min_pk::PublicKey::key_validate(&form).ok();
                    let ours = G1::decompress(&form);
                    counts[usize::from(ours.is_some())] += 1;
                    assert_eq!(ours.map(|key| key.compress()), theirs.map(|key| key.compress()));
                    assert_eq!(ours.map(|key| key.store()), theirs.map(|key| key.serialize()));
                    let on_curve = min_pk::PublicKey::uncompress(&form).is_ok();
                    assert!(on_curve || ours.is_none());
                }
                assert!(counts.iter().all(|count| *count > 50), "{counts:?}");
            }

            #[test]
            fn signatures_are_taken_and_refused_as_blst_does() {
                let mut counts = [0; 2];
                let good = secret(1).sign(b"a", DST, &[]).compress();
                for form in forms(good) {
                    let theirs = min_pk::Signature::sig_validate(&form, true).ok();
                    let ours = G2::decompress(&form);
                    counts[usize::from(ours.is_some())] += 1;
                    assert_eq!(ours.map(|key| key.compress()), theirs.map(|key| key.compress()));
                }
                assert!(counts.iter().all(|count| *count > 1), "{counts:?}");
            }

            #[test]
            fn stored_points_are_those_of_blst_and_of_their_form() {
                let stored = secret(1).sk_to_pk().serialize();
                let loaded = G1::load(&stored).unwrap();
                assert_eq!(loaded, point(1));
                assert_eq!(loaded.fingerprint(), point(1).fingerprint());
                assert_ne!(loaded.fingerprint(), point(2).fingerprint());
                for coordinate in [0, 48] {
                    let mut unreduced = stored;
                    unreduced[coordinate..coordinate + 48].copy_from_slice(&P);
                    assert_eq!(G1::load(&unreduced), None, "{coordinate}");
                }
                for flag in [0x80, 0x40, 0x20] {
                    let mut flagged = stored;
                    flagged[0] |= flag;
                    assert_eq!(G1::load(&flagged), None, "{flag}");
                }
                assert_eq!(G1::load(&[0; 96]), None);
                let mut identity = [0; 96];
                identity[0] = 0x40;
                assert_eq!(G1::load(&identity), None);
            }

            #[test]
            fn hashes_are_those_of_blst() {
                let long = [7; 300];
                for dst in [DST, b"BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_", &long[..255]] {
                    for (prefix, message) in
                        [(0, 0), (48, 0), (0, 1), (48, 32), (1, 63), (0, 64), (48, 252)]
                    {
                        let (prefix, message) = (&long[..prefix], &long[..message]);
                        let theirs = reference::G2::hash(dst, prefix, message);
                        let ours = G2::hash(dst, prefix, message);
                        assert_eq!(ours.compress(), theirs.compress());
                    }
                }
                for i in 0..100u8 {
                    let theirs = reference::G2::hash(DST, &[], &[i]).compress();
                    assert_eq!(G2::hash(DST, &[], &[i]).compress(), theirs, "{i}");
                }
            }

            /// RFC 9380, J.10.1.
            #[test]
            fn a_hash_is_that_of_the_standard() {
                let dst = b"QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_";
                let mut expected = hex::decode(
                    "05cb8437535e20ecffaef7752baddf98034139c38452458baeefab379ba13dff5bf5dd71b72418717047f5b0f37da03d\
                     0141ebfbdca40eb85b87142e130ab689c673cf60f1a3e98d69335266f30d9b8d4ac44c1038e9dcdd5393faf5c41fb78a",
                )
                .unwrap();
                let hashed = G2::hash(dst, &[], &[]).compress();
                expected[0] |= hashed[0] & 0xe0;
                assert_eq!(hashed[..], expected[..]);
            }

            #[test]
            fn sums_of_keys_are_those_of_blst() {
                let keys: Vec<_> = (0..20).map(|seed| secret(seed).sk_to_pk()).collect();
                let keys: Vec<&min_pk::PublicKey> = keys.iter().collect();
                let theirs = min_pk::AggregatePublicKey::aggregate(&keys, true).unwrap();
                let mut sum = G1Sum::new();
                assert_eq!(sum.point(), None);
                (0..20).for_each(|seed| sum.add(&point(seed)));
                assert_eq!(sum.point().unwrap().compress(), theirs.to_public_key().compress());

                let mut twice = G1Sum::with_capacity(1);
                (0..2).for_each(|_| twice.add(&point(3)));
                let theirs = min_pk::AggregatePublicKey::aggregate(&[keys[3], keys[3]], true);
                let theirs = theirs.unwrap().to_public_key().compress();
                assert_eq!(twice.point().unwrap().compress(), theirs);

                // More than are added at once, equal ones among them.
                let points: Vec<G1> = (0..20).map(point).collect();
                let mut many = G1Sum::new();
                points.iter().cycle().take(2_105).for_each(|point| many.add(point));
                let keys: Vec<_> = keys.iter().copied().cycle().take(2_105).collect();
                let theirs = min_pk::AggregatePublicKey::aggregate(&keys, false).unwrap();
                assert_eq!(many.point().unwrap().compress(), theirs.to_public_key().compress());

                let mut negative = point(3).compress();
                negative[0] ^= 0x20;
                let mut none = G1Sum::new();
                none.add(&point(3));
                none.add(&G1::decompress(&negative).unwrap());
                assert_eq!(none.point(), None);
                none.add(&point(4));
                assert_eq!(none.point(), Some(point(4)));
            }

            #[test]
            fn sums_of_signatures_are_those_of_blst() {
                let (one, other) = (secret(1).sign(b"a", DST, &[]), secret(2).sign(b"b", DST, &[]));
                let ours = |signature: &min_pk::Signature| G2::decompress(&signature.compress());
                let (a, b) = (ours(&one).unwrap(), ours(&other).unwrap());
                for (sum, parts) in [(a.add(&b), [&one, &other]), (a.add(&a), [&one, &one])] {
                    let theirs = min_pk::AggregateSignature::aggregate(&parts, true).unwrap();
                    assert_eq!(sum.compress(), theirs.to_signature().compress());
                }
                let mut negative = a.compress();
                negative[0] ^= 0x20;
                let identity = a.add(&G2::decompress(&negative).unwrap());
                assert_eq!(identity.compress()[..2], [0xc0, 0]);
                assert_eq!(identity.add(&b), b);
                let pairs = [(point(1), identity), (point(2), b)];
                assert_eq!(Product::of_pairs(&pairs), Product::of_pairs(&pairs[1..]));
                assert_eq!(Product::of_pairs(&pairs[..1]), Product::one());
            }

            #[test]
            fn an_aggregate_holds_for_exactly_its_parts() {
                let (parts, aggregate) = signed();
                assert!(holds(&product(&parts), &aggregate));
                for left_out in 0..parts.len() {
                    let mut fewer = parts.clone();
                    fewer.remove(left_out);
                    assert!(!holds(&product(&fewer), &aggregate));
                }
                let mut other = parts;
                other[2].1[0] ^= 1;
                assert!(!holds(&product(&other), &aggregate));
                assert!(!holds(&Product::one(), &aggregate));
                assert!(Product::one().is_one_when_exponentiated());
            }

            /// Twelve zeros are no product, but could stand in a damaged store.
            #[test]
            fn nonsense_is_not_one() {
                for bytes in [0, 0xff] {
                    let product = Product::from_coefficients(&[[bytes; 48]; 12]);
                    assert!(!product.is_one_when_exponentiated());
                }
            }
        }
    };
}

suite!(arkworks);
suite!(blst);
suite!(wasm);

/// One backend begins a product, another one finishes it.
macro_rules! handed_over {
    ($($first:ident to $second:ident,)*) => {
        #[test]
        fn one_backend_goes_on_where_another_stopped() {
            let (parts, aggregate) = signed();
            let mut other = aggregate;
            other.copy_from_slice(&secret(1).sign(b"a", DST, &[]).compress());
            for cut in 0..=parts.len() {
                let (first, last) = parts.split_at(cut);
                $(
                    let stored = $first::product(first).coefficients();
                    let resumed = super::$second::Product::from_coefficients(&stored);
                    assert_eq!(resumed.coefficients(), stored);
                    let resumed = resumed.times(&$second::product(last));
                    let who = concat!(stringify!($first), ", then ", stringify!($second));
                    assert!($second::holds(&resumed, &aggregate), "{who}: {cut}");
                    assert!(!$second::holds(&resumed, &other), "{who}: {cut}");
                )*
            }
        }
    };
}

handed_over! {
    blst to arkworks, arkworks to blst,
    blst to wasm, wasm to blst,
    arkworks to wasm, wasm to arkworks,
}

#[test]
fn blst_itself_accepts_the_aggregate() {
    let (parts, aggregate) = signed();
    let keys: Vec<_> =
        parts.iter().map(|(key, _)| min_pk::PublicKey::key_validate(key).unwrap()).collect();
    let keys: Vec<&min_pk::PublicKey> = keys.iter().collect();
    let texts: Vec<Vec<u8>> = parts.iter().map(|(_, text)| [b"pre", &text[..]].concat()).collect();
    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
    let signature = min_pk::Signature::sig_validate(&aggregate, true).unwrap();
    assert_eq!(signature.aggregate_verify(true, &texts, DST, &keys, true), BLST_SUCCESS);
}
