//! The safe way to pay, over a node that answers as Octez's does: nothing is made twice, whatever is
//! forgotten, queued, cut off or done by two processes at a time.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::common::{Octez, ROLLUP, account, secret, usdt};
use encoding::{Amount, Level, RollupAddress};
use inbox::v2::Name;
use tx_kernel::results::ResultCode;
use wallet::expiry::last_level;
use wallet::follow::Settlement;
use wallet::following::FollowEnd;
use wallet::in_flight::InFlight;
use wallet::known_rollups::{KnownRollups, KnownRollupsError};
use wallet::packing::Payment;
use wallet::patience::Patience;
use wallet::pay::{PayError, PaymentRequest, SameAs};
use wallet::payments::{NextStep, PaymentStore, Row, StoredPayments};
use wallet::session::{Session, SessionError};
use wallet::transaction_status::TransactionStatus;

/// A folder, removed at the end of its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("toru-pay-{name}-{}", std::process::id());
        Folder(std::env::temp_dir().join(name))
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A node whose rollup has given account 1 twenty USDt, a session with it, and a store for payments.
fn funded(folder: &Folder) -> (Octez, Session, PaymentStore) {
    let octez = Octez::start();
    octez.deposit(account(1), &usdt(), 20_000_000);
    octez.bake(1);
    let session = Session::connect(&octez.endpoint, None, None).unwrap();
    let store = PaymentStore::new(folder.path(), session.rollup());
    (octez, session, store)
}

/// A payment by account 1 to account 2 that is valid for so many levels.
fn request(session: &Session, amount: u64, levels: u32) -> PaymentRequest {
    let state = session.state().unwrap();
    let tokens = state.tokens().unwrap();
    let token = state.token(&tokens, None, "USDt").unwrap().unwrap();
    let (to, amount) = (account(2), Amount::new(amount));
    let row = Row { line: 0, to, ticket: usdt(), amount, memo: None };
    PaymentRequest {
        payer: account(1),
        file: None,
        rows: vec![row],
        payments: vec![Payment { to: Name::Address(to), token, amount, memo: None }],
        expires: last_level(state.block().level, levels),
        by_index: false,
        again: false,
    }
}

/// Signs it and gives it to the node.
fn pay(session: &Session, store: &PaymentStore, request: &PaymentRequest) -> StoredPayments {
    let state = session.state().unwrap();
    let draft = session.draft(store, &state, request).unwrap();
    let stored = session.sign(store, &state, request, draft, &secret(1)).unwrap();
    let messages = session.messages(&state, &stored.payments, &[0]).unwrap();
    session.deliver(&messages, &Patience::none()).unwrap();
    stored
}

fn received(session: &Session) -> u64 {
    let state = session.state().unwrap();
    let to = state.account(&account(2)).unwrap();
    let token = state.tokens().unwrap().remove(0);
    state.balance(&to, &token).unwrap().get()
}

#[test]
fn a_node_is_held_to_the_rollup_that_is_meant_and_to_the_one_that_it_ran() {
    let folder = Folder::new("rollup");
    let octez = Octez::start();
    let connect = |wanted: Option<&RollupAddress>| {
        let known = KnownRollups::in_folder(folder.path());
        Session::connect(&octez.endpoint, wanted, Some(&known))
    };
    let other = RollupAddress([9; 20]);
    let refused = connect(Some(&other));
    let expected = (other, ROLLUP);
    assert!(
        matches!(refused, Err(SessionError::OtherRollup { wanted, found }) if (wanted, found) == expected)
    );
    // As if it had run the other one before.
    let known = KnownRollups::in_folder(folder.path());
    known.check(&octez.endpoint, &other, true).unwrap();
    let changed = connect(None);
    assert!(matches!(changed, Err(SessionError::Known(KnownRollupsError::Changed { .. }))));
    assert_eq!(*connect(Some(&ROLLUP)).unwrap().rollup(), ROLLUP);
    let session = connect(None).unwrap();
    assert!(!session.is_sandbox() && !session.is_simulated());
}

