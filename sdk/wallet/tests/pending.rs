//! What pending transactions leave behind is what the rollup has once they are applied.

use crate::common::{Octez, ROLLUP, account, secret, ticket};
use client::{Assembly, Builder, sign_individually};
use encoding::{Amount, Counter, Entrypoint, Kt1Address, Tz4Address};
use inbox::v2::{Action, Batch, Name, Operation, TicketName, Transaction};
use tx_kernel::results::ResultCode;
use wallet::rpc::Node;
use wallet::state::{Attempt, Keep, PendingState, RollupState};

/// Accounts that take part: each has deposited.
const PEOPLE: u8 = 5;
const EACH: u64 = 100;

fn transfer(from: u8, counter: u64, to: Tz4Address, amount: u64) -> Operation {
    let ticket = TicketName::Full(ticket("gold"));
    let actions =
        vec![Action::Transfers { ticket, to: vec![(Name::Address(to), Amount::new(amount))] }];
    let signer = Name::Address(account(from));
    Operation { signer, counter: Counter::new(counter), memo: None, actions }
}

fn withdrawal(from: u8, counter: u64, amount: u64) -> Operation {
    let actions = vec![Action::Withdraw {
        ticket: TicketName::Full(ticket("gold")),
        to: Kt1Address([0xaa; 20]),
        entrypoint: Entrypoint::new(b"").unwrap(),
        receiver: None,
        amount: Amount::new(amount),
    }];
    let signer = Name::Address(account(from));
    Operation { signer, counter: Counter::new(counter), memo: None, actions }
}

/// The batch of one transaction. Its signers are registered by it: who already is stays so.
fn batch(operations: &[Operation]) -> Batch {
    let signers = (1..=PEOPLE)
        .filter(|one| operations.iter().any(|op| op.signer == Name::Address(account(*one))));
    let builder = signers.fold(Builder::new(), |builder, one| {
        builder.registration(client::registration(&secret(one)))
    });
    let transaction = Transaction { expires: None, operations: operations.to_vec() };
    Batch { signature: Some([0; 96]), ..builder.transaction(transaction).build() }
}

/// The payload of the same batch, signed.
fn signed(operations: &[Operation]) -> Vec<u8> {
    let transaction = Transaction { expires: None, operations: operations.to_vec() };
    let mut assembly = Assembly::new(batch(operations), ROLLUP);
    for (signing, operation) in operations.iter().enumerate() {
        let signer = (1..=PEOPLE).find(|one| operation.signer == Name::Address(account(*one)));
        let signature = sign_individually(&secret(signer.unwrap()), &transaction, &ROLLUP);
        assembly.individual_signature(signing, signature);
    }
    assembly.message().unwrap().split_off(1)
}

fn is_refused(attempt: &Attempt, code: ResultCode) -> bool {
    match attempt {
        Attempt::Refused(outcome) => outcome.code == code,
        Attempt::Done(all) => all.iter().flatten().any(|outcome| outcome.code == code),
    }
}

#[test]
fn pending_transactions_leave_what_the_rollup_has_afterwards() {
    let octez = Octez::start();
    (1..=PEOPLE).for_each(|one| octez.deposit(account(one), &ticket("gold"), EACH));
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    let base = RollupState::at(&node, "head").unwrap();
    let gold = base.ledger(|ledger| ledger.find_ticket(&ticket("gold").hash())).unwrap().unwrap();
    let pending = PendingState::new(&base);
    let new = Tz4Address([77; 20]);

    // What is not applied leaves nothing.
    let poor = [transfer(1, 0, account(2), EACH + 1)];
    let failed = pending.apply(&batch(&poor), Keep::IfApplied).unwrap();
    assert!(is_refused(&failed, ResultCode::BalanceTooLow), "{failed:?}");
    let early = [transfer(1, 1, account(2), 1)];
    let failed = pending.apply(&batch(&early), Keep::IfApplied).unwrap();
    assert!(is_refused(&failed, ResultCode::CounterMismatch), "{failed:?}");
    let looked = pending.apply(&batch(&[transfer(1, 0, new, 5)]), Keep::Never).unwrap();
    assert!(looked.is_applied());
    assert_eq!(pending.account(&account(1)).unwrap(), base.account(&account(1)).unwrap());
    assert_eq!(pending.account(&new).unwrap().index, None);
    assert_eq!(pending.balance(&account(1), gold).unwrap(), Amount::new(EACH));

    // Each spends what an earlier one has brought; two of them together, some withdraw.
    let steps: Vec<Vec<Operation>> = vec![
        vec![transfer(1, 0, account(2), EACH)],
        vec![transfer(2, 0, new, 2 * EACH)],
        vec![transfer(3, 0, account(1), 40), transfer(4, 0, account(3), 90)],
        vec![withdrawal(1, 1, 30)],
        vec![withdrawal(3, 1, 150), transfer(5, 0, account(4), 100)],
        vec![withdrawal(4, 1, 1)],
        vec![transfer(1, 2, Tz4Address([78; 20]), 10)],
    ];
    for step in &steps {
        let attempt = pending.apply(&batch(step), Keep::IfApplied).unwrap();
        assert!(attempt.is_applied(), "{attempt:?}");
    }
    let again = pending.apply(&batch(&steps[0]), Keep::IfApplied).unwrap();
    assert!(is_refused(&again, ResultCode::AllStale), "{again:?}");
    // The state below is as it was.
    assert_eq!(base.account(&account(1)).unwrap().counter, Counter::FIRST);

    for step in &steps {
        octez.send(&signed(step));
    }
    octez.bake(1);
    let after = RollupState::at(&node, "head").unwrap();
    let everybody = (1..=PEOPLE).map(account).chain([new, Tz4Address([78; 20])]);
    for one in everybody {
        let (expected, found) = (after.account(&one).unwrap(), pending.account(&one).unwrap());
        assert_eq!(found, expected);
        let held = after.ledger(|ledger| match expected.index {
            Some(index) => ledger.balance(index, gold),
            None => Ok(Amount::ZERO),
        });
        assert_eq!(pending.balance(&one, gold).unwrap(), held.unwrap());
    }
}

#[test]
fn a_failed_transaction_is_kept_as_the_kernel_keeps_it_and_silence_leaves_nothing() {
    let octez = Octez::start();
    octez.deposit(account(1), &ticket("gold"), EACH);
    octez.bake(1);
    let node = Node::new(&octez.endpoint).unwrap();
    let base = RollupState::at(&node, "head").unwrap();
    let pending = PendingState::new(&base);
    let poor = batch(&[transfer(1, 0, account(2), EACH + 1)]);
    let failed = pending.apply(&poor, Keep::Always).unwrap();
    assert!(is_refused(&failed, ResultCode::BalanceTooLow), "{failed:?}");
    assert_eq!(pending.account(&account(1)).unwrap().counter, Counter::new(1));

    // The node does not tell about an account that nobody has asked for yet.
    octez.says(500, "[]");
    let unknown = batch(&[transfer(1, 1, Tz4Address([99; 20]), 1)]);
    pending.apply(&unknown, Keep::IfApplied).unwrap_err();
    assert_eq!(pending.account(&account(1)).unwrap().counter, Counter::new(1));
    let attempt = pending.apply(&unknown, Keep::IfApplied).unwrap();
    assert!(attempt.is_applied(), "{attempt:?}");
    assert_eq!(pending.account(&account(1)).unwrap().counter, Counter::new(2));
}
