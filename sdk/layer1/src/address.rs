//! Tezos addresses as people write them (base58check) and as messages carry them.

use std::fmt;
use std::str::FromStr;

use tezos_data_encoding::enc::BinWriter;
use tezos_data_encoding::nom::NomReader;

use crate::protocol::{ContractEncoding, KeyHashEncoding, OriginatedEncoding};

/// What an address names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// `tz1` (Ed25519) to `tz5` (ML-DSA-44); the value is the tag of a public key hash, from 0.
    Implicit(u8),
    /// `KT1`: a contract.
    Contract,
    /// `sr1`: a smart rollup.
    Rollup,
}

/// Every kind with its base58check prefix and the letters that this makes.
const KINDS: [(Kind, [u8; 3], &str); 7] = [
    (Kind::Implicit(0), [0x06, 0xa1, 0x9f], "tz1"),
    (Kind::Implicit(1), [0x06, 0xa1, 0xa1], "tz2"),
    (Kind::Implicit(2), [0x06, 0xa1, 0xa4], "tz3"),
    (Kind::Implicit(3), [0x06, 0xa1, 0xa6], "tz4"),
    // The one prefix of three bytes under which all 20-byte hashes begin with "tz5".
    (Kind::Implicit(4), [0x06, 0xa1, 0xa9], "tz5"),
    (Kind::Contract, [0x02, 0x5a, 0x79], "KT1"),
    (Kind::Rollup, [0x06, 0x7c, 0x75], "sr1"),
];

/// The length of every address in base58check.
const TEXT_LEN: usize = 36;

/// An address: what it names and the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What it names.
    pub kind: Kind,
    /// The 20 bytes that identify it among its kind.
    pub hash: [u8; 20],
}

/// What kind of address is wanted somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Somebody with a key.
    User,
    /// A contract.
    Contract,
    /// A smart rollup.
    Rollup,
    /// An account of the rollup.
    Account,
}

impl Role {
    fn accepts(self, kind: Kind) -> bool {
        match self {
            Self::User => matches!(kind, Kind::Implicit(_)),
            Self::Contract => kind == Kind::Contract,
            Self::Rollup => kind == Kind::Rollup,
            Self::Account => kind == Kind::Implicit(3),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User => "a user address (expected tz1… to tz5…",
            Self::Contract => "a contract address (expected KT1…",
            Self::Rollup => "a rollup address (expected sr1…",
            Self::Account => "an account of the rollup (expected tz4…",
        })
    }
}

/// Why a text is no address. Said without the text itself, which the caller knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The first three letters are those of no address.
    #[error("is no address (expected tz1…, tz2…, tz3…, tz4…, tz5…, KT1… or sr1…)")]
    UnknownKind,
    /// Not, even by its first three letters, of the kind that is wanted.
    #[error("is not {0}, {TEXT_LEN} characters)")]
    WrongRole(Role),
    /// Too long or too short.
    #[error("has {0} characters (expected {TEXT_LEN})")]
    Length(usize),
    /// A character that base58 leaves out.
    #[error("contains {0:?}, which base58 does not use")]
    Character(char),
    /// The checksum does not fit.
    #[error("has a wrong checksum: a character is mistyped")]
    Checksum,
}

impl Address {
    /// Reads an address that is wanted for something.
    ///
    /// # Errors
    /// When the text is not such an address.
    pub fn parse_as(role: Role, text: &str) -> Result<Self, AddressError> {
        match KINDS.iter().find(|(_, _, letters)| text.starts_with(letters)) {
            Some((kind, _, _)) if role.accepts(*kind) => text.parse(),
            _ => Err(AddressError::WrongRole(role)),
        }
    }

    /// Why a text that looks like an address is invalid; `None` for a valid one, and for other texts,
    /// such as a name.
    pub fn mistyped(text: &str) -> Option<AddressError> {
        text.parse::<Self>().err().filter(|error| *error != AddressError::UnknownKind)
    }

    /// The address that is the contract named in optimized Micheline: 22 bytes, either `00`, a
    /// key's tag and its hash, or `01`, a hash and `00`.
    pub fn from_contract_bytes(bytes: &[u8]) -> Option<Self> {
        match ContractEncoding::nom_read(bytes) {
            Ok(([], contract)) => Self::of_contract(&contract),
            _ => None,
        }
    }

    /// The inverse of [`Self::from_contract_bytes`]; `None` for a rollup, which takes another form.
    pub fn to_contract_bytes(self) -> Option<[u8; 22]> {
        let hash = self.hash.to_vec();
        let contract = match self.kind {
            Kind::Implicit(tag) => ContractEncoding::Implicit(KeyHashEncoding { tag, hash }),
            Kind::Contract => ContractEncoding::Originated(OriginatedEncoding { hash, padding: 0 }),
            Kind::Rollup => return None,
        };
        let mut bytes = Vec::with_capacity(22);
        contract.bin_write(&mut bytes).ok()?;
        bytes.try_into().ok()
    }

