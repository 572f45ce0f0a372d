//! A client of a batcher, with one that lies, one that is slow, and one that vanishes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use batcher_api::{ReceiptError, Stage};
use client::Builder;
use encoding::{AccountIndex, Amount, Counter, Hash32, Level};
use inbox::v2::{Action, Batch, Name, Operation, TicketName, Transaction};
use serde_json::json;
use wallet::batcher::cosign::CoSigner;
use wallet::batcher::offer::OfferProblem;
use wallet::batcher::receipt::ReceiptProblem;
use wallet::batcher::stay::{News, StayEnd, Stayed};
use wallet::batcher::stream::{Event, Events, Heard};
use wallet::batcher::{Batcher, BatcherError};
use wallet::patience::Patience;
use wallet::transaction::Signable;

use crate::common::{ROLLUP, account, secret, ticket};
use crate::fake_batcher::{FakeBatcher, Manner, PATIENCE, wait};

fn payment(counter: u64) -> Signable {
    let operation = Operation {
        signer: Name::Address(account(1)),
        counter: Counter::new(counter),
        memo: None,
        actions: vec![Action::Transfers {
            ticket: TicketName::Full(ticket("gold")),
            to: vec![(Name::Address(account(3)), Amount::new(5))],
        }],
    };
    let transaction = Transaction { expires: Some(Level(240)), operations: vec![operation] };
    let mut signable = Signable::new(ROLLUP, transaction).unwrap();
    signable.sign(&secret(1)).unwrap();
    signable
}

fn batch(all: &[&Signable]) -> Batch {
    let builder = Builder::new().expires(Level(240));
    all.iter().fold(builder, |builder, one| builder.transaction(one.transaction().clone())).build()
}

fn patient() -> Patience<'static> {
    Patience::lasting(PATIENCE)
}

fn connect(fake: &FakeBatcher) -> Batcher {
    Batcher::connect(&fake.endpoint, &ROLLUP).unwrap()
}

#[test]
fn only_a_batcher_for_the_same_rollup_is_one() {
    let fake = FakeBatcher::start(ROLLUP);
    assert_eq!(connect(&fake).quote().round_ms, 100);
    // Its address as its paths begin is its address.
    for url in ["/v1", "/v1/", "/"].map(|path| format!("{}{path}", fake.endpoint)) {
        let same = Batcher::connect(&url, &ROLLUP).unwrap();
        assert_eq!(same.url(), connect(&fake).url(), "{url}");
    }
    fake.state().quote["rollup"] = json!("sr1");
    let other = Batcher::connect(&fake.endpoint, &ROLLUP).unwrap_err();
    assert!(matches!(other, BatcherError::OtherRollup { .. }), "{other}");
    fake.state().quote = json!({"rollup": ROLLUP.to_string()});
    let malformed = Batcher::connect(&fake.endpoint, &ROLLUP).unwrap_err();
    assert!(matches!(malformed, BatcherError::Malformed { .. }), "{malformed}");
    let nowhere = Batcher::connect("127.0.0.1:9", &ROLLUP).unwrap_err();
    assert!(matches!(nowhere, BatcherError::Silent { .. }) && nowhere.is_passing(), "{nowhere}");
    let no_url = Batcher::connect("ftp://x", &ROLLUP).unwrap_err();
    assert!(matches!(no_url, BatcherError::Endpoint(_)), "{no_url}");
}

#[test]
fn what_is_posted_again_is_the_same_and_proofs_go_along_where_they_are_needed() {
    let fake = FakeBatcher::start(ROLLUP);
    let batcher = connect(&fake);
    let both = [payment(0), payment(1)];
    let first = batcher.post(&both, &[], &Patience::none()).unwrap();
    let again = batcher.post(&both, &[account(1)], &Patience::none()).unwrap();
    assert_eq!(first, again);
    for (one, posted) in both.iter().zip(&first) {
        let accepted = posted.answer.as_ref().unwrap();
        assert_eq!((posted.hash, accepted.receipt.as_ref().unwrap().promised), (one.hash(), 11));
    }
    let state = fake.state();
    let proofs: Vec<bool> =
        state.posted.iter().map(|one| one["signatures"][0]["proof"].is_string()).collect();
    assert_eq!(proofs, [true, true, false, false]);
    drop(state);

    let unsigned = Signable::new(ROLLUP, payment(2).transaction().clone()).unwrap();
    let error = batcher.post(&[unsigned], &[], &Patience::none()).unwrap_err();
    assert!(matches!(error, BatcherError::NotSigned { .. }), "{error}");
    // More than one request takes are several requests.
    fake.state().quote["limits"]["transactions_per_request"] = json!(2);
    let many: Vec<Signable> = (0..5).map(payment).collect();
    let posted = connect(&fake).post(&many, &[], &Patience::none()).unwrap();
    assert!(posted.iter().zip(&many).all(|(one, sent)| one.hash == sent.hash()));
    let posts = fake.state().asked.iter().filter(|one| one.starts_with("POST")).count();
    assert_eq!(posts, 2 + 3);
}

