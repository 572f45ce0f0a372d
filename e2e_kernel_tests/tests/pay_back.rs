//! Deposits that could not be credited find their way back: through the ticketer's exit, to the
//! contract and source that made them, to the tz4 behind them. Never twice, and to nobody else.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use client::Builder;
use encoding::limits::QUEUE_BYTES;
use encoding::{Amount, Entrypoint, Kt1Address, Level, RollupAddress, Source};
use inbox::deposit::encode_bytes;
use inbox::envelope::{framed_reclaim, transfer_message};
use inbox::reclaim::{Request, Signed};
use inbox::v2::Action;
use kit::v2::{How, account, operation, seal, ticket_index, together};
use kit::{Person, Twin, batch, deposit, ticket, tx, withdraw};
use num_bigint::BigInt;
use pvm::HostFn;
use tx_kernel::layout::exit_path;
use tx_kernel::results::ResultCode;

const HELPER: Kt1Address = Kt1Address([0xbb; 20]);
const VAULT: Kt1Address = Kt1Address([0x44; 20]);
const TZ1: Source = Source { curve: 0, hash: [9; 20] };

/// A deposit of 5 gold to nobody, by this contract and source.
fn stray(rollup: &RollupAddress, sender: &Kt1Address, source: &Source) -> Vec<u8> {
    let payload = inbox::deposit::encode("nobody", &ticket("gold"), &5.into());
    transfer_message(&payload, sender, source, rollup)
}

fn request(number: u64) -> Request {
    let entrypoint = Entrypoint::new(b"take").unwrap();
    Request { number, destination: VAULT, entrypoint, receiver: None }
}

/// A contract's request for a held deposit.
fn ask(rollup: &RollupAddress, sender: &Kt1Address, source: &Source, number: u64) -> Vec<u8> {
    transfer_message(&encode_bytes(&request(number).to_bytes()), sender, source, rollup)
}

/// Someone's signed request, made for this rollup.
fn signed(rollup: &RollupAddress, by: &Person, number: u64) -> Signed {
    let request = request(number);
    let signature = by.sign_pop(&request.signed_bytes(rollup));
    Signed { request, key: by.key(), signature }
}

fn tz4_source(person: &Person) -> Source {
    Source { curve: 3, hash: person.address().0 }
}

