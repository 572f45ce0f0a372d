//! The wallet's commands over a node that answers as Octez's does: what a level has, by the hash of what is
//! in it.

#[path = "../../sdk/wallet/tests/common/mod.rs"]
pub mod node;

use std::thread;
use std::time::Duration;

use crate::common::Folder;
use crate::common::http::call;
use crate::common::user::User;
use crate::common::wait::until;
use encoding::Tz4Address;
use node::{Octez, account, ticket};
use serde_json::{Value, json};

/// What a refused command prints with `--json`, and its exit code.
fn refused(user: &User<'_>, args: &[&str]) -> (Option<i32>, Value) {
    let output = user.run(&[args, &["--json"]].concat());
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap())
}

/// Runs a command that waits, and bakes once the node has so many messages.
fn while_waiting(
    octez: &Octez,
    user: &User<'_>,
    code: i32,
    args: &[&str],
    messages: usize,
    bake: impl Fn(&Octez),
) -> String {
    thread::scope(|scope| {
        let waiting = scope.spawn(|| user.refused(code, args));
        until("the message waits", || {
            let queue = call(&octez.endpoint, "GET", "/local/batcher/queue", None).unwrap();
            queue.body.as_array().unwrap().len() == messages
        });
        bake(octez);
        while !waiting.is_finished() {
            thread::sleep(Duration::from_millis(700));
            octez.bake(1);
        }
        waiting.join().unwrap()
    })
}

#[test]
fn what_is_said_of_a_hash() {
    let folder = Folder::new("octez");
    folder.file("password", "correct horse battery\n");
    let octez = Octez::start();
    let user = User { folder: &folder, endpoint: octez.endpoint.clone() };
    let alice = user.json(&["key", "new", "alice"])["tz4"].as_str().unwrap().to_owned();
    octez.deposit(Tz4Address::from_base58(&alice).unwrap(), &ticket("gold"), 100);
    octez.bake(1);
    let bob = account(2).to_string();
    let craft = |file: &str, amount: &str, counter: &str| {
        let craft =
            ["tx", "craft", amount, "gold", "alice", &bob, "--counter", counter, "--out", file];
        user.done(&craft);
        user.done(&["tx", "sign", file, "--key", "alice", "--yes"]);
    };

    // Who paid whom how much of what.
    let sent = user.json(&["send", "5", "gold", "alice", &bob, "--yes"]);
    let hash = sent["hashes"][0].as_str().unwrap();
    let (code, queued) = refused(&user, &["tx", "show", hash]);
    assert_eq!((code, &queued["error"]["code"]), (Some(5), &json!("queued")));
    octez.bake(1);
    let ticketer = ticket("gold").ticketer;
    let words = user.done(&["tx", "show", hash]);
    let paid = format!("alice ({alice}) pays 5 gold (#0) of {ticketer} to {bob}\n");
    assert!(words.contains(&paid), "{words}");
    let told = user.json(&["tx", "show", hash]);
    assert_eq!(
        told["payments"],
        json!([{
            "transaction": 0, "operation": 0, "from": alice, "to": bob, "amount": "5", "units": "5",
            "ticket": "gold", "ticket_index": 0, "ticketer": ticketer.to_string(),
            "pinned": false, "claims": "gold",
        }])
    );

    // Two of the same counter: the second message is refused whole.
    craft("a.json", "1", "1");
    craft("b.json", "2", "1");
    user.done(&["tx", "submit", "a.json", "--yes"]);
    let submit = ["tx", "submit", "b.json", "--yes", "--wait", "--timeout", "300"];
    let said = while_waiting(&octez, &user, 3, &submit, 2, |octez| octez.bake(1));
    assert!(said.contains("was refused whole: every transaction has a counter"), "{said}");
    let second = user.json(&["tx", "show", "b.json"])["hash"].as_str().unwrap().to_owned();
    for show in
        [&["tx", "show", &second][..], &["tx", "show", &second, "--wait", "--timeout", "300"]]
    {
        let (code, told) = refused(&user, show);
        assert_eq!((code, &told["error"]["code"]), (Some(3), &json!("refused_whole")), "{told}");
    }

    // What nobody has sent, or the node has no more.
    let (code, unknown) = refused(&user, &["tx", "show", &"ab".repeat(32)]);
    assert_eq!((code, &unknown["error"]["code"]), (Some(5), &json!("unknown_hash")));
    assert!(
        unknown["error"]["message"].as_str().unwrap().contains("nor in any level since"),
        "{unknown}"
    );
    craft("c.json", "3", "2");
    let submit = ["tx", "submit", "c.json", "--yes", "--wait", "--timeout", "300"];
    let said = while_waiting(&octez, &user, 5, &submit, 1, |octez| octez.revert(3));
    assert!(said.contains("the node does not have") && said.contains("any more"), "{said}");
}
