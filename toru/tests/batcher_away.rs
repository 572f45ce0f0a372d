//! A batcher whose node goes away while it runs, and comes back: what it does not know it refuses, and what it has
//! accepted ends in one way.

use batcher_api::{Settled, SignedTransaction};
use encoding::Tz4Address;

use crate::common::Folder;
use crate::common::batcher::{Batcher, is_over, mine_until_applied};
use crate::common::payers::Payer;
use crate::common::ports::free_address;
use crate::common::raw::{asked, header, status};
use crate::common::sandbox::Sandbox;
use crate::common::wait::until;

fn receiver(number: u32) -> Tz4Address {
    Tz4Address([u8::try_from(number).unwrap() + 1; 20])
}

#[test]
fn while_its_node_is_away_it_refuses_and_what_it_accepted_is_applied_once_afterwards() {
    let folder = Folder::new("batcher-away");
    let rpc = free_address();
    let options = ["--no-batcher", "--state", "s", "--rpc", &rpc];
    let mut sandbox = Sandbox::start(&folder, &options);
    sandbox.mine(4);
    let batcher = Batcher::start(&folder, &rpc, &["--max-wait-ms", "100"]).with_indexes();
    let expires = batcher.expires();
    let payment = |number: u32| Payer::dev(number).pays(0, receiver(number), 1, expires);
    let mut accepted: Vec<u32> = Vec::new();
    let mut submit = |number: u32| -> Option<String> {
        let answer = batcher.submit(&[payment(number)]).remove(0);
        match answer["error"]["code"].as_str() {
            Some(code) => return Some(code.to_owned()),
            None => accepted.push(number),
        }
        None
    };
    assert_eq!(submit(0), None);
    sandbox.child.kill().unwrap();
    sandbox.child.wait().unwrap();
    until("its node is away", || batcher.get("/health").body["node"] == "away");

    // For a while it goes on with what it knows. What it does not know it cannot check.
    for number in 1..4 {
        let refused = submit(number);
        assert!(refused.as_deref().is_none_or(|code| code == "NODE_AWAY"), "{refused:?}");
    }
    // Then it takes nothing, and says why, and when to come again.
    until("it takes nothing", || batcher.get("/health").status == 503);
    let health = batcher.get("/health").body;
    assert_eq!(health["status"], "not_ready", "{health}");
    assert!(health["why"].as_str().unwrap().contains("the rollup node is away"), "{health}");
    let refused: Vec<u32> = (4..6).collect();
    for number in &refused {
        assert_eq!(submit(*number).as_deref(), Some("NODE_AWAY"));
        assert!(batcher.record(payment(*number).hash()).is_none(), "nothing is kept of it");
    }
    let unknown = format!("GET /v1/accounts/{}", Payer::dev(9).address);
    let answer = asked(&batcher.endpoint, &unknown, "");
    assert!(status(&answer) == "503" && answer.contains("\"NODE_AWAY\""), "{answer}");
    assert!(header(&answer, "Retry-After").unwrap().parse::<u64>().unwrap() >= 1, "{answer}");
    // What was accepted is still told.
    let record = |one: &SignedTransaction| batcher.record(one.hash()).unwrap();
    assert!(!is_over(&record(&payment(0))));

    let sandbox = Sandbox::start(&folder, &options);
    until("it takes transactions again", || batcher.get("/health").status == 200);
    let again = (1..6).filter(|number| !accepted.contains(number)).collect::<Vec<_>>();
    for number in again {
        batcher.accepted(&payment(number));
    }
    for number in 0..6 {
        let payment = payment(number);
        mine_until_applied(&sandbox, &batcher.endpoint, &payment.hash().to_string());
        let record = record(&payment);
        assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
        assert_eq!(sandbox.balance(receiver(number)), 1, "{record:?}");
    }
}