    /// The address of a contract as it is encoded; `None` for one that no protocol knows.
    pub(crate) fn of_contract(contract: &ContractEncoding) -> Option<Self> {
        match contract {
            ContractEncoding::Implicit(key) => Self::of_key_hash(key),
            ContractEncoding::Originated(OriginatedEncoding { hash, padding: 0 }) => {
                Some(Self { kind: Kind::Contract, hash: hash.as_slice().try_into().ok()? })
            }
            ContractEncoding::Originated(_) => None,
        }
    }

    /// The address of a public key hash as it is encoded; `None` for one that no protocol knows.
    pub(crate) fn of_key_hash(key: &KeyHashEncoding) -> Option<Self> {
        let hash = key.hash.as_slice().try_into().ok()?;
        (key.tag <= 4).then_some(Self { kind: Kind::Implicit(key.tag), hash })
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let (kind, prefix, _) = KINDS
            .iter()
            .find(|(_, _, letters)| text.starts_with(letters))
            .ok_or(AddressError::UnknownKind)?;
        let len = text.chars().count();
        if len != TEXT_LEN {
            return Err(AddressError::Length(len));
        }
        let bytes = bs58::decode(text).with_check(None).into_vec().map_err(|error| {
            use bs58::decode::Error;
            match error {
                Error::InvalidCharacter { character, .. } => AddressError::Character(character),
                Error::NonAsciiCharacter { index } => {
                    let found = text.get(index..).and_then(|rest| rest.chars().next());
                    AddressError::Character(found.unwrap_or(char::REPLACEMENT_CHARACTER))
                }
                _ => AddressError::Checksum,
            }
        })?;
        match bytes.strip_prefix(prefix).map(<[u8; 20]>::try_from) {
            Some(Ok(hash)) => Ok(Self { kind: *kind, hash }),
            _ => Err(AddressError::Checksum),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match KINDS.iter().find(|(kind, _, _)| *kind == self.kind) {
            Some((_, prefix, _)) => {
                let bytes = [prefix.as_slice(), self.hash.as_slice()].concat();
                f.write_str(&bs58::encode(bytes).with_check().into_string())
            }
            // No tag beyond those of KINDS is ever parsed.
            None => f.write_str(&hex::encode(self.hash)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_addresses_round_trip() {
        for (text, kind, hash) in [
            ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT", Kind::Contract, "00".repeat(20)),
            ("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", Kind::Implicit(0), "00".repeat(20)),
            ("sr163Lv22CdE8QagCwf48PWDTquk6isQwv57", Kind::Rollup, "00".repeat(20)),
            (
                "tz1XQjK1b3P72kMcHsoPhnAg3dvX1n8Ainty",
                Kind::Implicit(0),
                "811d97c377168a8bb2111c1651d23d9116b92f4c".to_owned(),
            ),
            (
                "tz2PgvUJzfmDXTZUvkyKbQb8kjoWR4Wa5Rpv",
                Kind::Implicit(1),
                "a8a3da850741d1cf7eb53a3514c0bf3df62b3378".to_owned(),
            ),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!((address.kind, hex::encode(address.hash)), (kind, hash), "{text}");
            assert_eq!(address.to_string(), text);
        }
    }

    #[test]
    fn every_hash_of_a_kind_begins_with_its_letters() {
        for (kind, _, letters) in KINDS {
            for fill in [0x00, 0x7f, 0xff] {
                let address = Address { kind, hash: [fill; 20] };
                let text = address.to_string();
                assert!(text.starts_with(letters) && text.len() == TEXT_LEN, "{text}");
                assert_eq!(text.parse(), Ok(address));
                let bytes = address.to_contract_bytes();
                let read = bytes.and_then(|bytes| Address::from_contract_bytes(&bytes));
                assert_eq!(read, (kind != Kind::Rollup).then_some(address));
            }
        }
    }

    #[test]
    fn what_looks_like_an_address_is_told_from_what_does_not() {
        for (kind, _, letters) in KINDS {
            let good = Address { kind, hash: [7; 20] }.to_string();
            assert_eq!(Address::mistyped(&good), None, "{good}");
            for at in letters.len()..good.len() {
                // Another character of base58 in each place.
                let other = if good.as_bytes()[at] == b'a' { "b" } else { "a" };
                let bad = format!("{}{other}{}", &good[..at], &good[at + 1..]);
                assert_eq!(Address::mistyped(&bad), Some(AddressError::Checksum), "{bad}");
            }
            let short = &good[..35];
            assert_eq!(Address::mistyped(short), Some(AddressError::Length(35)), "{short}");
        }
        for name in ["", "alice", "dev0", "#7", "BLpk1", "tz", "tz6x"] {
            assert_eq!(Address::mistyped(name), None, "{name}");
        }
    }

    #[test]
    fn refusals() {
        for (text, expected) in [
            ("", AddressError::UnknownKind),
            ("edpk", AddressError::UnknownKind),
            ("tz1abc", AddressError::Length(6)),
            ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHU", AddressError::Checksum),
            ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLr0T", AddressError::Character('0')),
            ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLréT", AddressError::Character('é')),
        ] {
            assert_eq!(text.parse::<Address>(), Err(expected), "{text}");
        }
    }
}
