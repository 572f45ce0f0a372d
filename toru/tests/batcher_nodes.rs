//! A batcher over a node that stalls, fails, lies and goes back: what was accepted is applied once, and its record
//! says so.

use std::thread;
use std::time::Duration;

use batcher_api::{Settled, Stage};
use encoding::{Hash32, Tz4Address};
use serde_json::json;

use crate::common::Folder;
use crate::common::batcher::{Batcher, is_over, mine_heard, mine_until_applied};
use crate::common::liar::{Liar, Mood};
use crate::common::payers::{Payer, submission};
use crate::common::sandbox::Sandbox;
use crate::common::wait::{found, until};

/// Levels of a reorganisation, at least.
const BACK: i64 = 10;

fn receiver(number: u8) -> Tz4Address {
    Tz4Address([number; 20])
}

struct Setting {
    sandbox: Sandbox,
    liar: Liar,
    batcher: Batcher,
    _folder: Folder,
}

fn setting(name: &str, block_time: &str) -> Setting {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &["--no-batcher", "--block-time", block_time]);
    sandbox.mine(4);
    let (liar, endpoint) = Liar::before(&sandbox.endpoint);
    let batcher = Batcher::start(&folder, &endpoint, &["--max-wait-ms", "100"]).with_indexes();
    Setting { sandbox, liar, batcher, _folder: folder }
}

impl Setting {
    /// A payment of 1 is applied, and was applied once.
    fn applied(&self, payment: Hash32, to: u8) {
        let record = self.batcher.ended(payment);
        assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
        assert_eq!(self.sandbox.balance(receiver(to)), 1, "{record:?}");
    }
}

#[test]
fn messages_that_a_node_drops_or_denies_are_applied_once() {
    let setting = setting("batcher-liar", "1");
    let payer = Payer::dev(0);
    let expires = setting.batcher.expires();
    for (counter, mood) in (0..).zip([Mood::Dropping, Mood::Denying]) {
        setting.liar.is(mood);
        let before = setting.liar.lied_about();
        let to = 1 + u8::try_from(counter).unwrap();
        let payment = payer.pays(counter, receiver(to), 1, expires);
        setting.batcher.accepted(&payment);
        until("a lie", || setting.liar.lied_about() > before);
        // It says so for a few levels.
        thread::sleep(Duration::from_secs(2));
        setting.liar.is(Mood::Honest);
        setting.applied(payment.hash(), to);
    }
}

#[test]
fn a_node_that_stalls_or_fails_delays_and_nothing_is_lost() {
    let setting = setting("batcher-stalls", "0");
    let payer = Payer::dev(0);
    let expires = setting.batcher.expires();
    for (counter, mood) in (0..).zip([Mood::Stalling, Mood::Failing]) {
        let to = 1 + u8::try_from(counter).unwrap();
        let payment = payer.pays(counter, receiver(to), 1, expires);
        setting.batcher.accepted(&payment);
        setting.liar.is(mood);
        let node = || setting.batcher.get("/health").body["node"].clone();
        until("its node is away", || node() == "away");
        setting.sandbox.mine(4);
        // It still says what it knows, and knows nothing of these levels.
        let record = setting.batcher.record(payment.hash()).unwrap();
        assert!(record.stage <= Stage::Sent && record.result.is_none(), "{mood:?}: {record:?}");
        setting.liar.is(Mood::Honest);
        until("its node is back", || node() == "up");
        let hash = payment.hash().to_string();
        mine_until_applied(&setting.sandbox, &setting.batcher.endpoint, &hash);
        setting.applied(payment.hash(), to);
    }
}

#[test]
fn while_a_node_stalls_who_is_known_is_taken_and_who_has_to_be_looked_up_is_refused() {
    let setting = setting("batcher-look-ups", "0");
    let [known, new] = [0, 1].map(Payer::dev);
    let expires = setting.batcher.expires();
    setting.batcher.accepted(&known.pays(0, receiver(1), 1, expires));
    setting.liar.is(Mood::Stalling);
    let both = [new.pays(0, receiver(1), 1, expires), known.pays(1, receiver(1), 1, expires)];
    let results = setting.batcher.submit(&both);
    assert_eq!(results[0]["error"]["code"], "NODE_AWAY", "{results:?}");
    assert!(results[1]["record"].is_object(), "{results:?}");
    // What would have to be looked up to simulate it is refused as well, and holds nothing up.
    let bytes = hex::encode(new.pays(0, receiver(9), 1, expires).transaction.encode());
    let simulated =
        setting.batcher.post("/v1/simulate", &json!({"transactions": [{"transaction": bytes}]}));
    let code = &simulated.body["error"]["code"];
    assert_eq!((simulated.status, code), (503, &json!("NODE_AWAY")), "{simulated:?}");
    // Nothing of the other one was kept, and it is taken as soon as the node answers.
    assert_eq!(setting.batcher.record(both[0].hash()), None);
    setting.liar.is(Mood::Honest);
    until("it is looked up", || setting.batcher.submit(&both[..1])[0]["record"].is_object());
    let hash = both[0].hash().to_string();
    mine_until_applied(&setting.sandbox, &setting.batcher.endpoint, &hash);
}

