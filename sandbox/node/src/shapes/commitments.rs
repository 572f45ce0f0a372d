//! Commitments, and how far they are.

use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::texts::{CommitmentHash, Count, StateHash};
use crate::chain::Chain;

/// A commitment without its hash
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CommitmentContent {
    compressed_state: StateHash,
    inbox_level: i32,
    predecessor: CommitmentHash,
    number_of_ticks: Count,
}

impl From<&pvm::Commitment> for CommitmentContent {
    fn from(made: &pvm::Commitment) -> Self {
        Self {
            compressed_state: StateHash::of(&made.state),
            inbox_level: made.inbox_level,
            predecessor: CommitmentHash::of(&made.predecessor),
            number_of_ticks: Count::of(made.ticks),
        }
    }
}

/// A commitment with its hash
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Commitment {
    commitment: CommitmentContent,
    hash: CommitmentHash,
}

impl From<&pvm::Commitment> for Commitment {
    fn from(made: &pvm::Commitment) -> Self {
        Self { commitment: made.into(), hash: CommitmentHash::of(&made.hash()) }
    }
}

/// A commitment that is cemented. Some clients read the commitment, others its level.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CementedCommitment {
    commitment: CommitmentContent,
    hash: CommitmentHash,
    level: i32,
}

impl From<&pvm::Commitment> for CementedCommitment {
    fn from(made: &pvm::Commitment) -> Self {
        let Commitment { commitment, hash } = made.into();
        Self { commitment, hash, level: made.inbox_level }
    }
}

/// A commitment, and the level in which it was published if it is. It is published once, and by one.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PublishedCommitment {
    commitment: CommitmentContent,
    hash: CommitmentHash,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    first_published_at_level: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    published_at_level: Option<i32>,
}

impl PublishedCommitment {
    pub(crate) fn of(chain: &Chain, made: &pvm::Commitment) -> Self {
        let Commitment { commitment, hash } = made.into();
        let published = chain.settlement().published_at(made.inbox_level, chain.head());
        Self {
            commitment,
            hash,
            first_published_at_level: published,
            published_at_level: published,
        }
    }
}

/// How far the commitment is that has a block in it
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum CommittedStatus {
    Uncommitted {
        commitment_level: i32,
        estimated_commitment_time: Moment,
        estimated_cementation_time: Moment,
    },
    Committed {
        commitment_hash: CommitmentHash,
        commitment_level: i32,
        first_published_level: i32,
        published_level: i32,
        estimated_cementation_time: Moment,
    },
    Cemented {
        commitment_hash: CommitmentHash,
        commitment_level: i32,
        first_published_level: i32,
        published_level: i32,
        blocks_since_cemented: i32,
    },
}
