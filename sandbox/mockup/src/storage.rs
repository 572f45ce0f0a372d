//! The scripts of the contracts that we ship, and what these have stored, as Micheline.

use layer1::michelson::Node;
use num_bigint::BigUint;

use crate::contract::{Code, Contract, FaTicketer};
use crate::micheline::{nat, pair, prim};
use crate::normal::tez_content;
use crate::scripts::{DEPOSIT_HELPER, FA_TICKETER, XTZ_TICKETER, sections};
use crate::state::State;
use crate::ticket::ContractHash;
use crate::views::{supply, token_node};

/// The sections of a contract's script; `None` if it is none that we ship.
#[must_use]
pub fn script(contract: &Contract) -> Option<Node> {
    match &contract.code {
        Code::XtzTicketer => Some(sections(XTZ_TICKETER)),
        Code::FaTicketer(_) => Some(sections(FA_TICKETER)),
        Code::DepositHelper(_) => Some(sections(DEPOSIT_HELPER)),
        _ => None,
    }
}

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