#[test]
fn a_node_that_lies_about_the_state_makes_no_payment_twice_and_none_vanish() {
    let setting = setting("batcher-forgetting", "0");
    let expires = setting.batcher.expires();
    let head = || setting.batcher.get("/health").body["head"].as_i64();
    let [early, late] = [0, 1].map(Payer::dev);
    // One is accepted before the lie, and one is submitted while it goes on.
    let early = early.pays(0, receiver(1), 1, expires);
    setting.batcher.accepted(&early);
    setting.liar.is(Mood::Forgetting);
    for _ in 0..5 {
        let before = head();
        setting.sandbox.mine(1);
        until("it hears of the level", || head() > before || setting.liar.lied_about() > 100);
    }
    until("a lie", || setting.liar.lied_about() > 0);
    let late = late.pays(0, receiver(2), 1, expires);
    let answer = setting.batcher.submit(std::slice::from_ref(&late)).remove(0);
    setting.liar.is(Mood::Honest);
    // It goes on as soon as the node tells the truth.
    setting.batcher.post("/v1/transactions", &submission(std::slice::from_ref(&late)));
    let is_known = |hash| setting.batcher.record(hash);
    assert!(is_known(early.hash()).is_some(), "what was accepted is on record");
    let found = found("it takes it", || {
        mine_heard(&setting.sandbox, &setting.batcher.endpoint);
        let again = setting.batcher.submit(std::slice::from_ref(&late)).remove(0);
        again["record"].is_object().then_some(())?;
        let early = setting.batcher.record(early.hash()).filter(is_over)?;
        let late = setting.batcher.record(late.hash()).filter(is_over)?;
        Some([early, late])
    });
    setting.sandbox.mine(4);
    for (record, to) in found.iter().zip([1, 2]) {
        let paid = u64::from(record.result == Some(Settled::Applied));
        assert_eq!(setting.sandbox.balance(receiver(to)), paid, "{record:?}");
    }
    assert_eq!(found[1].result, Some(Settled::Applied), "{answer}: {:?}", found[1]);
}

#[test]
fn what_a_reorganisation_of_ten_levels_takes_back_is_applied_again_once() {
    let setting = setting("batcher-reorganised", "0");
    let payer = Payer::dev(0);
    let expires = setting.batcher.expires();
    let head = || setting.sandbox.get("/global/tezos_level").as_i64().unwrap();
    let receiver_of = |counter: u64| 1 + u8::try_from(counter).unwrap();
    let payment = |counter: u64| payer.pays(counter, receiver(receiver_of(counter)), 1, expires);
    let mine_until_applied = |counter: u64| {
        let hash = payment(counter).hash().to_string();
        mine_until_applied(&setting.sandbox, &setting.batcher.endpoint, &hash);
    };
    // One that is before the levels that are taken back, and three that are in them.
    setting.batcher.accepted(&payment(0));
    mine_until_applied(0);
    let kept = head();
    for counter in 1..4 {
        setting.batcher.accepted(&payment(counter));
        mine_until_applied(counter);
    }
    while head() < kept + BACK {
        setting.sandbox.mine(1);
    }
    let (status, answer) = setting.sandbox.post("/dev/revert", &json!({"to": kept.to_string()}));
    assert_eq!(status, 200, "{answer}");
    let has = |counter: u64| setting.sandbox.balance(receiver(receiver_of(counter)));
    assert_eq!([has(0), has(1), has(2), has(3)], [1, 0, 0, 0], "the levels were taken back");
    // Until it has heard of that, its records say what was so.
    until("all is applied again", || {
        let stages = (1..4).map(|counter| setting.batcher.record(payment(counter).hash()));
        if stages.flatten().any(|record| record.stage == Stage::Sent) {
            mine_heard(&setting.sandbox, &setting.batcher.endpoint);
        }
        (1..4).all(|counter| has(counter) > 0)
    });
    // It goes on with the counter that is next.
    setting.batcher.accepted(&payment(4));
    mine_until_applied(4);
    setting.sandbox.mine(3);
    for counter in 0..5 {
        setting.applied(payment(counter).hash(), receiver_of(counter));
    }
}
