//! Verifying many signatures at once, each for itself: for services that take signatures from strangers.
//!
//! The check is `e(g1, Σ rᵢ·σᵢ) = Π e(rᵢ·pkᵢ, H(mᵢ))`, with coefficients `rᵢ` that whoever made the signatures cannot
//! know. A plain sum would not do: σ₁ + Δ and σ₂ − Δ have the right sum, and neither is a signature. With random
//! coefficients of 64 bits, a wrong one passes with a probability of 2^-64. This is the batch verification of
//! "Batch verification of short signatures" (Camenisch, Hohenberger, Pedersen, 2007) with the small exponents of
//! Bellare, Garay and Rabin (1998).

use encoding::blake2b_256;

use crate::backend::{G1, G2, Product};
use crate::keys::{Message, PublicKey, Signature};

/// Signatures that share one final exponentiation: beyond that, nothing is gained.
const AT_ONCE: usize = 128;
/// Signatures that are verified one by one when one among them is wrong.
const ONE_BY_ONE: usize = 2;

/// A signature of one key over one message.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// Whose.
    pub key: PublicKey,
    /// Over what.
    pub message: Message<'a>,
    /// The signature, or the proof of possession.
    pub signature: Signature,
}

/// For each signature, whether it is good by itself. Less than half the work of verifying them one after the other:
/// what remains is mostly hashing each message to the curve, and a Miller loop for each;
/// each wrong one adds about twice the logarithm of their number in checks of parts.
///
/// `seed` has to be random, fresh for each call, and secret until it returns: whoever knows it can make wrong
/// signatures pass.
#[must_use]
pub fn verify_each(signed: &[Signed<'_>], seed: &[u8; 32]) -> Vec<bool> {
    let mut coefficients = Coefficients { seed, next: 0, block: [0; 32], used: 32 };
    let mut good = Vec::with_capacity(signed.len());
    for some in signed.chunks(AT_ONCE) {
        let hashed: Vec<Hashed> = some.iter().map(Hashed::new).collect();
        look(&hashed, &mut coefficients, &mut good);
    }
    good
}

/// A signature, its message hashed to the curve.
struct Hashed {
    key: G1,
    point: G2,
    signature: G2,
}

impl Hashed {
    fn new(signed: &Signed<'_>) -> Self {
        let Signed { key, message, signature } = signed;
        Hashed { key: key.0, point: message.hash(key), signature: signature.0 }
    }
}

/// Finds the wrong ones by halving. The depth is the logarithm of [`AT_ONCE`].
fn look(some: &[Hashed], coefficients: &mut Coefficients<'_>, good: &mut Vec<bool>) {
    if some.is_empty() {
        return;
    }
    let all = are_good(some, coefficients);
    if all || some.len() == 1 {
        good.extend(some.iter().map(|_| all));
    } else if some.len() <= ONE_BY_ONE {
        for one in some.chunks(1) {
            look(one, coefficients, good);
        }
    } else {
        let (one, other) = some.split_at(some.len() / 2);
        look(one, coefficients, good);
        look(other, coefficients, good);
    }
}

fn are_good(some: &[Hashed], coefficients: &mut Coefficients<'_>) -> bool {
    let (keys, sum) = match some {
        // One signature alone needs no coefficient.
        [one] => (vec![one.key], Some(one.signature)),
        some => {
            let drawn: Vec<u64> = some.iter().map(|_| coefficients.next()).collect();
            let keys: Vec<(G1, u64)> = some.iter().map(|one| one.key).zip(drawn.clone()).collect();
            let signatures: Vec<(G2, u64)> =
                some.iter().map(|one| one.signature).zip(drawn).collect();
            (G1::each_times(&keys), G2::sum_of_multiples(&signatures))
        }
    };
    let mut pairs: Vec<(G1, G2)> = keys.into_iter().zip(some.iter().map(|one| one.point)).collect();
    pairs.extend(sum.map(|sum| (G1::minus_generator(), sum)));
    Product::of_pairs(&pairs).is_one_when_exponentiated()
}

/// Numbers other than zero that only whoever knows the seed can foresee.
struct Coefficients<'a> {
    seed: &'a [u8; 32],
    next: u64,
    block: [u8; 32],
    used: usize,
}

