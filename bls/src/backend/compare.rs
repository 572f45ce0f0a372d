//! All backends, fed with the same bytes: they must answer the same. For the tests, and for a fuzzer
//! that is guided by coverage (`cargo xtask fuzz`).

use super::{FP_BYTES, FP12_COEFFICIENTS};
use crate::canonical::P;

/// The domain separation tag of the hashes.
const DST: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
/// What may be summed at most, and multiplied at most: more would only take longer.
const SUMMED_MAX: usize = 700;
const PAIRS_MAX: usize = 5;

type Coefficients = [[u8; FP_BYTES]; FP12_COEFFICIENTS];

/// A small number that a byte stands for, negative ones as well, never zero.
fn small(byte: u8) -> i32 {
    let size = i32::from(byte % 8) + 1;
    if byte & 0x80 == 0 { size } else { -size }
}

macro_rules! backend {
    ($backend:ident) => {
        /// What one backend makes of bytes.
        pub(super) mod $backend {
            use crate::backend::compare::{Coefficients, DST, small};
            use crate::backend::$backend::{G1, G1Sum, G2, Product};

            pub(in crate::backend::compare) fn key(
                form: &[u8; 48],
            ) -> Option<([u8; 96], [u8; 48])> {
                G1::decompress(form).map(|key| (key.store(), key.compress()))
            }

            pub(in crate::backend::compare) fn loaded(
                form: &[u8; 96],
            ) -> Option<([u8; 96], [u8; 48])> {
                G1::load(form).map(|key| (key.store(), key.compress()))
            }

            pub(in crate::backend::compare) fn signature(form: &[u8; 96]) -> Option<[u8; 96]> {
                G2::decompress(form).map(|signature| signature.compress())
            }

            pub(in crate::backend::compare) fn hash(prefix: &[u8], message: &[u8]) -> [u8; 96] {
                G2::hash(DST, prefix, message).compress()
            }

            /// A small multiple of the generator.
            fn multiple(number: i32) -> Option<G1> {
                let mut generator = G1::minus_generator();
                if number > 0 {
                    let mut form = generator.compress();
                    form[0] ^= 0x20;
                    generator = G1::decompress(&form)?;
                }
                let mut sum = G1Sum::new();
                (0..number.abs()).for_each(|_| sum.add(&generator));
                sum.point()
            }

            pub(in crate::backend::compare) fn sum(numbers: &[u8]) -> Option<[u8; 96]> {
                let mut sum = G1Sum::new();
                let kinds: Vec<Option<G1>> =
                    (0..16).map(|kind| multiple(small(kind % 8 | kind / 8 * 0x80))).collect();
                for number in numbers {
                    let kind = usize::from(number % 8 | number >> 7 << 3);
                    sum.add(kinds.get(kind)?.as_ref()?);
                }
                sum.point().map(|point| point.store())
            }

            /// A small multiple of a hash; the identity too.
            fn hashed(number: i32) -> G2 {
                let base = G2::hash(DST, b"", b"base");
                let mut form = base.compress();
                form[0] ^= 0x20;
                let negative = G2::decompress(&form).unwrap_or(base);
                let mut sum = base.add(&negative);
                (0..number.abs())
                    .for_each(|_| sum = sum.add(if number < 0 { &negative } else { &base }));
                sum
            }

            pub(in crate::backend::compare) fn sum_of_hashes(numbers: &[u8]) -> [u8; 96] {
                let numbers = numbers.iter().map(|number| hashed(small(*number)));
                numbers.fold(hashed(0), |sum, one| sum.add(&one)).compress()
            }

            /// The product of the pairs `(a·G, b·H)`.
            pub(in crate::backend::compare) fn product(pairs: &[(i32, i32)]) -> Coefficients {
                let pair = |(a, b): &(i32, i32)| Some((multiple(*a)?, hashed(*b)));
                let pairs: Vec<(G1, G2)> = pairs.iter().filter_map(pair).collect();
                Product::of_pairs(&pairs).coefficients()
            }

            /// Whether a product is that of `(G, number·H)`.
            pub(in crate::backend::compare) fn is(product: &Coefficients, number: i32) -> bool {
                let other = Product::of_pairs(&[(G1::minus_generator(), hashed(number))]);
                Product::from_coefficients(product).times(&other).is_one_when_exponentiated()
            }

            pub(in crate::backend::compare) fn is_one(
                product: &Coefficients,
            ) -> (bool, Coefficients) {
                let product = Product::from_coefficients(product);
                (product.is_one_when_exponentiated(), product.coefficients())
            }
        }
    };
}

/// What the other modules are called here.
mod run {
    backend!(arkworks);
    backend!(blst);
    backend!(wasm);
}

/// The same answer of all three.
macro_rules! same {
    ($function:ident($($argument:expr),*)) => {{
        let ours = run::wasm::$function($($argument),*);
        assert_eq!(ours, run::blst::$function($($argument),*), "blst");
        assert_eq!(ours, run::arkworks::$function($($argument),*), "arkworks");
        ours
    }};
}

