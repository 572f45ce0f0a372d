//! Those who mean no good to a batcher: signatures that are wrong apart and right together, signatures of something
//! else, somebody else's signatures, counters far ahead, accounts that always vanish. They harm nobody but
//! themselves.

use std::sync::mpsc::{Receiver, Sender, channel};

use batcher_api::{Record, Settled, Stage};
use bls::{SecretKey, Signature, Suite};
use encoding::{Hash32, Tz4Address};

use crate::common::Folder;
use crate::common::batcher::{Batcher, LONG_ROUND};
use crate::common::payers::{Listener, Offer, Payer, ROLLUP};
use crate::common::sandbox::Sandbox;
use crate::common::wait::PATIENCE;

/// Milliseconds: a round that ends soon if somebody does not sign.
const SHORT_ROUND: &str = "3000";
/// Rounds: after fewer, those who never sign are not asked for longer than a round of any machine takes.
const MOST_ROUNDS: u64 = 12;

/// The order of the group less 1, little-endian: the secret key whose signatures are the negatives of those of 1.
const MINUS_ONE: [u8; 32] = [
    0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x5b, 0xfe, 0xff, 0x02, 0xa4, 0xbd, 0x53,
    0x05, 0xd8, 0xa1, 0x09, 0x08, 0xd8, 0x39, 0x33, 0x48, 0x7d, 0x9d, 0x29, 0x53, 0xa7, 0xed, 0x73,
];

/// Two points whose sum is nothing.
fn opposites() -> [Signature; 2] {
    let mut one = [0; 32];
    one[0] = 1;
    [one, MINUS_ONE]
        .map(|secret| SecretKey::from_little_endian(&secret).unwrap().sign(Suite::Pop, b"anything"))
}

fn receiver(number: u8) -> Tz4Address {
    Tz4Address([number; 20])
}

/// A sandbox and a batcher that asks for signatures, both in processes of their own.
struct Setting {
    sandbox: Sandbox,
    batcher: Batcher,
    _folder: Folder,
}

fn setting(name: &str, round: &str) -> Setting {
    setting_with(name, &["--deadline-ms", round])
}

fn setting_with(name: &str, more: &[&str]) -> Setting {
    let folder = Folder::new(name);
    let sandbox = Sandbox::start(&folder, &["--no-batcher", "--block-time", "1"]);
    sandbox.mine(4);
    let options = [&["--window-ms", "200", "--max-wait-ms", "500"], more].concat();
    let batcher = Batcher::start(&folder, &sandbox.endpoint, &options).with_indexes();
    Setting { sandbox, batcher, _folder: folder }
}

impl Setting {
    /// Registers accounts by a payment of each, so that all that follows is about their signatures.
    fn enrolled(&self, payers: &[Payer]) {
        let expires = self.batcher.expires();
        let all: Vec<_> =
            payers.iter().map(|payer| payer.pays(0, receiver(0xee), 1, expires)).collect();
        for one in &all {
            self.batcher.accepted(one);
        }
        for one in &all {
            let record = self.batcher.ended(one.hash());
            assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
        }
    }

    /// Each pays the receiver of their number once, with counter 1.
    fn each_pays(&self, payers: &[Payer]) -> Vec<Hash32> {
        let expires = self.batcher.expires();
        let all: Vec<_> = (1..)
            .zip(payers)
            .map(|(number, payer)| payer.pays(1, receiver(number), 1, expires))
            .collect();
        let results = self.batcher.submit(&all);
        assert!(results.iter().all(|result| result["error"].is_null()), "{results:?}");
        all.iter().map(|one| one.hash()).collect()
    }

    /// Waits for the end of payments, each of which was applied once.
    fn applied(&self, payments: &[Hash32]) -> Vec<Record> {
        let records: Vec<Record> = payments.iter().map(|hash| self.batcher.ended(*hash)).collect();
        for (number, record) in (1..).zip(&records) {
            assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
            assert_eq!(self.sandbox.balance(receiver(number)), 1, "{record:?}");
        }
        records
    }
}

/// What is offered to these accounts is sent to a channel, and nobody answers.
fn listen(batcher: &Batcher, payers: &[Payer]) -> (Listener, Receiver<Offer>) {
    let accounts: Vec<_> = payers.iter().map(|payer| payer.address).collect();
    let (sender, offers): (Sender<Offer>, _) = channel();
    let listener = Listener::start(&batcher.endpoint, &accounts, move |_, offer| {
        // The test may be over.
        let _ = sender.send(offer);
    });
    (listener, offers)
}

