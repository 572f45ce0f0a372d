//! The interface over real connections, of an index that has one of everything.

use std::net::{Ipv4Addr, SocketAddr};

use encoding::{Hash32, TicketHash, Tz4Address};
use serde_json::{Value, json};
use tempfile::TempDir;
use web::{Running, listen};

use super::{HttpOptions, SITE, router};
use crate::api::{Code, ErrorBody, MovesAnswer, Since, StatusAnswer, TransactionAnswer};
use crate::client::{Client, ClientError, Wanted};
use crate::follow::Handle;
use crate::read::tests::{filled, ticket};
use crate::store::Store;

/// A history that is served.
struct HistoryServer {
    url: String,
    running: Option<Running>,
    _index: (TempDir, Store),
}

impl HistoryServer {
    fn start() -> Self {
        Self::over(filled())
    }

    fn over(index: (TempDir, Store)) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = listen(address, false, &SITE.limits).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = router(Handle::of(&index.1), HttpOptions::default());
        let running = Some(Running::start(listener, router, SITE).unwrap());
        HistoryServer { url, running, _index: index }
    }

    fn ask(&self, path: &str) -> (u16, Value) {
        let config = ureq::Agent::config_builder().http_status_as_error(false).build();
        let agent: ureq::Agent = config.into();
        let mut answer = agent.get(format!("{}{path}", self.url)).call().unwrap();
        let text = answer.body_mut().read_to_string().unwrap();
        (answer.status().as_u16(), serde_json::from_str(&text).unwrap())
    }

    fn done(&self, path: &str) -> Value {
        let (status, told) = self.ask(path);
        assert_eq!(status, 200, "{path}: {told}");
        told
    }

    fn refused(&self, path: &str) -> (Code, String) {
        let (status, told) = self.ask(path);
        let body: ErrorBody = serde_json::from_value(told).unwrap();
        let code = body.error.code_of::<Code>().unwrap();
        assert_eq!(status, code.status(), "{path}");
        (code, body.error.message)
    }
}

impl Drop for HistoryServer {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.end().unwrap();
        }
    }
}

fn alice() -> String {
    Tz4Address([1; 20]).to_string()
}

#[test]
fn every_endpoint_answers() {
    let served = HistoryServer::start();
    let status: StatusAnswer = serde_json::from_value(served.done("/history/status")).unwrap();
    assert_eq!((status.rollup.as_str(), status.first, status.alarms), ("sr1", Some(1), 1));
    assert_eq!(status.last.map(|last| last.block), Some("BL2".to_owned()));
    let levels = served.done("/history/levels");
    assert_eq!((&levels["levels"][1]["ticks"], &levels["next"]), (&json!("5"), &Value::Null));
    let open = served.done("/history/withdrawals?open=true");
    assert_eq!(open["withdrawals"][0]["stage"], "outbox");
    assert_eq!(open["withdrawals"][0]["moved"]["pays"], "tz1");
    let held = served.done("/history/held?open");
    assert_eq!((&held["held"][0]["number"], &held["held"][0]["level"]), (&json!("0"), &json!(2)));
    let alarms = served.done("/history/alarms");
    assert_eq!(alarms["alarms"][0]["stated"], "3");
    let document = served.done("/history/openapi.json");
    assert_eq!(document["paths"].as_object().unwrap().len(), 8);
}

#[test]
fn moves_come_in_pages_and_as_they_are_asked_for() {
    let served = HistoryServer::start();
    let path = format!("/history/accounts/{}/moves", alice());
    let all: MovesAnswer = serde_json::from_value(served.done(&path)).unwrap();
    assert_eq!((all.level, all.moves.len(), all.next), (2, 4, None));
    // An amount beyond 2^53 loses nothing.
    assert_eq!(all.moves[0].amount, u64::MAX.to_string());
    assert_eq!(
        (all.moves[0].state.as_str(), all.moves[3].state.as_str()),
        ("not_applied", "applied")
    );
    assert_eq!(all.moves[0].result.as_ref().unwrap().values.len(), 2);
    assert_eq!(all.moves[0].ticket.ticket(), Some(ticket()));
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = format!("{path}?limit=1{after}");
        let page: MovesAnswer = serde_json::from_value(served.done(&page)).unwrap();
        seen.extend(page.moves);
        match page.next {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all.moves);
    let hash = ticket().hash();
    for (query, found) in [
        ("applied=true", 3),
        ("kind=transfer", 2),
        ("since=2", 3),
        ("since=3", 0),
        ("since=1970-01-01", 4),
        ("since=1970-01-01T00:01:40Z", 4),
        // The second level has no time.
        ("since=1970-01-01T00:01:41Z", 0),
        ("ticket=0", 4),
        (&format!("ticket={hash}"), 4),
        ("kind=transfer&applied", 1),
    ] {
        let told = served.done(&format!("{path}?{query}"));
        assert_eq!(told["moves"].as_array().unwrap().len(), found, "{query}");
    }
    let nobody = Tz4Address([9; 20]);
    let told = served.done(&format!("/history/accounts/{nobody}/moves"));
    assert_eq!(told["moves"], json!([]));
}

