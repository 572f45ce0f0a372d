//! What does not fit one level or one run: floods of withdrawals, large batches, full queues.

use encoding::limits::{BATCHES_PER_RUN, DEFERRED_BATCHES, GAS_PER_LEVEL, GAS_PER_RUN};
use inbox::envelope::unframed_v1;
use kit::{Person, Twin, batch, deposit, pay, sign, tx, withdraw};
use tx_kernel::results::ResultCode;

/// Batches of single withdrawals, each its own transaction, as many to a message as fit.
fn withdrawals(of: &Person, first: u64, count: u64) -> Vec<Vec<u8>> {
    let numbers: Vec<u64> = (first..first + count).collect();
    numbers
        .chunks(25)
        .map(|some| {
            let transactions = some
                .iter()
                .map(|counter| (tx(vec![of.does(*counter, vec![withdraw("gold", 1)])]), vec![of]))
                .collect();
            batch(transactions)
        })
        .collect()
}

#[test]
fn withdrawals_beyond_the_outbox_wait_and_take_turns() {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    let rollup = twin.rollup();
    twin.run_level(&[deposit(&rollup, &alice, "gold", 1_000), deposit(&rollup, &bob, "gold", 7)]);

    // Alice floods first; Bob withdraws once, last.
    let mut messages = withdrawals(&alice, 0, 249);
    messages.push(batch(vec![(tx(vec![bob.does(0, vec![withdraw("gold", 7)])]), vec![&bob])]));
    let first = twin.run_level(&messages);
    let second = twin.run_level(&[]);
    let third = twin.run_level(&[]);
    let fourth = twin.run_level(&[]);
    let sent: Vec<usize> =
        [&first, &second, &third, &fourth].iter().map(|level| level.outbox.len()).collect();
    assert_eq!(sent, [100, 100, 50, 0]);
    let amounts: Vec<u64> = first
        .outbox
        .iter()
        .filter_map(|message| outbox::decode(message).ok())
        .map(|payouts| payouts[0].amount.get())
        .collect();
    assert_eq!(amounts[..3], [1, 7, 1], "Bob's turn comes after Alice's first");
    assert_eq!(twin.balance(&alice, "gold"), 751);
    assert_eq!(twin.view(|view| view.pending_messages()), Ok(0));
}

#[test]
fn a_batch_of_many_signers_is_verified_over_several_runs() {
    let mut twin = Twin::new();
    let people: Vec<Person> = (0..45).map(Person::new).collect();
    let rollup = twin.rollup();
    twin.run_level(&[deposit(&rollup, &people[0], "gold", 10)]);
    let together = |counter: u64| {
        let operations = people
            .iter()
            .enumerate()
            .map(|(number, person)| match number {
                0 => person.does(counter, vec![pay(&people[1], "gold", 3)]),
                _ => person.does(counter, vec![]),
            })
            .collect();
        tx(operations)
    };
    let signers: Vec<&Person> = people.iter().collect();
    let good = together(0);
    let level = twin.run_level(&[batch(vec![(good, signers.clone())])]);
    assert_eq!(level.runs, 3, "20 parts, 20 parts, 5 and the end");
    assert_eq!(twin.balance(&people[1], "gold"), 3);
    assert!(people.iter().all(|person| twin.counter(person) == 1));

    // One signature missing: the same work, and nothing changes.
    let level = twin.run_level(&[batch(vec![(together(1), signers[1..].to_vec())])]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::WrongSignature);
    assert_eq!(level.runs, 3);
    assert_eq!((twin.balance(&people[1], "gold"), twin.counter(&people[0])), (3, 1));
}

/// A batch of `count` operations without contents by one person, from this counter on.
fn idle(of: &Person, first: u64, count: u64) -> Vec<u8> {
    let transactions =
        (first..first + count).map(|counter| (tx(vec![of.does(counter, vec![])]), vec![of]));
    unframed_v1(&sign(transactions.collect()).encode())
}

