//! Why a request for a held deposit is refused.

use Fault::{BadKey, BadSignature, Format, Unknown, Wrong};
use bls::{SecretKey, Suite};
use encoding::{Entrypoint, Kt1Address};
use inbox::deposit::encode_bytes;
use inbox::envelope::{framed_reclaim, transfer_message};
use inbox::reclaim::{Request, Signed};
use tx_kernel::results::ResultCode;

use crate::rollup::{
    HELPER, NO_KEY, NO_SIGNATURE, ROLLUP, Rollup, deposit_by, key, other_signature, person, source,
    ticket,
};
use crate::{Order, each_two};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Format,
    BadKey,
    BadSignature,
    Wrong,
    Unknown,
}

/// `BUSY`, behind `MALFORMED`, is in `batches_v1.rs`: a request waits as a batch does.
const ORDER: &Order<Fault> = &[
    (Format, ResultCode::Malformed),
    (BadKey, ResultCode::InvalidPublicKey),
    (BadSignature, ResultCode::InvalidSignature),
    (Wrong, ResultCode::WrongSignature),
    (Unknown, ResultCode::UnknownHeldDeposit),
];

fn request(number: u64) -> Request {
    Request {
        number,
        destination: Kt1Address([0x44; 20]),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
    }
}

/// A request in a call of the helper, which `signer` signed for.
fn called(number: u64, signer: &SecretKey) -> Vec<u8> {
    let payload = encode_bytes(&request(number).to_bytes());
    transfer_message(&payload, &HELPER, &source(signer), &ROLLUP)
}

/// A deposit that is held, as its receiver is not a tz4, or as it has not the rollup's type.
fn held(by: &SecretKey, is_of_type: bool) -> Vec<u8> {
    let receiver = "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU";
    let mut message = deposit_by(&source(by), receiver, &ticket("gold"), 1);
    if !is_of_type {
        message[3] = 0x08;
    }
    message
}

#[test]
fn a_signed_request_is_refused_for_the_first_fault() {
    let alice = person(1);
    let mut rollup = Rollup::new();
    assert_eq!(rollup.code(held(&alice, true)), ResultCode::ReceiverNotTz4);
    rollup.keep();
    let together =
        |one, other| ![one, other].contains(&BadSignature) || ![one, other].contains(&Wrong);
    each_two(ORDER, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        let request = request(if has(Unknown) { 99 } else { 0 });
        let signature = match (has(BadSignature), has(Wrong)) {
            (true, _) => NO_SIGNATURE,
            (_, true) => other_signature(),
            _ => alice.sign(Suite::Pop, &request.signed_bytes(&ROLLUP)).to_compressed(),
        };
        let key = if has(BadKey) { NO_KEY } else { key(&alice) };
        let mut message = framed_reclaim(&ROLLUP, &Signed { request, key, signature }.encode());
        if has(Format) {
            message.pop();
        }
        rollup.code(message)
    });
}

#[test]
fn what_is_asked_for_is_looked_at_in_order() {
    let (alice, bob) = (person(1), person(2));
    let mut rollup = Rollup::new();
    // Deposits 0 and 1 are Alice's and 2 and 3 Bob's; 1 and 3 have no ticket that could be paid.
    rollup.level(&[held(&alice, true), held(&alice, false), held(&bob, true), held(&bob, false)]);
    assert_eq!(rollup.code(called(2, &bob)), ResultCode::DepositReclaimed);
    rollup.keep();
    for (number, code) in [
        (99, ResultCode::UnknownHeldDeposit),
        // Paid back as well.
        (2, ResultCode::NotTheDepositor),
        // With nothing to pay as well.
        (3, ResultCode::NotTheDepositor),
        (1, ResultCode::NothingToPay),
        (0, ResultCode::DepositReclaimed),
    ] {
        rollup.again();
        assert_eq!(rollup.code(called(number, &alice)), code, "{number}");
    }
}

#[test]
fn room_in_the_outbox_queue_is_looked_for_last() {
    let alice = person(1);
    let mut rollup = Rollup::new();
    let deposits = vec![held(&alice, true); 1_002];
    rollup.level(&deposits);
    rollup.level(&[held(&alice, false)]);
    let mut requests: Vec<Vec<u8>> = (0..1_001).map(|number| called(number, &alice)).collect();
    requests.extend([called(0, &alice), called(1_002, &alice), called(2_000, &alice)]);
    let results = rollup.level(&requests);
    let code = |at: usize| results[at].unwrap().outcome().code;
    assert_eq!(code(999), ResultCode::DepositReclaimed);
    assert_eq!(code(1_000), ResultCode::TooManyPending);
    assert_eq!(code(1_001), ResultCode::AlreadyPaidBack);
    assert_eq!(code(1_002), ResultCode::NothingToPay);
    assert_eq!(code(1_003), ResultCode::UnknownHeldDeposit);
}
