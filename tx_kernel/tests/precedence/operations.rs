//! Why an operation of a batch that was accepted is not applied.

use Fault::{Account, Balance, Counter as Mismatch, Expired, Itself, Ticket as NoTicket, Zero};
use bls::Suite;
use encoding::{AccountIndex, Amount, Counter, Entrypoint, Kt1Address, Level, TicketIndex};
use inbox::envelope::framed_v1;
use inbox::{v1, v2};
use tx_kernel::results::ResultCode;

use crate::rollup::{ROLLUP, Rollup, address, deposit, framed, key, person, sign_batch, ticket};
use crate::{Order, each_two};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    Expired,
    Counter,
    Account,
    Itself,
    Zero,
    Ticket,
    Balance,
}

/// There is one receiver and one amount.
fn together(one: Fault, other: Fault) -> bool {
    let pair = [one, other];
    !(pair.contains(&Account) && pair.contains(&Itself)
        || pair.contains(&Zero) && pair.contains(&Balance))
}

const TRANSFER_V1: &Order<Fault> = &[
    (Mismatch, ResultCode::CounterMismatch),
    (Itself, ResultCode::SelfTransfer),
    (Zero, ResultCode::ZeroAmount),
    (NoTicket, ResultCode::UnknownTicket),
    (Balance, ResultCode::BalanceTooLow),
];

#[test]
fn a_transfer_in_v1_is_refused_for_the_first_fault() {
    let (alice, bob) = (person(1), person(2));
    let mut rollup = Rollup::new();
    rollup.level(&[deposit(&alice, "gold", 10)]);
    rollup.keep();
    each_two(TRANSFER_V1, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        let content = v1::Content::Transfer {
            to: address(if has(Itself) { &alice } else { &bob }),
            ticket: ticket(if has(NoTicket) { "lead" } else { "gold" }),
            amount: amount(faults),
        };
        let operation = v1::Operation {
            signer: v1::Signer::Key(key(&alice)),
            counter: Counter::new(u64::from(has(Mismatch))),
            contents: vec![content],
        };
        // Beside one that may apply, as otherwise a batch whose counters are behind is refused whole.
        let hash = operation.hash();
        let transactions = vec![v1::Transaction { operations: vec![operation] }];
        let signature = alice.sign(Suite::Aug, &transactions[0].signed_bytes()).to_compressed();
        let batch = v1::Batch { transactions, signature };
        let code = rollup.code(framed_v1(&ROLLUP, &batch.encode()));
        assert_eq!(code, ResultCode::BatchAccepted);
        rollup.view(|view| view.operation(&hash).unwrap()).unwrap().outcome.code
    });
}

fn amount(faults: &[Fault]) -> Amount {
    let amount = if faults.contains(&Balance) { 11 } else { u64::from(!faults.contains(&Zero)) };
    Amount::new(amount)
}

/// The code of an operation in v2 that does this.
fn code_v2(rollup: &mut Rollup, faults: &[Fault], action: v2::Action) -> ResultCode {
    let has = |fault| faults.contains(&fault);
    let operation = v2::Operation {
        signer: v2::Name::Index(AccountIndex(0)),
        counter: Counter::new(u64::from(has(Mismatch))),
        memo: None,
        actions: vec![action],
    };
    let expires = has(Expired).then_some(Level(0));
    let mut batch = v2::Batch {
        expires: None,
        registrations: Vec::new(),
        transfer_groups: Vec::new(),
        transactions: vec![v2::Transaction { expires, operations: vec![operation] }],
        individually_signed: v2::IndividuallySigned::Nobody,
        signature: None,
    };
    batch.signature = Some(sign_batch(&person(1), &batch));
    assert_eq!(rollup.code(framed(&batch)), ResultCode::BatchAccepted);
    rollup.operation_v2(&batch.signing_payload(&ROLLUP).digest)
}

