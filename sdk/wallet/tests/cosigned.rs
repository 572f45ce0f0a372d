//! A payment whose batch was signed as a whole: its result is kept under the batch, and it is found there, so that it
//! is not taken for one that was never made.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use client::{Assembly, Builder};
use encoding::{AccountIndex, Amount, Level};
use inbox::v2::Name;
use wallet::batcher::cosign::CoSigner;
use wallet::expiry::last_level;
use wallet::follow::Settlement;
use wallet::packing::Payment;
use wallet::patience::Patience;
use wallet::pay::{PaymentRequest, SameAs};
use wallet::payments::{NextStep, PaymentStore, Row};
use wallet::session::Session;
use wallet::transaction_status::TransactionStatus;

use crate::common::{Octez, ROLLUP, account, secret, usdt};
use crate::fake_batcher::{content, offer};

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn what_was_signed_as_part_of_a_batch_is_found_under_the_batch_and_not_paid_again() {
    let folder = Folder(std::env::temp_dir().join(format!("toru-in-batch-{}", std::process::id())));
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
    let sent = stored.payments.transactions[0].signable.clone();

    // The batch has it, and its signer signs the batch and nothing else.
    let batch = Builder::new()
        .registration(client::registration(&secret(1)))
        .transaction(sent.transaction().clone())
        .build();
    let (id, bytes) = content(&batch, &ROLLUP);
    let key = secret(1);
    let mut cosigner = CoSigner::new(ROLLUP, &key, Some(AccountIndex(0)));
    cosigner.means(&sent);
    let offer = serde_json::from_value(offer(&id, &bytes, &[account(1)])).unwrap();
    let signed = cosigner.sign(&offer).unwrap();
    session.record_cosigned(&store, &signed.offer).unwrap();
    let mut assembly = Assembly::new(batch, ROLLUP);
    assembly.batch_signature(0, client::sign(&key, &signed.offer.payload));
    octez.send(&assembly.message().unwrap()[1..]);
    octez.bake(1);

    let patience = Patience::lasting(Duration::from_secs(300));
    let wanted = Settlement::Included;
    let followed =
        session.follow_payments(&store, &state, &mut stored, wanted, &patience, &|_, _| {});
    assert_eq!(followed.statuses(&stored.payments), [TransactionStatus::Applied(Level(2))]);

    // Another process knows it from the disk. Whoever does not would take it for one that was never made.
    octez.bake(3);
    let same = SameAs { goes_on: true, ..request.same() };
    let later = Session::connect(&octez.endpoint, None, None).unwrap();
    let found = later.unfinished(&store, &same, None).unwrap().unwrap();
    assert_eq!(found.progress.next(&found.stored.payments), NextStep::Nothing);
    let state = later.state().unwrap();
    assert_eq!(state.account(&account(2)).unwrap().index, Some(AccountIndex(1)));
}
