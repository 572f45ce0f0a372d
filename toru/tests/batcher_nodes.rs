//! A batcher over a node that stalls, fails, lies and goes back: what was accepted is applied once, and its record
//! says so.

use std::thread;
use std::time::Duration;

use batcher_api::{Settled, Stage};
use encoding::{Hash32, Tz4Address};
use serde_json::json;

use crate::common::Folder;
use crate::common::liar::{Liar, Mood};
use crate::common::payers::{Batcher, Payer};
use crate::common::sandbox::Sandbox;

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
    let batcher = Batcher::start(&folder, &endpoint, &["--max-wait-ms", "100"]);
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
        setting.batcher.until("a lie", || (setting.liar.lied_about() > before).then_some(()));
        // It says so for a few levels.
        thread::sleep(Duration::from_secs(2));
        setting.liar.is(Mood::Honest);
        setting.applied(payment.hash(), to);
    }
}

#[test]
fn a_node_that_stalls_or_fails_delays_and_nothing_is_lost() {
    let setting = setting("batcher-stalls", "1");
    let payer = Payer::dev(0);
    let expires = setting.batcher.expires();
    for (counter, mood) in (0..).zip([Mood::Stalling, Mood::Failing]) {
        let to = 1 + u8::try_from(counter).unwrap();
        let payment = payer.pays(counter, receiver(to), 1, expires);
        setting.batcher.accepted(&payment);
        setting.liar.is(mood);
        thread::sleep(Duration::from_secs(3));
        // It still says what it knows.
        let record = setting.batcher.record(payment.hash()).unwrap();
        assert_ne!(record.stage, Stage::Dropped, "{mood:?}: {record:?}");
        setting.liar.is(Mood::Honest);
        setting.applied(payment.hash(), to);
    }
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
        let hash = payment(counter).hash();
        setting.batcher.until("it is applied", || {
            setting.sandbox.mine(1);
            let record = setting.batcher.record(hash)?;
            (record.result == Some(Settled::Applied)).then_some(())
        });
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
    setting.batcher.until("all is applied again", || {
        setting.sandbox.mine(1);
        (1..4).all(|counter| has(counter) > 0).then_some(())
    });
    // It goes on with the counter that is next.
    setting.batcher.accepted(&payment(4));
    mine_until_applied(4);
    setting.sandbox.mine(3);
    for counter in 0..5 {
        setting.applied(payment(counter).hash(), receiver_of(counter));
    }
}
