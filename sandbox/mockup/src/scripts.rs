//! The scripts that we ship, and the types of what else is here: tokens by their standards, the demo's ticketer.

use layer1::michelson::{Node, parse};

/// What the rollup of our kernel can be called with.
pub const ROLLUP: &str =
    "or (pair string (ticket string)) (or (pair string (ticket (pair nat (option bytes)))) bytes)";

/// What the demo's tickets say.
pub const DEMO_CONTENT: &str = "demo";

/// The type of the tickets of both ticketers.
pub(crate) const TICKET: &str = "ticket (pair nat (option bytes))";

/// The ticketer of tez.
pub(crate) const XTZ_TICKETER: &str =
    include_str!("../../../contracts/xtz_ticketer/xtz_ticketer.tz");

/// The ticketer of a token.
pub(crate) const FA_TICKETER: &str = include_str!("../../../contracts/fa_ticketer/fa_ticketer.tz");

/// The helper that deposits.
pub(crate) const DEPOSIT_HELPER: &str =
    include_str!("../../../contracts/deposit_helper/deposit_helper.tz");

/// The ticketer of the demo's ticket: it gives nothing back, as nothing stands behind the ticket.
pub(crate) const DEMO_TICKETER: &str = "parameter (or (pair %burn (address %receiver) (ticket %ticket string)) \
    (pair %mint (address %rollup) (pair (string %receiver) (nat %amount))))";

/// A token of FA1.2.
pub(crate) const FA12: &str = "parameter (or \
    (or (pair %transfer (address %from) (pair (address %to) (nat %value))) \
        (pair %approve (address %spender) (nat %value))) \
    (or (pair %getBalance (address %owner) (contract %callback nat)) \
        (or (pair %getAllowance (pair %request (address %owner) (address %spender)) (contract %callback nat)) \
            (pair %getTotalSupply (unit %request) (contract %callback nat)))))";

/// Tokens of FA2.
pub(crate) const FA2: &str = "parameter (or \
    (list %transfer (pair (address %from_) (list %txs (pair (address %to_) (pair (nat %token_id) (nat %amount)))))) \
    (or (pair %balance_of (list %requests (pair (address %owner) (nat %token_id))) \
            (contract %callback (list (pair (pair %request (address %owner) (nat %token_id)) (nat %balance))))) \
        (list %update_operators (or \
            (pair %add_operator (address %owner) (pair (address %operator) (nat %token_id))) \
            (pair %remove_operator (address %owner) (pair (address %operator) (nat %token_id)))))))";

/// The sections of a script that we ship.
pub(crate) fn sections(script: &str) -> Node {
    parse(&format!("{{{script}\n}}")).unwrap_or(Node::Seq(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use layer1::entrypoints::Parameter;

    #[test]
    fn what_we_ship_can_be_read_and_takes_what_it_is_called_with_here() {
        for (script, names) in [
            (XTZ_TICKETER, vec!["burn", "mint"]),
            (FA_TICKETER, vec!["deposit", "withdraw"]),
            (
                DEPOSIT_HELPER,
                vec![
                    "default",
                    "deposit_fa",
                    "deposit_xtz",
                    "fa12_balance",
                    "fa2_balance",
                    "finish",
                    "reclaim",
                ],
            ),
        ] {
            let Node::Seq(sections) = sections(script) else { panic!("no sections") };
            assert!(sections.len() >= 3);
            let parameter = Parameter::of_script(script).unwrap();
            let mut found: Vec<&str> = parameter.list().iter().map(|(name, _)| *name).collect();
            found.sort_unstable();
            assert_eq!(found, names);
        }
    }
}