#[test]
fn silence_refusal_and_a_malformed_answer_are_three_things() {
    let fake = FakeBatcher::start(ROLLUP);
    let batcher = connect(&fake);
    let post = |manner| {
        fake.state().manner = manner;
        batcher.post(&[payment(0)], &[], &Patience::none())
    };
    for manner in [Manner::Html, Manner::Half, Manner::Fewer, Manner::OtherRecord] {
        let error = post(manner).unwrap_err();
        let is_malformed = matches!(error, BatcherError::Malformed { .. }) && !error.is_passing();
        assert!(is_malformed, "{manner:?}: {error}");
    }
    let posted = post(Manner::Refuses).unwrap();
    let refused = posted[0].answer.as_ref().unwrap_err();
    assert_eq!(refused.code, "BALANCE_TOO_LOW");

    let busy = post(Manner::Busy(1)).unwrap_err();
    assert!(
        matches!(&busy, BatcherError::Refused { status: 503, error, .. } if error.code == "BUSY"),
        "{busy}"
    );
    // With patience, a busy batcher is asked again.
    fake.state().manner = Manner::Busy(2);
    batcher.post(&[payment(0)], &[], &patient()).unwrap();
    fake.vanish();
    let gone = batcher.post(&[payment(0)], &[], &Patience::none()).unwrap_err();
    assert!(matches!(gone, BatcherError::Silent { .. }), "{gone}");
}

#[test]
fn a_receipt_that_is_worth_nothing_is_told_beside_the_record() {
    let fake = FakeBatcher::start(ROLLUP);
    let batcher = connect(&fake);
    type Expected = fn(&ReceiptProblem) -> bool;
    let cases: [(Manner, Expected); 3] = [
        (Manner::OtherKey, |problem| {
            matches!(problem, ReceiptProblem::Signature(ReceiptError::OtherKey { .. }))
        }),
        (Manner::Forged, |problem| *problem == ReceiptProblem::Signature(ReceiptError::Wrong)),
        (Manner::OtherHash, |problem| *problem == ReceiptProblem::Signature(ReceiptError::Wrong)),
    ];
    for (counter, (manner, expected)) in (0..).zip(cases) {
        fake.state().manner = manner;
        let posted = batcher.post(&[payment(counter)], &[], &Patience::none()).unwrap();
        let accepted = posted[0].answer.as_ref().unwrap();
        let problem = accepted.receipt.as_ref().unwrap_err();
        assert!(expected(problem), "{manner:?}: {problem}");
    }
}

/// What was told while something was followed, in words.
type Sentences = std::sync::Mutex<Vec<String>>;

