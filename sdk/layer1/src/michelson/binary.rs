//! Expressions into bytes, in the protocol's binary Micheline.

use num_bigint::{BigInt, Sign};

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
            write_zarith(value, out);
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

/// Zarith: sign in bit 6 of the first byte, 6 bits there and 7 in each further byte, lowest first.
fn write_zarith(value: &BigInt, out: &mut Vec<u8>) {
    let (sign, magnitude) = value.to_radix_le(128);
    let sign_bit = if sign == Sign::Minus { 0x40 } else { 0 };
    // Radix 128 gives groups of 7 bits; the first byte holds only 6, so every group moves up one.
    let mut carry = 0;
    let mut groups = Vec::with_capacity(magnitude.len() + 1);
    for (i, digit) in magnitude.iter().enumerate() {
        if i == 0 {
            groups.push((digit & 0x3f) | sign_bit);
            carry = digit >> 6;
        } else {
            groups.push(((digit << 1) & 0x7f) | carry);
            carry = digit >> 6;
        }
    }
    if carry != 0 {
        groups.push(carry);
    }
    while groups.len() > 1 && groups.last() == Some(&0) {
        groups.pop();
    }
    if let Some((last, init)) = groups.split_last() {
        out.extend(init.iter().map(|group| group | 0x80));
        out.push(*last);
    }
}
