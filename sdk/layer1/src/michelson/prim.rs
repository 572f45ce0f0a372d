//! The primitives of Michelson and their codes: the order below is the protocol's.

use std::fmt;

/// A Michelson primitive, by its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prim(u8);

impl Prim {
    /// The primitive of this name. Names are case-sensitive: `Pair`, `PAIR` and `pair` are three.
    pub fn from_name(name: &str) -> Option<Self> {
        let code = NAMES.iter().position(|known| *known == name)?;
        u8::try_from(code).ok().map(Self)
    }

    /// The primitive of this code.
    pub fn from_code(code: u8) -> Option<Self> {
        (usize::from(code) < NAMES.len()).then_some(Self(code))
    }

    /// The code, as on the wire.
    pub fn code(self) -> u8 {
        self.0
    }

    /// The name, as in Michelson text.
    pub fn name(self) -> &'static str {
        NAMES[usize::from(self.0)]
    }
}

impl fmt::Display for Prim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Every name at the index that is its code. The protocol only ever appends.
#[rustfmt::skip]
const NAMES: [&str; 161] = [
    // 0x00: the sections of a script, then data.
    "parameter", "storage", "code", "False", "Elt", "Left", "None", "Pair",
    "Right", "Some", "True", "Unit",
    // 0x0c: instructions.
    "PACK", "UNPACK", "BLAKE2B", "SHA256",
    // 0x10
    "SHA512", "ABS", "ADD", "AMOUNT", "AND", "BALANCE", "CAR", "CDR",
    "CHECK_SIGNATURE", "COMPARE", "CONCAT", "CONS",
    "CREATE_ACCOUNT", "CREATE_CONTRACT", "IMPLICIT_ACCOUNT", "DIP",
    // 0x20
    "DROP", "DUP", "EDIV", "EMPTY_MAP", "EMPTY_SET", "EQ", "EXEC", "FAILWITH",
    "GE", "GET", "GT", "HASH_KEY", "IF", "IF_CONS", "IF_LEFT", "IF_NONE",
    // 0x30
    "INT", "LAMBDA", "LE", "LEFT", "LOOP", "LSL", "LSR", "LT",
    "MAP", "MEM", "MUL", "NEG", "NEQ", "NIL", "NONE", "NOT",
    // 0x40
    "NOW", "OR", "PAIR", "PUSH", "RIGHT", "SIZE", "SOME", "SOURCE",
    "SENDER", "SELF", "STEPS_TO_QUOTA", "SUB", "SWAP", "TRANSFER_TOKENS", "SET_DELEGATE", "UNIT",
    // 0x50
    "UPDATE", "XOR", "ITER", "LOOP_LEFT", "ADDRESS", "CONTRACT", "ISNAT", "CAST", "RENAME",
    // 0x59: types.
    "bool", "contract", "int", "key", "key_hash", "lambda", "list",
    // 0x60
    "map", "big_map", "nat", "option", "or", "pair", "set", "signature",
    "string", "bytes", "mutez", "timestamp", "unit", "operation", "address",
    // 0x6f: what later protocols added, in the order they did.
    "SLICE",
    // 0x70
    "DIG", "DUG", "EMPTY_BIG_MAP", "APPLY", "chain_id", "CHAIN_ID", "LEVEL", "SELF_ADDRESS",
    "never", "NEVER", "UNPAIR", "VOTING_POWER", "TOTAL_VOTING_POWER", "KECCAK", "SHA3", "PAIRING_CHECK",
    // 0x80
    "bls12_381_g1", "bls12_381_g2", "bls12_381_fr", "sapling_state",
    "sapling_transaction_deprecated", "SAPLING_EMPTY_STATE", "SAPLING_VERIFY_UPDATE", "ticket",
    "TICKET_DEPRECATED", "READ_TICKET", "SPLIT_TICKET", "JOIN_TICKETS",
    "GET_AND_UPDATE", "chest", "chest_key", "OPEN_CHEST",
    // 0x90
    "VIEW", "view", "constant", "SUB_MUTEZ",
    "tx_rollup_l2_address", "MIN_BLOCK_TIME", "sapling_transaction", "EMIT",
    "Lambda_rec", "LAMBDA_REC", "TICKET", "BYTES",
    "NAT", "Ticket", "IS_IMPLICIT_ACCOUNT", "INDEX_ADDRESS",
    // 0xa0
    "GET_ADDRESS_INDEX",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_at_the_joints_of_the_table() {
        for (name, code) in [
            ("parameter", 0x00),
            ("Pair", 0x07),
            ("Unit", 0x0b),
            ("SHA512", 0x10),
            ("DROP", 0x20),
            ("INT", 0x30),
            ("NOW", 0x40),
            ("UPDATE", 0x50),
            ("bool", 0x59),
            ("map", 0x60),
            ("pair", 0x65),
            ("string", 0x68),
            ("bytes", 0x69),
            ("address", 0x6e),
            ("SLICE", 0x6f),
            ("PAIRING_CHECK", 0x7f),
            ("ticket", 0x87),
            ("TICKET", 0x9a),
            ("Ticket", 0x9d),
            ("GET_ADDRESS_INDEX", 0xa0),
        ] {
            assert_eq!(Prim::from_name(name).map(Prim::code), Some(code), "{name}");
            assert_eq!(Prim::from_code(code).map(Prim::name), Some(name), "{code:#x}");
        }
        assert_eq!(Prim::from_code(0xa1), None);
        assert_eq!(Prim::from_name("nothing"), None);
    }

    #[test]
    fn no_name_twice() {
        for (i, name) in NAMES.iter().enumerate() {
            assert_eq!(NAMES.iter().position(|n| n == name), Some(i), "{name}");
        }
    }
}
