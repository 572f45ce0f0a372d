//! The batcher's interface against its own document, and every error that HTTP itself brings.

use crate::common::Folder;
use crate::common::batcher::{Batcher, dev, payment, submit};
use crate::common::events::Events;
use crate::common::http::call;
use crate::common::raw::{asked, header, raw, status};
use crate::common::sandbox::Sandbox;
use crate::common::schema::misfit;
use crate::common::wait::{found, until};
use batcher::http::limits::{BODY_BYTES, HEAD_BYTES, REQUESTS, STREAMS_PER_ADDRESS, TRANSACTIONS};
use batcher_api::Code;
use batcher_api::limits::{ACCOUNTS_PER_STREAM, TRANSACTIONS_PER_REQUEST};
use serde_json::{Value, json};

/// Requests that are sent at once: more than one address may make, even if they take a second.
const PIPELINED: usize = 4 * REQUESTS.burst as usize;

/// The statuses of many requests in one connection. They are sent before the first is answered, so that they come
/// faster than any limit of a second allows.
fn statuses(endpoint: &str, headers: &str) -> Vec<String> {
    let one = format!("HEAD /v1/quote HTTP/1.1\r\nHost: localhost\r\n{headers}Connection: ");
    let kept = format!("{one}keep-alive\r\n\r\n");
    let all = kept.repeat(PIPELINED - 1) + &format!("{one}close\r\n\r\n");
    let answers = raw(endpoint, &all);
    let statuses = answers.lines().filter_map(|line| line.strip_prefix("HTTP/1.1 "));
    statuses.map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
}

/// The status and the code of an error, in our form.
fn code(answer: &str) -> (String, String) {
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("{answer}"));
    assert!(body["error"]["message"].is_string() && body["error"]["values"].is_object(), "{body}");
    (status(answer).to_owned(), body["error"]["code"].as_str().unwrap().to_owned())
}

fn is(answer: &str, expected: Code) {
    assert_eq!(
        code(answer),
        (expected.status().to_string(), expected.name().to_owned()),
        "{answer}"
    );
}

fn shape<'a>(operation: &'a Value, status: &str, media_type: &str) -> &'a Value {
    let content = &operation["responses"][status]["content"];
    &content[media_type]["schema"]
}

/// Everything that a document tells of is served in the shape that is said.
fn is_as_documented(endpoint: &str, parameters: &[(&str, String)], transaction: &Value) {
    let document = call(endpoint, "GET", "/openapi.json", None).unwrap().body;
    let mut answers = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let (method, operation) = methods.as_object().unwrap().iter().next().unwrap();
        let mut real = path.clone();
        for (name, value) in parameters {
            real = real.replace(name, value);
        }
        let other = if method == "get" { "POST" } else { "GET" };
        let answer = call(endpoint, other, &real, Some(&json!({}))).unwrap();
        assert_eq!(answer.status, 405, "{path}: {answer:?}");
        let refusal = shape(operation, "default", "application/json");
        assert_eq!(misfit(&document, refusal, &answer.body), None, "{path}");
        let answer =
            call(endpoint, &method.to_uppercase(), &format!("{real}?nothing=1"), Some(&json!({})))
                .unwrap();
        assert_eq!(
            (answer.status, &answer.body["error"]["code"]),
            (400, &json!("MALFORMED")),
            "{path}"
        );
        let schema = |media_type| shape(operation, "200", media_type);
        match path.as_str() {
            "/metrics" => {
                assert!(schema("text/plain").is_object());
                continue;
            }
            "/v1/events" => {
                let account = &parameters.iter().find(|(name, _)| *name == "{account}").unwrap().1;
                let stream = Events::open(endpoint, &format!("/v1/events?account={account}"), "");
                let transaction = json!({"transactions": [transaction]});
                call(endpoint, "POST", "/v1/transactions", Some(&transaction)).unwrap();
                let event = stream.find("transaction", |_| true);
                let schema = schema("text/event-stream");
                assert_eq!(misfit(&document, schema, &event.data), None);
                continue;
            }
            _ => {}
        }
        let body = match path.as_str() {
            "/v1/transactions" => Some(json!({"transactions": [transaction, 5]})),
            "/v1/simulate" => {
                let good = json!({"transaction": transaction["transaction"]});
                Some(json!({"transactions": [good, {"transaction": "00"}]}))
            }
            "/v1/batches/{batch}/signatures" => {
                let account = dev(1);
                Some(json!({"signatures": [{"account": account, "signature": "00"}]}))
            }
            _ => None,
        };
        assert_eq!(body.is_some(), method == "post", "{path}");
        if let Some(body) = &body {
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            let fits = if path == "/v1/transactions" {
                json!({"transactions": [transaction]})
            } else {
                body.clone()
            };
            assert_eq!(misfit(&document, schema, &fits), None, "{path}");
        }
        let answer = call(endpoint, &method.to_uppercase(), &real, body.as_ref()).unwrap();
        // A batch that is over takes no signatures.
        let is_over = path.ends_with("/signatures") && answer.status == 409;
        let expected = if is_over { refusal } else { schema("application/json") };
        assert!(answer.status == 200 || is_over, "{path}: {answer:?}");
        assert_eq!(misfit(&document, expected, &answer.body), None, "{path}");
        answers += 1;
    }
    assert!(answers >= 8, "{answers}");
}

