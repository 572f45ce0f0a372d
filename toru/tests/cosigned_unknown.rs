//! A payment that was made in a batch which the wallet has lost, over a node that has thrown the levels away: nobody here
//! knows whether it was made, so it is not made again until that is said.

use std::fs;
use std::thread;

use batcher_api::Stage;
use bls::Signature;
use client::{Assembly, Builder};
use encoding::Tz4Address;
use inbox::v2::decode_transaction;
use serde_json::json;

use crate::common::Folder;
use crate::common::user::User;
use crate::fake_batcher::{FakeBatcher, wait};
use crate::octez::node::{Octez, ROLLUP, account, ticket};

/// Pays through a batcher, signs the batch, and has that applied.
fn pay(octez: &Octez, user: &User<'_>, fake: &FakeBatcher, alice: Tz4Address, args: &[&str]) {
    let output = thread::scope(|scope| {
        let sends = scope.spawn(|| user.run(args));
        wait(|| !fake.state().posted.is_empty());
        let posted = fake.state().posted[0].clone();
        let bytes = hex::decode(posted["transaction"].as_str().unwrap()).unwrap();
        fake.wait_streams(1);
        let batch = Builder::new().transaction(decode_transaction(&bytes).unwrap()).build();
        fake.offer(&batch, &[alice]);
        wait(|| fake.state().signatures.len() == 1);
        let signed = fake.state().signatures[0].1.clone();
        let text = signed["signatures"][0]["signature"].as_str().unwrap().to_owned();
        let point: [u8; 96] = hex::decode(text).unwrap().try_into().unwrap();
        let mut assembly = Assembly::new(batch, ROLLUP);
        assembly.batch_signature(0, Signature::from_compressed(&point).unwrap());
        octez.send(&assembly.message().unwrap()[1..]);
        fake.stage(posted["hash"].as_str().unwrap(), Stage::Sent);
        sends.join().unwrap()
    });
    assert!(output.status.success(), "{output:?}");
    octez.bake(4);
}

#[test]
fn what_neither_the_wallet_nor_the_node_knows_is_not_paid_again_until_that_is_said() {
    let folder = Folder::new("cosigned-unknown");
    folder.file("password", "correct horse battery\n");
    let octez = Octez::start();
    let user = User { folder: &folder, endpoint: octez.endpoint.clone() };
    let alice = user.json(&["key", "new", "alice"])["tz4"].as_str().unwrap().to_owned();
    let alice = Tz4Address::from_base58(&alice).unwrap();
    octez.deposit(alice, &ticket("gold"), 100);
    octez.bake(1);
    user.done(&["register", "alice", "--yes"]);
    octez.bake(4);
    let fake = FakeBatcher::start(ROLLUP);
    // Its rounds are as long as the wallet has patience for: a slow machine does all in that time.
    fake.state().quote["round_ms"] = json!(60_000);
    let bob = account(2).to_string();
    let send = ["send", "5", "gold", "alice", &bob, "--yes"];
    pay(&octez, &user, &fake, alice, &[&send[..], &["--via", &fake.endpoint]].concat());
    fake.vanish();
    let log = folder.0.join("payments").join(ROLLUP.to_string()).join("cosigned.jsonl");
    fs::remove_file(&log).unwrap();
    octez.hides(Some(1_000));

    let on = [&send[..], &["--via", "node", "--resume"]].concat();
    let unknown = user.refused(2, &on);
    for words in
        ["not known here whether 1 of 1 payments", "cosigned.jsonl", "--endpoint", "--again"]
    {
        assert!(unknown.contains(words), "{words}: {unknown}");
    }
    let again = user.refused(2, &send);
    assert!(
        again.contains("was sent before") && again.contains("perhaps made in a batch"),
        "{again}"
    );
    octez.bake(3);
    assert_eq!(user.done(&["balance", &bob, "gold"]).trim(), "5");

    // A node that shows the levels knows it, and from then on the wallet does.
    octez.hides(None);
    let known = user.done(&on);
    assert!(known.contains("1 of 1 payment made"), "{known}");
    assert!(log.exists());
    octez.hides(Some(1_000));
    assert!(user.done(&on).contains("1 of 1 payment made"));
    assert_eq!(user.done(&["balance", &bob, "gold"]).trim(), "5");
}