fn teller(told: &Sentences) -> impl FnMut(&News<'_>) + '_ {
    |news| {
        let words = match news {
            News::Stage(record) => record.stage.word().to_owned(),
            News::Signed(_) => "signed".to_owned(),
            News::NotTaken(_, problem) => format!("not taken: {problem}"),
            News::Refused(_, problem) => format!("refused: {problem}"),
            News::Unreadable(problem) => format!("unreadable: {problem}"),
            News::Away(error) => format!("away: {error}"),
        };
        told.lock().unwrap().push(words);
    }
}

/// Waits until so much was told that begins with a word.
fn wait_told(told: &Sentences, count: usize, word: &str) {
    wait(|| told.lock().unwrap().iter().filter(|one| one.starts_with(word)).count() >= count);
}

/// Stays with one payment; `meanwhile` is what the batcher does.
fn stay<'p>(
    fake: &FakeBatcher,
    patience: impl FnOnce() -> Patience<'p>,
    meanwhile: impl FnOnce(&FakeBatcher, &Signable, &Sentences) + Send,
) -> (Stayed, Vec<String>) {
    let (batcher, sent, key) = (connect(fake), payment(0), secret(1));
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(AccountIndex(12)));
    cosigner.means(&sent);
    let events = Events::subscribe(&batcher, &[account(1)], true);
    wait(|| events.wait_open());
    batcher.post(std::slice::from_ref(&sent), &[], &Patience::none()).unwrap();
    let told = Sentences::default();
    let stayed = thread::scope(|scope| {
        scope.spawn(|| meanwhile(fake, &sent, &told));
        let patience = patience();
        let mut tell = teller(&told);
        batcher.stay(
            &[sent.hash()],
            Some(&events),
            &[cosigner],
            Stage::Sent,
            &patience,
            &mut |_| Ok(()),
            &mut tell,
        )
    });
    (stayed, told.into_inner().unwrap())
}

#[test]
fn what_is_offered_is_signed_and_followed_until_it_is_sent() {
    let fake = FakeBatcher::start(ROLLUP);
    let (stayed, told) = stay(&fake, patient, |fake, sent, _| {
        let id = fake.offer(&batch(&[sent]), &[account(1)]);
        wait(|| !fake.state().signatures.is_empty());
        let state = fake.state();
        let (batch, body) = &state.signatures[0];
        assert_eq!(*batch, id.to_string());
        assert_eq!(body["signatures"][0]["account"], account(1).to_string());
        drop(state);
        for stage in [Stage::Offered, Stage::Sealed, Stage::Sent] {
            fake.stage(&sent.hash().to_string(), stage);
        }
    });
    assert!(matches!(stayed.end, StayEnd::Reached), "{:?}", stayed.end);
    let stages: Vec<&str> = told.iter().map(String::as_str).collect();
    assert_eq!(stages.first(), Some(&"queued"));
    assert!(stages.contains(&"signed") && stages.last() == Some(&"sent"), "{stages:?}");
    assert_eq!(stayed.records[0].as_ref().unwrap().stage, Stage::Sent);
    let subscribed = fake.state().asked.iter().any(|one| {
        one.contains("/v1/events?")
            && one.contains(&account(1).to_string())
            && one.contains("cosign")
    });
    assert!(subscribed, "{:?}", fake.state().asked);
}

#[test]
fn offers_that_lie_are_told_and_not_signed_and_the_payment_goes_on() {
    let fake = FakeBatcher::start(ROLLUP);
    let (stayed, told) = stay(&fake, patient, |fake, sent, told| {
        let mut other = sent.transaction().clone();
        other.operations[0].counter = Counter::new(1);
        let more = Builder::new().transaction(sent.transaction().clone()).transaction(other);
        fake.offer(&more.build(), &[account(1)]);
        // An offer for somebody else is nobody's matter here, nor is one of another kind of event.
        fake.offer(&batch(&[sent]), &[account(3)]);
        fake.event(None, "holiday", "{}");
        fake.event(None, "offer", "{\"batch\":");
        fake.event(Some(1), "level", "{\"level\": 1, \"block\": \"B\"}");
        // All of it is read before the transaction is where it was to come.
        wait_told(told, 2, "unreadable");
        fake.stage(&sent.hash().to_string(), Stage::Sent);
    });
    assert!(matches!(stayed.end, StayEnd::Reached), "{:?}", stayed.end);
    assert!(fake.state().signatures.is_empty());
    let [(_, OfferProblem::OtherCounter { number: 1, .. })] = stayed.refused.as_slice() else {
        panic!("{:?}", stayed.refused)
    };
    let count = |word: &str| told.iter().filter(|one| one.starts_with(word)).count();
    assert_eq!((count("refused"), count("unreadable"), count("signed")), (1, 2, 0), "{told:?}");
    assert!(told.iter().any(|one| one.contains("event 1 after event")), "{told:?}");
}