#[test]
fn all_that_is_documented_is_served_in_the_shape_that_is_said() {
    let folder = Folder::new("batcher-document");
    let sandbox = Sandbox::start(&folder, &[]);
    let user = sandbox.user(&folder);
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &["--max-wait-ms", "0"]);
    let account = dev(0);
    for (number, endpoint) in [&batcher.endpoint, &sandbox.endpoint].into_iter().enumerate() {
        let counter = u64::try_from(number).unwrap() * 2;
        let stream = Events::open(endpoint, &format!("/v1/events?account={account}"), "");
        let first = payment(&user, "dev0", "dev1", counter);
        let hash = first["hash"].as_str().unwrap().to_owned();
        let result = submit(endpoint, &[first]);
        assert!(result[0]["error"].is_null(), "{result:?}");
        let sealed = stream.stage(&hash, "sealed");
        let batch = sealed.data["batch"].as_str().unwrap().to_owned();
        let parameters = [("{hash}", hash), ("{batch}", batch), ("{account}", account.clone())];
        let second = payment(&user, "dev0", "dev1", counter + 1);
        is_as_documented(endpoint, &parameters, &second);
        let hash = second["hash"].as_str().unwrap().to_owned();
        until("both are sent", || {
            call(endpoint, "GET", &format!("/v1/transactions/{hash}"), None).unwrap().body["stage"]
                == "sent"
        });
        sandbox.mine(4);
    }
    let text = asked(&batcher.endpoint, "GET /metrics", "");
    assert_eq!(header(&text, "Content-Type"), Some("text/plain; version=0.0.4"));
    for name in ["accepted_total 2", "http_answers_total{status=\"405\"}", "event_streams "] {
        assert!(text.contains(&format!("\ntoru_batcher_{name}")), "{name}: {text}");
    }
}

#[test]
fn errors_of_http_have_our_form_at_both_places() {
    let folder = Folder::new("batcher-errors");
    let sandbox = Sandbox::start(&folder, &[]);
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &[]);
    let json = "Content-Type: application/json\r\n";
    for endpoint in [&sandbox.endpoint, &batcher.endpoint] {
        let asked = |line: &str, headers: &str| asked(endpoint, line, headers);
        is(&asked("GET /v1/nothing", ""), Code::UnknownPath);
        for (line, allowed) in [
            ("POST /v1/quote", "GET, HEAD"),
            ("DELETE /v1/transactions", "POST"),
            ("GET /v1/simulate", "POST"),
            ("PUT /openapi.json", "GET, HEAD"),
        ] {
            let answer = asked(line, "");
            is(&answer, Code::MethodNotAllowed);
            assert_eq!(header(&answer, "Allow"), Some(allowed), "{line}");
        }
        is(&asked("GET /v1/transactions/00", ""), Code::Malformed);
        is(&asked("GET /v1/transactions/%ff", ""), Code::Malformed);
        is(
            &asked(&format!("GET /v1/transactions/{}", "00".repeat(32)), ""),
            Code::UnknownTransaction,
        );
        is(&asked(&format!("GET /v1/batches/{}", "00".repeat(32)), ""), Code::UnknownBatch);
        is(&asked("GET /v1/accounts/tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", ""), Code::Malformed);
        is(&asked("GET /v1/quote?since=1", ""), Code::Malformed);
        for query in [
            "account=x",
            "cosign=true",
            "cosign=perhaps",
            "since=x",
            "since=1&since=2",
            "since=-1",
            "Last-Event-ID=1",
        ] {
            is(&asked(&format!("GET /v1/events?{query}"), ""), Code::Malformed);
        }
        is(&asked("GET /v1/events", "Last-Event-ID: x\r\n"), Code::Malformed);
        is(&asked("POST /v1/transactions", "Content-Length: 2\r\n"), Code::NotJson);
        let chunked = format!("{json}Transfer-Encoding: chunked\r\n");
        is(&asked("POST /v1/transactions", &chunked), Code::LengthRequired);
        let long = format!("{json}Content-Length: {}\r\n", BODY_BYTES + 1);
        is(&asked("POST /v1/transactions", &long), Code::RequestTooLarge);
        is(&raw(endpoint, "GET /v1/quote HTTP/1.1\r\nHost: evil.example\r\n\r\n"), Code::Forbidden);
        is(&asked("GET /v1/quote", "Origin: http://evil.example\r\n"), Code::Forbidden);

        let many = vec![json!({"transaction": "00"}); TRANSACTIONS_PER_REQUEST + 1];
        let answer = call(endpoint, "POST", "/v1/simulate", Some(&json!({"transactions": many})));
        let error = &answer.unwrap().body["error"];
        assert_eq!(error["code"], "REQUEST_TOO_LARGE");
        assert_eq!(error["values"], json!({"found": "1001", "limit": "1000"}));
        let account = format!("account={}&", dev(0));
        let most = format!("GET /v1/events?{}since=x", account.repeat(ACCOUNTS_PER_STREAM));
        // It fits: what is wrong is the last of it.
        is(&asked(&most, ""), Code::Malformed);
    }
    // Where the batcher is by itself, what no router sees is told in its form as well.
    let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(HEAD_BYTES));
    is(&raw(&batcher.endpoint, &long), Code::HeadTooLarge);
    is(&raw(&batcher.endpoint, "nonsense\r\n\r\n"), Code::Malformed);
    is(
        &raw(&batcher.endpoint, "GET /health HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
        Code::Forbidden,
    );
}

