//! Plans over a node that answers as Octez's does: what is planned, and what stops a plan before it is sent.

use std::path::PathBuf;

use crate::common::{Octez, ROLLUP, account, secret, usdt};
use client::{Assembly, Builder};
use encoding::limits::LEVELS_PER_GENERATION;
use encoding::{Amount, Hash32, Level, RollupAddress};
use wallet::expiry::last_level;
use wallet::indexes::{IndexError, KnownIndexes};
use wallet::patience::Patience;
use wallet::pay::PayError;
use wallet::payments::{NextStep, PaymentStore, Row, Source};
use wallet::payout::{PayoutError, PayoutFacts, PayoutPlan, PayoutRequest, RequestedRow, RowStage};
use wallet::session::Session;
use wallet::transaction_status::TransactionStatus;

/// A folder, removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        Folder(std::env::temp_dir().join(format!("toru-payout-{name}-{}", std::process::id())))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A node whose rollup has given account 1 twenty USDt, and accounts 2 and 3 one each, all final.
fn funded(folder: &Folder) -> (Octez, Session, PaymentStore) {
    let octez = Octez::start();
    for (number, amount) in [(1, 20_000_000), (2, 1_000_000), (3, 1_000_000)] {
        octez.deposit(account(number), &usdt(), amount);
    }
    octez.bake(4);
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let store = PaymentStore::new(&folder.0, session.rollup());
    (octez, session, store)
}

/// Account 1 pays accounts 2, 3 and 4, which is not known yet.
fn request(session: &Session) -> PayoutRequest {
    let state = session.state().unwrap();
    let tokens = state.tokens().unwrap();
    let token = state.token(&tokens, None, "USDt").unwrap().unwrap();
    let row = |number: u8| RequestedRow {
        payer: 0,
        name: format!("person {number}"),
        row: Row {
            line: number.into(),
            to: account(number),
            ticket: usdt(),
            amount: Amount::new(1_000 * u64::from(number)),
            memo: None,
        },
        token: token.clone(),
        memo: None,
    };
    PayoutRequest {
        file: Source { name: "pay.csv".to_owned(), digest: Hash32([4; 32]) },
        payers: vec![("treasury".to_owned(), account(1))],
        rows: vec![row(2), row(3), row(4)],
        expires: last_level(state.block().level, 100),
        by_index: true,
        allows_duplicates: false,
        again: false,
        rest: false,
    }
}

/// Plans it and signs it.
fn planned(session: &Session, store: &PaymentStore) -> PayoutPlan {
    let state = session.state().unwrap();
    let mut indexes = KnownIndexes::forgetful(session.rollup());
    let (mut plan, unsigned) =
        session.plan_payout(store, &state, &request(session), &mut indexes).unwrap();
    assert_eq!(unsigned, 0);
    plan.sign(&secret(1)).unwrap();
    plan
}

/// The same facts with something else, signed.
fn changed(plan: &PayoutPlan, change: impl Fn(&mut PayoutFacts)) -> PayoutPlan {
    let mut facts = plan.facts().clone();
    change(&mut facts);
    let mut plan = PayoutPlan::new(facts).unwrap();
    plan.sign(&secret(1)).unwrap();
    plan
}

/// Whether something speaks against sending it.
fn check(session: &Session, store: &PaymentStore, plan: &PayoutPlan) -> Result<(), PayoutError> {
    let parts = session.payout_progress(store, plan)?;
    let mut indexes = KnownIndexes::forgetful(session.rollup());
    session.check_payout(&session.state().unwrap(), plan, &parts, &mut indexes)
}

/// Records it, sends it, and says how many messages that took.
fn send(session: &Session, store: &PaymentStore, plan: &PayoutPlan) -> usize {
    let state = session.state().unwrap();
    let mut parts = session.payout_progress(store, plan).unwrap();
    session.record_payout(store, &state, plan, &mut parts).unwrap();
    let NextStep::Send(open) = parts[0].next() else { return 0 };
    let messages = session.messages(&state, parts[0].payments(), &open).unwrap();
    session.deliver(&messages, &Patience::none()).unwrap();
    messages.len()
}

