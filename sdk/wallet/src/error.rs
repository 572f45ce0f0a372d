//! What can go wrong between a client and the rollup, by where it goes wrong.

mod file;

use encoding::{Level, RollupAddress, TicketIndex};
use host::HostError;
use layer1::address::AddressError;
use layer1::plain::{grouped, quoted};

use crate::limits::MAX_WORDS_BYTES;

pub use file::FileError;
pub(crate) use file::{FileKind, rollup};

/// Why a node has not told what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RpcError {
    /// Not an address that can be called.
    #[error("{} is no endpoint (expected http://HOST:PORT)", quoted(.0))]
    Endpoint(String),
    /// Nobody is there, or the connection broke.
    #[error("no answer from {endpoint}: {}", reason(source))]
    Connection {
        /// Who was called.
        endpoint: String,
        /// Why.
        source: Box<ureq::Error>,
    },
    /// The node says no.
    #[error("the node at {endpoint} refuses {path}: {} (HTTP {status})", or_none(words))]
    Refused {
        /// Who was asked.
        endpoint: String,
        /// What was asked.
        path: String,
        /// The status of HTTP.
        status: u16,
        /// What the node says, on one line. Empty if that is nothing, or a page for a browser.
        words: String,
    },
    /// The answer is not that of a rollup node.
    #[error("{endpoint}{path}: not an answer of a rollup node: {problem}")]
    Shape {
        /// Who was asked.
        endpoint: String,
        /// What was asked.
        path: String,
        /// What is wrong with the answer.
        problem: String,
    },
}

/// Why the rollup's state is not known.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The node does not tell.
    #[error(transparent)]
    Rpc(#[from] RpcError),
    /// The rollup runs another kernel, or a version with another layout.
    #[error("{rollup} has no state of this kernel at level {level}")]
    NotOurs {
        /// Which rollup.
        rollup: RollupAddress,
        /// At which level.
        level: Level,
    },
    /// What is stored is not what the layout says.
    #[error("the rollup's state is not of this kernel's layout: {0}")]
    Layout(HostError),
}

/// Why it is not known which ticket is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// The rollup has no such ticket.
    #[error("the rollup has no ticket {}", quoted(.0))]
    Unknown(String),
    /// A name that looks like a pinned one means nothing, whatever contents say.
    #[error("no ticket is pinned as {}: {} is", quoted(wanted), quoted(pinned))]
    LooksLike {
        /// What was asked for.
        wanted: String,
        /// The pinned name.
        pinned: String,
    },
    /// No such ticket is among those that are looked through for a name.
    #[error("no ticket {} among the first {looked} of the rollup's {of}", quoted(wanted))]
    NotAmongFirst {
        /// What was asked for.
        wanted: String,
        /// How many were looked at.
        looked: u32,
        /// How many the rollup knows.
        of: u32,
    },
    /// Its ticketer is no contract: perhaps it is mistyped.
    #[error("the ticketer {} {problem}", quoted(text))]
    Ticketer {
        /// What was given.
        text: String,
        /// What is wrong with it.
        problem: AddressError,
    },
    /// There are several.
    #[error("several tickets are {}: {}", quoted(wanted), listed(indexes))]
    Several {
        /// What was asked for.
        wanted: String,
        /// Their indexes in the registry.
        indexes: Vec<TicketIndex>,
    },
}

fn listed(indexes: &[TicketIndex]) -> String {
    /// Tickets that are told: anybody can make others without end.
    const SHOWN: usize = 10;
    let shown: Vec<String> = indexes.iter().take(SHOWN).map(|index| format!("#{index}")).collect();
    match indexes.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        None => shown.join(", "),
        Some(more) => format!("{} and {more} more", shown.join(", ")),
    }
}

impl RpcError {
    /// Whether nobody listens there: perhaps not yet.
    #[must_use]
    pub fn is_refused_connection(&self) -> bool {
        let RpcError::Connection { source, .. } = self else { return false };
        matches!(&**source, ureq::Error::Io(error)
            if error.kind() == std::io::ErrorKind::ConnectionRefused)
    }

    /// A refusal, in the node's words: ours has a message, Octez's is a list of errors.
    pub(crate) fn refused(endpoint: &str, path: &str, status: u16, body: &[u8]) -> Self {
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let words = match &json {
            Some(serde_json::Value::Array(errors)) => {
                let said = |error: &serde_json::Value| {
                    let said = error["msg"].as_str().or(error["id"].as_str());
                    said.map(str::to_owned)
                };
                errors.iter().filter_map(said).collect::<Vec<_>>().join("; ")
            }
            Some(object) => object["message"].as_str().unwrap_or_default().to_owned(),
            None if body.starts_with(b"<") => String::new(),
            None => String::from_utf8_lossy(body).into_owned(),
        };
        let (endpoint, path) = (endpoint.to_owned(), path.to_owned());
        RpcError::Refused { endpoint, path, status, words: one_line(&words) }
    }
}

pub(crate) fn or_none(words: &str) -> &str {
    if words.is_empty() { "without a word" } else { words }
}

/// Why there is no answer, without the library's own words around the system's.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => io_words(error),
        ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
        other => other.to_string(),
    }
}

/// The system's reason without Rust's "(os error 2)".
pub(crate) fn io_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}

/// What others wrote, fit to be shown: on one line, nothing in it unseen, not too long.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown = layer1::plain::one_line(&words);
    if shown.len() > MAX_WORDS_BYTES {
        let end = (0..=MAX_WORDS_BYTES).rev().find(|at| shown.is_char_boundary(*at));
        shown.truncate(end.unwrap_or(0));
        shown.push('…');
    }
    shown
}

/// Why transactions cannot be put into messages.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Somebody has not signed.
    #[error("transaction {number}: {account} has not signed it")]
    NotSigned {
        /// Which transaction, from 0.
        number: usize,
        /// Who.
        account: encoding::Tz4Address,
    },
    /// It is for another rollup.
    #[error("transaction {number} is for {found}, not for {expected}")]
    OtherRollup {
        /// Which transaction, from 0.
        number: usize,
        /// The rollup it is for.
        found: RollupAddress,
        /// The one it is to be sent to.
        expected: RollupAddress,
    },
    /// It does not fit a message.
    #[error(
        "transaction {number} makes a message of {} bytes, and 4,096 are the most",
        grouped(bytes)
    )]
    TooLong {
        /// Which transaction, from 0.
        number: usize,
        /// How long the message would be.
        bytes: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nodes_words_in_all_their_shapes() {
        for (body, expected) in [
            (&br#"{"error": "busy", "message": "come\nback"}"#[..], "come back"),
            (
                br#"[{"kind":"permanent","id":"node.unknown_block","msg":"no \u001b[2J"}, {"id":"b"}]"#,
                "no \\u{1b}[2J; b",
            ),
            (b"Not\n found", "Not found"),
            (b"<h1>Not\n found</h1>", "without a word"),
            (b"", "without a word"),
            (b"{}", "without a word"),
        ] {
            let refused = RpcError::refused("http://n:1", "/x", 500, body).to_string();
            assert_eq!(refused, format!("the node at http://n:1 refuses /x: {expected} (HTTP 500)"));
        }
        let long =
            RpcError::refused("http://n:1", "/x", 500, "é".repeat(2_000).as_bytes()).to_string();
        assert!(long.len() < MAX_WORDS_BYTES + 100 && long.contains('…'));
    }
}
