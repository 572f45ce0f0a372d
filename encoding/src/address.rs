//! Addresses: tz4 accounts, KT1 contracts, the rollup itself, and the sources of layer-1 calls.

use std::fmt;

use tezos_crypto_rs::base58::FromBase58CheckError;
use tezos_crypto_rs::hash::HashType;

use crate::hash::blake2b;
use crate::parse::{Parsed, byte, expect, fail, tag, take};

/// A base58 text that is not the address it should be.
#[derive(Debug, thiserror::Error)]
#[error("not a {kind} address: {cause}")]
pub struct AddressError {
    /// The kind of address that was expected, by its prefix.
    pub kind: &'static str,
    /// What is wrong with the text.
    pub cause: FromBase58CheckError,
}

/// Characters of every address: 3 bytes of prefix, 20 of hash, 4 of checksum.
const BASE58_CHARACTERS: usize = 36;

macro_rules! address {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $hash_type:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; 20]);

        impl $name {
            /// Reads the base58check form, prefix and checksum included.
            ///
            /// # Errors
            /// When the text is not such an address.
            pub fn from_base58(text: &str) -> Result<Self, AddressError> {
                let wrong = |cause| AddressError { kind: $kind, cause };
                // Decoding is quadratic, and what is to be decoded may be as long as a message.
                if text.len() != BASE58_CHARACTERS {
                    let (expected, actual) = (BASE58_CHARACTERS, text.len());
                    return Err(wrong(FromBase58CheckError::MismatchedLength { expected, actual }));
                }
                let bytes = HashType::$hash_type.b58check_to_hash(text).map_err(wrong)?;
                let actual = bytes.len();
                bytes.try_into().map($name).map_err(|_| {
                    wrong(FromBase58CheckError::MismatchedLength { expected: 20, actual })
                })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text = HashType::$hash_type.hash_to_b58check(&self.0).map_err(|_| fmt::Error)?;
                f.write_str(&text)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

address! {
    /// An account of the rollup: Blake2b-160 of a compressed BLS public key.
    Tz4Address, "tz4", ContractTz4Hash
}

address! {
    /// A contract on layer 1.
    Kt1Address, "KT1", ContractKt1Hash
}

address! {
    /// A smart rollup.
    RollupAddress, "sr1", SmartRollupHash
}

impl Tz4Address {
    /// The address of a compressed public key.
    pub fn of_public_key(compressed: &[u8; 48]) -> Self {
        Tz4Address(blake2b(&[compressed]))
    }
}

impl Kt1Address {
    /// The 22-byte form that Micheline carries: tag, hash, padding.
    pub fn to_contract_22(self) -> [u8; 22] {
        let mut bytes = [0; 22];
        bytes[0] = 1;
        bytes[1..21].copy_from_slice(&self.0);
        bytes
    }
}

/// Who signed the layer-1 operation that led to a call: tz1 to tz5 today.
///
/// A curve that layer 1 adds later is kept as it is: it is no reason to lose a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// 0 to 4: tz1, tz2, tz3, tz4, tz5.
    pub curve: u8,
    /// The hash of the public key.
    pub hash: [u8; 20],
}

impl Source {
    /// The 22-byte form that Micheline carries: tag of an implicit account, curve, hash.
    pub fn to_implicit_22(self) -> [u8; 22] {
        let mut bytes = [0; 22];
        bytes[1] = self.curve;
        bytes[2..].copy_from_slice(&self.hash);
        bytes
    }

    /// The account, if this is a tz4.
    pub fn tz4(self) -> Option<Tz4Address> {
        const TZ4: u8 = 3;
        (self.curve == TZ4).then_some(Tz4Address(self.hash))
    }

    /// Reads the 21-byte form.
    ///
    /// # Errors
    /// When the input does not begin with it.
    pub fn read(input: &[u8]) -> Parsed<'_, Source> {
        let (rest, curve) = expect("a source", byte)(input)?;
        let (rest, hash) = hash_20(rest, "a 20-byte source")?;
        Ok((rest, Source { curve, hash }))
    }
}

/// Whom a contract of layer 1 can pay: an implicit account, or a contract at its `default` entrypoint.
///
/// In Micheline it is 22 bytes: `00 ‖ curve ‖ hash (20)` of an implicit account,
/// `01 ‖ hash (20) ‖ 00` of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer1Address {
    /// tz1 to tz5.
    Implicit(Source),
    /// KT1.
    Contract(Kt1Address),
}

impl Layer1Address {
    /// Curves that layer 1 has today, tz1 to tz5: an address of another is accepted by no contract.
    pub const CURVES: u8 = 5;

    /// The 22-byte form that Micheline carries.
    pub fn to_bytes_22(self) -> [u8; 22] {
        match self {
            Layer1Address::Implicit(source) => source.to_implicit_22(),
            Layer1Address::Contract(contract) => contract.to_contract_22(),
        }
    }

