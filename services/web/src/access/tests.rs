//! Which hosts and origins are let in, and which texts are origins.

use axum::body::Body;

use super::*;

/// The status that a request of HTTP/1.1 with these headers gets.
fn status(access: &Access, target: &str, headers: &[(&str, &str)]) -> u16 {
    let mut request = Request::builder().uri(target).version(Version::HTTP_11);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let checked = access.check(&request.body(Body::empty()).unwrap());
    checked.map_or_else(|refusal| refusal.status().as_u16(), |()| 200)
}

#[test]
fn hosts() {
    let (closed, open) = (Access::default(), Access { any_host: true, ..Access::default() });
    for (target, hosts, expected) in [
        ("/", &["localhost"][..], 200),
        ("/", &["localhost:8932"], 200),
        ("/", &["127.0.0.1:8932"], 200),
        ("/", &["[::1]:8932"], 200),
        ("/", &["rebound.example"], 403),
        ("/", &["localhost.rebound.example"], 403),
        ("/", &["localhost", "localhost"], 403),
        ("/", &[], 403),
        ("http://localhost:8932/", &["localhost:8932"], 200),
        ("http://rebound.example/", &["localhost:8932"], 403),
        ("http://localhost:8932/", &["rebound.example"], 403),
    ] {
        let headers: Vec<(&str, &str)> = hosts.iter().map(|host| ("host", *host)).collect();
        assert_eq!(status(&closed, target, &headers), expected, "{target} {hosts:?}");
        let expected = if hosts.len() == 1 { 200 } else { 403 };
        assert_eq!(status(&open, target, &headers), expected, "{target} {hosts:?}");
    }
}

#[test]
fn pages_of_other_origins() {
    let access = |origins: &[&str]| {
        let origins = origins.iter().map(|&origin| origin.to_owned()).collect();
        Access { cors: Cors::new(origins, Vec::new()).unwrap(), ..Access::default() }
    };
    let (closed, one, any) = (access(&[]), access(&["http://a.example"]), access(&["*"]));
    let all = |headers: &[(&str, &str)]| {
        let headers = [&[("host", "localhost:8932")], headers].concat();
        [&closed, &one, &any].map(|access| status(access, "/", &headers))
    };
    for (headers, expected) in [
        (&[("origin", "http://localhost:8932")][..], [200, 200, 200]),
        (&[("origin", "https://LOCALHOST:8932")], [200, 200, 200]),
        (&[("origin", "http://localhost:3000")], [403, 403, 200]),
        (&[("origin", "http://localhost")], [403, 403, 200]),
        (&[("origin", "http://localhost:8932.evil.example")], [403, 403, 200]),
        (&[("origin", "null")], [403, 403, 200]),
        (&[("origin", "")], [403, 403, 200]),
        (&[("origin", "http://a.example")], [403, 200, 200]),
        (&[("origin", "http://a.example"), ("sec-fetch-site", "cross-site")], [403, 200, 200]),
        (&[("origin", "http://a.example"), ("origin", "http://b.example")], [403, 403, 200]),
        (&[("origin", "http://b.example"), ("sec-fetch-site", "cross-site")], [403, 403, 200]),
        (&[("sec-fetch-site", "none")], [200, 200, 200]),
        (&[("sec-fetch-site", "same-origin")], [200, 200, 200]),
        (&[("sec-fetch-site", "same-site")], [403, 403, 200]),
        // What a page loads without asking has no origin.
        (&[("sec-fetch-site", "CROSS-SITE")], [403, 403, 200]),
    ] {
        assert_eq!(all(headers), expected, "{headers:?}");
    }
}

#[test]
fn what_is_an_origin_and_what_is_a_header() {
    let origin = |text: &str| Cors::new(vec![text.to_owned()], Vec::new()).map(|_| ());
    for good in ["*", "http://localhost:3000", "https://app.example", "http://[::1]:80"] {
        assert_eq!(origin(good), Ok(()), "{good}");
    }
    for wrong in ["", "localhost", "http://", "http://a.example/", "http://a.example/x", "a b"] {
        assert_eq!(origin(wrong), Err(CorsError::Origin(wrong.to_owned())));
    }
    let header = |text: &str| Cors::new(Vec::new(), vec![text.to_owned()]).map(|_| ());
    assert_eq!((header("content-type"), header("*")), (Ok(()), Ok(())));
    assert_eq!(header("no header"), Err(CorsError::Header("no header".to_owned())));
}
