//! Whatever happened on the way, an index has what one has that is built anew.

use std::collections::BTreeMap;

use encoding::{Entrypoint, Level, Tz4Address};
use history::{Page, WithdrawalWord};
use inbox::deposit;
use inbox::reclaim::Request;
use inbox::v2::{Name, TicketName};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::json;
use wallet::rpc::Node;
use wallet::state::RollupState;

use crate::common::{
    World, batch, index, operation, pays, registers, transaction, transfers, withdrawal,
};
use crate::octez::{Octez, account, ticket};
use crate::tables::{all, assert_same};

/// What somebody does in a level.
#[derive(Clone, Debug)]
enum Action {
    Deposit {
        to: u8,
        ticket: &'static str,
        amount: u64,
    },
    /// By index, or by address for somebody new; together with others, or each for itself.
    Pay {
        from: u8,
        to: u8,
        amount: u64,
        together: bool,
    },
    /// Of two signers, and by address.
    Swap {
        one: u8,
        other: u8,
        amount: u64,
    },
    Withdraw {
        from: u8,
        amount: u64,
    },
    Register {
        whom: u8,
    },
    Hold,
    /// Not signed by whom it names.
    Forge {
        from: u8,
    },
}

/// What happens to the chain, or to the index.
#[derive(Clone, Debug)]
enum Step {
    Level(Vec<Action>),
    Empty(u32),
    Back(i32),
    /// The index has time to see it.
    Sync,
    /// The index ends in the middle of what it does, and goes on later.
    Restart,
}

fn action() -> impl Strategy<Value = Action> {
    let person = 1..=4_u8;
    let amount = prop_oneof![4 => 1..=300_u64, 1 => 900..=1_200_u64];
    let name = prop_oneof![Just("gold"), Just("silver"), Just("tin")];
    prop_oneof![
        3 => (1..=8_u8, name, amount.clone())
            .prop_map(|(to, ticket, amount)| Action::Deposit { to, ticket, amount }),
        6 => (person.clone(), 1..=9_u8, amount.clone(), any::<bool>())
            .prop_map(|(from, to, amount, together)| Action::Pay { from, to, amount, together }),
        2 => (1..=2_u8, 3..=4_u8, amount.clone())
            .prop_map(|(one, other, amount)| Action::Swap { one, other, amount }),
        3 => (person.clone(), amount).prop_map(|(from, amount)| Action::Withdraw { from, amount }),
        1 => (5..=9_u8).prop_map(|whom| Action::Register { whom }),
        1 => Just(Action::Hold),
        1 => person.prop_map(|from| Action::Forge { from }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(action(), 1..5).prop_map(Step::Level),
        2 => (1..4_u32).prop_map(Step::Empty),
        3 => (1..9_i32).prop_map(Step::Back),
        4 => Just(Step::Sync),
        1 => Just(Step::Restart),
    ]
}

/// A world in which people 1 to 4 are funded and registered.
fn begun() -> World {
    let world = World::over(Octez::start());
    world.octez.lists(json!([]));
    world.fund();
    world.send(&registers());
    world.octez.bake(1);
    world
}

/// The next counters of people, those that a level uses up counted.
struct Counters<'n> {
    state: RollupState<'n>,
    used: BTreeMap<Tz4Address, u64>,
}

impl Counters<'_> {
    fn next(&mut self, person: u8) -> u64 {
        let address = account(person);
        let stored = self.state.account(&address).unwrap().counter.get();
        let used = self.used.entry(address).or_default();
        *used += 1;
        stored + *used - 1
    }
}

fn send(world: &World, counters: &mut Counters<'_>, action: &Action) {
    let full = || TicketName::Full(ticket("gold"));
    match *action {
        Action::Deposit { to, ticket: name, amount } => {
            world.octez.deposit(account(to), &ticket(name), amount);
        }
        Action::Pay { from, to, amount, together } => {
            let to = if to <= 4 { index(to) } else { Name::Address(account(to)) };
            world.send(&batch(vec![pays(from, counters.next(from), to, amount)], &[], together));
        }
        Action::Swap { one, other, amount } => {
            let half = |from: u8, to: u8, counter, amount| {
                let to = [(Name::Address(account(to)), amount)];
                let moves = vec![transfers(full(), &to)];
                operation(Name::Address(account(from)), counter, Some("swap"), moves)
            };
            let (first, second) = (counters.next(one), counters.next(other));
            let halves = vec![half(one, other, first, amount), half(other, one, second, 1)];
            world.send(&batch(vec![transaction(halves)], &[], true));
        }
        Action::Withdraw { from, amount } => {
            let moves = vec![withdrawal(amount, None)];
            let one = operation(index(from), counters.next(from), None, moves);
            world.send(&batch(vec![transaction(vec![one])], &[], true));
        }
        Action::Register { whom } => world.send(&batch(Vec::new(), &[whom], true)),
        Action::Hold => world.octez.deposit_for("nobody", &ticket("gold"), 3),
        Action::Forge { from } => {
            let mut forged = batch(vec![pays(from, 0, index(5 - from), 1)], &[], true);
            forged.signature = batch(vec![pays(from, 0, index(5 - from), 2)], &[], true).signature;
            world.send(&forged);
        }
    }
}