fn people<const N: usize>() -> [Payer; N] {
    let mut number = 0;
    [(); N].map(|()| {
        number += 1;
        Payer::dev(number - 1)
    })
}

fn cosigned(records: &[Record]) -> Vec<Option<bool>> {
    records.iter().map(|record| record.cosigned).collect()
}

#[test]
fn signatures_that_are_right_only_together_are_refused_each_at_submission() {
    let setting = setting("batcher-together", LONG_ROUND);
    let [alice, bob, carol] = people();
    let expires = setting.batcher.expires();
    let mut pair = [alice.pays(0, receiver(1), 1, expires), bob.pays(0, receiver(2), 1, expires)];
    let honest = carol.pays(0, receiver(3), 1, expires);
    for (one, delta) in pair.iter_mut().zip(opposites()) {
        one.signers[0].signature = one.signers[0].signature.plus(&delta);
    }
    // In one request, with an honest one between them, and in a request each.
    let [first, second] = pair.clone();
    let results = setting.batcher.submit(&[first, honest.clone(), second]);
    assert_eq!(results[0]["error"]["code"], "WRONG_SIGNATURE", "{results:?}");
    assert_eq!(results[2]["error"]["code"], "WRONG_SIGNATURE", "{results:?}");
    assert!(results[1]["error"].is_null(), "{results:?}");
    for one in &pair {
        setting.batcher.refused(one, "WRONG_SIGNATURE");
        assert!(setting.batcher.record(one.hash()).is_none());
    }
    // The same with proofs of possession.
    let mut pair = [alice.pays(0, receiver(1), 1, expires), bob.pays(0, receiver(2), 1, expires)];
    for (one, delta) in pair.iter_mut().zip(opposites()) {
        one.signers[0].proof = one.signers[0].proof.map(|proof| proof.plus(&delta));
    }
    for result in setting.batcher.submit(&pair) {
        assert_eq!(result["error"]["code"], "WRONG_SIGNATURE", "{result}");
    }
    assert_eq!(setting.batcher.ended(honest.hash()).result, Some(Settled::Applied));
}

#[test]
fn signatures_of_a_batch_that_are_right_only_together_harm_nobody() {
    let setting = setting("batcher-cosigned-together", LONG_ROUND);
    let people @ [alice, bob, carol] = &people();
    setting.enrolled(people);
    let (_listener, offers) = listen(&setting.batcher, people);
    let payments = setting.each_pays(people);
    let offer = offers.recv_timeout(PATIENCE).unwrap();
    let [plus, minus] = opposites();
    let shifted = |payer: &Payer, delta: &Signature| {
        let (address, signature) = offer.signed_by(payer);
        (address, signature.plus(delta))
    };
    let given = [shifted(alice, &plus), offer.signed_by(carol), shifted(bob, &minus)];
    setting.batcher.sign_offer(offer.id, &given);
    let records = setting.applied(&payments);
    assert_eq!(records[2].cosigned, Some(true), "{records:?}");
}

#[test]
fn wrong_signatures_of_a_batch_harm_nobody_in_whose_name_they_are() {
    // The round ends soon after two right ones, as two of the four are a quorum.
    let options = ["--deadline-ms", LONG_ROUND, "--quorum", "50"];
    let setting = setting_with("batcher-wrong", &options);
    let people @ [alice, bob, carol, dave] = &people();
    setting.enrolled(people);
    let (_listener, offers) = listen(&setting.batcher, people);
    let payments = setting.each_pays(people);
    let offer = offers.recv_timeout(PATIENCE).unwrap();
    // Alice signs something else, Bob with another key, Carol and Dave what they are asked for.
    let of_another_batch = {
        let mut other = offer.batch.clone();
        other.expires = Some(encoding::Level(i32::MAX));
        client::sign(&alice.secret, &other.signing_payload(&ROLLUP))
    };
    let (_, with_another_key) = offer.signed_by(dave);
    let given = [
        (alice.address, of_another_batch),
        (bob.address, with_another_key),
        offer.signed_by(carol),
        offer.signed_by(dave),
    ];
    setting.batcher.sign_offer(offer.id, &given);
    let records = setting.applied(&payments);
    assert_eq!(cosigned(&records), [Some(false), Some(false), Some(true), Some(true)]);
    // All four of the batch were in one message: nobody's round was hurt.
    let message = &records[0].message;
    assert!(records.iter().all(|record| record.message == *message), "{records:?}");
    // Anybody could have sent them, so that all are asked next time, and can sign.
    let expires = setting.batcher.expires();
    let again: Vec<_> =
        people.iter().map(|payer| payer.pays(2, receiver(0xee), 1, expires)).collect();
    setting.batcher.submit(&again);
    let offer = offers.recv_timeout(PATIENCE).unwrap();
    assert_eq!(offer.accounts.len(), 4, "{:?}", offer.accounts);
    let answer = setting
        .batcher
        .sign_offer(offer.id, &people.each_ref().map(|payer| offer.signed_by(payer)));
    for result in answer.body["results"].as_array().unwrap() {
        assert!(result["error"].is_null(), "{answer:?}");
    }
    for one in &again {
        let record = setting.batcher.ended(one.hash());
        assert_eq!((record.result, record.cosigned), (Some(Settled::Applied), Some(true)));
    }
}

