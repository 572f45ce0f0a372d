//! Keys of many payers, quickly made: their secrets are 1, 2, 3 and so on.

use bls::{KeySum, PublicKey, SecretKey, Signature, Suite};
use num_bigint::BigUint;

/// The order of the group, big-endian.
const ORDER: &[u8] = b"73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001";

/// The secret of payer number `i`.
pub fn secret(i: usize) -> Result<SecretKey, String> {
    scalar(&(BigUint::from(i) + 1u32))
}

/// The public keys of `n` payers: each is the one before it, and the first.
pub fn keys(n: usize) -> Result<Vec<PublicKey>, String> {
    let first = secret(0)?.public_key();
    let mut sum = KeySum::new();
    let next = |_| {
        sum.add(&first);
        sum.key().ok_or_else(|| "a sum of keys is the identity".to_owned())
    };
    (0..n).map(next).collect()
}

/// The sum of the signatures of payers of these numbers over one message: the signature of the sum
/// of their secrets.
pub fn sign_all(payers: impl Iterator<Item = usize>, message: &[u8]) -> Result<Signature, String> {
    let order = BigUint::parse_bytes(ORDER, 16).unwrap_or_default();
    let sum = payers.fold(BigUint::default(), |sum, i| sum + i + 1u32) % order;
    Ok(scalar(&sum)?.sign(Suite::Pop, message))
}

fn scalar(number: &BigUint) -> Result<SecretKey, String> {
    let mut bytes = [0; 32];
    let digits = number.to_bytes_le();
    if let Some(low) = bytes.get_mut(..digits.len()) {
        low.copy_from_slice(&digits);
    }
    SecretKey::from_little_endian(&bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_sums_are_those_of_the_secrets() -> Result<(), String> {
        let keys = keys(5)?;
        for (i, key) in keys.iter().enumerate() {
            assert_eq!(*key, secret(i)?.public_key());
        }
        let signatures = [1, 3, 4].map(|i| secret(i).map(|key| key.sign(Suite::Pop, b"m")));
        let signatures: Vec<Signature> = signatures.into_iter().collect::<Result<_, _>>()?;
        let sum = Signature::aggregate(&signatures).ok_or("nobody")?;
        assert_eq!(sign_all([1, 3, 4].into_iter(), b"m")?, sum);
        Ok(())
    }
}
