//! Whatever is done, in whatever order: tez and tokens stay as many as they were, each ticketer has locked
//! what its tickets stand for, and what fails has changed nothing.

use layer1::address::Address;
use mockup::{Content, ContractHash, Mockup, Operation, State, terms};
use num_bigint::BigUint;
use proptest::prelude::*;

use crate::common::*;

/// The ticketers that lock something.
const TICKETERS: [ContractHash; 3] = [XTZ, USDT_TICKETER, TZBTC_TICKETER];

fn user() -> impl Strategy<Value = Address> {
    prop_oneof![Just(alice()), Just(bob())]
}

fn anybody() -> impl Strategy<Value = Address> {
    prop_oneof![
        4 => user(),
        1 => Just(kt(&XTZ)),
        1 => Just(kt(&VAULT)),
        1 => Just(kt(&HELPER)),
        1 => Just(rollup()),
    ]
}

/// An amount of mutez or tokens: often one that there is, sometimes none or too much.
fn amount() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 1..400_u32, 1 => Just(0), 1 => 900..3_000_000_u32]
}

/// Steps of one user, some of which make no sense.
fn contents() -> impl Strategy<Value = Vec<Content>> {
    let step = (0..9_u8, anybody(), amount(), 0..3_usize);
    (user(), prop::collection::vec(step, 1..4)).prop_map(|(source, steps)| {
        let step = |(what, other, amount, ticketer): (u8, Address, u32, usize)| {
            let ticketer = &TICKETERS[ticketer];
            let mutez = u64::from(amount);
            let text = format!("\"{other}\"");
            match what {
                0 => vec![call(source, other, mutez, "", "Unit")],
                1 => deposit_xtz(source, mutez),
                2 | 3 => deposit_fa(source, ticketer, amount),
                4 => vec![call(source, kt(&XTZ), mutez, "mint", &text)],
                5 => vec![call(source, kt(ticketer), 0, "deposit", &amount.to_string())],
                6 => vec![call(source, kt(&TZBTC), 0, "approve", &format!("Pair {text} {amount}"))],
                7 => {
                    let value = format!("{{ Pair \"{source}\" {{ Pair {text} 0 {amount} }} }}");
                    vec![call(source, kt(&USDT), 0, "transfer", &value)]
                }
                _ => {
                    let value = format!("Pair \"{source}\" {text} {amount}");
                    vec![call(source, kt(&TZBTC), 0, "transfer", &value)]
                }
            }
        };
        steps.into_iter().flat_map(step).collect()
    })
}

/// Something that is done.
#[derive(Clone, Debug)]
enum Step {
    Signed(Vec<Content>),
    Executed { index: u32, ticketer: usize, to: Address, amount: u32 },
    Demo(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => contents().prop_map(Step::Signed),
        3 => (0..8_u32, 0..3_usize, anybody(), 1..400_u32).prop_map(|(index, ticketer, to, amount)| {
            Step::Executed { index, ticketer, to, amount }
        }),
        1 => (0..50_u32).prop_map(Step::Demo),
    ]
}

impl Step {
    fn operation(&self, state: &State) -> Operation {
        match self {
            Step::Signed(contents) => Operation::Manager(contents.clone()),
            Step::Executed { index, ticketer, to, amount } => {
                let ticketer = &TICKETERS[*ticketer];
                let at = if *ticketer == XTZ { "burn" } else { "withdraw" };
                // A rollup has no form among the contracts: who is paid then is the ticketer itself.
                let to = if *to == rollup() { kt(ticketer) } else { *to };
                let paying = paying(&ticket(state, ticketer), to, *amount);
                execution(*index, message(ticketer, at, &paying))
            }
            Step::Demo(amount) => {
                let kt = kt(&DEMO);
                let value =
                    format!("Left (Pair \"{RECEIVER}\" (Pair \"{kt}\" (Pair \"demo\" {amount})))");
                let payload = layer1::michelson::parse(&value).unwrap();
                Operation::Call { sender: DEMO, source: alice(), payload }
            }
        }
    }
}