/// The message that hands 5 gold to the vault, by hand from the layout.
fn to_the_vault() -> String {
    let ticketer = format!("07070a0000001601{}00", "aa".repeat(20));
    let call =
        format!("{ticketer}07070100000004676f6c64000501{}000000000474616b65", "44".repeat(20));
    format!("00{:08x}{call}", call.len() / 2)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn code_of(twin: &mut Twin, message: Vec<u8>) -> (ResultCode, Vec<Vec<u8>>) {
    let level = twin.run_level(&[message]);
    (twin.message_code(level.level, 0), level.outbox)
}

#[test]
fn a_configured_exit_gives_the_source_what_the_ticket_stands_for() {
    let mut twin = Twin::new();
    let rollup = twin.rollup();
    twin.set(&exit_path(&Kt1Address([0xaa; 20])), b"exit");
    let level = twin.run_level(&[stray(&rollup, &HELPER, &TZ1)]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::ReceiverNotTz4);
    let parameter = format!(
        "07070a000000160000{}07070a0000001601{}0007070100000004676f6c640005",
        "09".repeat(20),
        "aa".repeat(20)
    );
    let call = format!("{parameter}01{}000000000465786974", "aa".repeat(20));
    let expected = format!("00{:08x}{call}", call.len() / 2);
    assert_eq!(level.outbox.iter().map(|m| hex(m)).collect::<Vec<_>>(), [expected]);
    assert!(twin.view(|view| view.held()).unwrap()[0].paid_back);

    let (code, outbox) = code_of(&mut twin, ask(&rollup, &HELPER, &TZ1, 0));
    assert_eq!((code, outbox.len()), (ResultCode::AlreadyPaidBack, 0));
}

#[test]
fn any_amount_goes_back_whole() {
    let mut twin = Twin::new();
    let rollup = twin.rollup();
    twin.set(&exit_path(&Kt1Address([0xaa; 20])), b"");
    let huge = BigInt::from(u64::MAX) * 1_000;
    let alice = Person::new(1);
    let payload = inbox::deposit::encode(&alice.address().to_string(), &ticket("gold"), &huge);
    let level = twin.run_level(&[transfer_message(&payload, &HELPER, &TZ1, &rollup)]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::AmountOutOfRange);
    let whole = hex(&ticket("gold").to_micheline_of(&huge));
    assert!(hex(&level.outbox[0]).contains(&whole));
}

#[test]
fn the_same_contract_and_source_can_ask_once_and_nobody_else() {
    let mut twin = Twin::new();
    let rollup = twin.rollup();
    twin.run_level(&[stray(&rollup, &HELPER, &TZ1)]);

    let stranger = Kt1Address([0xcc; 20]);
    let other_source = Source { hash: [8; 20], ..TZ1 };
    let other_curve = Source { curve: 1, ..TZ1 };
    for (sender, source) in [(stranger, TZ1), (HELPER, other_source), (HELPER, other_curve)] {
        let (code, outbox) = code_of(&mut twin, ask(&rollup, &sender, &source, 0));
        assert_eq!((code, outbox.len()), (ResultCode::NotTheDepositor, 0));
    }
    assert_eq!(
        code_of(&mut twin, ask(&rollup, &HELPER, &TZ1, 1)).0,
        ResultCode::UnknownHeldDeposit
    );

    let (code, outbox) = code_of(&mut twin, ask(&rollup, &HELPER, &TZ1, 0));
    assert_eq!((code, hex(&outbox[0])), (ResultCode::DepositReclaimed, to_the_vault()));
    let level = twin.run_level(&[ask(&rollup, &HELPER, &TZ1, 0), ask(&rollup, &HELPER, &TZ1, 0)]);
    assert!(level.outbox.is_empty());
    assert_eq!(twin.message_code(level.level, 1), ResultCode::AlreadyPaidBack);
}

#[test]
fn a_tz4_source_can_ask_by_signature_and_nobody_else() {
    let mut twin = Twin::new();
    let rollup = twin.rollup();
    let (alice, bob) = (Person::new(1), Person::new(2));
    twin.run_level(&[stray(&rollup, &HELPER, &tz4_source(&alice))]);
    let framed = |signed: &Signed| framed_reclaim(&twin.rollup(), &signed.encode());

    let good = signed(&rollup, &alice, 0);
    let elsewhere = signed(&RollupAddress([1; 20]), &alice, 0);
    let mut redirected = good.clone();
    redirected.request.destination = HELPER;
    let mut no_key = good.clone();
    no_key.key = [0; 48];
    let mut no_point = good.clone();
    no_point.signature = [0; 96];
    let cases = [
        (framed(&signed(&rollup, &bob, 0)), ResultCode::NotTheDepositor),
        (framed(&elsewhere), ResultCode::WrongSignature),
        (framed(&redirected), ResultCode::WrongSignature),
        (framed(&no_key), ResultCode::InvalidPublicKey),
        (framed(&no_point), ResultCode::InvalidSignature),
        (framed_reclaim(&rollup, &good.encode()[1..]), ResultCode::Malformed),
        (framed(&signed(&rollup, &alice, 3)), ResultCode::UnknownHeldDeposit),
    ];
    let good = framed(&good);
    for (message, expected) in cases {
        let (code, outbox) = code_of(&mut twin, message);
        assert_eq!((code, outbox.len()), (expected, 0));
    }
    let (code, outbox) = code_of(&mut twin, good.clone());
    assert_eq!((code, hex(&outbox[0])), (ResultCode::DepositReclaimed, to_the_vault()));
    assert_eq!(code_of(&mut twin, good).0, ResultCode::AlreadyPaidBack);
}

#[test]
fn what_has_no_readable_ticket_stays_held() {
    let mut twin = Twin::new();
    let rollup = twin.rollup();
    twin.run_level(&[transfer_message(b"\x03\x0b", &HELPER, &TZ1, &rollup)]);
    assert_eq!(code_of(&mut twin, ask(&rollup, &HELPER, &TZ1, 0)).0, ResultCode::NothingToPay);
    assert!(!twin.view(|view| view.held()).unwrap()[0].paid_back);
}

#[test]
fn a_deposit_cut_off_while_it_was_written_is_held_and_told_to_be_unreadable() {
    // So long that it takes two calls to write, and the second of them traps.
    let rollup = Twin::new().rollup();
    let long = ticket(&"g".repeat(1_990));
    let payload = inbox::deposit::encode("nobody", &long, &5.into());
    let message = transfer_message(&payload, &HELPER, &TZ1, &rollup);
    assert!(message.len() > encoding::limits::STORE_IO_BYTES);
    let mut twin = Twin::new();
    twin.record_host_calls();
    let calls = twin.run_level(std::slice::from_ref(&message)).native.host_calls;
    // Reads of the protocol's two messages, and of this one.
    let reads = calls.iter().enumerate().filter(|(_, call)| call.function == HostFn::ReadInput);
    let (read, _) = reads.take(3).last().unwrap();
    let writes = calls.iter().enumerate().filter(|(_, call)| call.function == HostFn::StoreWrite);
    let (second, _) = writes.skip_while(|(at, _)| *at < read).nth(1).unwrap();

    let mut twin = Twin::new();
    twin.trap_at(second as u64);
    let cut = twin.run_level(&[message]);
    assert!(cut.native.first_trap().is_some());
    twin.run_level(&[]);
    assert_eq!(twin.message_code(cut.level, 0), ResultCode::Interrupted);
    let held = twin.view(|view| view.held()).unwrap();
    assert_eq!((held.len(), held[0].bytes.as_ref(), held[0].paid_back), (1, None, false));
    assert_eq!(code_of(&mut twin, ask(&rollup, &HELPER, &TZ1, 0)).0, ResultCode::NothingToPay);
}

#[test]
fn a_flood_of_withdrawals_does_not_keep_refunds_waiting() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let alice = Person::new(1);
    twin.set(&exit_path(&Kt1Address([0xaa; 20])), b"exit");
    let mut messages = vec![deposit(&rollup, &alice, "gold", 1_000)];
    for first in (0..150).step_by(25) {
        let withdrawals = (first..first + 25).map(|counter| {
            (tx(vec![alice.does(counter, vec![withdraw("gold", 1)])]), vec![&alice])
        });
        messages.push(batch(withdrawals.collect()));
    }
    let first = twin.run_level(&messages);
    assert_eq!(first.outbox.len(), 100);
    let second = twin.run_level(&[stray(&rollup, &HELPER, &TZ1)]);
    assert_eq!(second.outbox.len(), 51);
    let refund = second.outbox.iter().position(|message| hex(message).contains("65786974"));
    assert!(refund.is_some_and(|index| index <= 1), "{refund:?}");
}

