//! A level cut off at each of its host calls in turn: state and money are as before or as after,
//! never between, and what was taken from the inbox is worked off or set aside with a result.

#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::Level;
use kit::{Person, Twin, batch, deposit, pay, tx, withdraw};
use pvm::HostFn;
use tx_kernel::results::{MessageResult, ResultCode};

/// The money of a state: two balances, two counters, what was sent to layer 1 and what is held.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Money {
    alice: u64,
    bob: u64,
    counters: (u64, u64),
    sent: Vec<Vec<u8>>,
    held: usize,
}

struct Scene {
    alice: Person,
    bob: Person,
}

impl Scene {
    fn new() -> Self {
        Scene { alice: Person::new(1), bob: Person::new(2) }
    }

    /// A rollup on which Alice has 100.
    fn rollup(&self) -> Twin {
        let mut twin = Twin::new();
        let message = deposit(&twin.rollup(), &self.alice, "gold", 100);
        twin.run_level(&[message]);
        twin
    }

    /// The level that is cut off: a deposit, a payment with a withdrawal, and a bad deposit.
    fn messages(&self, twin: &Twin) -> Vec<Vec<u8>> {
        let Scene { alice, bob } = self;
        let contents = vec![pay(bob, "gold", 30), withdraw("gold", 5)];
        let mut held = deposit(&twin.rollup(), bob, "gold", 8);
        let receiver = held.windows(3).position(|window| window == b"tz4").unwrap();
        held[receiver] = b'!';
        vec![
            deposit(&twin.rollup(), bob, "gold", 11),
            batch(vec![(tx(vec![alice.does(0, contents)]), vec![alice])]),
            held,
        ]
    }

    fn money(&self, twin: &Twin, sent: Vec<Vec<u8>>) -> Money {
        Money {
            alice: twin.balance(&self.alice, "gold"),
            bob: twin.balance(&self.bob, "gold"),
            counters: (twin.counter(&self.alice), twin.counter(&self.bob)),
            sent,
            held: twin.view(|view| view.held()).map_or(usize::MAX, |held| held.len()),
        }
    }
}

#[test]
fn a_level_cut_off_at_any_host_call() {
    let scene = Scene::new();

    // Undisturbed, with a record of its host calls.
    let mut twin = scene.rollup();
    let messages = scene.messages(&twin);
    twin.record_host_calls();
    let level = twin.run_level(&messages);
    let after = scene.money(&twin, level.outbox.clone());
    assert_eq!((after.alice, after.bob, after.sent.len(), after.held), (65, 41, 1, 1));
    let calls: Vec<HostFn> = level.native.host_calls.iter().map(|call| call.function).collect();

    // A written message cannot be unwritten, so the call that follows must be the one that makes
    // it final, with nothing between that could go wrong. At that one place a cut-off is not tried.
    let fenced: Vec<usize> = calls
        .iter()
        .enumerate()
        .filter(|(_, call)| **call == HostFn::WriteOutput)
        .map(|(at, _)| at + 1)
        .collect();
    assert!(!fenced.is_empty());
    for at in &fenced {
        assert_eq!(calls[*at], HostFn::StoreMove, "what follows write_output");
    }

    let mut outcomes = std::collections::BTreeMap::new();
    for at in (0..calls.len()).filter(|at| !fenced.contains(at)) {
        let mut twin = scene.rollup();
        twin.trap_at(at as u64);
        let cut = twin.run_level(&messages);
        let mut sent = cut.outbox;
        // Whatever is left to do is done in the next level.
        sent.extend(twin.run_level(&[]).outbox);
        let money = scene.money(&twin, sent);
        let outcome = judge(&twin, cut.level, &money, &calls[..=at]);
        *outcomes.entry(outcome).or_insert(0usize) += 1;
    }
    println!("{} host calls: {outcomes:?}", calls.len());
    // Each of these must have happened, or the test did not look where it should.
    for outcome in ["all done", "batch set aside", "deposit set aside", "lost before it was stored"]
    {
        assert!(outcomes.contains_key(outcome), "{outcome}: {outcomes:?}");
    }
}

