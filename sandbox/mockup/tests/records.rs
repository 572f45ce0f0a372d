//! Operations as lines, and going back.

use layer1::entrypoints::Parameter;
use layer1::michelson::parse;
use mockup::{Content, Mockup, Operation};

use crate::common::*;

fn every_kind() -> Vec<Operation> {
    let state = genesis();
    let xtz = ticket(&state, &XTZ);
    vec![
        Operation::Manager(deposit_xtz(alice(), 700)),
        Operation::Manager(deposit_fa(bob(), &USDT_TICKETER, 40)),
        Operation::Manager(vec![Content::Origination {
            source: alice(),
            balance: 3,
            code: parse("{ parameter unit ; storage unit ; code { FAILWITH } }").unwrap(),
            storage: parse("Unit").unwrap(),
        }]),
        execution(0, message(&XTZ, "burn", &paying(&xtz, bob(), 300))),
        Operation::Call {
            sender: DEMO,
            source: bob(),
            payload: parse("Right (Right 0x00)").unwrap(),
        },
        Operation::Tell {
            contract: [0x55; 20],
            parameter: Parameter::of_script("parameter %root (or (nat %add) unit)").unwrap(),
        },
        Operation::Found(vec![(xtz, 12_u8.into())]),
    ]
}

#[test]
fn every_operation_is_a_line_and_comes_back() {
    for operation in every_kind() {
        let line = operation.to_line().unwrap();
        assert!(!line.contains('\n'), "{line}");
        assert_eq!(Operation::of_line(&line), Some(operation));
        for cut in 0..line.len() {
            assert_eq!(Operation::of_line(&line[..cut]), None, "{}", &line[..cut]);
        }
    }
    for line in ["", "{}", "{\"operation\":\"manager\"}", "{\"operation\":\"x\",\"contents\":[]}"] {
        assert_eq!(Operation::of_line(line), None, "{line}");
    }
}

#[test]
fn going_back_forgets_what_was_done_after_a_level_and_nothing_else() {
    let mut mockup = Mockup::new(genesis());
    let mut states = vec![facts(mockup.state())];
    for (level, operation) in (1..).zip(every_kind()) {
        mockup.apply(level, operation).unwrap();
        states.push(facts(mockup.state()));
    }
    let hashes: Vec<_> = mockup.told().map(|done| done.outcome.hash).collect();
    let mut distinct = hashes.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), hashes.len());
    for level in (0..7_i32).rev() {
        mockup.revert(level).unwrap();
        assert_eq!(facts(mockup.state()), states[usize::try_from(level).unwrap()]);
        assert_eq!(mockup.told().count(), usize::try_from(level).unwrap());
        // What the last operations have sent is known again.
        assert_eq!(mockup.sent(1).len(), usize::from(level == 1));
    }
    // The first of these cannot be done again from a layer 1 with nothing on it.
    let operations = every_kind().into_iter().map(|operation| (1, operation)).collect();
    let empty = mockup::State::new(ROLLUP_HASH, None);
    assert_eq!(Mockup::replay(empty, operations).unwrap_err().number, 1);
}
