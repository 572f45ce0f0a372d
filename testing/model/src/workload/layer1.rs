//! What workloads say of layer 1: contracts, who calls them, tickets, deposits, requests for held ones.

/// A contract of layer 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contract {
    /// Mints most tickets, and has an exit.
    Mint,
    /// Mints fool's gold, and has none.
    Forger,
    /// Makes deposits.
    Helper,
    /// Makes deposits too.
    Stranger,
    /// Takes what is withdrawn and reclaimed.
    Vault,
}

/// Who signed the operation that led to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A person.
    Tz4(u8),
    /// The tz1 of the same 20 bytes, who is somebody else.
    Tz1(u8),
}

/// Who makes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The contract.
    pub sender: Contract,
    /// Who signed for it.
    pub source: Source,
}

/// How a held deposit is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asking {
    /// In a call.
    ByCall(Route),
    /// In a message with this person's key.
    Signed(u8, Consent),
}

/// What stands under a signed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// The signature that it takes.
    Given,
    /// Somebody else's.
    Forged,
    /// A signature for another rollup.
    Misdirected,
    /// A signature that is no point.
    NoSignature,
    /// An invalid key.
    NoKey,
    /// A byte too little.
    Cut,
}

/// For whom a deposit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// A person's tz4.
    Account(u8),
    /// A person's tz4 with one character changed.
    Mistyped(u8),
    /// Somebody's tz1.
    Tz1,
    /// Nobody: an empty string.
    Nobody,
}

/// Which ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The text `gold`.
    Gold,
    /// The text `gold` too, by another ticketer.
    FoolsGold,
    /// The empty text.
    Blank,
    /// The longest content that is credited.
    Longest,
    /// A content a byte longer.
    TooLong,
    /// `Pair 7 (Some 0x01)`, which v1 batches cannot name.
    Token,
}

/// How a deposit is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the branch of its type.
    Branch,
    /// With no branch, as the original kernel took it.
    Unwrapped,
    /// In the other type's branch.
    WrongBranch,
    /// With a byte too many.
    ByteTooMany,
    /// `Unit`.
    NoDeposit,
    /// For another rollup.
    Elsewhere,
}

/// Whom a contract of layer 1 is to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paid {
    /// An implicit account.
    Source(Source),
    /// Another contract.
    Contract(Contract),
}