/// Says what the cut-off came to, or fails if it is none of what it may come to.
fn judge(twin: &Twin, level: Level, money: &Money, calls: &[HostFn]) -> &'static str {
    let result = |number| twin.message(level, number);
    let done = |number, code| result(number).is_some_and(|r| r.outcome().code == code);
    let at = calls.len() - 1;

    // Before its first call has returned the kernel cannot have asked for another run, and the PVM
    // drops the level's inbox. Nothing in the kernel that could trap comes before that call.
    if at == 0 {
        let nothing = Money { alice: 100, bob: 0, counters: (0, 0), sent: Vec::new(), held: 0 };
        assert_eq!(*money, nothing);
        return "cut off before its first call";
    }
    // The one thing the PVM does not let a kernel keep: a message read and not yet written.
    let reads = calls.iter().filter(|call| **call == HostFn::ReadInput).count();
    let lost = (0..3u32).find(|number| result(*number).is_none());
    if let Some(lost) = lost {
        // Messages 0 and 1 of the level are the protocol's, so message n is read by call n + 3.
        assert_eq!(reads, lost as usize + 3, "message {lost} vanished at call {at}: {calls:?}");
    }
    let credited = done(0, ResultCode::DepositCredited);
    let applied = done(1, ResultCode::BatchAccepted);
    let held =
        [0, 2].iter().filter(|n| matches!(result(**n), Some(MessageResult::Held(_)))).count();

    // Whatever happened, the money is what the results say.
    let expected = Money {
        alice: if applied { 65 } else { 100 },
        bob: if credited { 11 } else { 0 } + if applied { 30 } else { 0 },
        counters: (u64::from(applied), 0),
        sent: money.sent.clone(),
        held,
    };
    assert_eq!(*money, expected, "cut off at call {at}, {:?}", calls.last());
    assert_eq!(money.sent.len(), usize::from(applied), "sent, cut off at call {at}");

    // And what was set aside can be told from what was refused.
    let aside = |number| done(number, ResultCode::Interrupted);
    match () {
        () if lost.is_some() => "lost before it was stored",
        () if aside(1) => "batch set aside",
        () if aside(0) || aside(2) => "deposit set aside",
        () => {
            assert!(credited && applied && done(2, ResultCode::ReceiverNotTz4), "at call {at}");
            "all done"
        }
    }
}

#[test]
fn a_cut_off_in_the_middle_of_a_long_verification() {
    // 45 signers are verified in three runs. A cut-off in any of them sets the batch aside, and
    // the next batch is not disturbed.
    let people: Vec<Person> = (0..45).map(Person::new).collect();
    let signers: Vec<&Person> = people.iter().collect();
    let idle =
        |counter: u64| tx(people.iter().map(|person| person.does(counter, vec![])).collect());
    let message = batch(vec![(idle(0), signers)]);

    let mut twin = Twin::native_only();
    twin.record_host_calls();
    let level = twin.run_level(std::slice::from_ref(&message));
    assert_eq!((level.runs, twin.counter(&people[0])), (3, 1));
    let calls = level.native.host_calls;
    let one_run = calls.iter().position(|call| call.run > 0).unwrap_or(0);
    let mut aside = 0;
    for at in one_run..calls.len() {
        let mut twin = Twin::native_only();
        twin.trap_at(at as u64);
        let cut = twin.run_level(std::slice::from_ref(&message));
        // Cut off before it could ask for another run, it goes on in the next level.
        twin.run_level(&[]);
        let code = twin.message_code(cut.level, 0);
        let applied = code == ResultCode::BatchAccepted;
        assert!(applied || code == ResultCode::Interrupted, "code {code} at call {at}");
        assert!(people.iter().all(|person| twin.counter(person) == u64::from(applied)));
        aside += usize::from(!applied);
        // Sent again, it applies if it has not.
        let again = twin.run_level(std::slice::from_ref(&message));
        let code = twin.message_code(again.level, 0);
        assert_eq!(code, if applied { ResultCode::AllStale } else { ResultCode::BatchAccepted });
        assert!(people.iter().all(|person| twin.counter(person) == 1));
    }
    assert!(aside > 10, "{aside}");
}
