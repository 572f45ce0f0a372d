//! Requests and answers over a connection, within limits of size and time.

mod connection;
mod head;

use std::io;

use serde_json::{Value, json};

pub(crate) use connection::Connection;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST`, …
    pub method: String,
    /// What is before the query.
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it is of HTTP/1.1, and not older.
    pub of_today: bool,
    /// Whether the client wants to ask more over the same connection.
    pub keep: bool,
}

/// An answer: a status and JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status of HTTP.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Answer {
    /// An error in the form that all have, which is Octez's: a list of errors, here of one. Asked again as it
    /// is, a request whose error is temporary may be answered.
    #[must_use]
    pub fn error(status: u16, word: &str, message: &str) -> Self {
        let kind = if matches!(status, 408 | 409 | 500..) { "temporary" } else { "permanent" };
        let error = json!({"kind": kind, "id": format!("sandbox.{word}"), "msg": message});
        Self { status, body: json!([error]) }
    }
}

/// Why there is no request.
pub(crate) enum NoRequest {
    /// It is refused.
    Refused(Answer),
    /// The client has gone, or never said anything.
    Gone,
}

impl From<io::Error> for NoRequest {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                refused(408, "too_slow", "the request did not arrive in time")
            }
            _ => Self::Gone,
        }
    }
}

fn refused(status: u16, word: &str, message: &str) -> NoRequest {
    NoRequest::Refused(Answer::error(status, word, message))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        503 => "Service Unavailable",
        _ => "Internal Server Error",
    }
}
