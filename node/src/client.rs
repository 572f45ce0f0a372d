//! A client for the sandbox: one request, one answer, no more of HTTP than our server speaks.

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use serde_json::Value;
use thiserror::Error;

use crate::http::Answer;
use crate::limits::{CLIENT_TIME, MAX_CLIENT_ANSWER_BYTES, MAX_HEADERS};

/// How long to wait for a connection.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Why there is no answer.
#[derive(Debug, Error)]
pub enum ClientError {
    /// Not an address that can be called.
    #[error("{0:?} is no endpoint (expected http://HOST:PORT)")]
    Endpoint(String),
    /// Nobody is there, or the connection broke.
    #[error("no answer from {endpoint}: {source}")]
    Connection {
        /// Who was called.
        endpoint: String,
        /// Why.
        source: io::Error,
    },
    /// What came back is no answer of a rollup node.
    #[error("{0} does not answer as a rollup node")]
    NotANode(String),
}

/// Sends a request, with a body of JSON if it is to have one.
///
/// # Errors
/// When there is no answer. One that says no is an answer.
pub fn call(
    endpoint: &str,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Answer, ClientError> {
    let host = endpoint.strip_prefix("http://").unwrap_or(endpoint).trim_end_matches('/');
    let bad = || ClientError::Endpoint(endpoint.to_owned());
    let good = |c: char| c.is_ascii_alphanumeric() || ".-:[]".contains(c);
    if !host.chars().all(good) {
        return Err(bad());
    }
    let address = host.to_socket_addrs().map_err(|_| bad())?.next().ok_or_else(bad)?;
    let failed = |source| ClientError::Connection { endpoint: host.to_owned(), source };
    let mut stream = TcpStream::connect_timeout(&address, CONNECT_TIME).map_err(failed)?;
    stream.set_read_timeout(Some(CLIENT_TIME)).map_err(failed)?;
    stream.set_write_timeout(Some(CLIENT_TIME)).map_err(failed)?;
    let body = body.map(Value::to_string).unwrap_or_default();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).map_err(failed)?;
    let most = u64::try_from(MAX_CLIENT_ANSWER_BYTES).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    stream.take(most).read_to_end(&mut bytes).map_err(failed)?;
    parse(&bytes).ok_or_else(|| ClientError::NotANode(host.to_owned()))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(bytes).ok()? else { return None };
    let body = bytes.get(head..)?;
    let length = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))?;
    // An answer that was cut off is none.
    let length: usize = std::str::from_utf8(length.value).ok()?.parse().ok()?;
    let body = if length == 0 { b"null" } else { body.get(..length)? };
    Some(Answer { status: response.code?, body: serde_json::from_slice(body).ok()? })
}