#[test]
fn whoever_sends_wrong_signatures_in_everybodys_name_in_each_round_stops_nobody_from_signing() {
    let setting = setting("batcher-forged", LONG_ROUND);
    let people @ [alice, bob] = &people();
    let mallory = Payer::dev(9);
    setting.enrolled(people);
    let (_listener, offers) = listen(&setting.batcher, people);
    for round in 0..4 {
        let expires = setting.batcher.expires();
        let payments: Vec<_> =
            people.iter().map(|payer| payer.pays(1 + round, receiver(0xee), 1, expires)).collect();
        setting.batcher.submit(&payments);
        let offer = offers.recv_timeout(PATIENCE).unwrap();
        assert_eq!(offer.accounts.len(), 2, "round {round}");
        // More than are kept unverified, in the name of each, before they sign and after it.
        let forge = |number: u8| {
            let forged = mallory.secret.sign(Suite::Pop, &[number, u8::try_from(round).unwrap()]);
            let all = people.each_ref().map(|payer| (payer.address, forged));
            setting.batcher.sign_offer(offer.id, &all)
        };
        (0..6).for_each(|number| drop(forge(number)));
        let signed = setting.batcher.sign_offer(offer.id, &[offer.signed_by(alice)]);
        assert!(signed.body["results"][0]["error"].is_null(), "round {round}: {signed:?}");
        // The batch is open as long as Bob has not signed.
        let late = forge(9);
        assert_eq!(late.body["results"][0]["error"]["code"], "WRONG_SIGNATURE", "{late:?}");
        let signed = setting.batcher.sign_offer(offer.id, &[offer.signed_by(bob)]);
        assert!(signed.body["results"][0]["error"].is_null(), "round {round}: {signed:?}");
        for payment in &payments {
            let record = setting.batcher.ended(payment.hash());
            assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
            assert_eq!(record.cosigned, Some(true), "round {round}: {record:?}");
        }
    }
}

#[test]
fn nobody_can_spoil_the_signature_of_another_and_signing_twice_is_signing_once() {
    let setting = setting("batcher-spoiled", LONG_ROUND);
    let people @ [alice, bob] = &people();
    let mallory = Payer::dev(9);
    setting.enrolled(people);
    let (_listener, offers) = listen(&setting.batcher, people);
    let payments = setting.each_pays(people);
    let offer = offers.recv_timeout(PATIENCE).unwrap();
    // Mallory signs in the name of Alice, before and after her.
    let (_, of_mallory) = offer.signed_by(&mallory);
    let in_her_name = [(alice.address, of_mallory)];
    setting.batcher.sign_offer(offer.id, &in_her_name);
    setting.batcher.sign_offer(offer.id, &[offer.signed_by(alice)]);
    setting.batcher.sign_offer(offer.id, &in_her_name);
    // She signs again, in one request and in another.
    setting.batcher.sign_offer(offer.id, &[offer.signed_by(alice), offer.signed_by(alice)]);
    let answer = setting.batcher.sign_offer(offer.id, &[offer.signed_by(&mallory)]).body;
    assert_eq!(answer["results"][0]["error"]["code"], "NOT_A_SIGNER", "{answer}");
    setting.batcher.sign_offer(offer.id, &[offer.signed_by(bob)]);
    let records = setting.applied(&payments);
    assert_eq!(cosigned(&records), [Some(true), Some(true)], "{records:?}");
    // The batch takes no more signatures, and an unknown one never did.
    let answer = setting.batcher.sign_offer(offer.id, &[offer.signed_by(bob)]).body;
    assert_eq!(answer["results"][0]["error"]["code"], "OFFER_CLOSED", "{answer}");
    let unknown = setting.batcher.sign_offer(Hash32([9; 32]), &[offer.signed_by(bob)]);
    let code = &unknown.body["error"]["code"];
    assert_eq!((unknown.status, code), (404, &"UNKNOWN_BATCH".into()), "{unknown:?}");
}

