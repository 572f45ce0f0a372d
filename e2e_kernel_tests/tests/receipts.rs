//! Roots of results: what the kernel writes into the outbox when it is configured to, and that each result
//! leads to its root.

use encoding::Hash32;
use encoding::limits::LEVELS_PER_WINDOW;
use kit::{LevelOutcome, Person, Twin, batch, deposit, pay, tx, withdraw};
use outbox::ResultsRoot;
use tx_kernel::layout::RECEIPTS_EVERY;
use tx_kernel::receipts::kept;
use tx_kernel::receipts::mountains::{Path, leaf};
use tx_kernel::results::{leaves_path, root_path};

fn every(levels: i32) -> Twin {
    let mut twin = Twin::new();
    twin.set(RECEIPTS_EVERY, &levels.to_be_bytes());
    twin
}

/// The roots in a level's outbox.
fn roots(level: &LevelOutcome) -> Vec<ResultsRoot> {
    level.outbox.iter().filter_map(|message| ResultsRoot::decode(message).ok()).collect()
}

fn state(twin: &Twin, path: &str) -> Option<Vec<u8>> {
    twin.durable().get(&format!("/toru/state{path}"))
}

/// The leaves of a window, as the state keeps them.
fn leaves(twin: &Twin, root: &ResultsRoot) -> Vec<Hash32> {
    let bytes = state(twin, &leaves_path(root.first, root.window)).expect("the leaves are kept");
    bytes.as_chunks::<32>().0.iter().copied().map(Hash32).collect()
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
        roots.extend(self::roots(&twin.run_level(&[])));
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