/// Has all backends do what the bytes say: the first is the operation, the others are what it is done with.
/// Returns what it came to.
///
/// # Panics
/// When two of them do not answer the same.
pub fn compare(data: &[u8]) -> String {
    let Some((operation, data)) = data.split_first() else { return "nothing".to_owned() };
    match operation % 8 {
        0 => match data.first_chunk() {
            Some(form) => format!("key {}", same!(key(form)).is_some()),
            None => "no key".to_owned(),
        },
        1 => match data.first_chunk() {
            Some(form) => format!("signature {}", same!(signature(form)).is_some()),
            None => "no signature".to_owned(),
        },
        2 => match data.first_chunk() {
            Some(form) => format!("loaded {}", same!(loaded(form)).is_some()),
            None => "nothing to load".to_owned(),
        },
        3 => {
            let (prefix, message) = data.split_at(data.len() / 3);
            same!(hash(prefix, message));
            "hash".to_owned()
        }
        4 => {
            let numbers = &data[..data.len().min(SUMMED_MAX)];
            format!("sum {}", same!(sum(numbers)).is_some())
        }
        5 => {
            let sum = same!(sum_of_hashes(&data[..data.len().min(8)]));
            format!("sum of hashes {}", sum[0] & 0x40 == 0)
        }
        6 => product(data),
        _ => {
            let mut product = [[0; FP_BYTES]; FP12_COEFFICIENTS];
            for (coefficient, bytes) in product.iter_mut().zip(data.chunks_exact(FP_BYTES)) {
                coefficient.copy_from_slice(bytes);
                // Only coefficients are ever stored.
                if *coefficient >= P {
                    coefficient[0] &= 0x0f;
                }
            }
            format!("exponentiated {}", same!(is_one(&product)).0)
        }
    }
}

/// Pairs `(a·G, b·H)` whose product is that of `(G, c·H)` exactly if c is the sum of all a·b; every backend makes
/// the product, and every backend looks at all of them.
fn product(data: &[u8]) -> String {
    let (claim, data) = data.split_first().unwrap_or((&0, &[]));
    let pairs: Vec<(i32, i32)> = data
        .chunks_exact(2)
        .take(PAIRS_MAX)
        .map(|pair| (small(pair[0]), small(pair[1]) * i32::from(pair[1] & 0x40 == 0)))
        .collect();
    let sum: i32 = pairs.iter().map(|(a, b)| a * b).sum();
    let claimed = if claim & 1 == 0 { sum } else { small(*claim) };
    let products =
        [run::wasm::product(&pairs), run::blst::product(&pairs), run::arkworks::product(&pairs)];
    for product in &products {
        assert_eq!(same!(is(product, claimed)), sum == claimed, "{pairs:?}, {claimed}");
    }
    format!("product {}", sum == claimed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::backend::{arkworks, blst};

    /// What a fuzzer would begin with.
    fn seeds() -> Vec<Vec<u8>> {
        let key = arkworks::G1::minus_generator();
        let signature = blst::G2::hash(DST, b"", b"seed").compress();
        let mut product = vec![7];
        run::wasm::product(&[(1, 2)]).iter().for_each(|coefficient| product.extend(coefficient));
        let mut one = vec![7; FP_BYTES + 1];
        one[1..FP_BYTES].fill(0);
        one[FP_BYTES] = 1;
        vec![
            [&[0][..], &key.compress()].concat(),
            [&[1][..], &signature].concat(),
            [&[2][..], &key.store()].concat(),
            b"\x03the message".to_vec(),
            vec![4, 1, 0x81, 1, 1, 2, 0x83],
            vec![4, 1, 0x81],
            vec![5, 1, 0x81, 3],
            vec![5, 1, 0x81],
            vec![6, 0, 1, 2, 3, 0x84],
            vec![6, 1, 1, 2, 3, 0x84],
            vec![6, 0, 1, 0x41, 3, 0x84],
            product,
            one,
        ]
    }

    #[test]
    fn changed_bytes_come_to_the_same() {
        let mut classes = BTreeSet::new();
        let mut state = 1u32;
        let mut draw = |end: usize| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            usize::try_from(state >> 8).unwrap() % end
        };
        for seed in seeds() {
            classes.insert(compare(&seed));
            for _ in 0..60 {
                let mut changed = seed.clone();
                for _ in 0..draw(3) {
                    let at = draw(changed.len() - 1) + 1;
                    changed[at] = u8::try_from(draw(256)).unwrap();
                }
                if draw(4) == 0 {
                    changed.truncate(draw(changed.len()) + 1);
                }
                classes.insert(compare(&changed));
            }
        }
        assert_eq!(classes.len(), 18, "{classes:?}");
    }
}
