//! What a workload says of v2 batches.

use super::envelope::{Damage, Seal, Signing};
use super::layer1::{Kind, Paid};

/// A batch in wire format v2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compact {
    /// What is wrong with its bytes: of [`Damage`] only what concerns its end.
    pub damage: Damage,
    /// What its signature is.
    pub seal: Seal,
    /// Its last level, counted from the one in which it is sent.
    pub expires: Option<i8>,
    /// Keys that are to become accounts.
    pub registrations: Vec<Registration>,
    /// Bytes of zeros after it.
    pub padding: u16,
    /// Its transactions. Those that can be rows and are to be are, and come first.
    pub transactions: Vec<Signed>,
}

/// A key that is to become an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// Whose.
    pub of: u8,
    /// Whether it is a key at all.
    pub is_key: bool,
    /// What stands in the place of its proof.
    pub proof: Proof,
}

/// A proof of possession.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// That of the key.
    Own,
    /// That of this person's key.
    Of(u8),
    /// 96 bytes that are no point.
    NoPoint,
}

/// A transaction of a v2 batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// Whether it is to be a row.
    pub row: bool,
    /// Its last level, counted from the one in which it is sent.
    pub expires: Option<i8>,
    /// What it does.
    pub operations: Vec<Intent>,
    /// Who signs it.
    pub signing: Signing,
}

/// An operation of a v2 batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intent {
    /// Who.
    pub signer: Named2,
    /// How far its counter is from the one that is right if all before applies.
    pub counter_off_by: i64,
    /// A memo of so many bytes.
    pub memo: u8,
    /// Whether the signer signs the transaction in place of the batch.
    pub individually_signed: bool,
    /// What it does: to whom, what, how much.
    pub moves: Vec<(To, What, u64)>,
}

/// Where tickets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// To an account of the rollup.
    Account(Named2),
    /// To the vault, which is handed a bare ticket or is to pay somebody.
    Vault(Option<Paid>),
}

/// How v2 names somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named2 {
    /// By index, if there is one, or else by address.
    Person(u8),
    /// By address.
    Address(u8),
    /// By place, if the batch registers them, or else by address.
    Registration(u8),
    /// Whoever has this index.
    Index(u8),
}

/// How v2 names a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// By index, if there is one, or else in full.
    Known(Kind),
    /// In full.
    Full(Kind),
    /// Whatever has this index.
    Index(u8),
}
