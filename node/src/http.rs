//! One request and one answer over a connection, within limits of size and time. Every connection
//! ends after its answer.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Shutdown, TcpStream};
use std::time::Instant;

use serde_json::{Value, json};

use crate::limits::{
    ANSWER_TIME, BODY_TIME, HEAD_TIME, LINGER_TIME, MAX_BODY_BYTES, MAX_HEAD_BYTES, MAX_HEADERS,
};

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
    /// An error in the form that all have.
    #[must_use]
    pub fn error(status: u16, word: &str, message: &str) -> Self {
        Self { status, body: json!({"error": word, "message": message}) }
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

/// Reads a request.
pub(crate) fn read(stream: &mut TcpStream, any_host: bool) -> Result<Request, NoRequest> {
    let deadline = Instant::now() + HEAD_TIME;
    let mut bytes = Vec::new();
    let head_len = loop {
        let seen = bytes.len();
        if read_some(stream, &mut bytes, MAX_HEAD_BYTES, deadline)? == 0 {
            return Err(NoRequest::Gone);
        }
        // The end may lie across two reads.
        let from = seen.saturating_sub(3);
        let end = bytes[from..].windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(at) = end {
            break from + at + 4;
        }
        if bytes.len() >= MAX_HEAD_BYTES {
            return Err(refused(431, "too_much", "the head is longer than 16 KiB"));
        }
    };
    let mut body = bytes.split_off(head_len);
    let head = Head::parse(&bytes, any_host)?;
    let deadline = Instant::now() + BODY_TIME;
    if head.expects_continue && body.len() < head.body_len {
        write_until(stream, b"HTTP/1.1 100 Continue\r\n\r\n", deadline)?;
    }
    while body.len() < head.body_len {
        if read_some(stream, &mut body, head.body_len, deadline)? == 0 {
            return Err(NoRequest::Gone);
        }
    }
    body.truncate(head.body_len);
    Ok(Request { body, ..head.request })
}

/// What the head of a request says.
struct Head {
    request: Request,
    body_len: usize,
    expects_continue: bool,
}

impl Head {
    fn parse(bytes: &[u8], any_host: bool) -> Result<Self, NoRequest> {
        let bad = |message: &str| refused(400, "malformed", message);
        let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
        let mut parsed = httparse::Request::new(&mut headers);
        match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(bad("not a request of HTTP/1.1")),
            Err(httparse::Error::TooManyHeaders) => {
                return Err(refused(431, "too_much", "more than 64 headers"));
            }
            Err(_) => return Err(bad("not a request of HTTP/1.1")),
        }
        let method = parsed.method.unwrap_or_default().to_owned();
        let target = parsed.path.unwrap_or_default();
        let all = |name: &'static str| {
            let named = |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
            parsed.headers.iter().filter(named).map(|header| header.value)
        };
        let hosts: Vec<&[u8]> = all("host").collect();
        let good_host = match hosts.as_slice() {
            [host] => any_host || is_local_name(host),
            [] => parsed.version == Some(0),
            _ => false,
        };
        if !good_host {
            return Err(refused(
                403,
                "host",
                "the Host header must be localhost or an address, so that no web page gets here",
            ));
        }
        if all("transfer-encoding").next().is_some() {
            return Err(refused(411, "malformed", "a body needs a Content-Length"));
        }
        let lengths: Vec<&[u8]> = all("content-length").collect();
        let body_len = match lengths.as_slice() {
            [] => 0,
            [one] => content_length(one).ok_or_else(|| bad("Content-Length is no number"))?,
            _ => return Err(bad("more than one Content-Length")),
        };
        let body_len = usize::try_from(body_len)
            .ok()
            .filter(|len| *len <= MAX_BODY_BYTES)
            .ok_or_else(|| refused(413, "too_much", "the body is longer than 1 MiB"))?;
        // A web page can send other types anywhere, but JSON only to who allows it.
        if method == "POST" && !all("content-type").any(is_json) {
            return Err(refused(415, "content_type", "the body has to be application/json"));
        }
        let expects_continue =
            all("expect").any(|value| value.eq_ignore_ascii_case(b"100-continue"));
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = parse_query(query).ok_or_else(|| bad("the query is no text"))?;
        let request = Request { method, path: path.to_owned(), query, body: Vec::new() };
        Ok(Self { request, body_len, expects_continue })
    }
}

/// A name that no resolver of an attacker can point here.
fn is_local_name(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else { return false };
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok()
}

fn content_length(value: &[u8]) -> Option<u64> {
    let digits = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    // More digits than a number has are a number all the same, and too large.
    digits.then(|| std::str::from_utf8(value).ok()?.parse().ok().or(Some(u64::MAX))).flatten()
}

