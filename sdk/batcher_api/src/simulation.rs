//! What transactions would do, asked before anybody signs.

use serde::{Deserialize, Serialize};

use crate::record::OutcomeText;
use api_error::ApiError;

/// Transactions to be tried over the pending state, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SimulationRequest {
    /// The transactions.
    pub transactions: Vec<UnsignedTransaction>,
}

/// A transaction that nobody has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnsignedTransaction {
    /// Its encoding, in hex.
    pub transaction: String,
}

/// What they would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SimulationAnswer {
    /// Of each, in the order of the request.
    pub results: Vec<Simulated>,
}

/// What a transaction would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Simulated {
    /// Its hash, if it could be read.
    pub hash: Option<String>,
    /// The result of each operation.
    pub outcomes: Vec<OutcomeText>,
    /// Why it was not tried.
    pub error: Option<ApiError>,
}
