//! Calls against types: the ticketers in use, every type that a call can carry, and what does not fit.

use super::*;
use crate::michelson::parse;

const TICKETER: &str = "0x01dededededededededededededededededededede00";
const ALICE: &str = "0x000000000000000000000000000000000000000000ff";

fn says(value: &str, expected: &str) -> Result<(), String> {
    let expected = parse(&format!("({expected})")).or_else(|_| parse(expected));
    let (value, expected) = (parse(value).unwrap(), expected.unwrap());
    fits(&value, &expected).map_err(|mismatch| mismatch.to_string())
}

fn bare(content: &str) -> String {
    format!("Pair {TICKETER} (Pair {content} 5)")
}

fn paying(content: &str) -> String {
    format!("Pair {ALICE} ({})", bare(content))
}

#[test]
fn ticketers_in_use_take_a_receiver_and_refuse_a_bare_ticket() {
    let fa = "(Pair 0 None)";
    let exchanger = "pair %burn address (ticket (pair nat (option bytes)))";
    let ticketer = "pair %withdraw (address %receiver) (ticket %ticket (pair nat (option bytes)))";
    let tzel = "pair %burn (contract %receiver unit) (ticket %ticket (pair nat (option bytes)))";
    for exit in [exchanger, ticketer, tzel] {
        assert_eq!(says(&paying(fa), exit), Ok(()), "{exit}");
        let refused = says(&bare(fa), exit).unwrap_err();
        assert!(
            refused.ends_with("and the call has ticket (pair nat (option bytes))"),
            "{refused}"
        );
        let other = says(&paying("\"demo\""), exit).unwrap_err();
        assert!(other.ends_with("and the call has pair address (ticket string)"), "{other}");
    }
    assert_eq!(says(&bare("\"demo\""), "ticket %receive_tickets string"), Ok(()));
    assert_eq!(
        says(&paying("\"demo\""), "ticket string").unwrap_err(),
        "the entrypoint takes ticket string, and the call has pair address (ticket string)"
    );
}

#[test]
fn every_type_takes_what_it_is_and_not_its_neighbour() {
    let ticket = bare("\"x\"");
    for (expected, good, bad) in [
        ("unit", "Unit", "0"),
        ("bool", "False", "Unit"),
        ("int", "-5", "\"5\""),
        ("nat", "5", "-5"),
        ("mutez", "9223372036854775807", "9223372036854775808"),
        ("timestamp", "\"2026-01-01T00:00:00Z\"", "Unit"),
        ("string", "\"x\"", "0x00"),
        ("bytes", "0x00", "\"x\""),
        ("address", TICKETER, "0x01"),
        ("address", "\"KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF%burn\"", "\"KT1\""),
        (
            "address",
            "0x03000000000000000000000000000000000000000000",
            "0x05000000000000000000000000000000000000000000",
        ),
        ("contract unit", ALICE, "0x00"),
        ("contract nat", TICKETER, ALICE),
        ("key_hash", "0x00000000000000000000000000000000000000000a", ALICE),
        ("chain_id", "0x7a06a770", "5"),
        ("option nat", "Some 1", "Some \"1\""),
        ("option nat", "None", "Unit"),
        ("or nat string", "Right \"x\"", "Left \"x\""),
        ("pair nat nat nat", "Pair 1 2 3", "Pair 1 2"),
        ("pair nat (pair nat nat)", "{ 1 ; 2 ; 3 }", "{ 1 ; 2 }"),
        ("list nat", "{ 1 ; 2 }", "{ 1 ; -2 }"),
        ("map string nat", "{ Elt \"a\" 1 }", "{ Elt 1 1 }"),
        ("big_map string nat", "7", "Unit"),
        ("ticket string", &ticket, "Pair 0x00 (Pair \"x\" 5)"),
        ("lambda unit unit", "{}", "Unit"),
    ] {
        assert_eq!(says(good, expected), Ok(()), "{expected} {good}");
        assert!(says(bad, expected).is_err(), "{expected} {bad}");
    }
    assert!(says("Unit", "never").is_err());
    // Of tickets there is one at least.
    assert!(says(&format!("Pair {TICKETER} (Pair \"x\" 0)"), "ticket string").is_err());
    let new = format!("Ticket {TICKETER} string \"x\" 1");
    assert_eq!(says(&new, "ticket string"), Ok(()));
}

#[test]
fn what_a_call_has_is_said_as_a_type() {
    for (value, expected) in [
        ("Pair 1 \"a\" 0x00".to_owned(), "pair nat (pair string bytes)"),
        (format!("Right ({})", bare("\"x\"")), "or … (ticket string)"),
        ("Some { -1 }".to_owned(), "option (list int)"),
        ("Left None".to_owned(), "or (option …) …"),
        (bare("(Pair 3 (Some 0xff))"), "ticket (pair nat (option bytes))"),
    ] {
        assert_eq!(likely(&parse(&value).unwrap()), expected, "{value}");
    }
}

#[test]
fn long_calls_need_no_deep_stack() {
    let many = 2_000;
    let numbers = format!("Pair {}", "1 ".repeat(many));
    let thread = std::thread::Builder::new().stack_size(512 << 10).spawn(move || {
        let types = format!("pair {}", "nat ".repeat(many));
        assert_eq!(says(&numbers, &types), Ok(()));
        let other = format!("pair {} string", "nat ".repeat(many - 1));
        assert!(says(&numbers, &other).unwrap_err().ends_with('…'));
        let deep = format!("{}Some 1{}", "Some (".repeat(399), ")".repeat(399));
        assert!(says(&deep, "nat").is_err());
    });
    thread.unwrap().join().unwrap();
}
