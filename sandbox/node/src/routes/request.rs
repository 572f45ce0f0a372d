//! A request to an endpoint, and what is read from it.

use axum::body::Bytes;
use serde::de::DeserializeOwned;

use crate::error::NodeError;

/// A request to an endpoint.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestContext {
    /// What the path has in its braces, in order.
    pub(crate) parameters: Vec<String>,
    /// The query, decoded.
    pub(crate) query: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

impl RequestContext {
    /// A parameter of the path.
    pub(super) fn parameter(&self, number: usize) -> &str {
        self.parameters.get(number).map_or("", String::as_str)
    }

    /// A parameter of the path that is a level.
    pub(super) fn level(&self, number: usize) -> Result<i32, NodeError> {
        read_number("level", self.parameter(number), "a level")
    }

    /// The value of a query.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A query that is a number.
    pub(super) fn number<T: std::str::FromStr>(
        &self,
        name: &'static str,
        expected: &'static str,
    ) -> Result<Option<T>, NodeError> {
        self.query(name).map(|text| read_number(name, text, expected)).transpose()
    }

    /// A query that is on or off.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, NodeError> {
        match self.query(name) {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(NodeError::malformed(name, other, "true or false")),
        }
    }

    /// The body.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<T, NodeError> {
        serde_json::from_slice(&self.body).map_err(|error| NodeError::Body(error.to_string()))
    }
}

/// A number in a text.
pub(super) fn read_number<T: std::str::FromStr>(
    what: &'static str,
    text: &str,
    expected: &'static str,
) -> Result<T, NodeError> {
    text.parse().map_err(|_| NodeError::malformed(what, text, expected))
}

/// Bytes in hex.
pub(super) fn read_hex(what: &'static str, text: &str) -> Result<Vec<u8>, NodeError> {
    hex::decode(text).map_err(|_| NodeError::malformed(what, text, "hex"))
}
