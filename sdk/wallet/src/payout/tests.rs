//! Plans: what they cost beside the least that is possible, and that nothing in one can be changed unseen.

use bls::SecretKey;
use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{
    AccountIndex, Amount, Counter, Hash32, Kt1Address, Level, RollupAddress, Ticket, TicketContent,
    TicketIndex, Tz4Address, VerificationGas,
};

use super::*;
use crate::bundle::bundle;
use crate::error::FileError;
use crate::packing::{Frame, pack};
use crate::payments::Source;

const ROLLUP: RollupAddress = RollupAddress([7; 20]);

/// Bytes of a message of one transaction beside its rows, as docs/protocol.md has them: the tag, the frame (1 and
/// the rollup's 20), the version, the flags, the number of transactions; the expiry, the number of operations, the
/// signer by address, the counter, no memo, the number of actions; the action, its ticket by index, the number of
/// rows; the signature.
const BESIDE_ROWS: usize = 1 + 21 + 1 + 1 + 1 + 5 + 1 + 21 + 1 + 1 + 1 + 1 + 1 + 2 + 96;

fn secret(number: u8) -> SecretKey {
    SecretKey::derive(&[number; 32]).unwrap()
}

fn address(at: usize) -> Tz4Address {
    let digest = encoding::blake2b_256(&[&at.to_be_bytes()]).0;
    let mut hash = [0; 20];
    hash.copy_from_slice(&digest[..20]);
    Tz4Address(hash)
}

/// Bytes of a receiver by index: a varint of the index and 2.
fn receiver_bytes(index: u32) -> usize {
    match index + 2 {
        0..128 => 1,
        128..16_384 => 2,
        16_384..2_097_152 => 3,
        _ => 4,
    }
}

/// So many rows by one payer, who is registered, to accounts of the lowest indexes there are.
fn facts(rows: usize, by_index: bool) -> PayoutFacts {
    let ticket =
        Ticket { ticketer: Kt1Address([9; 20]), content: TicketContent::String("x".into()) };
    let row = |at: usize| PlannedRow {
        line: u64::try_from(at).unwrap() + 2,
        name: format!("person {at}"),
        to: address(at),
        index: by_index.then(|| AccountIndex(u32::try_from(at).unwrap())),
        ticket: 0,
        // All have the short form.
        amount: Amount::new(1_000 * (1 + u64::try_from(at % 2_000).unwrap())),
        memo: None,
        payer: 0,
        transaction: 0,
    };
    let mut facts = PayoutFacts {
        rollup: ROLLUP,
        file: Source { name: "pay.csv".to_owned(), digest: Hash32([3; 32]) },
        level: Level(100),
        block: "BL1".to_owned(),
        finalized: by_index.then_some(Level(98)),
        expires: Some(Level(14_500)),
        allows_duplicates: false,
        again: false,
        rest: false,
        payers: vec![PlannedPayer {
            name: "treasury".to_owned(),
            account: secret(1).public_key().address(),
            registered: true,
            counter: Counter::new(5),
        }],
        tickets: vec![PlannedTicket {
            name: "x".to_owned(),
            index: by_index.then_some(TicketIndex(0)),
            ticket,
            decimals: 3,
        }],
        rows: (0..rows).map(row).collect(),
    };
    assigned(&mut facts);
    facts
}

/// Puts the rows into transactions, as planning does.
fn assigned(facts: &mut PayoutFacts) {
    let payer = &facts.payers[0];
    let frame = Frame { counter: payer.counter, expires: true, registers: !payer.registered };
    let payments: Vec<_> =
        facts.rows.iter().map(|row| row.payment(&facts.tickets[row.ticket])).collect();
    for (number, packed) in pack(&payments, true, &frame).into_iter().enumerate() {
        for at in packed.payments {
            facts.rows[at].transaction = number;
        }
    }
}

