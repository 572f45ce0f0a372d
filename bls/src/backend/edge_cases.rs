//! Vectors of what is at the edges, on every backend: forms of points that may be used and such that may not, and
//! products that a careless check would take for good. `bls/tests/edge_cases.txt` has the forms.
//!
//! Keys and signatures of other lengths do not come here: they are arrays, and whoever decodes them counts the bytes.

use ::blst::min_pk;

use crate::canonical::is_canonical;

const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// A form, whether it may be used, and what it is.
type Case<const N: usize> = ([u8; N], bool, &'static str);

/// The cases of a kind.
fn cases<const N: usize>(kind: &str) -> Vec<Case<N>> {
    let lines = include_str!("../../tests/edge_cases.txt").lines();
    let of_kind = lines.filter_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
    let case = |line: &'static str| {
        let [verdict, form, name] = line.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        assert!(["good", "bad"].contains(&verdict), "{name}");
        (hex::decode(form).unwrap().try_into().unwrap(), verdict == "good", name)
    };
    let cases: Vec<_> = of_kind.map(case).collect();
    assert!(cases.len() > 20);
    cases
}

/// The compressed key of a seed, and its signature over a message.
fn signed(seed: u8, message: &[u8]) -> ([u8; 48], [u8; 96]) {
    let secret = min_pk::SecretKey::key_gen(&[seed; 32], &[]).unwrap();
    (secret.sk_to_pk().compress(), secret.sign(message, DST, &[]).compress())
}

fn negative<const N: usize>(mut form: [u8; N]) -> [u8; N] {
    form[0] ^= 0x20;
    form
}

macro_rules! vectors {
    ($backend:ident) => {
        mod $backend {
            use super::super::$backend::{G1, G1Sum, G2, Product};
            use super::*;

            #[test]
            fn keys_that_may_be_used_and_no_others() {
                for (form, good, name) in cases("key") {
                    let key = G1::decompress(&form).filter(|_| is_canonical(&form));
                    assert_eq!(key.map(|key| key.compress()), good.then_some(form), "{name}");
                }
            }

            #[test]
            fn signatures_that_may_be_used_and_no_others() {
                for (form, good, name) in cases("signature") {
                    let point = G2::decompress(&form).filter(|_| is_canonical(&form));
                    assert_eq!(point.map(|point| point.compress()), good.then_some(form), "{name}");
                }
            }

            fn key(seed: u8) -> G1 {
                G1::decompress(&signed(seed, b"").0).unwrap()
            }

            fn signature(seed: u8, message: &[u8]) -> G2 {
                G2::decompress(&signed(seed, message).1).unwrap()
            }

            /// Whether the signature is that of the pairs.
            fn holds(pairs: &[(G1, &[u8])], signature: G2) -> bool {
                let pair = |(key, message): &(G1, &[u8])| (*key, G2::hash(DST, &[], message));
                let mut pairs: Vec<(G1, G2)> = pairs.iter().map(pair).collect();
                pairs.push((G1::minus_generator(), signature));
                Product::of_pairs(&pairs).is_one_when_exponentiated()
            }

            fn nothing() -> G2 {
                let (_, form) = signed(1, b"a");
                G2::decompress(&form).unwrap().add(&G2::decompress(&negative(form)).unwrap())
            }

            #[test]
            fn an_aggregate_is_of_who_signed_what() {
                let (a, b) = (&b"a"[..], &b"b"[..]);
                let both = signature(1, a).add(&signature(2, b));
                assert!(holds(&[(key(1), a), (key(2), b)], both));
                assert!(holds(&[(key(2), b), (key(1), a)], both), "the order is nobody's");
                assert!(!holds(&[(key(2), a), (key(1), b)], both), "each the other's message");
                assert!(!holds(&[(key(1), a)], both) && !holds(&[(key(2), b)], both));
                assert!(
                    !holds(&[(key(1), a), (key(2), b), (key(2), b)], both),
                    "one of them twice"
                );
                let swapped = signature(2, b).add(&signature(1, a));
                assert_eq!(swapped, both);
            }

            #[test]
            fn who_signs_twice_counts_twice() {
                let a = &b"a"[..];
                let once = signature(1, a);
                assert!(holds(&[(key(1), a), (key(1), a)], once.add(&once)));
                assert!(!holds(&[(key(1), a), (key(1), a)], once));
                assert!(!holds(&[(key(1), a)], once.add(&once)));
            }

            #[test]
            fn a_signature_of_nothing_is_nobodys() {
                let a = &b"a"[..];
                assert!(!holds(&[(key(1), a)], nothing()));
                assert!(!holds(&[], signature(1, a)), "nobody signs something");
                // Of nobody it is one: that nobody signs is for the callers to refuse.
                assert!(holds(&[], nothing()));
                assert!(!is_canonical(&nothing().compress()), "and nobody can send it");
            }

            #[test]
            fn keys_that_cancel_out_sum_up_to_no_key() {
                let minus = G1::decompress(&negative(signed(1, b"").0)).unwrap();
                // As pairs they are good for nothing at all, which is why they are summed and the sum is looked at.
                assert!(holds(&[(key(1), b"a"), (minus, b"a")], nothing()));
                assert!(!holds(&[(key(1), b"a"), (minus, b"b")], nothing()));
                for parts in [&[key(1), minus][..], &[key(2), key(1), minus], &[]] {
                    let mut sum = G1Sum::new();
                    parts.iter().for_each(|part| sum.add(part));
                    assert_eq!(sum.point(), (parts.len() == 3).then(|| key(2)));
                }
            }
        }
    };
}

vectors!(arkworks);
vectors!(blst);
vectors!(wasm);
