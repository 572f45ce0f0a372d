//! Bytes into expressions. Total: any bytes at all give an expression or an error.

use num_bigint::BigInt;
use tezos_data_encoding::nom::z_bignum;

use super::binary::tag;
use super::lexer::is_annot;
use super::{DEPTH_MAX, Node, Prim, is_string_char};

/// What is wrong with binary Micheline, and at which byte.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {at}: {problem}")]
pub struct DecodeError {
    /// The offset, from 0.
    pub at: usize,
    /// What was expected, what was found.
    pub problem: String,
}

/// Reads one expression, which must be all of the bytes.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode(bytes: &[u8]) -> Result<Node, DecodeError> {
    let (node, len) = decode_prefix(bytes)?;
    if len < bytes.len() {
        return Err(DecodeError { at: len, problem: "expected the end".to_owned() });
    }
    Ok(node)
}

/// Reads one expression from the front; returns it and its length in bytes.
///
/// # Errors
/// When the bytes are malformed: at which offset, and what was expected there.
pub fn decode_prefix(bytes: &[u8]) -> Result<(Node, usize), DecodeError> {
    let mut reader = Reader { bytes, at: 0 };
    let node = reader.node(0)?;
    Ok((node, reader.at))
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn error<T>(&self, problem: impl Into<String>) -> Result<T, DecodeError> {
        Err(DecodeError { at: self.at, problem: problem.into() })
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], DecodeError> {
        let rest = &self.bytes[self.at..];
        match rest.get(..len) {
            Some(taken) => {
                self.at += len;
                Ok(taken)
            }
            None => self.error(format!("expected {len} bytes, found {}", rest.len())),
        }
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }

    /// Bytes behind their `u32` length.
    fn sized(&mut self) -> Result<&'a [u8], DecodeError> {
        let mut len = 0_usize;
        for byte in self.take(4)? {
            len = (len << 8) | usize::from(*byte);
        }
        self.take(len)
    }

    fn text(&mut self) -> Result<String, DecodeError> {
        let at = self.at;
        match std::str::from_utf8(self.sized()?) {
            Ok(text) if text.chars().all(is_string_char) => Ok(text.to_owned()),
            _ => {
                Err(DecodeError { at, problem: "expected printable ASCII in a string".to_owned() })
            }
        }
    }

    fn node(&mut self, depth: usize) -> Result<Node, DecodeError> {
        if depth >= DEPTH_MAX {
            return self.error(format!("expected expressions at most {DEPTH_MAX} deep"));
        }
        let tag = self.byte()?;
        match tag {
            tag::INT => self.zarith().map(Node::Int),
            tag::STRING => self.text().map(Node::String),
            tag::BYTES => Ok(Node::Bytes(self.sized()?.to_vec())),
            tag::SEQ => self.nodes(depth).map(Node::Seq),
            tag::PRIM..tag::PRIM_MANY => {
                let (args, annotated) = ((tag - tag::PRIM) / 2, (tag - tag::PRIM) % 2 == 1);
                let prim = self.prim()?;
                let args = (0..args).map(|_| self.node(depth + 1)).collect::<Result<_, _>>()?;
                let annots = if annotated { self.annots()? } else { Vec::new() };
                Ok(Node::Prim { prim, args, annots })
            }
            tag::PRIM_MANY => {
                let prim = self.prim()?;
                let args = self.nodes(depth)?;
                Ok(Node::Prim { prim, args, annots: self.annots()? })
            }
            unknown => {
                self.at -= 1;
                self.error(format!("expected a Micheline tag from 00 to 0a, found {unknown:02x}"))
            }
        }
    }

    /// Nodes that fill their `u32` length exactly.
    fn nodes(&mut self, depth: usize) -> Result<Vec<Node>, DecodeError> {
        let content = self.sized()?;
        let end = self.at;
        let mut inner = Reader { bytes: &self.bytes[..end], at: end - content.len() };
        let mut nodes = Vec::new();
        while inner.at < end {
            nodes.push(inner.node(depth + 1)?);
        }
        Ok(nodes)
    }

    fn prim(&mut self) -> Result<Prim, DecodeError> {
        let code = self.byte()?;
        match Prim::from_code(code) {
            Some(prim) => Ok(prim),
            None => {
                self.at -= 1;
                self.error(format!("expected the code of a primitive, found {code:02x}"))
            }
        }
    }

    fn annots(&mut self) -> Result<Vec<String>, DecodeError> {
        let at = self.at;
        let text = self.text()?;
        let annots: Vec<String> =
            text.split(' ').filter(|annot| !annot.is_empty()).map(str::to_owned).collect();
        if annots.iter().all(|annot| is_annot(annot)) {
            Ok(annots)
        } else {
            Err(DecodeError { at, problem: "expected annotations".to_owned() })
        }
    }

    fn zarith(&mut self) -> Result<BigInt, DecodeError> {
        let start = self.at;
        while self.byte()? & 0x80 != 0 {}
        let groups = &self.bytes[start..self.at];
        if groups.len() > 1 && groups.last() == Some(&0) {
            return self.error("expected a number in its shortest form");
        }
        match z_bignum(groups) {
            Ok((_, number)) => Ok(number),
            Err(_) => self.error("expected a number"),
        }
    }
}
