//! `toru reclaim`: who can ask for a held deposit, how, and what comes of it.

use crate::common::Folder;
use crate::common::http::call;
use crate::common::user::User;
use crate::octez::node::{Octez, ticket};
use encoding::{Kt1Address, Source, Tz4Address};
use inbox::deposit::encode;
use serde_json::json;

/// The curve byte of a tz4.
const TZ4: u8 = 3;
/// Who is paid: nobody's address.
const NOBODY: &str = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";

/// A node whose rollup holds a deposit of 5 gold to nobody's account, made by this source through a contract.
fn holding(source: Source) -> (Octez, Kt1Address) {
    let octez = Octez::start();
    let contract = Kt1Address([0x77; 20]);
    octez.call_by(&encode("tz4 of nobody", &ticket("gold"), &5.into()), contract, source);
    octez.bake(1);
    (octez, contract)
}

fn user<'f>(folder: &'f Folder, endpoint: &str) -> User<'f> {
    folder.file("password", "correct horse battery\n");
    User { folder, endpoint: endpoint.to_owned() }
}

fn queued(octez: &Octez) -> usize {
    let queue = call(&octez.endpoint, "GET", "/local/batcher/queue", None).unwrap();
    queue.body.as_array().unwrap().len()
}

#[test]
fn the_tz4_that_made_a_deposit_signs_a_request_and_is_paid_once() {
    let folder = Folder::new("reclaim-signed");
    let keys = user(&folder, "http://127.0.0.1:9");
    let alice = keys.json(&["key", "new", "alice"])["tz4"].as_str().unwrap().to_owned();
    keys.done(&["key", "new", "bob"]);
    let hash = Tz4Address::from_base58(&alice).unwrap().0;
    let (octez, contract) = holding(Source { curve: TZ4, hash });
    let user = user(&folder, &octez.endpoint);

    let unknown = user.refused(2, &["reclaim", "1", "--exit", "burn"]);
    assert!(unknown.contains("no held deposit has the number 1 at level 1"), "{unknown}");
    let other = user.refused(3, &["reclaim", "0", "--from", "bob", "--exit", "burn", "--yes"]);
    assert!(other.contains(&format!("{alice} made held deposit 0, and not bob")), "{other}");
    let dry = ["reclaim", "0", "--from", "alice", "--exit", "burn", "--dry-run"];
    let words = user.done(&dry);
    assert!(
        words.contains("held deposit 0: 5 of the smallest units")
            && words.contains(&format!("of {alice}, by {contract}\n"))
            && words.contains("held, as the receiver is not a tz4 address (RECEIVER_NOT_TZ4)\n")
            && words.contains(&format!("{alice} is paid on layer 1")),
        "{words}"
    );
    assert_eq!(queued(&octez), 0);
    let told = user.json(&dry);
    assert_eq!(
        (&told["units"], &told["sent"], &told["paid_back"], &told["exit"]["receiver"]),
        (&json!("5"), &json!(false), &json!(false), &json!(alice))
    );

    let send = ["reclaim", "0", "--from", "alice", "--to", NOBODY, "--exit", "burn", "--yes"];
    let late = [&send[..], &["--wait", "--timeout", "0"]].concat();
    let sent = user.refused(5, &late);
    assert!(sent.contains("held deposit 0 is not paid back yet"), "{sent}");
    assert_eq!(queued(&octez), 1);
    octez.bake(1);
    assert_eq!(user.json(&["reclaim", "0"])["paid_back"], true);
    let again = user.done(&send);
    assert!(again.ends_with("it is paid back already\n"), "{again}");
    assert_eq!(queued(&octez), 0);
}

#[test]
fn anybody_else_is_told_the_command_by_which_the_contract_asks() {
    let folder = Folder::new("reclaim-command");
    let (octez, contract) = holding(Source { curve: 0, hash: [9; 20] });
    let user = user(&folder, &octez.endpoint);
    user.done(&["key", "new", "alice"]);
    let told = user.json(&["reclaim", "0", "--exit", "burn"]);
    let source = told["source"].as_str().unwrap();
    let command = told["command"].as_str().unwrap();
    let begin =
        format!("octez-client transfer 0 from {source} to {contract} --entrypoint reclaim ");
    assert!(command.starts_with(&begin), "{command}");
    let words = user.done(&["reclaim", "0", "--exit", "burn"]);
    assert!(words.contains(&format!("\n{command}\n")) && !words.contains("--from"), "{words}");
    let refused = user.refused(3, &["reclaim", "0", "--from", "alice", "--exit", "burn", "--yes"]);
    assert!(refused.contains("without --from, the command for octez-client"), "{refused}");

    // What the command sends is what the kernel grants.
    let bytes = command.split(" 0x").nth(1).unwrap().split('\'').next().unwrap();
    let source = Source { curve: 0, hash: [9; 20] };
    octez.call_by(&call_with(&hex::decode(bytes).unwrap()), contract, source);
    octez.bake(1);
    assert_eq!(user.json(&["reclaim", "0"])["paid_back"], true);
}

/// A contract's call with bytes and no ticket: `Right (Right bytes)`.
fn call_with(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&[0x05, 0x08, 0x05, 0x08, 0x0a][..], &length, bytes].concat()
}

#[test]
fn mistakes_are_named() {
    let folder = Folder::new("reclaim-mistakes");
    let (octez, _) = holding(Source { curve: 0, hash: [9; 20] });
    let user = user(&folder, &octez.endpoint);
    for (args, says) in [
        (&["reclaim"][..], "NUMBER"),
        (&["reclaim", "first"], "expected a whole number"),
        (&["reclaim", "-1"], "-1"),
        (&["reclaim", "0", "--bare"], "--to"),
        (&["reclaim", "0", "--exit", "burn", "--to", "nobody"], "nobody"),
        (&["reclaim", "0", "--exit", "burn", "--from", "carol"], "carol"),
        (&["reclaim", "0"], "how "),
    ] {
        let said = user.refused(2, args);
        assert!(said.contains(says), "{args:?}: {said}");
    }
}
