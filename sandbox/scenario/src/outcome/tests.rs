//! What outcomes are met by, and what is wrong with one.

use tx_kernel::results::{MessageResult, Outcome};

use super::*;

fn parse(kind: Kind, text: &str) -> Expected {
    Expected::parse(kind, text).unwrap()
}

fn failed(memo: Option<&str>) -> Found {
    let outcome = Outcome::new(ResultCode::BalanceTooLow, 3, 5_000);
    Found::of_operation(outcome, memo.map(str::to_owned), false)
}

#[test]
fn values_may_be_left_out_but_not_be_others() {
    assert_eq!(failed(None).to_string(), "failed BALANCE_TOO_LOW, available 3, requested 5000");
    for (text, is_met) in [
        ("failed BALANCE_TOO_LOW", true),
        ("failed BALANCE_TOO_LOW, available 3, requested 5,000", true),
        ("failed BALANCE_TOO_LOW requested 5000", true),
        ("failed: BALANCE_TOO_LOW, requested 5000, available 3", true),
        ("failed BALANCE_TOO_LOW, available 4", false),
        ("failed ZERO_AMOUNT", false),
        ("failed", false),
        ("unchanged, failed BALANCE_TOO_LOW", false),
        ("applied", false),
        ("no result", false),
    ] {
        assert_eq!(parse(Kind::Operation, text).is_met_by(&failed(None)), is_met, "{text}");
    }
}

#[test]
fn words_that_stand_for_one_code_need_none() {
    let credited = MessageResult::Done(Outcome::new(ResultCode::DepositCredited, 0, 5));
    let credited = Found::of_message(&credited);
    assert!(parse(Kind::Message, "credited").is_met_by(&credited));
    assert!(parse(Kind::Message, "credited, account 0, amount 5").is_met_by(&credited));
    assert!(!parse(Kind::Message, "credited, amount 6").is_met_by(&credited));
    let refused = MessageResult::Refused(Outcome::plain(ResultCode::WrongSignature));
    let refused = Found::of_message(&refused);
    assert!(parse(Kind::Message, "refused WRONG_SIGNATURE").is_met_by(&refused));
    assert!(!parse(Kind::Message, "refused").is_met_by(&refused));
    let waits = Found::word(WAITING);
    assert!(parse(Kind::Message, "waiting").is_met_by(&waits));
    let held = Found::of_held(Outcome::plain(ResultCode::ZeroAmount), true);
    assert!(parse(Kind::Held, &held.to_string()).is_met_by(&held));
    assert!(!parse(Kind::Held, "ZERO_AMOUNT").is_met_by(&held));
}

#[test]
fn memos_are_compared_if_there_is_one() {
    let memo = parse(Kind::Operation, "failed BALANCE_TOO_LOW, with memo rent, May");
    assert!(memo.is_met_by(&failed(Some("rent, May"))) && !memo.is_met_by(&failed(None)));
    assert!(!memo.is_met_by(&failed(Some("rent"))));
    assert!(parse(Kind::Operation, "failed BALANCE_TOO_LOW").is_met_by(&failed(Some("rent"))));
}

#[test]
fn every_outcome_can_be_written_down_and_read() {
    for code in ResultCode::ALL.iter().copied() {
        let outcome = Outcome::new(code, 7, 8);
        let mut read = 0;
        for (kind, found) in [
            (Kind::Operation, Found::of_operation(outcome, None, true)),
            (Kind::Message, Found::of_message(&MessageResult::Done(outcome))),
            (Kind::Message, Found::of_message(&MessageResult::Held(outcome))),
            (Kind::Message, Found::of_message(&MessageResult::Refused(outcome))),
            (Kind::Held, Found::of_held(outcome, true)),
        ] {
            if !kind.can_be(found.word, code) {
                continue;
            }
            assert!(parse(kind, &found.to_string()).is_met_by(&found), "{found}");
            read += 1;
        }
        assert!(read > 0, "{code}");
    }
}

#[test]
fn what_is_wrong_is_said_with_what_is_near() {
    for (kind, text, expected) in [
        (Kind::Operation, "failed BALANCE_TO_LOW", "such as BALANCE_TOO_LOW, "),
        (
            Kind::Operation,
            "failed WRONG_SIGNATURE",
            "WRONG_SIGNATURE is a result of: batch, request",
        ),
        (Kind::Operation, "failed COUNTER_MISMATCH", "a code of \"failed\": "),
        (Kind::Operation, "failed ZERO_AMOUNT, available 3", "nothing behind ZERO_AMOUNT"),
        (Kind::Operation, "failed BALANCE_TOO_LOW, free 3", "available NUMBER, requested NUMBER"),
        (Kind::Operation, "failed BALANCE_TOO_LOW, available", "available NUMBER"),
        (Kind::Operation, "failed BALANCE_TOO_LOW, available 3, available 3", "available NUMBER"),
        (Kind::Operation, "failed BALANCE_TOO_LOW, available 2^64", "available NUMBER"),
        (Kind::Operation, "refused WRONG_SIGNATURE", "(refused is a message's, "),
        (Kind::Operation, "no result at all", "no result"),
        (Kind::Message, "applied", "(applied is an operation's)"),
        (
            Kind::Operation,
            "failed, balance too low, 3 available, 5 requested",
            "the result code: failed BALANCE_TOO_LOW, available 3, requested 5 (toru test --rewrite",
        ),
        (Kind::Message, "credited, 5 to account 0", "credited, account 0, amount 5 (toru"),
        (Kind::Held, "the amount is zero", "the result code: ZERO_AMOUNT (toru"),
        (Kind::Held, "", "a result code of a held deposit, such as "),
    ] {
        let error = Expected::parse(kind, text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}
