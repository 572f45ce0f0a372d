//! The head of a request: what is malformed, what is refused, and where the body ends.

use std::net::IpAddr;

use super::{NoRequest, Request, refused};
use crate::limits::{MAX_BODY_BYTES, MAX_HEADERS};

/// What the head of a request says.
pub(super) struct Head {
    pub(super) request: Request,
    pub(super) body_len: usize,
    pub(super) expects_continue: bool,
}

impl Head {
    pub(super) fn parse(bytes: &[u8], any_host: bool) -> Result<Self, NoRequest> {
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
        let foreign = |origin: &[u8]| !hosts.iter().any(|host| is_origin_of(origin, host));
        if all("origin").any(foreign) || all("sec-fetch-site").any(is_elsewhere) {
            return Err(refused(
                403,
                "origin",
                "a web page of another origin asks, and no web page gets here",
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
        let of_today = parsed.version == Some(1);
        let keep = of_today && all("connection").any(|value| has_word(value, b"keep-alive"));
        let path = path.to_owned();
        let request = Request { method, path, query, body: Vec::new(), of_today, keep };
        Ok(Self { request, body_len, expects_continue })
    }
}

/// Whether a list of words has one.
fn has_word(value: &[u8], word: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|one| one.trim_ascii().eq_ignore_ascii_case(word))
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

/// Whether a page of this origin is one that this host has served: `http://HOST`, to the port.
fn is_origin_of(origin: &[u8], host: &[u8]) -> bool {
    let own = |scheme: &[u8]| {
        let rest = origin.get(scheme.len()..).unwrap_or_default();
        origin.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
            && !host.is_empty()
            && rest.eq_ignore_ascii_case(host)
    };
    own(b"http://") || own(b"https://")
}

/// Whether a browser says that it asks for a page of elsewhere. It says nothing else of such a page where
/// it loads something into it, as an image or a script.
fn is_elsewhere(site: &[u8]) -> bool {
    !(site.eq_ignore_ascii_case(b"same-origin") || site.eq_ignore_ascii_case(b"none"))
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
            ("Host: localhost:8932\r\nOrigin: http://localhost:8932\r\n", 200),
            ("Host: localhost:8932\r\nOrigin: https://LOCALHOST:8932\r\n", 200),
            ("Host: localhost:8932\r\nOrigin: http://localhost:3000\r\n", 403),
            ("Host: localhost:8932\r\nOrigin: http://localhost\r\n", 403),
            ("Host: localhost:8932\r\nOrigin: http://localhost:8932.evil.example\r\n", 403),
            ("Host: localhost:8932\r\nOrigin: null\r\n", 403),
            ("Host: localhost:8932\r\nOrigin:\r\n", 403),
            (
                "Host: localhost:8932\r\nOrigin: http://localhost:8932\r\nOrigin: http://a.example\r\n",
                403,
            ),
            ("Host: localhost\r\nSec-Fetch-Site: none\r\n", 200),
            ("Host: localhost\r\nSec-Fetch-Site: same-origin\r\n", 200),
            ("Host: localhost\r\nSec-Fetch-Site: same-site\r\n", 403),
            ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\n", 403),
            ("Host: localhost\r\nsec-fetch-site: CROSS-SITE\r\n", 403),
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

    #[test]
    fn connections_are_kept_for_those_who_ask() {
        let keep = |version: &str, header: &str| {
            let head = format!("GET / HTTP/{version}\r\nHost: localhost\r\n{header}\r\n");
            Head::parse(head.as_bytes(), false).is_ok_and(|head| head.request.keep)
        };
        assert!(keep("1.1", "Connection: keep-alive\r\n"));
        assert!(keep("1.1", "Connection: TE, Keep-Alive\r\n"));
        assert!(!keep("1.1", ""));
        assert!(!keep("1.1", "Connection: close\r\n"));
        assert!(!keep("1.0", "Connection: keep-alive\r\n"));
    }
}
