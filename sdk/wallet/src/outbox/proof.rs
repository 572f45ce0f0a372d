//! What proves an outbox message to layer 1.

use serde_json::Value;

use super::OutboxMessageId;
use crate::error::{RpcError, one_line};
use crate::rpc::Node;

/// What layer 1 wants to see before it executes a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The cemented commitment that it is under, `src1…`.
    pub commitment: String,
    /// The proof, in hex without `0x`.
    pub proof: String,
}

/// Asks a node for the proof of a message.
///
/// # Errors
/// When the node does not tell, or something else.
pub fn proof(node: &Node, id: OutboxMessageId) -> Result<Proof, RpcError> {
    let OutboxMessageId { level, index } = id;
    let path = format!("/global/block/head/helpers/proofs/outbox/{level}/messages?index={index}");
    let answer: Value = node.get(&path)?;
    let shape = |problem: &str| node.shape(&path, problem);
    let commitment = answer["commitment"].as_str().unwrap_or_default();
    // Both go into a command line.
    let is_hash =
        commitment.starts_with("src1") && commitment.chars().all(|c| c.is_ascii_alphanumeric());
    if !is_hash {
        let shown = one_line(commitment);
        return Err(shape(&format!("{shown:?} is no commitment (expected src1…)")));
    }
    let text = answer["proof"].as_str().unwrap_or_default();
    let proof = text.strip_prefix("0x").unwrap_or(text);
    match hex::decode(proof) {
        Ok(bytes) if !bytes.is_empty() => {
            Ok(Proof { commitment: commitment.to_owned(), proof: proof.to_owned() })
        }
        _ => Err(shape("the proof is not hexadecimal")),
    }
}