impl Coefficients<'_> {
    fn next(&mut self) -> u64 {
        const BYTES: usize = size_of::<u64>();
        if self.used + BYTES > self.block.len() {
            self.block = blake2b_256(&[self.seed, &self.next.to_be_bytes()]).0;
            self.next = self.next.wrapping_add(1);
            self.used = 0;
        }
        let bytes = self.block.get(self.used..self.used + BYTES).unwrap_or_default();
        self.used += BYTES;
        let number = bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        // Zero would leave a signature out; that another number is twice as likely changes nothing.
        number.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SecretKey, Suite};

    fn key(seed: u8) -> SecretKey {
        SecretKey::derive(&[seed; 32]).unwrap()
    }

    fn all(messages: &[Vec<u8>]) -> Vec<Signed<'_>> {
        let signed = (1..).zip(messages).map(|(seed, message)| {
            let secret = key(seed);
            let signature = secret.sign(Suite::Pop, message);
            Signed { key: secret.public_key(), message: Message::Pop(message), signature }
        });
        signed.collect()
    }

    fn messages(count: u8) -> Vec<Vec<u8>> {
        (0..count).map(|number| vec![number; 3]).collect()
    }

    #[test]
    fn each_is_told_by_itself() {
        let messages = messages(200);
        let good = all(&messages);
        assert_eq!(verify_each(&[], &[1; 32]), Vec::<bool>::new());
        assert!(verify_each(&good, &[1; 32]).into_iter().all(|one| one));
        for wrong in [vec![0], vec![199], vec![63, 64], vec![5, 130, 131], (0..200).collect()] {
            let mut some = good.clone();
            for at in &wrong {
                some[*at].signature = key(250).sign(Suite::Pop, &messages[*at]);
            }
            let expected: Vec<bool> = (0..200).map(|at| !wrong.contains(&at)).collect();
            assert_eq!(verify_each(&some, &[2; 32]), expected, "{wrong:?}");
        }
    }

    #[test]
    fn what_is_right_together_and_wrong_apart_is_wrong() {
        let messages = messages(3);
        let mut some = all(&messages);
        let delta = key(99).sign(Suite::Pop, b"anything");
        // −Δ is Δ with the sign bit of its form flipped.
        let mut bytes = delta.to_compressed();
        bytes[0] ^= 0x20;
        let minus = Signature::from_compressed(&bytes).unwrap();
        some[0].signature = some[0].signature.plus(&delta);
        some[1].signature = some[1].signature.plus(&minus);
        let signatures: Vec<Signature> = some.iter().map(|one| one.signature).collect();
        let parts: Vec<crate::Part<'_>> =
            some.iter().map(|one| crate::Part { key: one.key, message: one.message }).collect();
        let sum = Signature::aggregate(&signatures).unwrap();
        assert!(crate::aggregate_verify(&parts, &sum), "their sum is right");
        for seed in 0..20 {
            assert_eq!(verify_each(&some, &[seed; 32]), [false, false, true]);
        }
        // Two signatures that have changed places.
        let mut some = all(&messages);
        let first = some[0].signature;
        some[0].signature = some[2].signature;
        some[2].signature = first;
        assert_eq!(verify_each(&some, &[3; 32]), [false, true, false]);
    }

    #[test]
    fn proofs_of_possession_and_both_suites_are_told_apart() {
        let (alice, message) = (key(1), b"message");
        let signed = |message, signature| Signed { key: alice.public_key(), message, signature };
        let some = [
            signed(Message::Possession, alice.prove_possession()),
            signed(Message::Pop(message), alice.sign(Suite::Pop, message)),
            signed(Message::Aug(message), alice.sign(Suite::Aug, message)),
            signed(Message::Pop(message), alice.sign(Suite::Aug, message)),
            signed(Message::Possession, alice.sign(Suite::Pop, message)),
        ];
        assert_eq!(verify_each(&some, &[4; 32]), [true, true, true, false, false]);
    }

    #[test]
    fn a_sum_of_multiples_is_what_additions_make() {
        let messages = messages(40);
        let signatures: Vec<G2> = all(&messages).iter().map(|one| one.signature.0).collect();
        assert_eq!(G2::sum_of_multiples(&[]), None);
        for count in [1, 2, 7, 33, 40] {
            // The same point twice over is doubled.
            let some = signatures.iter().take(count).chain(&signatures[..1]);
            let some: Vec<(G2, u64)> = some.copied().zip(1..).collect();
            let added = some.iter().flat_map(|(point, times)| (0..*times).map(move |_| point));
            let added = added.copied().reduce(|sum, one| sum.add(&one)).unwrap();
            let sum = G2::sum_of_multiples(&some).unwrap();
            assert_eq!(sum.compress(), added.compress(), "{count}");
        }
        let key = key(1).public_key().0;
        let mut sum = crate::backend::G1Sum::new();
        for (times, multiple) in (1..).zip(G1::each_times(&[(key, 1), (key, 2), (key, 3)])) {
            sum.add(&key);
            assert_eq!(sum.point(), Some(multiple), "{times}");
        }
        assert!(G1::each_times(&[]).is_empty());
    }

    #[test]
    fn coefficients_differ_and_are_never_zero() {
        let seed = [5; 32];
        let mut coefficients = Coefficients { seed: &seed, next: 0, block: [0; 32], used: 32 };
        let mut some: Vec<u64> = (0..1_000).map(|_| coefficients.next()).collect();
        some.sort_unstable();
        some.dedup();
        assert_eq!(some.len(), 1_000);
        assert!(some[0] > 0);
    }
}
