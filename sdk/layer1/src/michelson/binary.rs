//! Expressions into bytes, in the protocol's binary Micheline.

use tezos_data_encoding::enc::BinWriter;
use tezos_data_encoding::types::Zarith;

use super::Node;

/// The tags of the binary form; shared with the decoder.
pub(super) mod tag {
    pub const INT: u8 = 0x00;
    pub const STRING: u8 = 0x01;
    pub const SEQ: u8 = 0x02;
    /// A primitive with 0, 1 or 2 arguments is this plus twice their number, plus 1 if annotated.
    pub const PRIM: u8 = 0x03;
    /// A primitive with any number of arguments.
    pub const PRIM_MANY: u8 = 0x09;
    pub const BYTES: u8 = 0x0a;
}

/// The one encoding that the protocol itself writes for this expression.
pub fn encode(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    write(node, &mut out);
    out
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match node {
        Node::Int(value) => {
            out.push(tag::INT);
            // Writing to memory never fails.
            let _ = Zarith(value.clone()).bin_write(out);
        }
        Node::String(value) => {
            out.push(tag::STRING);
            sized(out, |out| out.extend_from_slice(value.as_bytes()));
        }
        Node::Bytes(value) => {
            out.push(tag::BYTES);
            sized(out, |out| out.extend_from_slice(value));
        }
        Node::Seq(items) => {
            out.push(tag::SEQ);
            sized(out, |out| items.iter().for_each(|item| write(item, out)));
        }
        Node::Prim { prim, args, annots } => {
            let annotated = !annots.is_empty();
            let many = args.len() > 2;
            // At most two arguments here, so the sum stays below the next tag.
            let few = tag::PRIM
                + if args.len() == 2 {
                    4
                } else if args.len() == 1 {
                    2
                } else {
                    0
                };
            out.push(if many { tag::PRIM_MANY } else { few + u8::from(annotated) });
            out.push(prim.code());
            if many {
                sized(out, |out| args.iter().for_each(|arg| write(arg, out)));
            } else {
                args.iter().for_each(|arg| write(arg, out));
            }
            if many || annotated {
                sized(out, |out| out.extend_from_slice(annots.join(" ").as_bytes()));
            }
        }
    }
}

/// Writes `content` behind its `u32` length.
fn sized(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    content(out);
    // Saturating: a text of four gigabytes is refused for its size long before its length matters.
    let len = u32::try_from(out.len() - start - 4).unwrap_or(u32::MAX);
    out[start..start + 4].copy_from_slice(&len.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::michelson::decode;
    use num_bigint::BigInt;

    #[test]
    fn numbers_of_any_size_have_the_protocols_bytes() {
        let hex_of = |number: &BigInt| hex::encode(encode(&Node::Int(number.clone())));
        for (number, bytes) in [
            (0, "0000"),
            (1, "0001"),
            (-1, "0041"),
            (63, "003f"),
            (64, "008001"),
            (-64, "00c001"),
            (100, "00a401"),
            (8_191, "00bf7f"),
            (8_192, "00808001"),
        ] {
            assert_eq!(hex_of(&number.into()), bytes, "{number}");
        }
        for bits in 0..300_u32 {
            for nearby in [-1, 0, 1] {
                let number: BigInt = (BigInt::from(1) << bits) + nearby;
                for number in [number.clone(), -number] {
                    let bytes = encode(&Node::Int(number.clone()));
                    assert_eq!(decode(&bytes), Ok(Node::Int(number)), "{bits} bits");
                }
            }
        }
    }
}