/// Alice is account 0, registered, and has 10 gold, which is ticket 0. Bob is account 1.
fn rollup_v2() -> Rollup {
    let (alice, bob) = (person(1), person(2));
    let mut rollup = Rollup::new();
    rollup.level(&[deposit(&alice, "gold", 10), deposit(&bob, "gold", 1)]);
    let registration = client::registration(&alice);
    let batch = v2::Batch {
        expires: None,
        registrations: vec![registration],
        transfer_groups: Vec::new(),
        transactions: Vec::new(),
        individually_signed: v2::IndividuallySigned::Nobody,
        signature: None,
    };
    assert_eq!(rollup.code(framed(&batch)), ResultCode::BatchAccepted);
    rollup.keep();
    rollup
}

const TRANSFER_V2: &Order<Fault> = &[
    (Expired, ResultCode::TransactionExpired),
    (Mismatch, ResultCode::CounterMismatch),
    (Account, ResultCode::UnknownAccount),
    (Itself, ResultCode::SelfTransfer),
    (Zero, ResultCode::ZeroAmount),
    (NoTicket, ResultCode::UnknownTicket),
    (Balance, ResultCode::BalanceTooLow),
];

#[test]
fn a_transfer_in_v2_is_refused_for_the_first_fault() {
    let mut rollup = rollup_v2();
    each_two(TRANSFER_V2, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        let to = match (has(Account), has(Itself)) {
            (true, _) => 999,
            (_, itself) => u32::from(!itself),
        };
        let ticket = v2::TicketName::Index(TicketIndex(if has(NoTicket) { 999 } else { 0 }));
        let to = vec![(v2::Name::Index(AccountIndex(to)), amount(faults))];
        code_v2(&mut rollup, faults, v2::Action::Transfers { ticket, to })
    });
}

#[test]
fn a_transfer_of_a_group_is_refused_for_the_first_fault() {
    let mut rollup = rollup_v2();
    each_two(TRANSFER_V2, together, |faults| {
        let has = |fault| faults.contains(&fault);
        rollup.again();
        let to = match (has(Account), has(Itself)) {
            (true, _) => 999,
            (_, itself) => u32::from(!itself),
        };
        let transfer = v2::Transfer {
            signer: AccountIndex(0),
            counter: Counter::new(u64::from(has(Mismatch))),
            to: v2::Name::Index(AccountIndex(to)),
            amount: amount(faults),
        };
        let group = v2::TransferGroup {
            expires: has(Expired).then_some(Level(0)),
            ticket: v2::TicketName::Index(TicketIndex(if has(NoTicket) { 999 } else { 0 })),
            transfers: vec![transfer],
        };
        let mut batch = v2::Batch {
            expires: None,
            registrations: Vec::new(),
            transfer_groups: vec![group],
            transactions: Vec::new(),
            individually_signed: v2::IndividuallySigned::Nobody,
            signature: None,
        };
        batch.signature = Some(sign_batch(&person(1), &batch));
        assert_eq!(rollup.code(framed(&batch)), ResultCode::BatchAccepted);
        rollup.operation_v2(&batch.signing_payload(&ROLLUP).digest)
    });
}

const WITHDRAWAL_V2: &Order<Fault> = &[
    (Expired, ResultCode::TransactionExpired),
    (Mismatch, ResultCode::CounterMismatch),
    (Zero, ResultCode::ZeroAmount),
    (NoTicket, ResultCode::UnknownTicket),
    (Balance, ResultCode::BalanceTooLow),
];

#[test]
fn a_withdrawal_in_v2_is_refused_for_the_first_fault() {
    let mut rollup = rollup_v2();
    let withdraw = |ticket: v2::TicketName, amount: Amount| v2::Action::Withdraw {
        ticket,
        to: Kt1Address([0x44; 20]),
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver: None,
        amount,
    };
    each_two(WITHDRAWAL_V2, together, |faults| {
        rollup.again();
        // In full: an index that no ticket has comes before the amount.
        let ticket = ticket(if faults.contains(&NoTicket) { "lead" } else { "gold" });
        code_v2(&mut rollup, faults, withdraw(v2::TicketName::Full(ticket), amount(faults)))
    });
    rollup.again();
    let unknown = withdraw(v2::TicketName::Index(TicketIndex(999)), Amount::new(0));
    assert_eq!(code_v2(&mut rollup, &[], unknown), ResultCode::UnknownTicket);
}