fn stages(session: &Session, store: &PaymentStore, plan: &PayoutPlan) -> Vec<&'static str> {
    let parts = session.payout_progress(store, plan).unwrap();
    let settled = session.node().settled().unwrap();
    plan.staged(&parts, Some(&settled)).iter().map(|row| row.stage.word()).collect()
}

#[test]
fn a_plan_names_what_is_final_by_index_and_is_sent_once() {
    let folder = Folder::new("once");
    let (octez, session, store) = funded(&folder);
    let plan = planned(&session, &store);
    let indexes: Vec<bool> = plan.facts().rows.iter().map(|row| row.index.is_some()).collect();
    assert_eq!(indexes, [true, true, false], "account 4 has none");
    assert!(plan.facts().tickets[0].index.is_some());
    assert_eq!(plan, planned(&session, &store), "the same state makes the same plan");
    check(&session, &store, &plan).unwrap();
    assert_eq!(stages(&session, &store, &plan), ["not sent"; 3]);
    assert_eq!(send(&session, &store, &plan), 1);
    assert_eq!(stages(&session, &store, &plan), ["sent"; 3]);
    octez.bake(1);
    assert_eq!(stages(&session, &store, &plan), ["included"; 3]);
    assert_eq!(send(&session, &store, &plan), 0, "nothing is left to be sent");
    octez.bake(2);
    assert!(stages(&session, &store, &plan).iter().all(|word| *word != "included"));
    // The same file is not planned again, nor is it run by another plan of it.
    let state = session.state().unwrap();
    let mut indexes = KnownIndexes::forgetful(session.rollup());
    let again = session.plan_payout(&store, &state, &request(&session), &mut indexes);
    assert!(matches!(again, Err(PayoutError::Pay(PayError::SentBefore(_)))), "{again:?}");
    let other =
        changed(&plan, |facts| facts.payers[0].counter = facts.payers[0].counter.next().unwrap());
    let mut parts = session.payout_progress(&store, &other).unwrap();
    let recorded = session.record_payout(&store, &state, &other, &mut parts);
    assert!(matches!(recorded, Err(PayoutError::Pay(PayError::SentBefore(_)))), "{recorded:?}");
}

#[test]
fn a_plan_that_would_do_something_else_than_it_says_is_not_sent() {
    let folder = Folder::new("else");
    let (octez, session, store) = funded(&folder);
    let plan = planned(&session, &store);
    let refused = |plan: &PayoutPlan| check(&session, &store, plan).unwrap_err();

    let elsewhere = changed(&plan, |facts| facts.rollup = RollupAddress([9; 20]));
    assert!(matches!(refused(&elsewhere), PayoutError::OtherRollup { .. }));
    let swapped = changed(&plan, |facts| {
        let index = facts.rows[0].index;
        facts.rows[0].index = facts.rows[1].index;
        facts.rows[1].index = index;
    });
    let error = refused(&swapped);
    let PayoutError::OtherAccount { line: 2, planned, now, .. } = error else { panic!("{error}") };
    assert_eq!((planned, now), (account(2), Some(account(3))));
    let nobody = changed(&plan, |facts| facts.rows[1].index = Some(encoding::AccountIndex(77)));
    assert!(matches!(refused(&nobody), PayoutError::OtherAccount { line: 3, now: None, .. }));
    let ticket = changed(&plan, |facts| facts.tickets[0].index = Some(encoding::TicketIndex(5)));
    assert!(matches!(refused(&ticket), PayoutError::OtherTicket { .. }));
    let ahead = changed(&plan, |facts| facts.payers[0].counter = encoding::Counter::new(7));
    assert!(matches!(refused(&ahead), PayoutError::CounterAhead { .. }));
    let late = changed(&plan, |facts| facts.expires = Some(session.state().unwrap().block().level));
    assert!(matches!(refused(&late), PayoutError::Expired { .. }));
    check(&session, &store, &plan).unwrap();

    // Its counter is used by something else: by whatever that was, if it is too long ago.
    let other = changed(&plan, |facts| facts.file.digest = Hash32([5; 32]));
    send(&session, &store, &other);
    octez.bake(1);
    let parts = session.payout_progress(&store, &plan).unwrap();
    assert!(parts[0].is_begun(), "what was sent does the same, and has the same hashes");
    let smaller = changed(&plan, |facts| facts.rows[0].amount = Amount::new(1));
    assert!(matches!(refused(&smaller), PayoutError::CounterUsed { .. }));
    let old = changed(&smaller, |facts| {
        facts.level = Level(session.state().unwrap().block().level.0 - LEVELS_PER_GENERATION);
    });
    let parts = session.payout_progress(&store, &old).unwrap();
    assert_eq!(parts[0].progress.now, [TransactionStatus::Forgotten]);
    assert!(matches!(refused(&old), PayoutError::Forgotten { .. }));
    let words: Vec<RowStage> = old.staged(&parts, None).iter().map(|row| row.stage).collect();
    assert_eq!(words, [RowStage::Unpaid(TransactionStatus::Forgotten); 3]);
}

