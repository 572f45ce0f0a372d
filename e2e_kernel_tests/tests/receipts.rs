//! Roots of results: what the kernel writes into the outbox when it is configured to, and that each result
//! leads to its root.

use encoding::AccountIndex;
use encoding::limits::LEVELS_PER_WINDOW;
use kit::receipts::{leaves, receipts, roots, state};
use kit::{Person, Twin, batch, deposit, pay, tx, withdraw};
use outbox::ResultsRoot;
use receipt::{Receipt, Record, VerifyError};
use tx_kernel::layout::RECEIPTS_EVERY;
use tx_kernel::receipts::kept;
use tx_kernel::receipts::mountains::{Path, leaf};
use tx_kernel::results::{ResultCode, root_path};

fn every(levels: i32) -> Twin {
    let mut twin = Twin::new();
    twin.set(RECEIPTS_EVERY, &levels.to_be_bytes());
    twin
}

/// Looks that every result that is kept of these levels leads to a root, and returns how many do.
fn all_lead_to(twin: &Twin, root: &ResultsRoot) -> usize {
    let leaves = leaves(twin, root);
    assert_eq!(u64::try_from(leaves.len()), Ok(root.leaves));
    let record = state(twin, &root_path(root.first, root.window)).expect("the root is kept");
    assert_eq!(kept(root.window, &record), Some(*root));
    let mut found = 0;
    for (path, value) in twin.durable().values_under("/toru/state/results/0") {
        let name = path.trim_start_matches("/toru/state/results/0/");
        if name.starts_with("leaves") || name.starts_with("roots") {
            continue;
        }
        let leaf = leaf(name, &value);
        if let Some(index) = leaves.iter().position(|other| *other == leaf) {
            let path = Path::of(&leaves, index).expect("there is such a leaf");
            assert_eq!(path.root(leaf), Some(root.root), "{name}");
            found += 1;
        }
    }
    found
}

#[test]
fn each_result_leads_to_a_root_in_the_outbox() {
    let mut twin = every(2);
    let rollup = twin.rollup();
    let people: Vec<Person> = (0..3).map(Person::new).collect();
    let deposits: Vec<_> =
        people.iter().map(|person| deposit(&rollup, person, "gold", 100)).collect();
    let first = twin.run_level(&deposits);
    assert_eq!(roots(&first), []);
    let [alice, bob, carol] = &people[..] else { unreachable!("three") };
    let good = tx(vec![alice.does(0, vec![pay(bob, "gold", 7)])]);
    let bad = tx(vec![bob.does(0, vec![pay(carol, "gold", 500)])]);
    let second = twin.run_level(&[batch(vec![(good, vec![alice]), (bad, vec![bob])])]);
    let [root] = roots(&second)[..] else { panic!("{:?}", second.outbox) };
    assert_eq!((root.window, root.first, root.last), (0, first.level, second.level));
    // Three deposits, a batch of v1, and its two operations.
    assert_eq!((root.leaves, all_lead_to(&twin, &root)), (6, 6));

    // Levels without results have no root. The next window begins with the next result.
    for _ in 0..3 {
        assert_eq!(roots(&twin.run_level(&[])), []);
    }
    let third = twin.run_level(&deposits[..1]);
    assert_eq!(roots(&third), []);
    let fourth = twin.run_level(&[]);
    let [root] = roots(&fourth)[..] else { panic!("{:?}", fourth.outbox) };
    assert_eq!((root.window, root.first, root.last), (1, third.level, fourth.level));
    assert_eq!((root.leaves, all_lead_to(&twin, &root)), (1, 1));
}

#[test]
fn a_root_goes_before_the_messages_that_wait() {
    let mut twin = every(1);
    let rollup = twin.rollup();
    let person = Person::new(1);
    twin.run_level(&[deposit(&rollup, &person, "gold", 1_000)]);
    let payments =
        (0..120).map(|counter| tx(vec![person.does(counter, vec![withdraw("gold", 1)])]));
    let payments: Vec<_> = payments.map(|payment| (payment, vec![&person])).collect();
    let messages: Vec<_> = payments.chunks(20).map(|part| batch(part.to_vec())).collect();
    let level = twin.run_level(&messages);
    assert_eq!(level.outbox.len(), 100);
    let [root] = roots(&level)[..] else { panic!("one root") };
    assert_eq!(ResultsRoot::decode(&level.outbox[0]), Ok(root));
    // What is left of the queue leaves in the next level, which has no result and no root.
    let next = twin.run_level(&[]);
    assert_eq!((next.outbox.len(), roots(&next)), (21, vec![]));
}

#[test]
fn no_root_is_written_unless_it_is_asked_for() {
    let wrong = [
        0u32.to_be_bytes().to_vec(),
        (LEVELS_PER_WINDOW + 1).to_be_bytes().to_vec(),
        vec![1],
        vec![0; 5],
    ];
    for config in [None, Some((-1i32).to_be_bytes().to_vec())].into_iter().chain(wrong.map(Some)) {
        let mut twin = Twin::native_only();
        if let Some(config) = &config {
            twin.set(RECEIPTS_EVERY, config);
        }
        let rollup = twin.rollup();
        let level = twin.run_level(&[deposit(&rollup, &Person::new(1), "gold", 100)]);
        assert_eq!(roots(&level), [], "{config:?}");
        assert_eq!(state(&twin, "/receipts"), None, "{config:?}");
    }
}

