//! The protocol's own encodings, field by field, as `tezos_data_encoding` derives them.

#![allow(unused_qualifications, reason = "derived code writes paths in full")]

use nom::error::{ErrorKind, ParseError};
use tezos_data_encoding::enc::BinWriter;
use tezos_data_encoding::nom::error::DecodeError;
use tezos_data_encoding::nom::{NomReader, NomResult};

use crate::michelson::{Node, decode_prefix};

/// What the protocol calls `Contract.encoding`: 22 bytes.
#[derive(Clone, Debug, NomReader, BinWriter)]
#[encoding(tags = "u8")]
pub(crate) enum ContractEncoding {
    #[encoding(tag = 0)]
    Implicit(KeyHashEncoding),
    #[encoding(tag = 1)]
    Originated(OriginatedEncoding),
}

/// What the protocol calls `Signature.Public_key_hash.encoding`.
#[derive(Clone, Debug, NomReader, BinWriter)]
pub(crate) struct KeyHashEncoding {
    pub tag: u8,
    #[encoding(sized = "20", bytes)]
    pub hash: Vec<u8>,
}

/// The hash of a contract and a byte of padding.
#[derive(Clone, Debug, NomReader, BinWriter)]
pub(crate) struct OriginatedEncoding {
    #[encoding(sized = "20", bytes)]
    pub hash: Vec<u8>,
    pub padding: u8,
}

/// What the protocol calls `Script.expr_encoding`: Micheline, read to a bounded depth.
#[derive(Clone, Debug)]
pub(crate) struct Expression(pub Node);

impl<'a> NomReader<'a> for Expression {
    fn nom_read(input: &'a [u8]) -> NomResult<'a, Self> {
        let read =
            decode_prefix(input).ok().and_then(|(node, len)| Some((input.get(len..)?, node)));
        match read {
            Some((rest, node)) => Ok((rest, Expression(node))),
            None => Err(nom::Err::Error(DecodeError::from_error_kind(input, ErrorKind::Verify))),
        }
    }
}

/// What the protocol calls `Sc_rollup_outbox_message.encoding`.
#[derive(NomReader)]
#[encoding(tags = "u8")]
pub(crate) enum OutboxMessageEncoding {
    #[encoding(tag = 0)]
    Untyped(UntypedCalls),
    #[encoding(tag = 1)]
    Typed(TypedCalls),
    #[encoding(tag = 2)]
    Whitelist(WhitelistEncoding),
}

#[derive(NomReader)]
pub(crate) struct UntypedCalls {
    #[encoding(dynamic, list)]
    pub calls: Vec<UntypedCall>,
}

/// A call of a contract whose parameters say no type.
#[derive(NomReader)]
pub(crate) struct UntypedCall {
    pub parameters: Expression,
    pub destination: ContractEncoding,
    pub entrypoint: String,
}

#[derive(NomReader)]
pub(crate) struct TypedCalls {
    #[encoding(dynamic, list)]
    pub calls: Vec<TypedCall>,
}

#[derive(NomReader)]
pub(crate) struct TypedCall {
    pub parameters: Expression,
    pub parameters_type: Expression,
    pub destination: ContractEncoding,
    pub entrypoint: String,
}

#[derive(NomReader)]
pub(crate) struct WhitelistEncoding {
    #[encoding(dynamic, list)]
    pub keys: Option<Vec<KeyHashEncoding>>,
}
