//! What the contracts that we ship can be called with, and tokens by their standards.

/// What the rollup of our kernel can be called with.
pub const ROLLUP: &str =
    "or (pair string (ticket string)) (or (pair string (ticket (pair nat (option bytes)))) bytes)";

/// What the demo's tickets say.
pub const DEMO_CONTENT: &str = "demo";

/// The content of the tickets of both ticketers, and the type of what carries them.
pub(crate) const TICKET: &str = "ticket (pair nat (option bytes))";

/// The ticketer of tez.
pub(crate) const XTZ_TICKETER: &str =
    "parameter (or (pair %burn address (ticket (pair nat (option bytes)))) (address %mint))";

/// The ticketer of a token.
pub(crate) const FA_TICKETER: &str = "parameter (or (nat %deposit) \
    (pair %withdraw (address %receiver) (ticket %ticket (pair nat (option bytes)))))";

/// The helper that deposits.
pub(crate) const DEPOSIT_HELPER: &str = "parameter (or \
    (or (ticket %default (pair nat (option bytes))) \
        (or (pair %deposit_fa (address %ticketer) (pair (address %rollup) (pair (string %receiver) (nat %amount)))) \
            (pair %deposit_xtz (address %ticketer) (pair (address %rollup) (string %receiver))))) \
    (or (nat %fa12_balance) \
        (or (list %fa2_balance (pair (pair %request (address %owner) (nat %token_id)) (nat %balance))) (unit %finish))))";

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