#[test]
fn a_run_that_is_cut_off_loses_no_result() {
    let person = Person::new(1);
    let play = |cut: Option<u64>| {
        let mut twin = every(1);
        let message = deposit(&twin.rollup(), &person, "gold", 100);
        match cut {
            Some(call) => twin.trap_at(call),
            None => twin.record_host_calls(),
        }
        let level = twin.run_level(&[message]);
        (twin, level)
    };
    let calls = play(None).1.native.host_calls.len();
    // A trap at the first call, or between reading the deposit and storing it, loses the message itself:
    // the PVM takes it out of the inbox, and no kernel can have it back.
    let mut kept = 0;
    for call in 0..u64::try_from(calls).unwrap() {
        let (mut twin, level) = play(Some(call));
        let mut roots = roots(&level);
        roots.extend(kit::receipts::roots(&twin.run_level(&[])));
        if twin.message(level.level, 0).is_none() {
            continue;
        }
        kept += 1;
        // A root may be written twice, if the run is cut off right behind it.
        let last = roots.last().unwrap_or_else(|| panic!("no root: cut off at call {call}"));
        assert_eq!(all_lead_to(&twin, last), 1, "cut off at call {call}");
    }
    assert!(kept + 5 > calls, "{kept} of {calls}");
}

#[test]
fn a_receipt_leads_from_a_payment_to_a_commitment() {
    let (all, commitment) = receipts();
    let proven: Vec<_> = all.iter().map(|receipt| receipt.verify(&commitment).unwrap()).collect();
    let applied: Vec<_> = proven.iter().map(|proven| proven.is_applied()).collect();
    assert_eq!(applied, [true, false, true, true]);
    assert_eq!(proven[1].outcomes[0].code, ResultCode::BalanceTooLow);
    assert_eq!(proven[0].by_index(), [AccountIndex(0), AccountIndex(2)]);
    assert_eq!(proven[3].by_index(), [], "it has addresses alone");
    for receipt in &all {
        let text = receipt.to_json();
        assert_eq!(Receipt::from_json(text.as_bytes()).as_ref(), Ok(receipt));
        let other = receipt.verify(&[1; 32]);
        assert!(matches!(other, Err(VerifyError::OtherCommitment { .. })), "{other:?}");
    }
}

#[test]
fn a_receipt_with_anything_changed_proves_nothing() {
    let (all, commitment) = receipts();
    let refused = |receipt: &Receipt, what: &str| {
        let proven = receipt.verify(&commitment);
        assert!(proven.is_err(), "{what}: {proven:?}");
    };
    for receipt in &all {
        let with = |change: &dyn Fn(&mut Receipt)| {
            let mut other = receipt.clone();
            change(&mut other);
            other
        };
        refused(&with(&|r| r.rollup.0[3] ^= 1), "another rollup");
        refused(&with(&|r| r.payment.transaction = 3), "no such transaction");
        refused(&with(&|r| r.commitment.state[0] ^= 1), "another state");
        refused(&with(&|r| r.commitment.inbox_level += 1), "another level");
        refused(&with(&|r| r.commitment.ticks += 1), "other ticks");
        refused(&with(&|r| r.path.index ^= 1), "another leaf");
        refused(&with(&|r| r.path.leaves += 1), "another number of leaves");
        for place in 0..receipt.path.siblings.len() {
            refused(&with(&|r| r.path.siblings[place].0[0] ^= 1), "another sibling");
        }
        for place in 0..receipt.path.peaks.len() {
            refused(&with(&|r| r.path.peaks[place].0[0] ^= 1), "another peak");
        }
        let record = |r: &mut Receipt| match &mut r.record {
            Record::Batch(bytes) | Record::Transaction(bytes) => std::mem::take(bytes),
        };
        let swapped = with(&|r| {
            let bytes = record(r);
            r.record = match r.record {
                Record::Batch(_) => Record::Transaction(bytes),
                Record::Transaction(_) => Record::Batch(bytes),
            };
        });
        refused(&swapped, "the other kind of record");
        for at in 0..receipt.payment.batch.len() - 96 {
            let changed = with(&|r| r.payment.batch[at] ^= 1);
            // Who signed how is no part of what a batch claims, nor is the signature behind it.
            if let Ok(proven) = changed.verify(&commitment) {
                assert_eq!(proven.transaction, receipt.verify(&commitment).unwrap().transaction);
                assert_eq!(proven.outcomes, receipt.verify(&commitment).unwrap().outcomes);
            }
        }
        for at in 0..receipt.output.len() {
            refused(&with(&|r| r.output[at] ^= 1), "the output proof");
        }
        for at in 0..record(&mut receipt.clone()).len() {
            let changed = with(&|r| match &mut r.record {
                Record::Batch(bytes) | Record::Transaction(bytes) => bytes[at] ^= 1,
            });
            refused(&changed, "the record");
        }
    }
    // A transaction that was refused is not shown as one that was applied.
    let claimed = Receipt { payment: all[0].payment.clone(), ..all[1].clone() };
    assert!(
        claimed.verify(&commitment).unwrap().is_applied(),
        "it is the receipt of the other one"
    );
}
