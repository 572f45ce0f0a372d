//! A payment whose batch was signed as a whole: its result is kept under the batch, and it is found there, so that it
//! is not taken for one that was never made. That holds too where the wallet does not know the batch any more.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use client::{Assembly, Builder};
use encoding::{AccountIndex, Amount, Level};
use inbox::v2::Name;
use wallet::batcher::cosign::CoSigner;
use wallet::expiry::last_level;
use wallet::follow::{Settlement, status_at_head};
use wallet::missing_result::MissingResult;
use wallet::packing::Payment;
use wallet::patience::Patience;
use wallet::pay::{PayError, PaymentRequest, SameAs};
use wallet::payments::{NextStep, PaymentStore, Row, StoredPayments};
use wallet::session::Session;
use wallet::transaction::Signable;
use wallet::transaction_status::TransactionStatus;

use crate::common::{Octez, ROLLUP, account, secret, usdt};
use crate::fake_batcher::{content, offer};

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Account 1 has signed a payment to account 2, and given it to a batcher.
struct Given {
    folder: Folder,
    octez: Octez,
    session: Session,
    store: PaymentStore,
    request: PaymentRequest,
    stored: StoredPayments,
}

impl Given {
    fn new(name: &str) -> Self {
        let name = format!("toru-in-batch-{name}-{}", std::process::id());
        let folder = Folder(std::env::temp_dir().join(name));
        let octez = Octez::start();
        octez.deposit(account(1), &usdt(), 20_000_000);
        octez.bake(1);
        let session = Session::connect(&octez.endpoint, None, None).unwrap();
        let store = PaymentStore::new(&folder.0, session.rollup());
        let state = session.state().unwrap();
        let token = state.token(&state.tokens().unwrap(), None, "USDt").unwrap().unwrap();
        let (to, amount) = (account(2), Amount::new(5));
        let row = Row { line: 0, to, ticket: usdt(), amount, memo: None };
        let request = PaymentRequest {
            payer: account(1),
            file: None,
            rows: vec![row],
            payments: vec![Payment { to: Name::Address(to), token, amount, memo: None }],
            expires: last_level(state.block().level, 240),
            by_index: false,
            again: false,
        };
        let draft = session.draft(&store, &state, &request).unwrap();
        let mut stored = session.sign(&store, &state, &request, draft, &secret(1)).unwrap();
        session.record_batcher(&store, &mut stored, &[0], "http://batcher").unwrap();
        drop(state);
        Given { folder, octez, session, store, request, stored }
    }

    fn sent(&self) -> &Signable {
        &self.stored.payments.transactions[0].signable
    }

    /// The message of a batch that has it, whose signer signs the batch and nothing else.
    fn cosigned(&self) -> Vec<u8> {
        let batch = Builder::new()
            .registration(client::registration(&secret(1)))
            .transaction(self.sent().transaction().clone())
            .build();
        let (id, bytes) = content(&batch, &ROLLUP);
        let key = secret(1);
        let mut cosigner = CoSigner::new(ROLLUP, &key, Some(AccountIndex(0)));
        cosigner.means(self.sent());
        let offer = serde_json::from_value(offer(&id, &bytes, &[account(1)])).unwrap();
        let signed = cosigner.sign(&offer).unwrap();
        self.session.record_cosigned(&self.store, &signed.offer).unwrap();
        let mut assembly = Assembly::new(batch, ROLLUP);
        assembly.batch_signature(0, client::sign(&key, &signed.offer.payload));
        assembly.message().unwrap()[1..].to_vec()
    }

    /// Something else uses its counter up.
    fn replace(&self) {
        let mut transaction = self.sent().transaction().clone();
        transaction.operations[0].actions.clear();
        let mut other = Signable::new(ROLLUP, transaction).unwrap();
        other.sign(&secret(1)).unwrap();
        let messages = wallet::bundle::bundle(&ROLLUP, &[other], &[]).unwrap();
        self.octez.send(&messages[0][1..]);
        self.octez.bake(1);
    }

    /// The file that says which batches were signed.
    fn log(&self) -> PathBuf {
        self.folder.0.join(ROLLUP.to_string()).join("cosigned.jsonl")
    }

    /// What another process says of it, and what is to be done.
    fn later(&self) -> (Vec<TransactionStatus>, NextStep) {
        let later = Session::connect(&self.octez.endpoint, None, None).unwrap();
        let same = SameAs { goes_on: true, ..self.request.same() };
        let found = later.unfinished(&self.store, &same, None).unwrap().unwrap();
        let step = found.progress.next(&found.stored.payments);
        (found.progress.now, step)
    }

    fn received(&self) -> u64 {
        let state = self.session.state().unwrap();
        let to = state.account(&account(2)).unwrap();
        state.balance(&to, &state.tokens().unwrap()[0]).unwrap().get()
    }
}