fn is_json(value: &[u8]) -> bool {
    let kind = value.split(|byte| *byte == b';').next().unwrap_or_default();
    kind.trim_ascii().eq_ignore_ascii_case(b"application/json")
}

fn parse_query(query: &str) -> Option<Vec<(String, String)>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((percent_decoded(name)?, percent_decoded(value)?))
    };
    parts.map(pair).collect()
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first == b'%' {
            let (digits, after) = rest.split_first_chunk::<2>()?;
            bytes.extend(hex::decode(digits).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
        }
    }
    String::from_utf8(bytes).ok()
}

/// Reads what there is, up to `most` bytes in all.
fn read_some(
    stream: &mut TcpStream,
    bytes: &mut Vec<u8>,
    most: usize,
    deadline: Instant,
) -> io::Result<usize> {
    const CHUNK: usize = 4_096;
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    stream.set_read_timeout(Some(left))?;
    let mut chunk = [0; CHUNK];
    let room = most.saturating_sub(bytes.len()).min(CHUNK);
    let count = stream.read(&mut chunk[..room])?;
    bytes.extend_from_slice(&chunk[..count]);
    Ok(count)
}

fn write_until(stream: &mut TcpStream, mut bytes: &[u8], deadline: Instant) -> io::Result<()> {
    while !bytes.is_empty() {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_write_timeout(Some(left))?;
        match stream.write(bytes)? {
            0 => return Err(io::ErrorKind::WriteZero.into()),
            count => bytes = &bytes[count..],
        }
    }
    Ok(())
}

/// Writes an answer and ends the connection. What the client still sends is read for a moment, as
/// the system would take the answer back from a client that has not been listened to.
pub(crate) fn finish(stream: &mut TcpStream, answer: &Answer) {
    let body = format!("{}\n", answer.body);
    let head = format!(
        "HTTP/1.1 {} {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n",
        answer.status,
        reason(answer.status),
        body.len(),
    );
    let deadline = Instant::now() + ANSWER_TIME;
    let written = write_until(stream, head.as_bytes(), deadline)
        .and_then(|()| write_until(stream, body.as_bytes(), deadline))
        .and_then(|()| stream.shutdown(Shutdown::Write));
    if written.is_err() {
        // The client has gone.
        return;
    }
    let deadline = Instant::now() + LINGER_TIME;
    let mut dropped = Vec::new();
    while matches!(read_some(stream, &mut dropped, MAX_BODY_BYTES, deadline), Ok(count) if count > 0)
    {
        dropped.clear();
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> u16 {
        match Head::parse(head.as_bytes(), false) {
            Ok(_) => 200,
            Err(NoRequest::Refused(answer)) => answer.status,
            Err(NoRequest::Gone) => 0,
        }
    }

    #[test]
    fn heads() {
        for (rest, expected) in [
            ("Host: localhost\r\n", 200),
            ("Host: localhost:8932\r\n", 200),
            ("Host: 127.0.0.1:8932\r\n", 200),
            ("Host: [::1]:8932\r\n", 200),
            ("Host: rebound.example\r\n", 403),
            ("Host: localhost.rebound.example\r\n", 403),
            ("Host: localhost\r\nHost: localhost\r\n", 403),
            ("", 403),
            ("Host: localhost\r\nContent-Length: x\r\n", 400),
            ("Host: localhost\r\nContent-Length: -1\r\n", 400),
            ("Host: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n", 400),
            ("Host: localhost\r\nContent-Length: 1048577\r\n", 413),
            ("Host: localhost\r\nContent-Length: 99999999999999999999999\r\n", 413),
            ("Host: localhost\r\nTransfer-Encoding: chunked\r\n", 411),
            ("Host: localhost\r\nno header\r\n", 400),
        ] {
            assert_eq!(status(&format!("GET / HTTP/1.1\r\n{rest}\r\n")), expected, "{rest}");
        }
        let post =
            |kind: &str| status(&format!("POST / HTTP/1.1\r\nHost: localhost\r\n{kind}\r\n"));
        assert_eq!(post(""), 415);
        assert_eq!(post("Content-Type: text/plain\r\n"), 415);
        assert_eq!(post("Content-Type: application/json; charset=utf-8\r\n"), 200);
        let many = "A: b\r\n".repeat(MAX_HEADERS + 1);
        assert_eq!(status(&format!("GET / HTTP/1.1\r\n{many}\r\n")), 431);
    }

    #[test]
    fn queries() {
        let decoded = |text| parse_query(text);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(decoded("key=%2Fa/b&x"), Some(vec![pair("key", "/a/b"), pair("x", "")]));
        assert_eq!(decoded(""), Some(vec![]));
        for wrong in ["key=%2", "key=%zz", "key=%ff"] {
            assert_eq!(decoded(wrong), None);
        }
    }
}