fn play(world: &mut World, step: &Step) {
    match step {
        Step::Level(actions) => {
            let node = Node::new(&world.octez.endpoint).unwrap();
            let state = RollupState::at(&node, "head").unwrap();
            let mut counters = Counters { state, used: BTreeMap::new() };
            for action in actions {
                send(world, &mut counters, action);
            }
            world.octez.bake(1);
        }
        Step::Empty(levels) => world.octez.bake(*levels),
        Step::Back(levels) => {
            let head = Node::new(&world.octez.endpoint).unwrap().level("head").unwrap().0;
            world.octez.revert((head - levels).max(2));
        }
        Step::Sync => world.sync(),
        Step::Restart => {
            world.stop();
            world.start();
        }
    }
}

/// Holds an index against one of the same node that is built anew, and ends both.
fn compare(world: &mut World) {
    world.sync();
    world.stop();
    let old = world.file();
    let kept = world.folder.path().join("kept.sqlite");
    std::fs::rename(&old, &kept).unwrap();
    for suffix in ["-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{suffix}", old.display()));
    }
    world.start();
    world.sync();
    world.stop();
    assert_same(&kept, &old);
    let alarms = &all(&old).into_iter().find(|(name, _)| *name == "alarms").unwrap().1;
    assert!(alarms.is_empty(), "{alarms:?}");
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]
    #[test]
    fn an_index_is_what_one_is_that_is_built_anew(steps in prop::collection::vec(step(), 1..16)) {
        let mut world = begun();
        for step in &steps {
            play(&mut world, step);
        }
        compare(&mut world);
    }
}

/// A level of which later ones say much: what it puts off, what waits for the outbox, a held deposit, an account and a
/// ticket that are named and not there.
fn send_what_is_settled_later(world: &World) {
    let withdraws =
        |counter| transaction(vec![operation(index(1), counter, None, vec![withdrawal(1, None)])]);
    // An outbox takes 100 messages.
    world.send(&batch((0..105).map(withdraws).collect(), &[], true));
    // And a level verifies 640 signings.
    for number in 0..7_u64 {
        let first = 105 + number * 100;
        let pays = (first..first + 99).map(|counter| pays(1, counter, index(2), 1));
        world.send(&batch(pays.chain([withdraws(first + 99)]).collect(), &[], false));
    }
    let tin = transfers(TicketName::Full(ticket("tin")), &[(Name::Address(account(6)), 1)]);
    world.send(&batch(vec![transaction(vec![operation(index(3), 0, None, vec![tin])])], &[], true));
    world.octez.deposit_for("nobody", &ticket("gold"), 3);
}

#[test]
fn what_later_levels_say_of_earlier_ones_is_taken_back_with_them() {
    let mut world = begun();
    send_what_is_settled_later(&world);
    world.octez.bake(1);
    world.sync();
    assert_eq!(world.ask(|reader| reader.waiting(Page::first(9))).rows.len(), 1);
    let before = all(&world.file());
    world.send(&batch(Vec::new(), &[6], true));
    world.octez.deposit(account(6), &ticket("tin"), 9);
    let request = Request {
        number: 0,
        destination: ticket("gold").ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
    };
    world.octez.call(&deposit::encode_bytes(&request.to_bytes()), ticket("gold").ticketer);
    world.octez.bake(6);
    world.sync();
    world.ask(|reader| {
        assert!(
            reader.waiting(Page::first(9))?.rows.is_empty()
                && reader.held(true, Page::first(9))?.rows.is_empty()
        );
        let of = reader.account(&account(6))?.unwrap();
        assert!(of.index.is_some() && of.registered == Some(Level(4)));
        let token = reader.ticket(&ticket("tin").hash())?.unwrap();
        assert!(token.index.is_some() && token.since == Level(3));
        let all = reader.withdrawals(false, Page::first(200))?.rows;
        assert_eq!(all.len(), 112);
        assert!(all.iter().any(|one| one.stage == WithdrawalWord::Executed));
        assert!(all.iter().any(|one| one.outbox.unwrap().0 == Level(4)));
        Ok(())
    });
    world.octez.revert(3);
    world.sync();
    let after = all(&world.file());
    for ((name, before), (_, after)) in before.into_iter().zip(after) {
        assert_eq!(before, after, "the table {name}");
    }
    world.octez.bake(1);
    compare(&mut world);
}

#[test]
fn a_chain_that_begins_anew_is_indexed_anew() {
    let mut world = begun();
    world.octez.bake(3);
    world.sync();
    let taken_back = world.running().changes().borrow().taken_back;
    // Another node at the same address: not even the first block is the same.
    world.octez.restart();
    world.octez.deposit(account(9), &ticket("tin"), 5);
    world.octez.bake(1);
    world.sync();
    assert!(world.running().changes().borrow().taken_back > taken_back);
    assert_eq!(world.ask(|reader| reader.count_accounts()).count, 1);
    compare(&mut world);
}