#[test]
fn counters_far_ahead_are_refused_and_a_gap_waits_for_what_is_missing() {
    let setting = setting("batcher-gaps", LONG_ROUND);
    let [alice] = people();
    let expires = setting.batcher.expires();
    let pays = |counter: u64| alice.pays(counter, receiver(7), 1, expires);
    setting.batcher.refused(&pays(1_000_000), "GAP_TOO_WIDE");
    setting.batcher.refused(&pays(u64::MAX), "GAP_TOO_WIDE");
    let waiting = setting.batcher.accepted(&pays(2));
    assert_eq!(waiting.stage, Stage::Queued);
    assert_eq!(waiting.waits_for.unwrap().counter, "0");
    setting.batcher.accepted(&pays(0));
    let applied = setting.batcher.ended(pays(0).hash());
    assert_eq!(applied.result, Some(Settled::Applied));
    let waiting = setting.batcher.record(pays(2).hash()).unwrap();
    assert_eq!(waiting.waits_for.unwrap().counter, "1", "it still waits");
    // Somebody else's transaction with the same counter is another one; their own is taken.
    let other = alice.pays(2, receiver(8), 1, expires);
    let error = setting.batcher.refused(&other, "COUNTER_TAKEN");
    assert_eq!(error["values"]["hash"], pays(2).hash().to_string());
    setting.batcher.accepted(&pays(1));
    for counter in [1, 2] {
        assert_eq!(setting.batcher.ended(pays(counter).hash()).result, Some(Settled::Applied));
    }
    let error =
        setting.batcher.refused(&alice.pays(1, receiver(8), 1, expires), "COUNTER_MISMATCH");
    assert_eq!(error["values"]["expected"], "3");
    assert_eq!(setting.sandbox.balance(receiver(7)), 3);
    // The same one again is the same record, long after it is over.
    assert_eq!(setting.batcher.accepted(&pays(1)).result, Some(Settled::Applied));
}

#[test]
fn accounts_that_always_vanish_are_soon_not_waited_for_and_pay_all_the_same() {
    let setting = setting("batcher-vanishing", SHORT_ROUND);
    let people: [Payer; 8] = people();
    setting.enrolled(&people);
    let vanishing = &people[2..];
    let _cosigners =
        Listener::honest(&setting.batcher.endpoint, vec![Payer::dev(0), Payer::dev(1)]);
    let (_listener, offers) = listen(&setting.batcher, vanishing);
    // After two silent rounds they are not asked for ten seconds, then for twice as long each time.
    let mut asked = Vec::new();
    while asked.last() != Some(&0) {
        let round = u64::try_from(asked.len()).unwrap() + 1;
        assert!(round <= MOST_ROUNDS, "they are still asked: {asked:?}");
        let expires = setting.batcher.expires();
        let all: Vec<_> =
            people.iter().map(|payer| payer.pays(round, receiver(0xdd), 1, expires)).collect();
        let results = setting.batcher.submit(&all);
        assert!(results.iter().all(|result| result["error"].is_null()), "{results:?}");
        // Nobody has been silent before the first round.
        let first = (round == 1).then(|| offers.recv_timeout(PATIENCE).unwrap());
        for (number, one) in all.iter().enumerate() {
            let record = setting.batcher.ended(one.hash());
            assert_eq!(record.result, Some(Settled::Applied), "{record:?}");
            if number >= 2 {
                assert_ne!(record.cosigned, Some(true), "{record:?}");
            }
        }
        let in_round = first.into_iter().chain(offers.try_iter());
        asked.push(in_round.map(|offer| offer.accounts.len()).sum::<usize>());
    }
    assert!(asked.len() > 2, "they are asked twice at least: {asked:?}");
    let paid = 8 * u64::try_from(asked.len()).unwrap();
    assert_eq!(setting.sandbox.balance(receiver(0xdd)), paid);
}