#[test]
fn what_a_level_cannot_afford_waits_and_is_done_first_in_the_next() {
    let mut twin = Twin::native_only();
    let alice = Person::new(1);
    let per_batch = 60;
    // Each costs its parts and two units, the first one more for the key.
    let affordable = u64::from(GAS_PER_LEVEL.get() - 1) / (per_batch + 2);
    let batches = affordable + 2;
    let messages: Vec<_> =
        (0..batches).map(|number| idle(&alice, number * per_batch, per_batch)).collect();
    let level = twin.run_level(&messages);
    assert_eq!(twin.counter(&alice), affordable * per_batch);
    let runs = u64::from(GAS_PER_LEVEL.get().div_ceil(GAS_PER_RUN.get())) + batches;
    assert!(level.runs as u64 <= runs, "{} runs", level.runs);

    twin.run_level(&[idle(&alice, batches * per_batch, per_batch)]);
    let all = batches + 1;
    assert_eq!(twin.counter(&alice), all * per_batch, "the rest came first in the next level");
}

#[test]
fn batches_that_no_level_can_afford_soon_are_refused_as_busy() {
    let mut twin = Twin::native_only();
    let alice = Person::new(1);
    // Each costs seven units, the first one more for the key. All are of one class.
    let affordable = usize::try_from(GAS_PER_LEVEL.get() - 1).unwrap_or(0) / 7;
    let fitting = affordable + DEFERRED_BATCHES;
    let messages: Vec<_> =
        (0..).take(fitting + 3).map(|number| idle(&alice, number * 5, 5)).collect();
    let level = twin.run_level(&messages);
    let codes: Vec<Option<ResultCode>> = (0..)
        .zip(&messages)
        .map(|(number, _)| twin.message(level.level, number).map(|result| result.outcome().code))
        .collect();
    assert!(codes[..affordable].iter().all(|code| *code == Some(ResultCode::BatchAccepted)));
    assert!(codes[affordable..fitting].iter().all(Option::is_none), "they wait");
    assert!(codes[fitting..].iter().all(|code| *code == Some(ResultCode::Busy)));
    twin.run_level(&[]);
    twin.run_level(&[]);
    assert_eq!(twin.counter(&alice), fitting as u64 * 5, "none that waited was lost");
}

#[test]
fn a_flood_of_nonsense_takes_nobodys_place() {
    let mut twin = Twin::native_only();
    let alice = Person::new(1);
    let mut messages = vec![inbox::envelope::framed_v1(&twin.rollup(), b""); BATCHES_PER_RUN];
    messages.push(idle(&alice, 0, 1));
    let level = twin.run_level(&messages);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::Malformed);
    assert_eq!(twin.counter(&alice), 1);
    assert_eq!(level.runs, 2);
}

#[test]
fn the_level_of_another_kernel_stops_nothing() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let alice = Person::new(1);
    // It stands outside the versioned state: whatever an older or a newer kernel has left there.
    for (length, balance) in [(1, 5), (16, 10), (200, 15)] {
        twin.set("/toru/level", &vec![0; length]);
        twin.run_level(&[deposit(&rollup, &alice, "gold", 5)]);
        assert_eq!(twin.balance(&alice, "gold"), balance, "{length} bytes");
    }
    assert_eq!(twin.run_level(&[idle(&alice, 0, 1)]).runs, 1);
    assert_eq!(twin.counter(&alice), 1);
}

#[test]
fn a_thousand_deposits_in_a_level() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let people: Vec<Person> = (0..1_100).map(Person::new).collect();
    let messages: Vec<_> =
        people.iter().map(|person| deposit(&rollup, person, "gold", 1)).collect();
    let level = twin.run_level(&messages);
    assert_eq!(level.runs, 2);
    let tickets = twin.view(|view| view.tickets()).unwrap_or_default();
    assert_eq!(tickets[0].1.on_rollup.get(), 1_100);
}