#[test]
fn ten_thousand_rows_take_the_least_bytes_that_the_format_allows() {
    let plan = PayoutPlan::new(facts(10_000, true)).unwrap();
    let totals = plan.totals();
    // A row cannot take less than its receiver's index and an amount of two bytes, and each message has to
    // have what stands beside its rows.
    let rows: usize = (0..10_000).map(|index| receiver_bytes(index) + 2).sum();
    let least_messages = rows.div_ceil(INBOX_MESSAGE_BYTES - BESIDE_ROWS);
    assert_eq!(rows, 39_874, "3.99 bytes a row");
    assert_eq!((totals.messages, least_messages), (11, 11));
    // The last message has so few rows that their number takes one byte and not two.
    assert_eq!(totals.bytes, rows + least_messages * BESIDE_ROWS - 1, "not a byte more");
    assert_eq!(totals.bytes, 41_578, "4.16 bytes a row");
    // All but the last message are full, but for what no row fits in.
    let (last, full) = plan.messages().split_last().unwrap();
    let spare: Vec<usize> = full.iter().map(|(_, cost)| INBOX_MESSAGE_BYTES - cost.bytes).collect();
    assert!(spare.iter().all(|spare| *spare < 4), "{spare:?}");
    // One signer has one pairing in each: a signing and what a batch costs in any case.
    let gas = VerificationGas::new(3);
    assert!(full.iter().chain([last]).all(|(_, cost)| cost.gas == gas && cost.transactions == 1));
}

#[test]
fn what_is_planned_is_what_is_sent() {
    let mut registering = facts(2_000, false);
    registering.payers[0].registered = false;
    for row in registering.rows.iter_mut().step_by(3) {
        row.memo = Some("march".to_owned());
    }
    for row in registering.rows.iter_mut().step_by(7) {
        row.index = Some(AccountIndex(u32::try_from(row.line).unwrap()));
        row.amount = Amount::new(123_456_789);
    }
    assigned(&mut registering);
    for (facts, registered) in [
        (facts(3_000, true), true),
        (facts(700, false), true),
        (facts(1, true), true),
        (registering, false),
    ] {
        let payer = facts.payers[0].account;
        let mut plan = PayoutPlan::new(facts).unwrap();
        assert_eq!(plan.missing(), [payer]);
        plan.sign(&secret(1)).unwrap();
        assert!(plan.missing().is_empty());
        let signed: Vec<_> = plan.transactions().iter().map(|one| one.signable.clone()).collect();
        let known: &[_] = if registered { &[payer] } else { &[] };
        let messages = bundle(&ROLLUP, &signed, known).unwrap();
        let planned: Vec<usize> = plan.messages().iter().map(|(_, cost)| cost.bytes).collect();
        assert_eq!(messages.iter().map(Vec::len).collect::<Vec<_>>(), planned);
        for ((_, cost), message) in plan.messages().iter().zip(&messages) {
            let price = tx_kernel::price::Price::of_message(message, &ROLLUP, false).unwrap();
            assert_eq!(price.gas, cost.gas);
        }
    }
}

#[test]
fn the_same_facts_are_the_same_file_and_it_is_read_as_it_was_written() {
    let plan = PayoutPlan::new(facts(500, true)).unwrap();
    let text = plan.to_json();
    assert_eq!(text, PayoutPlan::new(facts(500, true)).unwrap().to_json());
    let read = PayoutPlan::from_json(&text).unwrap();
    assert_eq!(read, plan);
    assert!(String::from_utf8(text.clone()).unwrap().contains("\"signatures\": []"));
    // A row is a line.
    let rows = String::from_utf8(text).unwrap();
    assert_eq!(rows.lines().filter(|line| line.contains("\"line\": ")).count(), 500);
}

