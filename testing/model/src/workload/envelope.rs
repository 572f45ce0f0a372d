//! What workloads say of the outside of a batch: its frame, its damage, its signature, who signs.

/// How a batch is addressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Not at all.
    Unframed,
    /// To us.
    Framed,
    /// To another rollup.
    Foreign,
    /// To us, in a version that does not exist.
    Version9,
}

/// What is wrong with a batch's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// Nothing.
    Sound,
    /// There is a byte too many at the end.
    Longer,
    /// The last byte is missing.
    Shorter,
    /// There are no transactions.
    NoTransactions,
    /// The first transaction has no operations.
    NoOperations,
    /// The first operation's counter is negative.
    NegativeCounter,
    /// The first operation's first content has an unknown tag.
    UnknownContent,
}

/// What the signature of a batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The sum of what everybody signed.
    Sum,
    /// That, and somebody's signature of something else.
    OneMore,
    /// 96 bytes that are no point.
    NoPoint,
    /// The identity.
    Identity,
}

/// Who signs a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// All its signers.
    All,
    /// Its first signer does not.
    NotTheFirst,
    /// A stranger signs in place of its first signer.
    Stranger,
    /// Its first signer signs twice.
    FirstTwice,
}