#[test]
fn a_stream_that_breaks_goes_on_after_the_last_event() {
    let fake = FakeBatcher::start(ROLLUP);
    let (stayed, _) = stay(&fake, patient, |fake, sent, told| {
        // One that cannot be read has come all the same, and is told.
        fake.event(Some(41), "offer", "{\"batch\":");
        wait_told(told, 1, "unreadable");
        fake.drop_streams();
        fake.wait_streams(1);
        fake.offer(&batch(&[sent]), &[account(1)]);
        wait(|| !fake.state().signatures.is_empty());
        fake.stage(&sent.hash().to_string(), Stage::Sent);
    });
    assert!(matches!(stayed.end, StayEnd::Reached), "{:?}", stayed.end);
    let state = fake.state();
    let resumed =
        state.asked.iter().any(|one| one.contains("/v1/events") && one.ends_with("after 41"));
    assert!(resumed, "{:?}", state.asked);
}

#[test]
fn a_batcher_that_vanishes_or_says_nothing_is_left_when_the_time_is_over() {
    let fake = FakeBatcher::start(ROLLUP);
    let gone = || {
        fake.vanish();
        Patience::lasting(Duration::from_secs(2))
    };
    let (stayed, told) = stay(&fake, gone, |_, _, _| {});
    let StayEnd::Away(error) = &stayed.end else { panic!("{:?}", stayed.end) };
    assert!(matches!(error, BatcherError::Silent { .. }), "{error}");
    assert!(told.iter().any(|one| one.starts_with("away")), "{told:?}");

    let fake = FakeBatcher::start(ROLLUP);
    let short = || Patience::lasting(Duration::from_secs(1));
    let (stayed, _) = stay(&fake, short, |_, _, _| {});
    assert!(matches!(stayed.end, StayEnd::Timeout), "{:?}", stayed.end);
    assert_eq!(stayed.records[0].as_ref().unwrap().stage, Stage::Queued);

    static FLAG: AtomicBool = AtomicBool::new(false);
    let (stayed, _) =
        stay(&fake, || patient().until(&FLAG), |_, _, _| FLAG.store(true, Ordering::SeqCst));
    assert!(matches!(stayed.end, StayEnd::Interrupted), "{:?}", stayed.end);
}

#[test]
fn a_batcher_without_events_is_asked_how_far_it_is() {
    let fake = FakeBatcher::start(ROLLUP);
    fake.state().thinks = Duration::from_millis(300);
    let (batcher, sent) = (connect(&fake), payment(0));
    batcher.post(std::slice::from_ref(&sent), &[], &Patience::none()).unwrap();
    let told = Sentences::default();
    let stayed = thread::scope(|scope| {
        scope.spawn(|| {
            wait_told(&told, 1, "queued");
            fake.stage(&sent.hash().to_string(), Stage::Dropped);
        });
        let mut tell = teller(&told);
        batcher.stay(&[sent.hash()], None, &[], Stage::Sent, &patient(), &mut |_| Ok(()), &mut tell)
    });
    assert!(matches!(stayed.end, StayEnd::Reached), "{:?}", stayed.end);
    assert_eq!(stayed.records[0].as_ref().unwrap().stage, Stage::Dropped);
    assert_eq!(told.into_inner().unwrap(), ["queued", "dropped"]);
}

#[test]
fn whoever_listens_to_nothing_hears_that_it_is_open() {
    let fake = FakeBatcher::start(ROLLUP);
    let batcher = connect(&fake);
    let events = Events::subscribe(&batcher, &[], false);
    wait(|| events.wait_open());
    fake.event(None, "level", "{\"level\": 5, \"block\": \"B\"}");
    let heard = events.next_within(PATIENCE);
    let is_level = matches!(&heard, Some(Heard::Event(Event::Level(level))) if level.level == 5);
    assert!(is_level, "{heard:?}");
    fake.event(None, "missed", "{\"from\": 6, \"to\": 7}");
    let heard = events.next_within(PATIENCE);
    assert!(matches!(heard, Some(Heard::Event(Event::Missed(_)))), "{heard:?}");
    assert!(events.next_within(Duration::from_millis(50)).is_none());
    let unknown = batcher.record(&Hash32([3; 32])).unwrap_err();
    assert!(matches!(unknown, BatcherError::Refused { status: 404, .. }), "{unknown}");
}