#[test]
fn the_same_payment_is_refused_until_it_is_meant() {
    let folder = Folder::new("twice");
    let (octez, session, store) = funded(&folder);
    let mut request = request(&session, 5, 240);
    let mut stored = pay(&session, &store, &request);
    assert!(stored.path().exists());

    // It waits for a level: the same is refused for that, and another for its counter.
    let state = session.state().unwrap();
    assert_eq!(session.in_flight(&account(1)).unwrap(), InFlight::Signed);
    assert_eq!(session.in_flight(&account(3)).unwrap(), InFlight::Nothing { unsigned: 0 });
    let same = session.draft(&store, &state, &request);
    assert!(matches!(same, Err(PayError::SentBefore(_))), "{same:?}");
    request.again = true;
    let other = session.draft(&store, &state, &request);
    assert!(matches!(other, Err(PayError::InFlight(of)) if of == account(1)), "{other:?}");
    assert!(session.not_queued(&stored.payments, &[0]).is_empty());

    octez.bake(1);
    let patience = Patience::lasting(Duration::from_secs(300));
    let wanted = Settlement::Included;
    let followed =
        session.follow_payments(&store, &state, &mut stored, wanted, &patience, &|_, _| {});
    assert!(matches!(followed.end, FollowEnd::All), "{:?}", followed.end);
    assert_eq!(followed.statuses(&stored.payments), [TransactionStatus::Applied(Level(2))]);
    assert_eq!(received(&session), 5);

    // It is over: the next one of the same kind is another payment.
    request.again = false;
    octez.bake(2);
    pay(&session, &store, &request);
    octez.bake(1);
    assert_eq!(received(&session), 10);
}

#[test]
fn of_two_processes_one_signs() {
    let folder = Folder::new("two");
    let (_octez, session, store) = funded(&folder);
    let request = request(&session, 5, 240);
    let state = session.state().unwrap();
    let draft = || session.draft(&store, &state, &request).unwrap();
    // Both have looked before either has signed.
    let (one, two) = (draft(), draft());
    session.sign(&store, &state, &request, one, &secret(1)).unwrap();
    let refused = session.sign(&store, &state, &request, two, &secret(1));
    assert!(matches!(refused, Err(PayError::SentBefore(_))), "{refused:?}");
}

#[test]
fn what_expired_is_signed_anew_once_and_only_when_it_cannot_come_back() {
    let folder = Folder::new("anew");
    let (octez, session, store) = funded(&folder);
    let wanted = request(&session, 5, 1);
    let state = session.state().unwrap();
    // Signed and recorded, and then the process is killed before it sends.
    let draft = session.draft(&store, &state, &wanted).unwrap();
    drop(session.sign(&store, &state, &wanted, draft, &secret(1)).unwrap());

    let same = SameAs { goes_on: true, ..wanted.same() };
    let next = || {
        let found = session.unfinished(&store, &same, None).unwrap().unwrap();
        let mut stored = found.stored;
        let (_, step) =
            session.next_step(&store, &mut stored, found.progress, &Patience::none()).unwrap();
        (stored, step)
    };
    assert_eq!(next().1, NextStep::Send(vec![0]));
    octez.bake(1);
    // Its last level is over at the head, and layer 1 may still go back behind that.
    assert_eq!(next().1, NextStep::Wait);
    octez.bake(2);
    let (mut stored, step) = next();
    assert_eq!(step, NextStep::SignAnew(vec![0]));

    let state = session.state().unwrap();
    let expires = last_level(state.block().level, 240);
    let anew = |stored: &StoredPayments| {
        session.draft_anew(&state, &stored.payments, &[0], expires, false)
    };
    let (one, two) = (anew(&stored).unwrap(), anew(&stored).unwrap());
    let (mut other, _) = next();
    let new = session.sign_anew(&store, &state, &mut stored, one, &secret(1)).unwrap();
    assert_eq!(new, [1]);
    let late = session.sign_anew(&store, &state, &mut other, two, &secret(1));
    assert!(matches!(late, Err(PayError::GoneOn)), "{late:?}");

    let messages = session.messages(&state, &stored.payments, &new).unwrap();
    session.deliver(&messages, &Patience::none()).unwrap();
    octez.bake(1);
    assert_eq!(next().1, NextStep::Nothing);
    assert_eq!(received(&session), 5);
    assert!(session.unfinished(&store, &same, Some(account(3))).unwrap().is_none());
}

#[test]
fn what_is_refused_is_told_with_its_reason() {
    let folder = Folder::new("refused");
    let (octez, session, store) = funded(&folder);
    let state = session.state().unwrap();
    let mut stored = pay(&session, &store, &request(&session, 30_000_000, 240));
    octez.bake(1);
    let patience = Patience::lasting(Duration::from_secs(300));
    let wanted = Settlement::Included;
    let followed =
        session.follow_payments(&store, &state, &mut stored, wanted, &patience, &|_, _| {});
    assert!(matches!(followed.end, FollowEnd::Refused), "{:?}", followed.end);
    let statuses = followed.statuses(&stored.payments);
    let [TransactionStatus::Refused(Level(2), outcome)] = statuses.as_slice() else {
        panic!("{statuses:?}")
    };
    assert_eq!(outcome.code, ResultCode::BalanceTooLow);
}
