//! What is served where: the paths and shapes of Octez's rollup node, and the sandbox's own.

mod batcher;
mod block;
mod config;
mod dev;
mod durable;
mod global;
mod layer1;
mod openapi;
mod outbox;
mod schemas;
mod simulate;
mod status;
mod table;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::desk::Desk;
use crate::error::NodeError;
use crate::http::{Answer, Request};
use crate::watchers::Told;
use table::{DEV, ENDPOINTS, Endpoint};

/// What comes back.
pub(crate) enum Reply {
    /// An answer.
    Answer(Answer),
    /// Values, as long as they come.
    Stream(Told),
}

/// What an endpoint serves.
enum Served {
    Value(Value),
    Stream(Told),
}

impl From<Value> for Served {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// Whether a request sends messages, which can get to the disk together with those of others.
pub(crate) fn stages(request: &Request) -> bool {
    request.method == "POST"
        && matches!(trimmed(&request.path), "/local/batcher/injection" | "/dev/deposit")
}

/// Whether a request changes anything but what it sends.
pub(crate) fn changes_more(request: &Request) -> bool {
    request.method == "POST" && request.path.starts_with("/dev/") && !stages(request)
}

fn trimmed(path: &str) -> &str {
    path.trim_end_matches('/')
}

/// Answers a request.
pub(crate) fn answer(desk: &mut Desk<'_>, request: &Request) -> Reply {
    match route(desk, request) {
        Ok(Served::Value(body)) => Reply::Answer(Answer { status: 200, body }),
        Ok(Served::Stream(told)) => Reply::Stream(told),
        Err(error) => Reply::Answer(self::error(&error)),
    }
}

/// An error as it is answered.
pub(crate) fn error(error: &NodeError) -> Answer {
    Answer::error(error.status(), error.word(), &error.to_string())
}

fn route(desk: &mut Desk<'_>, request: &Request) -> Result<Served, NodeError> {
    let dev = if desk.options.dev { DEV.as_slice() } else { &[] };
    let found = ENDPOINTS
        .iter()
        .chain(dev)
        .find_map(|endpoint| Some((endpoint, parameters(endpoint.path, trimmed(&request.path))?)));
    let nothing = || NodeError::NoEndpoint(request.path.chars().take(200).collect());
    let (endpoint, parameters) = found.ok_or_else(nothing)?;
    check(endpoint, request)?;
    (endpoint.serve)(desk, &Asked { request, parameters })
}

/// The parameters of a path, if it is one of these.
fn parameters<'a>(template: &str, path: &'a str) -> Option<Vec<&'a str>> {
    let mut found = Vec::new();
    let mut steps = path.split('/');
    for expected in template.split('/') {
        let step = steps.next()?;
        if expected.starts_with('{') {
            found.push(step);
        } else if expected != step {
            return None;
        }
    }
    steps.next().is_none().then_some(found)
}

/// Refuses other methods and queries than the endpoint has.
fn check(endpoint: &Endpoint, request: &Request) -> Result<(), NodeError> {
    let allowed = endpoint.method();
    if request.method != allowed {
        return Err(NodeError::Method { path: request.path.chars().take(200).collect(), allowed });
    }
    let known = |name: &str| endpoint.queries.iter().any(|query| query.name == name);
    match request.query.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(NodeError::Query(name.chars().take(80).collect())),
        None => Ok(()),
    }
}

/// A request to an endpoint.
struct Asked<'a> {
    request: &'a Request,
    /// What the path has in its braces, in order.
    parameters: Vec<&'a str>,
}

impl Asked<'_> {
    /// A parameter of the path.
    fn parameter(&self, place: usize) -> &str {
        self.parameters.get(place).copied().unwrap_or_default()
    }

    /// A parameter of the path that is a level.
    fn level(&self, place: usize) -> Result<i32, NodeError> {
        number("level", self.parameter(place), "a level")
    }

    /// The value of a query.
    fn query(&self, name: &str) -> Option<&str> {
        let queries = &self.request.query;
        queries.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// A query that is on or off.
    fn flag(&self, name: &'static str) -> Result<bool, NodeError> {
        match self.query(name) {
            None | Some("false") => Ok(false),
            Some("" | "true") => Ok(true),
            Some(other) => Err(NodeError::malformed(name, other, "true or false")),
        }
    }

    /// The body.
    fn body<T: DeserializeOwned>(&self) -> Result<T, NodeError> {
        serde_json::from_slice(&self.request.body)
            .map_err(|error| NodeError::Body(error.to_string()))
    }
}

/// A number in a text.
fn number<T: std::str::FromStr>(
    what: &'static str,
    text: &str,
    expected: &'static str,
) -> Result<T, NodeError> {
    text.parse().map_err(|_| NodeError::malformed(what, text, expected))
}

/// Bytes in hex.
fn bytes(what: &'static str, text: &str) -> Result<Vec<u8>, NodeError> {
    hex::decode(text).map_err(|_| NodeError::malformed(what, text, "hex"))
}

/// Lists of bytes in hex.
fn all_bytes(what: &'static str, texts: &[String]) -> Result<Vec<Vec<u8>>, NodeError> {
    texts.iter().map(|text| bytes(what, text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_their_parameters() {
        let found = |path| parameters("/a/{x}/b/{y}", path);
        assert_eq!(found("/a/1/b/2"), Some(vec!["1", "2"]));
        for other in ["", "/", "/a", "/a/1/b", "/a/1/b/2/3", "/b/1/b/2", "a/1/b/2"] {
            assert_eq!(found(other), None, "{other}");
        }
    }
}