#[test]
fn nodes_that_lie_twice_do_not_say_whose_an_index_is_once_an_honest_one_was_asked() {
    let folder = Folder::new("liars");
    let (_honest, session, store) = funded(&folder);
    let mut indexes = KnownIndexes::in_folder(&folder.0.join("indexes"), session.rollup()).unwrap();
    let state = session.state().unwrap();
    session.plan_payout(&store, &state, &request(&session), &mut indexes).unwrap();

    // Another one of the same rollup, on which the indexes of accounts 2 and 3 are each other's.
    let liar = Octez::start();
    for (number, amount) in [(1, 20_000_000), (3, 1_000_000), (2, 1_000_000)] {
        liar.deposit(account(number), &usdt(), amount);
    }
    liar.bake(4);
    let told = Session::connect(&liar.endpoint, None, None).unwrap();
    // Its plan is in itself as good as any: whoever has asked no other node finds nothing wrong.
    let plan = planned(&told, &store);
    check(&told, &store, &plan).unwrap();

    let known =
        || KnownIndexes::in_folder(&folder.0.join("indexes"), &plan.facts().rollup).unwrap();
    let is_contradiction =
        |error: &PayoutError| matches!(error, PayoutError::Index(IndexError::Contradiction { .. }));
    let state = told.state().unwrap();
    let planned = told.plan_payout(&store, &state, &request(&told), &mut known()).unwrap_err();
    assert!(is_contradiction(&planned), "{planned}");
    let parts = told.payout_progress(&store, &plan).unwrap();
    let run = told.check_payout(&state, &plan, &parts, &mut known()).unwrap_err();
    assert!(is_contradiction(&run), "{run}");
    let gone_on = told.check_indexes(&plan, &mut known()).unwrap_err();
    assert!(is_contradiction(&gone_on), "{gone_on}");
}

#[test]
fn a_plan_whose_payers_have_signed_a_batch_counts_as_paid_on_a_machine_without_records() {
    let folder = Folder::new("cosigned");
    let (octez, session, store) = funded(&folder);
    let plan = planned(&session, &store);
    let mut batch = Builder::new().registration(client::registration(&secret(1)));
    for one in plan.transactions() {
        batch = batch.transaction(one.signable.transaction().clone());
    }
    let batch = batch.build();
    let mut assembly = Assembly::new(batch, ROLLUP);
    let payload = assembly.signing_payload();
    for signing in 0..plan.transactions().len() {
        assembly.batch_signature(signing, client::sign(&secret(1), &payload));
    }
    octez.send(&assembly.message().unwrap()[1..]);
    octez.bake(1);
    assert_eq!(stages(&session, &store, &plan), ["included"; 3]);
    // Nothing of it is sent again.
    assert_eq!(send(&session, &store, &plan), 0);
    // Whoever cannot see the levels knows it from now on.
    octez.hides(Some(100));
    let later = Session::connect(&octez.endpoint, None, None).unwrap();
    assert_eq!(stages(&later, &store, &plan), ["included"; 3]);
}
