//! What the contracts that we ship have stored, as Micheline.

use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::contract::{Code, FaTicketer};
use crate::micheline::{nat, pair, prim};
use crate::normal::tez_content;
use crate::state::State;
use crate::ticket::ContractHash;
use crate::views::{supply, token_node};

/// What a contract has stored; `None` if its code, and so what it stores, is not known.
#[must_use]
pub fn storage(state: &State, hash: &ContractHash) -> Option<Node> {
    Some(match &state.contract(hash)?.code {
        Code::XtzTicketer => nat(&supply(state, hash, &tez_content())),
        Code::FaTicketer(FaTicketer { token, content }) => {
            let total: BigUint = supply(state, hash, content);
            pair(content.clone(), pair(token_node(token), nat(&total)))
        }
        // Nothing is on its way between two operations.
        Code::DepositHelper(_) => prim("None", Vec::new()),
        _ => return None,
    })
}
