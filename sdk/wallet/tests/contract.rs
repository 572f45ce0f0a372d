//! What a node of layer 1 tells of contracts, and what calls of a message come to there.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use encoding::{Kt1Address, TicketContent};
use serde_json::{Value, json};
use wallet::contract::{Entrypoints, Handing, Receives, bad_call};
use wallet::error::RpcError;
use wallet::rpc::Node;

/// A node of layer 1 that knows one contract, with this list of entrypoints and this type of the whole.
fn layer1(contract: Kt1Address, list: Value, whole: Value) -> Node {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = listener.local_addr().unwrap().to_string();
    let path = format!("/chains/main/blocks/head/context/contracts/{contract}/entrypoints");
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let first = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let asked = first.split(' ').nth(1).unwrap();
            let (status, body) = match asked.strip_prefix(path.as_str()) {
                Some("") => (200, list.to_string()),
                Some("/default") if !whole.is_null() => (200, whole.to_string()),
                _ => (404, String::new()),
            };
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
        }
    });
    Node::new(&endpoint).unwrap()
}

const TICKETER: Kt1Address = Kt1Address([7; 20]);

fn text_ticket() -> Value {
    json!({"prim": "ticket", "args": [{"prim": "string"}]})
}

/// As Octez tells it: names are not repeated in the types, `unreachable` may be there.
fn exchanger() -> Node {
    let burn = json!({"prim": "pair", "args": [{"prim": "address"}, text_ticket()]});
    let whole = json!({"prim": "or", "args": [burn, {"prim": "address"}]});
    let list =
        json!({"unreachable": [], "entrypoints": {"burn": burn, "mint": {"prim": "address"}}});
    layer1(TICKETER, list, whole)
}

#[test]
fn entrypoints_are_read_as_octez_tells_them() {
    let node = exchanger();
    let known = Entrypoints::read(&node, &TICKETER).unwrap().unwrap();
    let text = TicketContent::String(b"demo".to_vec());
    let pays = Handing::of(&text, Some(Receives::Implicit));
    assert_eq!(known.exit(&pays), Some("burn"));
    assert!(known.get("default").is_some() && known.get("").is_some());
    let bare = Handing::of(&text, None);
    let refused = known.takes(&TICKETER, "", &bare).unwrap_err().to_string();
    assert!(refused.contains("takes or (pair address (ticket string)) address"), "{refused}");
    assert_eq!(Entrypoints::read(&node, &Kt1Address([8; 20])).unwrap(), None);
}

#[test]
fn what_is_no_list_of_entrypoints_is_refused() {
    for list in [
        json!(null),
        json!({}),
        json!({"entrypoints": []}),
        json!({"entrypoints": {"burn": {"prim": "Pair"}}}),
        json!({"entrypoints": {"burn": "unit"}}),
        json!({"entrypoints": {"\u{202e}": {"prim": "unit"}}}),
    ] {
        let told = Entrypoints::read(&layer1(TICKETER, list.clone(), Value::Null), &TICKETER);
        assert!(matches!(told, Err(RpcError::Shape { .. })), "{list}: {told:?}");
    }
}

/// The withdrawals of one operation of v1 share a message, and one bad call holds up the others.
#[test]
fn the_bad_call_of_a_shared_message_is_named() {
    let node = exchanger();
    let ticket = json!({"prim": "Pair", "args": [
        {"bytes": format!("01{}00", "07".repeat(20))},
        {"prim": "Pair", "args": [{"string": "demo"}, {"int": "5"}]},
    ]});
    let receiver = json!({"bytes": "00".repeat(22)});
    let paying = json!({"prim": "Pair", "args": [receiver, ticket]});
    let call = |parameters: &Value, entrypoint: &str, contract: Kt1Address| json!({"destination": contract.to_string(), "entrypoint": entrypoint, "parameters": parameters});
    let message = |calls: &[Value]| json!({"kind": "untyped", "transactions": calls});
    let good = call(&paying, "burn", TICKETER);
    // Of a contract that layer 1 does not know nothing is said.
    let elsewhere = call(&ticket, "burn", Kt1Address([8; 20]));
    assert_eq!(bad_call(&node, &message(&[good.clone(), elsewhere.clone()])).unwrap(), None);
    let bad = call(&ticket, "burn", TICKETER);
    let all = message(&[good.clone(), elsewhere, bad, good.clone()]);
    let found = bad_call(&node, &all).unwrap().unwrap();
    assert_eq!((found.number, found.count), (3, 4));
    let words = found.misfit.to_string();
    let both = "burn takes pair address (ticket string), and the call has ticket string";
    assert!(words.ends_with(both), "{words}");
    let missing = call(&paying, "withdraw", TICKETER);
    let found = bad_call(&node, &message(&[missing])).unwrap().unwrap();
    assert!(found.misfit.to_string().contains("no entrypoint withdraw"), "{found:?}");
    // `Unit` goes without saying in some nodes' answers.
    let unit =
        json!({"transactions": [{"destination": TICKETER.to_string(), "entrypoint": "mint"}]});
    assert_eq!(bad_call(&node, &unit).unwrap().unwrap().number, 1);
    assert_eq!(bad_call(&node, &json!({"whitelist_update": null})).unwrap(), None);
}