#[test]
fn signing_twice_changes_nothing_and_copies_are_put_together() {
    let plain = |rows| facts(rows, true);
    let mut facts = plain(40);
    facts.payers.push(PlannedPayer {
        name: "other".to_owned(),
        account: secret(2).public_key().address(),
        registered: true,
        counter: Counter::FIRST,
    });
    for row in facts.rows.iter_mut().skip(20) {
        (row.payer, row.transaction) = (1, 1);
    }
    let plan = PayoutPlan::new(facts).unwrap();
    assert_eq!(plan.messages().len(), 2, "each payer's messages are their own");
    let (mut one, mut two) = (plan.clone(), plan.clone());
    one.sign(&secret(1)).unwrap();
    let text = one.to_json();
    one.sign(&secret(1)).unwrap();
    assert_eq!(one.to_json(), text);
    assert_eq!(PayoutPlan::from_json(&text).unwrap(), one);
    assert_eq!(one.missing(), [secret(2).public_key().address()]);
    let wrong = one.sign(&secret(3)).unwrap_err();
    assert!(matches!(wrong, PlanError::File(FileError::NotASigner(_))), "{wrong}");
    two.sign(&secret(2)).unwrap();
    one.join(&two).unwrap();
    assert!(one.missing().is_empty());
    let other = PayoutPlan::new(plain(41)).unwrap();
    assert!(matches!(one.join(&other), Err(PlanError::OtherPlan { .. })));
    // Both are in the file, and what is in it is checked.
    assert_eq!(PayoutPlan::from_json(&one.to_json()).unwrap(), one);
}

#[test]
fn a_plan_that_was_changed_is_refused_whatever_was_changed() {
    let mut plan = PayoutPlan::new(facts(30, true)).unwrap();
    plan.sign(&secret(1)).unwrap();
    let text = String::from_utf8(plan.to_json()).unwrap();
    let (mallory, bob) = (address(999).to_string(), address(3).to_string());
    for (from, to, said) in [
        (bob.as_str(), mallory.as_str(), "digest"),
        ("\"units\": \"4000\"", "\"units\": \"5000\"", "changed since"),
        ("\"amount\": \"4\"", "\"amount\": \"5\"", "\"rows\" is not what"),
        ("\"index\": 4,", "\"index\": 5,", "changed since"),
        ("\"name\": \"person 4\"", "\"name\": \"person 5\"", "digest"),
        ("\"bytes\": ", "\"bytes\": 1", "\"totals\" is not what"),
        ("\"counter\": \"5\", \"rows\"", "\"counter\": \"6\", \"rows\"", "\"transactions\" is not"),
        ("\"expires\": 14500", "\"expires\": 14501", "\"transactions\" is not what"),
        ("\"again\": false", "\"again\": true", "digest"),
        ("\"version\": 1", "\"version\": 2", "version 2"),
        ("\"transaction\": 0", "\"transaction\": 1", "is not what its rows come to"),
        ("\"line\": 2,", "\"line\": 2, \"line\": 2,", "duplicate field"),
        ("\"level\": 100", "\"level\": 100, \"more\": 1", "unknown field"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replacen(from, to, 1);
        let error = PayoutPlan::from_json(changed.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(said), "{from} -> {to}: {error}");
    }
    // Whoever makes another plan of it has none of its signatures.
    let mut other = facts(30, true);
    other.rows[3].to = address(999);
    other.rows[3].index = None;
    let other = String::from_utf8(PayoutPlan::new(other).unwrap().to_json()).unwrap();
    let signatures = &text[text.find("\"signatures\": [\n").unwrap()..];
    let forged = other.replace("\"signatures\": []\n}\n", signatures);
    assert_ne!(forged, other);
    let error = PayoutPlan::from_json(forged.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("it is not a signature of what is in the file"), "{error}");
}

#[test]
fn a_plan_has_a_limit() {
    let most = crate::limits::MAX_PAYOUT_ROWS;
    assert_eq!(PayoutPlan::new(facts(0, true)).unwrap_err(), PlanError::Empty);
    let error = PayoutPlan::new(facts(most + 1, true)).unwrap_err();
    assert_eq!(error, PlanError::TooManyRows(most + 1));
    let plan = PayoutPlan::new(facts(most, true)).unwrap();
    let bytes = u64::try_from(plan.to_json().len()).unwrap();
    assert!(bytes < crate::limits::MAX_PLAN_BYTES / 2, "{bytes}");
}
