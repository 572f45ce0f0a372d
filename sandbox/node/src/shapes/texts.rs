//! Texts with a form: hashes, addresses, bytes in hex, numbers of any size.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use layer1::address::{Address, Kind};
use layer1::entrypoints::NAME_MAX;
use layer1::hashes;

/// Bytes: the longest path in durable storage.
const MAX_KEY_BYTES: usize = 240;

macro_rules! texts {
    ($($(#[$attribute:meta])* $name:ident;)*) => {$(
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        $(#[$attribute])*
        pub(crate) struct $name(pub(crate) String);
    )*};
}

texts! {
    /// The address of a smart rollup
    #[schema(pattern = "^sr1[1-9A-HJ-NP-Za-km-z]{33}$")]
    RollupAddress;
    /// The address of a contract
    #[schema(pattern = "^KT1[1-9A-HJ-NP-Za-km-z]{33}$")]
    ContractAddress;
    /// The address of an implicit account
    #[schema(pattern = "^tz[1-5][1-9A-HJ-NP-Za-km-z]{33}$")]
    ImplicitAddress;
    /// The address of an account, of a contract or not
    #[schema(pattern = "^(tz[1-5]|KT1)[1-9A-HJ-NP-Za-km-z]{33}$")]
    AccountAddress;
    /// A chain
    #[schema(pattern = "^Net[1-9A-HJ-NP-Za-km-z]{12}$")]
    ChainId;
    /// The hash of a block
    #[schema(pattern = "^B[1-9A-HJ-NP-Za-km-z]{50}$")]
    BlockHash;
    /// The hash of a state
    #[schema(pattern = "^srs1[1-9A-HJ-NP-Za-km-z]{50}$")]
    StateHash;
    /// The hash of a commitment
    #[schema(pattern = "^src1[1-9A-HJ-NP-Za-km-z]{50}$")]
    CommitmentHash;
    /// The id of a message in the batcher
    #[schema(pattern = "^scmsg[1-9A-HJ-NP-Za-km-z]{50}$")]
    MessageHash;
    /// The hash of an operation of layer 1
    #[schema(pattern = "^o[1-9A-HJ-NP-Za-km-z]{50}$")]
    OperationHash;
    /// The hash of an inbox
    #[schema(pattern = "^srib1[1-9A-HJ-NP-Za-km-z]{50}$")]
    InboxHash;
    /// The hash of a level's messages
    #[schema(pattern = "^srib2[1-9A-HJ-NP-Za-km-z]{50}$")]
    WitnessHash;
    /// A number of any size
    #[schema(pattern = "^[0-9]+$")]
    Count;
    /// Bytes in hex
    #[schema(pattern = "^([0-9a-fA-F]{2})*$")]
    Hex;
    /// A message of an inbox with its tag, in hex
    #[schema(pattern = "^([0-9a-fA-F]{2})*$", max_length = 8192)]
    WholeMessage;
    /// The payload of an external message, without its tag, in hex
    #[schema(pattern = "^([0-9a-fA-F]{2})*$", max_length = 8190)]
    Payload;
    /// A moment, as in 2026-01-02T03:04:05Z
    #[schema(format = DateTime)]
    Moment;
    /// A path in durable storage. The empty one is the root, below which is everything.
    #[schema(pattern = "^(/[A-Za-z0-9._-]+)*$", max_length = 240)]
    Key;
    /// head, finalized, cemented, a level, or the hash of a block
    BlockName;
    /// The name of an entrypoint
    #[schema(max_length = 31)]
    EntrypointName;
    /// The hash of an operation of layer 1 (o…), or its name in the injector (iop…)
    #[schema(pattern = "^(o|iop)[1-9A-HJ-NP-Za-km-z]{50}$")]
    OperationName;
    /// The name of a snapshot
    #[schema(pattern = "^[A-Za-z][A-Za-z0-9._-]*$", max_length = 64)]
    SnapshotName;
}

macro_rules! hashes {
    ($($name:ident = $kind:ident;)*) => {$(
        impl $name {
            /// A hash as text.
            pub(crate) fn of(hash: &[u8; 32]) -> Self {
                Self(hashes::$kind.text(hash))
            }
        }
    )*};
}

hashes! {
    BlockHash = BLOCK;
    StateHash = STATE;
    CommitmentHash = COMMITMENT;
    MessageHash = MESSAGE;
    OperationHash = OPERATION;
    InboxHash = INBOX;
    WitnessHash = INBOX_WITNESS;
}

impl RollupAddress {
    /// The address of a hash.
    pub(crate) fn of(hash: &[u8; 20]) -> Self {
        Self(Address { kind: Kind::Rollup, hash: *hash }.to_string())
    }
}

impl Hex {
    /// Bytes in hex.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(bytes))
    }
}

impl Count {
    /// A number as text.
    pub(crate) fn of(number: impl ToString) -> Self {
        Self(number.to_string())
    }
}

/// The index of a message in its outbox, from 0
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Index(pub(crate) u32);

/// Messages with an order come before others, the least first
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub(crate) struct Order(pub(crate) u64);

// Attributes take no constants.
const _: () = {
    assert!(2 * pvm::MAX_MESSAGE_BYTES == 8_192);
    assert!(2 * crate::limits::MAX_EXTERNAL_BYTES == 8_190);
    assert!(NAME_MAX == 31);
    assert!(MAX_KEY_BYTES == 240);
    assert!(store::MAX_SNAPSHOT_NAME_BYTES == 64);
};