/// All mutez, and all of each token.
fn totals(state: &State) -> [BigUint; 3] {
    let contracts = state.contracts().map(|(hash, _)| kt(hash));
    let all: Vec<Address> = contracts.chain([alice(), bob(), rollup()]).collect();
    let tez = all.iter().map(|account| BigUint::from(state.mutez(account))).sum();
    let of = |token: &ContractHash| {
        all.iter().map(|account| state.tokens(token, &BigUint::ZERO, account)).sum()
    };
    [tez, of(&USDT), of(&TZBTC)]
}

fn check(state: &State) {
    let rollup = rollup();
    for one in terms(state, &[]) {
        let held: BigUint = state
            .ticket_holders()
            .filter(|(ticket, ..)| **ticket == one.ticket)
            .map(|(_, _, amount)| amount)
            .sum();
        assert_eq!(held, one.supply, "all of a ticket are somebody's");
        assert_eq!(one.of_rollup, state.tickets(&one.ticket, &rollup));
        assert!(one.of_rollup <= one.supply);
        if let Some(locked) = &one.locked {
            assert!(*locked >= one.supply, "{one:?}");
        }
    }
    for ticketer in TICKETERS {
        let mine = ticket(state, &ticketer);
        let mut all = state.tickets_of(&ticketer);
        assert!(all.all(|(found, _)| *found == mine), "a ticketer makes one ticket");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_comes_from_nowhere(steps in prop::collection::vec(step(), 1..30)) {
        let mut mockup = Mockup::new(genesis());
        let all = totals(mockup.state());
        // What was sent to ticketers without a call of their own entrypoints, beyond their tickets.
        let mut applied = 0;
        for step in steps {
            let operation = step.operation(mockup.state());
            let before = facts(mockup.state());
            let trial = mockup.attempt(5, &operation);
            match mockup.apply(5, operation) {
                Ok(outcome) => {
                    applied += 1;
                    prop_assert!(trial.done.is_ok());
                    let outcome = outcome.clone();
                    for change in &outcome.changes {
                        prop_assert_ne!(&change.before, &change.after);
                        prop_assert_eq!(&mockup.state().balance(&change.holding), &change.after);
                    }
                }
                Err(refusal) => {
                    prop_assert_eq!(trial.done.err(), Some(refusal));
                    prop_assert_eq!(facts(mockup.state()), before);
                }
            }
            prop_assert_eq!(&totals(mockup.state()), &all);
            check(mockup.state());
        }
        // The same operations once more lead to the same state.
        prop_assert_eq!(mockup.operations().len(), applied);
        let again = Mockup::replay(genesis(), mockup.operations().to_vec()).unwrap();
        prop_assert_eq!(facts(again.state()), facts(mockup.state()));
    }

    /// Deposits and withdrawals alone: what is locked is what the tickets stand for, to the last unit.
    #[test]
    fn what_is_locked_is_the_supply(
        steps in prop::collection::vec((user(), 0..3_usize, 1..300_u32, any::<bool>()), 1..25)
    ) {
        let mut mockup = Mockup::new(genesis());
        for (index, (who, ticketer, amount, comes_back)) in (0..).zip(steps) {
            let ticketer = &TICKETERS[ticketer];
            let operation = if comes_back {
                let at = if *ticketer == XTZ { "burn" } else { "withdraw" };
                let paying = paying(&ticket(mockup.state(), ticketer), who, amount);
                execution(index, message(ticketer, at, &paying))
            } else if *ticketer == XTZ {
                Operation::Manager(deposit_xtz(who, amount.into()))
            } else {
                Operation::Manager(deposit_fa(who, ticketer, amount))
            };
            let _ = mockup.apply(5, operation);
            for one in terms(mockup.state(), &[]) {
                prop_assert_eq!(one.locked, Some(one.supply.clone()));
                prop_assert_eq!(one.of_rollup, one.supply);
            }
        }
    }
}
