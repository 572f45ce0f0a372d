//! Names of a session: what the user has pinned, what a sandbox has, and that no other node has any.

use encoding::{Kt1Address, RollupAddress, Ticket, TicketContent};
use serde_json::{Value, json};
use wallet::pins::{Pin, PinKind, PinStore, Pins, PinsError};
use wallet::session::{SIMULATED_ROLLUP, Session};

use crate::common::{Octez, ROLLUP, account, ticket, usdt};

fn pin(name: &str, ticket: Ticket) -> Pin {
    Pin { name: name.to_owned(), ticket, decimals: 6, kind: PinKind::Fa, helper: None }
}

/// A folder for pinned tickets, with these in it.
fn folder(name: &str, rollup: &RollupAddress, pins: &[Pin]) -> (std::path::PathBuf, PinStore) {
    let folder = std::env::temp_dir().join(format!("toru-names-{name}-{}", std::process::id()));
    let store = PinStore::new(&folder, rollup);
    store
        .change(|own: &mut Pins| {
            pins.iter().for_each(|pin| own.add(pin.clone()).unwrap());
            Ok::<(), PinsError>(())
        })
        .unwrap();
    (folder, store)
}

fn tez() -> Value {
    json!({
        "name": "XTZ", "ticketer": Kt1Address([1; 20]).to_string(), "content": "070700000306",
        "content_type": "pair nat (option bytes)", "decimals": 6, "kind": "tez",
        "helper": Kt1Address([2; 20]).to_string(),
    })
}

/// A session with a node that says this of itself, and then this of its layer 1.
fn session(octez: &Octez, rollup: &RollupAddress, sandbox: bool, layer1: (u16, &str)) -> Session {
    // The last comes first.
    octez.says(layer1.0, layer1.1);
    octez.says(200, &json!({"sandbox": sandbox}).to_string());
    octez.says(200, &json!(rollup.to_string()).to_string());
    Session::connect(&octez.endpoint, None, None).unwrap()
}

#[test]
fn a_sandbox_has_names_of_its_own_after_the_users() {
    let octez = Octez::start();
    let mut fake = tez();
    fake["ticketer"] = json!(Kt1Address([9; 20]).to_string());
    let mut demo = tez();
    (demo["name"], demo["ticketer"]) = (json!("demo"), json!(Kt1Address([3; 20]).to_string()));
    let told = json!({"accounts": [], "contracts": [], "helper": null, "tickets": [fake, demo]});
    let own = pin("xtz", usdt());
    let (folder, store) = folder("own", &SIMULATED_ROLLUP, std::slice::from_ref(&own));
    let connected = session(&octez, &SIMULATED_ROLLUP, true, (200, &told.to_string()));
    let pins = connected.with_pins(Some(&store)).unwrap().pins().clone();
    // What the sandbox calls XTZ is not taken for what the user calls xtz.
    let names: Vec<&str> = pins.entries().iter().map(|pin| pin.name.as_str()).collect();
    assert_eq!(names, ["xtz", "demo"]);
    assert_eq!(pins.find("xtz"), Some(&own));
    assert_eq!(pins.find("demo").unwrap().helper, Some(Kt1Address([2; 20])));
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_earlier_sandbox_has_none_and_a_malformed_answer_is_told() {
    let octez = Octez::start();
    let of = |status: u16, told: &str| {
        session(&octez, &SIMULATED_ROLLUP, true, (status, told)).with_pins(None)
    };
    assert!(of(404, "").unwrap().pins().is_empty());
    assert!(matches!(of(200, "{}"), Err(PinsError::Rpc(_))));
    let mut twice = json!({"tickets": [tez(), tez()]});
    let error = of(200, &twice.to_string()).unwrap_err();
    assert!(matches!(error, PinsError::Sandbox { .. }), "{error}");
    let said = error.to_string();
    assert!(
        said.contains("/dev/layer1: ticket 2, \"XTZ\": the name \"XTZ\" is pinned twice"),
        "{said}"
    );
    twice["tickets"][1]["name"] = json!("x y");
    assert!(of(200, &twice.to_string()).unwrap_err().to_string().contains("invalid name"));
}

#[test]
fn no_other_node_has_names() {
    let octez = Octez::start();
    let told = json!({"tickets": [tez()]}).to_string();
    // A node that is no sandbox, and a sandbox that runs a rollup of another address, are not even asked.
    for (rollup, is_sandbox) in [(&SIMULATED_ROLLUP, false), (&ROLLUP, true)] {
        let session = session(&octez, rollup, is_sandbox, (200, &told)).with_pins(None).unwrap();
        assert!(session.pins().is_empty());
        assert_eq!(session.node().get::<Value>("/x").unwrap()["tickets"][0]["name"], "XTZ");
    }
}

#[test]
fn a_state_calls_tickets_as_they_are_pinned_wherever_they_are() {
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("USDt"), 7);
    octez.deposit(account(1), &usdt(), 20_000_000);
    octez.bake(1);
    let never =
        Ticket { ticketer: Kt1Address([5; 20]), content: TicketContent::String(b"never".to_vec()) };
    let pins = [pin("USDt", usdt()), pin("soon", never.clone())];
    let (folder, store) = folder("state", &ROLLUP, &pins);
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let session = session.with_pins(Some(&store)).unwrap();
    let state = session.state().unwrap();
    let mine = state.account(&account(1)).unwrap();
    let tokens = state.tokens().unwrap();
    let labels: Vec<String> = tokens.iter().map(|token| token.among(&tokens)).collect();
    assert_eq!(labels, ["\"USDt\" #0, not the pinned USDt", "USDt"]);
    // As if none were looked through for a name.
    for tokens in [&tokens[..], &[]] {
        let found = state.token(tokens, Some(&mine), "USDt").unwrap().unwrap();
        assert_eq!((&found.ticket, found.known_index().map(|index| index.0)), (&usdt(), Some(1)));
        let found = state.token(tokens, Some(&mine), "soon").unwrap().unwrap();
        assert_eq!((&found.ticket, found.known_index()), (&never, None));
        assert!(state.balance(&mine, &found).unwrap().is_zero());
    }
    // Without pins, what two contents say is nobody's name.
    let unpinned = Session::connect(&octez.endpoint, None, None).unwrap();
    let state = unpinned.state().unwrap();
    let several = state.token(&state.tokens().unwrap(), Some(&mine), "USDt").unwrap();
    assert!(several.unwrap_err().to_string().contains("several tickets are \"USDt\": #0, #1"));
    std::fs::remove_dir_all(folder).unwrap();
}
