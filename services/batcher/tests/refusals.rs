//! What is refused, and with what.

use batcher_api::SubmittedTransaction;
use bls::Signature;
use client::sign_individually;
use encoding::{AccountIndex, Level, RollupAddress};
use inbox::v2::{Action, Name, TicketName, Transaction};

use crate::common::{World, payment, pays, signed};
use crate::octez::{account, secret, ticket};

/// The signature of an item, with something added to it.
fn shifted(mut item: SubmittedTransaction, by: &Signature) -> SubmittedTransaction {
    let text = &mut item.signatures[0].signature;
    let bytes = hex::decode(&text).unwrap().try_into().unwrap();
    *text = hex::encode(Signature::from_compressed(&bytes).unwrap().plus(by).to_compressed());
    item
}

#[test]
fn each_signature_is_checked_for_itself() {
    let world = World::new();
    // σ₁ + Δ and σ₂ − Δ have the right sum, and neither is a signature. Minus Δ is (r − 1)·Δ.
    let delta = secret(9).sign(bls::Suite::Pop, b"anything");
    let mut minus: Option<Signature> = None;
    let mut power = delta;
    // r − 1, the order of the group less one, from its lowest bit on.
    let order = "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000";
    for byte in hex::decode(order).unwrap().iter().rev() {
        for bit in 0..8 {
            if byte >> bit & 1 == 1 {
                minus = Some(minus.map_or(power, |sum| sum.plus(&power)));
            }
            power = power.plus(&power);
        }
    }
    let minus = minus.unwrap();
    let results = world.submit(vec![
        shifted(payment(1, 0, 2, 1), &delta),
        payment(2, 0, 3, 1),
        shifted(payment(3, 0, 2, 1), &minus),
    ]);
    let code = |at: usize| results[at].error.as_ref().map(|error| error.code.as_str());
    assert_eq!(
        (code(0), code(1), code(2)),
        (Some("WRONG_SIGNATURE"), None, Some("WRONG_SIGNATURE"))
    );
    // A signature of the batch's kind, or for another rollup, is none of the transaction.
    let transaction = pays(4, 0, 5, 1);
    let mut elsewhere = signed(&transaction, &[4]);
    let other = sign_individually(&secret(4), &transaction, &RollupAddress([9; 20]));
    elsewhere.signatures[0].signature = hex::encode(other.to_compressed());
    assert_eq!(world.refused(elsewhere), "WRONG_SIGNATURE");
    // A proof of possession that is somebody else's.
    let mut stolen = payment(4, 0, 5, 1);
    stolen.signatures[0].proof = payment(5, 0, 4, 1).signatures[0].proof.clone();
    assert_eq!(world.refused(stolen), "WRONG_SIGNATURE");
}

#[test]
fn what_means_nothing_or_something_else_is_refused_with_its_code() {
    let world = World::new();
    let with_expiry = |expires: Option<i32>| {
        let transaction = Transaction { expires: expires.map(Level), ..pays(1, 0, 2, 1) };
        signed(&transaction, &[1])
    };
    assert_eq!(world.refused(with_expiry(None)), "NO_EXPIRY");
    assert_eq!(world.refused(with_expiry(Some(5))), "EXPIRES_TOO_SOON");
    assert_eq!(world.refused(with_expiry(Some(100_000))), "EXPIRES_TOO_LATE");
    // Account 0 is person 1.
    assert_eq!(world.refused(signed(&pays(1, 0, 2, 1), &[2])), "NOT_THE_SIGNER");
    assert_eq!(world.refused(signed(&pays(77, 0, 2, 1), &[77])), "INDEX_NOT_FINAL");
    assert_eq!(world.refused(payment(1, 0, 77, 1)), "INDEX_NOT_FINAL");
    let mut without_proof = payment(1, 0, 2, 1);
    without_proof.signatures[0].proof = None;
    assert_eq!(world.refused(without_proof), "NEEDS_PROOF");
    let elsewhere = SubmittedTransaction {
        rollup: Some(RollupAddress([1; 20]).to_string()),
        ..payment(1, 0, 2, 1)
    };
    assert_eq!(world.refused(elsewhere), "OTHER_ROLLUP");
    let malformed = SubmittedTransaction { transaction: "00".into(), ..payment(1, 0, 2, 1) };
    assert_eq!(world.refused(malformed), "MALFORMED");
    // The kernel's own codes, with the kernel's values.
    assert_eq!(world.refused(payment(1, 0, 2, 1_001)), "BALANCE_TOO_LOW");
    assert_eq!(world.refused(payment(1, 0, 1, 1)), "SELF_TRANSFER");
    assert_eq!(world.refused(payment(1, 0, 2, 0)), "ZERO_AMOUNT");
    let mut unknown = pays(1, 0, 2, 1);
    let Action::Transfers { ticket: name, .. } = &mut unknown.operations[0].actions[0] else {
        panic!()
    };
    *name = TicketName::Full(ticket("lead"));
    assert_eq!(world.refused(signed(&unknown, &[1])), "UNKNOWN_TICKET");
    // Nothing of all that was kept.
    world.accepted(payment(1, 0, 2, 1_000));
    assert_eq!(world.refused(payment(1, 0, 2, 1)), "COUNTER_TAKEN");
    assert_eq!(world.refused(payment(1, 100, 2, 1)), "GAP_TOO_WIDE");
}

#[test]
fn an_account_without_an_index_registers_and_pays_by_address() {
    let world = World::new();
    let mut transaction = pays(1, 0, 2, 5);
    transaction.operations[0].signer = Name::Address(account(7));
    let Action::Transfers { to, .. } = &mut transaction.operations[0].actions[0] else { panic!() };
    to[0].0 = Name::Index(AccountIndex(0));
    let item = signed(&transaction, &[7]);
    assert_eq!(world.refused(item), "BALANCE_TOO_LOW");
    // Somebody pays it first: the second goes after the first.
    let mut gift = pays(1, 0, 2, 5);
    let Action::Transfers { to, .. } = &mut gift.operations[0].actions[0] else { panic!() };
    to[0].0 = Name::Address(account(7));
    let first = world.accepted(signed(&gift, &[1]));
    let second = world.accepted(signed(&transaction, &[7]));
    for hash in [&first.hash, &second.hash] {
        world.until(hash, batcher_api::Stage::Sent);
    }
    world.octez.bake(1);
    for hash in [&first.hash, &second.hash] {
        let record = world.until(hash, batcher_api::Stage::Applied);
        assert_eq!(record.result, Some(batcher_api::Settled::Applied), "{record:?}");
    }
}