    /// Reads the 22-byte form. Any curve is read: a deposit is refunded to whoever made it.
    ///
    /// # Errors
    /// When the input does not begin with it.
    pub fn read(input: &[u8]) -> Parsed<'_, Layer1Address> {
        const WHAT: &str = "a 22-byte address of tz1 to tz5 or KT1";
        let (rest, kind) = expect(WHAT, byte)(input)?;
        match kind {
            0 => Source::read(rest).map(|(rest, source)| (rest, Layer1Address::Implicit(source))),
            1 => contract_22(input).map(|(rest, kt1)| (rest, Layer1Address::Contract(kt1))),
            _ => fail(input, WHAT),
        }
    }

    /// Reads the 22-byte form of an address that layer 1 has today.
    ///
    /// # Errors
    /// When the input does not begin with it.
    pub fn read_known(input: &[u8]) -> Parsed<'_, Layer1Address> {
        match Layer1Address::read(input)? {
            (_, Layer1Address::Implicit(source)) if source.curve >= Layer1Address::CURVES => {
                fail(input, "a 22-byte address of tz1 to tz5 or KT1")
            }
            read => Ok(read),
        }
    }
}

fn hash_20<'a>(input: &'a [u8], expected: &'static str) -> Parsed<'a, [u8; 20]> {
    let (rest, bytes) = expect(expected, take(20))(input)?;
    bytes.try_into().map_or_else(|_| fail(input, expected), |hash| Ok((rest, hash)))
}

/// The 20 bytes of a tz4.
///
/// # Errors
/// When the input does not begin with it.
pub fn tz4_20(input: &[u8]) -> Parsed<'_, Tz4Address> {
    hash_20(input, "a 20-byte tz4 hash").map(|(rest, hash)| (rest, Tz4Address(hash)))
}

/// The 20 bytes of a KT1, without a tag.
///
/// # Errors
/// When the input does not begin with it.
pub fn kt1_20(input: &[u8]) -> Parsed<'_, Kt1Address> {
    hash_20(input, "a 20-byte KT1 hash").map(|(rest, hash)| (rest, Kt1Address(hash)))
}

/// The 22 bytes of a contract: `01`, hash, `00`.
///
/// # Errors
/// When the input does not begin with it.
pub fn contract_22(input: &[u8]) -> Parsed<'_, Kt1Address> {
    let (rest, _) = tag(&[1], "01, the tag of a contract")(input)?;
    let (rest, address) = kt1_20(rest)?;
    let (rest, _) = tag(&[0], "00, the padding of a contract")(rest)?;
    Ok((rest, address))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::whole;

    #[test]
    fn base58_there_and_back() {
        let tz4 = "tz4Uzyxg26DJyM4pc1V2pUvLpdsR5jdyzYsZ";
        assert_eq!(Tz4Address::from_base58(tz4).map(|a| a.to_string()).ok().as_deref(), Some(tz4));
        let sr1 = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";
        assert_eq!(
            RollupAddress::from_base58(sr1).map(|a| a.to_string()).ok().as_deref(),
            Some(sr1)
        );
    }

    #[test]
    fn the_prefix_is_part_of_the_address() {
        for other in [
            "tz1ei4WtWEMEJekSv8qDnu9PExG6Q8HgRGr3",
            "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "",
            "tz4",
        ] {
            assert!(Tz4Address::from_base58(other).is_err(), "{other}");
        }
        assert!(Tz4Address::from_base58(&"z".repeat(4_000)).is_err());
        let typo = "tz4Uzyxg26DJyM4pc1V2pUvLpdsR5jdyzYsz";
        assert!(Tz4Address::from_base58(typo).is_err());
    }

    #[test]
    fn sources_of_every_curve_are_read() {
        for curve in 0..=5 {
            let bytes = [&[curve][..], &[7; 20]].concat();
            assert_eq!(whole(&bytes, Source::read), Ok(Source { curve, hash: [7; 20] }));
        }
        assert!(whole(&[0; 20], Source::read).is_err());
    }

    #[test]
    fn whom_layer_1_can_pay_in_22_bytes() {
        let hash = [7; 20];
        let implicit = |curve| [&[0, curve][..], &hash].concat();
        for curve in 0..Layer1Address::CURVES {
            let address = Layer1Address::Implicit(Source { curve, hash });
            assert_eq!(whole(&implicit(curve), Layer1Address::read_known), Ok(address));
            assert_eq!(address.to_bytes_22()[..], implicit(curve));
        }
        let later = Layer1Address::Implicit(Source { curve: Layer1Address::CURVES, hash });
        let bytes = later.to_bytes_22();
        assert_eq!(whole(&bytes, Layer1Address::read), Ok(later));
        assert!(whole(&bytes, Layer1Address::read_known).is_err());

        let contract = Layer1Address::Contract(Kt1Address(hash));
        let bytes = contract.to_bytes_22();
        assert_eq!(whole(&bytes, Layer1Address::read_known), Ok(contract));
        let mut padded = bytes;
        padded[21] = 1;
        assert!(whole(&padded, Layer1Address::read_known).is_err());
        // Rollups and whatever else has an address of 22 bytes take no payment.
        for kind in 2..=255 {
            let mut other = bytes;
            other[0] = kind;
            assert!(whole(&other, Layer1Address::read).is_err(), "{kind}");
        }
        assert!(whole(&bytes[..21], Layer1Address::read_known).is_err());
    }
}