#[test]
fn what_was_signed_as_part_of_a_batch_is_found_under_the_batch_and_not_paid_again() {
    let mut given = Given::new("found");
    let message = given.cosigned();
    given.octez.send(&message);
    given.octez.bake(1);
    let patience = Patience::lasting(Duration::from_secs(300));
    let Given { session, store, stored, .. } = &mut given;
    let (state, wanted) = (session.state().unwrap(), Settlement::Included);
    let followed = session.follow_payments(store, &state, stored, wanted, &patience, &|_, _| {});
    assert_eq!(followed.statuses(&stored.payments), [TransactionStatus::Applied(Level(2))]);

    // Another process knows it from the disk.
    given.octez.bake(3);
    assert_eq!(given.later().1, NextStep::Nothing);
    assert_eq!(given.received(), 5);
}

#[test]
fn a_batch_that_the_wallet_has_lost_is_found_in_the_levels_and_the_payment_is_not_made_again() {
    type Damage = fn(&[u8]) -> Option<Vec<u8>>;
    let damages: [(&str, Damage); 4] = [
        ("gone", |_| None),
        ("empty", |_| Some(Vec::new())),
        ("cut", |bytes| Some(bytes[..bytes.len() / 2].to_vec())),
        ("bytes", |bytes| Some(bytes.iter().map(|byte| byte ^ 0x80).collect())),
    ];
    for (name, damage) in damages {
        let given = Given::new(name);
        let message = given.cosigned();
        given.octez.send(&message);
        given.octez.bake(1);
        // The same once more is refused whole, in a later level: that says nothing of the first.
        given.octez.send(&message);
        given.octez.bake(3);
        let good = fs::read(given.log()).unwrap();
        match damage(&good) {
            None => fs::remove_file(given.log()).unwrap(),
            Some(bytes) => fs::write(given.log(), bytes).unwrap(),
        }
        let applied = vec![TransactionStatus::Applied(Level(2))];
        assert_eq!(given.later(), (applied.clone(), NextStep::Nothing), "{name}");
        assert_eq!(given.received(), 5, "{name}");
        // It is written down again.
        let written = fs::read(given.log()).unwrap();
        let line = good.split(|byte| *byte == b'\n').find(|line| !line.is_empty()).unwrap();
        assert!(written.windows(line.len()).any(|part| part == line), "{name}");
    }
}

#[test]
fn where_neither_the_wallet_nor_the_node_knows_the_batch_nothing_is_paid_until_that_is_said() {
    let given = Given::new("unknown");
    let message = given.cosigned();
    given.octez.send(&message);
    given.octez.bake(4);
    fs::remove_file(given.log()).unwrap();
    // The node has thrown away what was in the first levels, and shows the later ones.
    given.octez.hides(Some(3));
    let unknown = (vec![TransactionStatus::Unknown], NextStep::Unknown(vec![0]));
    assert_eq!(given.later(), unknown);
    // A new payment of the same kind is refused, too.
    let state = given.session.state().unwrap();
    let fresh = Session::connect(&given.octez.endpoint, None, None).unwrap();
    let refused = fresh.draft(&given.store, &state, &given.request);
    assert!(matches!(refused, Err(PayError::SentBefore(_))), "{refused:?}");
    let meant = PaymentRequest { again: true, ..given.request.clone() };
    fresh.draft(&given.store, &state, &meant).unwrap();
    // It is not the last word: a node that shows the levels knows it.
    assert_eq!(given.later(), unknown);
    given.octez.hides(None);
    assert_eq!(given.later().1, NextStep::Nothing);
    // And what was found is known from then on, whatever the node shows.
    given.octez.hides(Some(100));
    assert_eq!(given.later().1, NextStep::Nothing);
}

#[test]
fn what_really_was_replaced_is_signed_anew_once_every_level_was_looked_at() {
    let given = Given::new("replaced");
    // A batch that has it was signed, and came too late: its counter was used up by then.
    let message = given.cosigned();
    given.replace();
    given.octez.send(&message);
    given.octez.bake(3);
    given.octez.hides(Some(1));
    let unknown = (vec![TransactionStatus::Unknown], NextStep::Unknown(vec![0]));
    assert_eq!(given.later(), unknown);
    given.octez.hides(None);
    let replaced = (vec![TransactionStatus::Replaced], NextStep::SignAnew(vec![0]));
    assert_eq!(given.later(), replaced);
    assert_eq!(given.received(), 0);
}

#[test]
fn a_hash_whose_batch_nobody_has_written_down_has_a_result_all_the_same() {
    let given = Given::new("hash");
    let message = given.cosigned();
    given.octez.send(&message);
    given.octez.bake(1);
    let later = Session::connect(&given.octez.endpoint, None, None).unwrap();
    let hash = given.sent().hash();
    assert_eq!(status_at_head(later.node(), &hash).unwrap(), None);
    assert_ne!(later.missing_result(&hash).unwrap(), MissingResult::Unknown);
    let (found, _) = status_at_head(later.node(), &hash).unwrap().unwrap();
    assert!(found.is_final() && found.failure().is_none(), "{found:?}");
}
