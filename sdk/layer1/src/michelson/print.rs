//! Expressions into text on one line.

use super::Node;
use crate::address::Address;

/// Michelson that [`super::parse`] reads back to the same expression.
pub fn text(node: &Node) -> String {
    let mut out = String::new();
    write(node, has_annots(node), false, &mut out);
    out
}

/// The same for people: bytes that have the shape of an address are shown as that address,
/// without quotes, which the protocol's optimized form leaves as bytes.
pub fn readable(node: &Node) -> String {
    let mut out = String::new();
    write(node, has_annots(node), true, &mut out);
    out
}

/// Whether this is a primitive with annotations: outermost, it is written in parentheses.
fn has_annots(node: &Node) -> bool {
    matches!(node, Node::Prim { annots, .. } if !annots.is_empty())
}

fn write(node: &Node, as_argument: bool, addresses: bool, out: &mut String) {
    match node {
        Node::Int(value) => out.push_str(&value.to_string()),
        Node::String(value) => write_string(value, out),
        Node::Bytes(value) => match Address::from_contract_bytes(value) {
            Some(address) if addresses => out.push_str(&address.to_string()),
            _ => {
                out.push_str("0x");
                out.push_str(&hex::encode(value));
            }
        },
        Node::Prim { prim, args, annots } => {
            let wrap = as_argument && !(args.is_empty() && annots.is_empty());
            if wrap {
                out.push('(');
            }
            out.push_str(prim.name());
            for annot in annots {
                out.push(' ');
                out.push_str(annot);
            }
            for arg in args {
                out.push(' ');
                write(arg, true, addresses, out);
            }
            if wrap {
                out.push(')');
            }
        }
        Node::Seq(items) => {
            out.push_str("{ ");
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(" ; ");
                }
                write(item, false, addresses, out);
            }
            out.push_str(if items.is_empty() { "}" } else { " }" });
        }
    }
}

fn write_string(value: &str, out: &mut String) {
    out.push('"');
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            '\u{8}' => out.push_str("\\b"),
            other => out.push(other),
        }
    }
    out.push('"');
}