#[test]
fn a_flood_of_refunds_to_one_depositor_keeps_nobody_elses_waiting() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    twin.set(&exit_path(&Kt1Address([0xaa; 20])), b"exit");
    let other = Source { curve: 1, hash: [0x77; 20] };
    let mut messages = vec![stray(&rollup, &HELPER, &TZ1); 150];
    messages.push(stray(&rollup, &HELPER, &other));
    let first = twin.run_level(&messages);
    let of_other = |outbox: &[Vec<u8>]| {
        outbox.iter().position(|message| hex(message).contains(&"77".repeat(20)))
    };
    assert_eq!((first.outbox.len(), of_other(&first.outbox)), (100, Some(1)));
    let second = twin.run_level(&[]);
    assert_eq!((second.outbox.len(), of_other(&second.outbox)), (51, None));
}

#[test]
fn what_waits_takes_room_for_what_it_is_made_of_and_leaves_whole() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let alice = Person::new(1);
    let long = "x".repeat(1_900);
    twin.run_level(&[deposit(&rollup, &alice, &long, 1_000)]);
    // More than an outbox takes, each with a message of some 2,000 bytes.
    let register = seal(&Builder::new().registration(alice.registers()).build(), &rollup, &[]);
    twin.run_level(&[register]);
    let entrypoint = Entrypoint::new(b"").unwrap();
    let leave = Action::Withdraw {
        ticket: ticket_index(0),
        to: Kt1Address([4; 20]),
        entrypoint,
        receiver: None,
        amount: Amount::new(1),
    };
    let one = |counter| together(vec![operation(account(0), counter, vec![leave.clone()])]);
    let batch = (0..103).fold(Builder::new(), |batch, counter| batch.transaction(one(counter)));
    let signers = vec![How::Batch(&alice); 103];
    let message = seal(&batch.build(), &rollup, &signers);
    let sent = message.len();
    let level = twin.run_level(&[message]);
    assert_eq!(level.outbox.len(), 100);
    assert!(level.outbox.iter().all(|message| message.len() > 1_900));
    let kept: usize =
        twin.durable().values_under("/toru/state/outbox").map(|(_, value)| value.len()).sum();
    let per_message = sent / 103;
    assert!(kept <= 3 * 3 * per_message, "{kept} bytes wait for 3 messages of {per_message}");
    assert_eq!(twin.run_level(&[]).outbox.len(), 3);
}