#[test]
fn pages_of_other_origins_are_let_in_where_they_are_allowed() {
    let folder = Folder::new("batcher-cors");
    let sandbox = Sandbox::start(&folder, &["--cors-origin", "http://app.example"]);
    let options = ["--cors-origin", "http://app.example"];
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &options);
    let page = "Origin: http://app.example\r\n";
    let preflight = format!(
        "{page}Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\n"
    );
    for endpoint in [&sandbox.endpoint, &batcher.endpoint] {
        let allowed =
            |answer: &str| header(answer, "Access-Control-Allow-Origin").map(str::to_owned);
        let origin = Some("http://app.example".to_owned());
        let answer = asked(endpoint, "GET /v1/quote", page);
        assert_eq!((status(&answer), allowed(&answer)), ("200", origin.clone()));
        let answer = asked(endpoint, "OPTIONS /v1/transactions", &preflight);
        assert_eq!((status(&answer), allowed(&answer)), ("200", origin.clone()));
        // What a wallet needs is allowed without being asked for.
        let headers = header(&answer, "Access-Control-Allow-Headers").unwrap();
        assert_eq!(headers, "content-type,last-event-id");
        let stream = Events::open(endpoint, "/v1/events", page);
        assert_eq!((stream.status(), allowed(&stream.head)), ("200", origin.clone()));
        let answer = asked(endpoint, "GET /v1/nothing", page);
        assert_eq!((status(&answer), allowed(&answer)), ("404", origin));
        let answer = asked(endpoint, "GET /v1/quote", "Origin: http://evil.example\r\n");
        assert_eq!((status(&answer), allowed(&answer)), ("403", None));
    }
}

#[test]
fn an_address_has_its_limits_and_others_are_not_hurt() {
    let folder = Folder::new("batcher-limits");
    let sandbox = Sandbox::start(&folder, &[]);
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &["--behind-proxy"]);
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let get = |address: &str| asked(&batcher.endpoint, "GET /v1/quote", &from(address));
    let limited = found("a limit of requests", || {
        statuses(&batcher.endpoint, &from("9.0.0.1")).contains(&"429".to_owned()).then_some(())?;
        Some(get("9.0.0.1")).filter(|answer| status(answer) != "200")
    });
    is(&limited, Code::RateLimited);
    assert!(header(&limited, "Retry-After").unwrap().parse::<u64>().unwrap() >= 1);
    assert_eq!(status(&get("9.0.0.2")), "200");

    // Bursts of transactions are counted one by one.
    let body = json!({"transactions": vec![json!(0); TRANSACTIONS_PER_REQUEST]}).to_string();
    let post = |address: &str| {
        let headers = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n{}",
            body.len(),
            from(address)
        );
        raw(
            &batcher.endpoint,
            &format!(
                "POST /v1/transactions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n{body}"
            ),
        )
    };
    let burst = usize::try_from(TRANSACTIONS.burst).unwrap() / TRANSACTIONS_PER_REQUEST;
    let answers: Vec<String> = (0..burst).map(|_| post("9.0.0.3")).collect();
    assert!(answers.iter().all(|answer| status(answer) == "200"), "{answers:?}");
    let limited = found("a limit of transactions", || {
        Some(post("9.0.0.3")).filter(|answer| status(answer) != "200")
    });
    is(&limited, Code::RateLimited);

    let open = |address: &str| Events::open(&batcher.endpoint, "/v1/events", &from(address));
    let mut streams: Vec<Events> = (0..STREAMS_PER_ADDRESS).map(|_| open("9.0.0.4")).collect();
    assert!(streams.iter().all(|stream| stream.status() == "200"));
    assert_eq!((open("9.0.0.4").status(), open("9.0.0.5").status()), ("429", "200"));
    streams.pop();
    until("a place is given back", || open("9.0.0.4").status() == "200");

    // Who is on this machine is not limited where no proxy is said to be.
    let one = Folder::new("batcher-no-limits");
    let batcher = Batcher::start(&one, &sandbox.endpoint, &[]);
    let all = statuses(&batcher.endpoint, &from("9.0.0.1"));
    assert_eq!(all.len(), PIPELINED);
    assert!(all.iter().all(|status| status == "200"), "{all:?}");
}