#[test]
fn a_transaction_and_a_batch_by_their_hashes() {
    let served = HistoryServer::start();
    let path = |byte: &str| format!("/history/transactions/{}", byte.repeat(32));
    let told: TransactionAnswer = serde_json::from_value(served.done(&path("22"))).unwrap();
    assert_eq!((told.count, told.places.len(), told.batches.len()), (1, 1, 0));
    let place = &told.places[0];
    assert_eq!((place.expires, place.message.level), (Some(9), 2));
    assert_eq!(place.operations[0].memo.as_deref(), Some("rent"));
    assert_eq!(place.operations[0].moves.len(), 2);
    let told: TransactionAnswer = serde_json::from_value(served.done(&path("11"))).unwrap();
    assert_eq!((told.places.len(), told.batches.len()), (0, 1));
    let batch = &told.batches[0];
    assert_eq!((batch.applied, batch.failed, batch.failures.len()), (1, 1, 1));
    assert_eq!(batch.failures[0].operation.result.as_ref().unwrap().number, 7);
    let (code, message) = served.refused(&path("77"));
    assert_eq!(code, Code::NotFound);
    assert!(message.contains("no level up to 2"), "{message}");
}

#[test]
fn every_mistake_of_a_request_is_told() {
    let served = HistoryServer::start();
    let moves = format!("/history/accounts/{}/moves", alice());
    let many = "9".repeat(40);
    for (path, said) in [
        (format!("{moves}?limit=0"), "limit: \"0\" is not a number from 1 to 200"),
        (format!("{moves}?limit=201"), "limit"),
        (format!("{moves}?limit=+5"), "limit"),
        (format!("{moves}?limit={many}"), "limit"),
        (format!("{moves}?limit="), "limit"),
        (format!("{moves}?after=x"), "after: \"x\" is not the next of an answer before"),
        (format!("{moves}?after=-1"), "after"),
        (format!("{moves}?after={many}"), "after"),
        (format!("{moves}?kind=gift"), "kind: \"gift\" is not deposit, transfer or withdrawal"),
        (format!("{moves}?ticket=gold"), "ticket: \"gold\" is not the index"),
        (format!("{moves}?ticket=4294967296"), "ticket"),
        (format!("{moves}?since=tomorrow"), "since: \"tomorrow\" is not a level, a date"),
        (format!("{moves}?since=2026-13-01"), "since"),
        (format!("{moves}?applied=maybe"), "applied: \"maybe\" is not true or false"),
        (format!("{moves}?limit=1&limit=2"), "limit is given twice"),
        (format!("{moves}?colour=red"), "the query \"colour\" is not known here"),
        ("/history/accounts/tz4/moves".to_owned(), "account: \"tz4\""),
        ("/history/accounts/tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU/moves".to_owned(), "account"),
        ("/history/accounts/%ff/moves".to_owned(), "path"),
        ("/history/transactions/12".to_owned(), "hash: \"12\" is not 32 bytes in hexadecimal"),
        ("/history/withdrawals?open=2".to_owned(), "open"),
        ("/history/held?since=1".to_owned(), "the query \"since\" is not known here"),
        ("/history/levels?limit=no".to_owned(), "limit"),
        ("/history/alarms?after=%00".to_owned(), "after"),
    ] {
        let (code, message) = served.refused(&path);
        assert_eq!(code, Code::Malformed, "{path}");
        assert!(message.contains(said), "{path}: {message}");
        // What somebody sent steers nobody's terminal.
        assert!(!message.contains(char::is_control), "{message:?}");
    }
    let (code, message) = served.refused(&format!("{moves}?ticket=7"));
    assert_eq!(code, Code::NotFound);
    assert!(message.contains("no level has named the ticket"), "{message}");
    for path in ["/history", "/history/nothing", "/history/levels/1"] {
        assert_eq!(served.refused(path).0, Code::UnknownPath, "{path}");
    }
}

#[test]
fn an_index_without_a_level_is_away_and_still_says_how_far_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("index.sqlite"), "sr1").unwrap();
    let served = HistoryServer::over((folder, store));
    let told = served.done("/history/status");
    assert_eq!((&told["last"], &told["first"]), (&Value::Null, &Value::Null));
    for path in [
        format!("/history/accounts/{}/moves", alice()),
        format!("/history/transactions/{}", "11".repeat(32)),
    ] {
        assert_eq!(served.refused(&path).0, Code::Away, "{path}");
    }
    assert_eq!(served.done("/history/levels")["levels"], json!([]));
}

#[test]
fn a_client_reads_what_is_served() {
    let served = HistoryServer::start();
    let client = Client::new(&format!("{}/history/", served.url)).unwrap();
    assert_eq!(client.url(), served.url);
    assert_eq!(client.status().unwrap().rollup, "sr1");
    let wanted = Wanted { ticket: Some(ticket().hash()), applied: true, ..Wanted::default() };
    let first = client.moves(&Tz4Address([1; 20]), &wanted, None, 2).unwrap();
    assert_eq!(first.moves.len(), 2);
    let rest = client.moves(&Tz4Address([1; 20]), &wanted, first.next.as_deref(), 500).unwrap();
    assert_eq!((rest.moves.len(), rest.next), (1, None));
    let none = Wanted { since: Some(Since::Time(200)), ..Wanted::default() };
    assert!(client.moves(&Tz4Address([1; 20]), &none, None, 1).unwrap().moves.is_empty());
    assert!(client.transaction(&Hash32([0x22; 32])).unwrap().is_some());
    assert!(client.transaction(&Hash32([0x77; 32])).unwrap().is_none());
    let unknown = Wanted { ticket: Some(TicketHash(Hash32([7; 32]))), ..Wanted::default() };
    let refused = client.moves(&Tz4Address([1; 20]), &unknown, None, 1).unwrap_err();
    assert!(refused.is_not_found() && refused.to_string().contains("no level has named"));
    assert!(matches!(Client::new("ftp://x"), Err(ClientError::Endpoint(_))));
    let nobody = Client::new("127.0.0.1:9").unwrap().status().unwrap_err();
    assert!(nobody.to_string().contains("no answer from the history at"), "{nobody}");
}