#[test]
fn a_full_queue_refuses_a_withdrawal_and_a_reclaim_and_holds_a_refund() {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let alice = Person::new(1);
    twin.run_level(&[deposit(&rollup, &alice, "gold", 10), stray(&rollup, &HELPER, &TZ1)]);
    twin.set(&exit_path(&Kt1Address([0xaa; 20])), b"exit");
    // No message, but as if they took all the bytes that there are.
    let ends = [0, 0, 0, 0, QUEUE_BYTES].map(u64::to_be_bytes).concat();
    twin.set("/toru/state/outbox/ends", &ends);
    let withdrawal = tx(vec![alice.does(0, vec![withdraw("gold", 4)])]);
    let level = twin.run_level(&[
        stray(&rollup, &HELPER, &TZ1),
        ask(&rollup, &HELPER, &TZ1, 0),
        batch(vec![(withdrawal, vec![&alice])]),
    ]);
    assert!(level.outbox.is_empty());
    assert_eq!(twin.message_code(level.level, 0), ResultCode::ReceiverNotTz4);
    assert_eq!(twin.message_code(level.level, 1), ResultCode::OutboxQueueFull);
    assert_eq!((twin.balance(&alice, "gold"), twin.counter(&alice)), (10, 1), "not debited");
    let held = twin.view(|view| view.held()).unwrap();
    assert!(held.iter().all(|one| !one.paid_back), "they can be asked for again");

    twin.set("/toru/state/outbox/ends", &[0; 40]);
    let level = twin.run_level(&[ask(&rollup, &HELPER, &TZ1, 0), ask(&rollup, &HELPER, &TZ1, 1)]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::DepositReclaimed);
    assert_eq!(level.outbox.len(), 2);
}

#[test]
fn a_cut_off_at_any_host_call_pays_once_or_can_be_asked_again() {
    let start = || {
        let mut twin = Twin::native_only();
        let rollup = twin.rollup();
        twin.run_level(&[stray(&rollup, &HELPER, &TZ1)]);
        twin
    };
    let mut twin = start();
    let rollup = twin.rollup();
    twin.record_host_calls();
    let level = twin.run_level(&[ask(&rollup, &HELPER, &TZ1, 0)]);
    let calls: Vec<HostFn> = level.native.host_calls.iter().map(|call| call.function).collect();
    let sent = calls.iter().position(|call| *call == HostFn::WriteOutput).unwrap();
    let mut again = 0;
    // The call after `write_output` is fenced: see traps.rs.
    for at in (0..calls.len()).filter(|at| *at != sent + 1) {
        let mut twin = start();
        twin.trap_at(at as u64);
        let cut = twin.run_level(&[ask(&rollup, &HELPER, &TZ1, 0)]);
        let mut paid = cut.outbox.len();
        for _ in 0..2 {
            let level: Level = {
                let level = twin.run_level(&[ask(&rollup, &HELPER, &TZ1, 0)]);
                paid += level.outbox.len();
                level.level
            };
            again += usize::from(twin.message_code(level, 0) == ResultCode::DepositReclaimed);
        }
        assert_eq!(paid, 1, "cut off at call {at}");
    }
    assert!(again > 5, "{again}");
}
