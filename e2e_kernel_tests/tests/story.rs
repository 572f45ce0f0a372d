//! The main job, from deposit to outbox: what applies, what is refused, what is rolled back.

use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{Amount, Entrypoint, Kt1Address, Payout};
use kit::{Person, Twin, batch, deposit, pay, ticket, tx, withdraw};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};

/// Two people with 100 gold and 50 silver between them.
fn funded() -> (Twin, Person, Person) {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    let rollup = twin.rollup();
    let level = twin
        .run_level(&[deposit(&rollup, &alice, "gold", 100), deposit(&rollup, &bob, "silver", 50)]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::DepositCredited);
    assert_eq!(twin.message_code(level.level, 1), ResultCode::DepositCredited);
    (twin, alice, bob)
}

#[test]
fn a_deposit_and_a_transfer() {
    let (mut twin, alice, bob) = funded();
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "silver")), (100, 50));
    assert_eq!(twin.counter(&alice), 0);

    let payment = tx(vec![alice.does(0, vec![pay(&bob, "gold", 30)])]);
    let level = twin.run_level(&[batch(vec![(payment.clone(), vec![&alice])])]);
    let accepted = Outcome::new(ResultCode::BatchAccepted, 1, 0);
    assert_eq!(twin.message(level.level, 0), Some(MessageResult::Done(accepted)));
    assert_eq!(twin.operation_code(&payment.operations[0]), ResultCode::Applied);
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "gold")), (70, 30));
    assert_eq!((twin.counter(&alice), twin.counter(&bob)), (1, 0));
}

#[test]
fn a_deposit_counts_for_a_batch_of_the_same_level_and_its_receiver_needs_no_account() {
    let mut twin = Twin::new();
    let (alice, bob) = (Person::new(1), Person::new(2));
    let payment = tx(vec![alice.does(0, vec![pay(&bob, "gold", 5)])]);
    let rollup = twin.rollup();
    twin.run_level(&[batch(vec![(payment, vec![&alice])]), deposit(&rollup, &alice, "gold", 5)]);
    assert_eq!(twin.balance(&bob, "gold"), 5);
}

#[test]
fn a_swap_needs_both_signatures() {
    let (mut twin, alice, bob) = funded();
    let swap = tx(vec![
        alice.does(0, vec![pay(&bob, "gold", 10)]),
        bob.does(0, vec![pay(&alice, "silver", 20)]),
    ]);
    let level = twin.run_level(&[batch(vec![(swap.clone(), vec![&alice])])]);
    let refused = MessageResult::Refused(Outcome::plain(ResultCode::WrongSignature));
    assert_eq!(twin.message(level.level, 0), Some(refused));
    assert_eq!((twin.balance(&alice, "gold"), twin.counter(&alice)), (100, 0));
    assert!(twin.operation(&swap.operations[0]).is_none(), "nobody said this was theirs");

    twin.run_level(&[batch(vec![(swap.clone(), vec![&alice, &bob])])]);
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&alice, "silver")), (90, 20));
    assert_eq!((twin.balance(&bob, "gold"), twin.balance(&bob, "silver")), (10, 30));
    assert_eq!((twin.counter(&alice), twin.counter(&bob)), (1, 1));
    for operation in &swap.operations {
        assert_eq!(twin.operation_code(operation), ResultCode::Applied);
    }
}

#[test]
fn an_overdraft_is_refused_rolled_back_and_uses_up_its_counters() {
    let (mut twin, alice, bob) = funded();
    let carol = Person::new(3);
    let bad = tx(vec![
        alice.does(0, vec![pay(&carol, "gold", 40)]),
        bob.does(0, vec![pay(&alice, "silver", 51)]),
    ]);
    let good = tx(vec![alice.does(1, vec![pay(&bob, "gold", 1)])]);
    let level = twin
        .run_level(&[batch(vec![(bad.clone(), vec![&alice, &bob]), (good.clone(), vec![&alice])])]);
    let accepted = Outcome::new(ResultCode::BatchAccepted, 1, 1);
    assert_eq!(twin.message(level.level, 0), Some(MessageResult::Done(accepted)));
    let results: Vec<Outcome> = [&bad.operations[0], &bad.operations[1], &good.operations[0]]
        .into_iter()
        .filter_map(|operation| twin.operation(operation))
        .map(|result| result.outcome)
        .collect();
    assert_eq!(
        results,
        [
            Outcome::new(ResultCode::RolledBack, 1, 0),
            Outcome::new(ResultCode::BalanceTooLow, 50, 51),
            Outcome::plain(ResultCode::Applied),
        ]
    );
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "gold")), (99, 1));
    assert_eq!((twin.balance(&bob, "silver"), twin.balance(&carol, "gold")), (50, 0));
    assert_eq!((twin.counter(&alice), twin.counter(&bob)), (2, 1));
    let accounts = twin.view(|view| view.accounts()).map(|accounts| accounts.len());
    assert_eq!(accounts, Ok(2), "the account that carol would have got was given back");
}

#[test]
fn each_refusal_of_a_transfer_has_its_reason() {
    let (mut twin, alice, bob) = funded();
    let cases = [
        (pay(&alice, "gold", 1), Outcome::plain(ResultCode::SelfTransfer)),
        (pay(&bob, "gold", 0), Outcome::plain(ResultCode::ZeroAmount)),
        (pay(&bob, "lead", 1), Outcome::plain(ResultCode::UnknownTicket)),
        (pay(&bob, "silver", 1), Outcome::new(ResultCode::BalanceTooLow, 0, 1)),
        (pay(&bob, "gold", u64::MAX), Outcome::new(ResultCode::BalanceTooLow, 100, u64::MAX)),
        (withdraw("gold", 0), Outcome::plain(ResultCode::ZeroAmount)),
        (withdraw("lead", 1), Outcome::plain(ResultCode::UnknownTicket)),
        (withdraw("gold", 101), Outcome::new(ResultCode::BalanceTooLow, 100, 101)),
    ];
    let transactions: Vec<_> = cases
        .iter()
        .enumerate()
        .map(|(counter, (content, _))| tx(vec![alice.does(counter as u64, vec![content.clone()])]))
        .collect();
    twin.run_level(&[batch(transactions.iter().map(|tx| (tx.clone(), vec![&alice])).collect())]);
    for (transaction, (content, reason)) in transactions.iter().zip(&cases) {
        let result = twin.operation(&transaction.operations[0]).map(|result| result.outcome);
        assert_eq!(result, Some(*reason), "{content:?}");
    }
    assert_eq!((twin.balance(&alice, "gold"), twin.counter(&alice)), (100, 8));
}

#[test]
fn a_replay_changes_nothing_not_even_the_result() {
    let (mut twin, alice, bob) = funded();
    let payment = tx(vec![alice.does(0, vec![pay(&bob, "gold", 30)])]);
    let message = batch(vec![(payment.clone(), vec![&alice])]);
    let first = twin.run_level(std::slice::from_ref(&message));
    let again = twin.run_level(&[message.clone(), message]);
    for number in 0..2 {
        let refused = MessageResult::Refused(Outcome::plain(ResultCode::AllStale));
        assert_eq!(twin.message(again.level, number), Some(refused));
    }
    assert_eq!((twin.balance(&bob, "gold"), twin.counter(&alice)), (30, 1));

    // Beside something that is not stale, it is looked at, and still changes nothing.
    let next = tx(vec![alice.does(1, vec![pay(&bob, "gold", 1)])]);
    let both = batch(vec![(payment.clone(), vec![&alice]), (next, vec![&alice])]);
    let level = twin.run_level(&[both]);
    let accepted = Outcome::new(ResultCode::BatchAccepted, 1, 1);
    assert_eq!(twin.message(level.level, 0), Some(MessageResult::Done(accepted)));
    let result = twin.operation(&payment.operations[0]);
    assert_eq!(
        result.map(|r| (r.outcome.code, r.message.level)),
        Some((ResultCode::Applied, first.level))
    );
    assert_eq!(twin.balance(&bob, "gold"), 31);
}

#[test]
fn a_counter_that_is_not_next_changes_nothing_and_can_apply_later() {
    let (mut twin, alice, bob) = funded();
    let early = tx(vec![alice.does(1, vec![pay(&bob, "gold", 1)])]);
    let message = batch(vec![(early.clone(), vec![&alice])]);
    twin.run_level(std::slice::from_ref(&message));
    let result = twin.operation(&early.operations[0]).map(|result| result.outcome);
    assert_eq!(result, Some(Outcome::new(ResultCode::CounterMismatch, 0, 1)));
    assert_eq!(twin.counter(&alice), 0);

    let first = tx(vec![alice.does(0, vec![pay(&bob, "gold", 1)])]);
    twin.run_level(&[batch(vec![(first, vec![&alice])]), message]);
    assert_eq!(twin.operation_code(&early.operations[0]), ResultCode::Applied);
    assert_eq!((twin.balance(&bob, "gold"), twin.counter(&alice)), (2, 2));
}

#[test]
fn batches_are_refused_whole_with_their_reason() {
    let (mut twin, alice, bob) = funded();
    let payment = || tx(vec![alice.does(0, vec![pay(&bob, "gold", 1)])]);
    let good = batch(vec![(payment(), vec![&alice])]);

    let mut not_a_point = good.clone();
    let last = not_a_point.len() - 1;
    not_a_point[last] ^= 1;
    let mut identity = good.clone();
    identity[last - 95..].fill(0);
    identity[last - 95] = 0xc0;
    let by_stranger = batch(vec![(payment(), vec![&bob])]);
    let unknown = tx(vec![alice.does_by_address(0, vec![])]);
    let unknown = batch(vec![(unknown, vec![&alice])]);
    let twice = tx(vec![alice.does(0, vec![]), alice.does(1, vec![])]);
    let twice = batch(vec![(twice, vec![&alice, &alice])]);
    let mut bad_key = good.clone();
    // After 01 00, two lengths and the signer's tag.
    bad_key[2 + 4 + 4 + 1] = 0x00;
    let mut malformed = good.clone();
    malformed[2 + 4 + 4] = 7;

    let level =
        twin.run_level(&[not_a_point, identity, by_stranger, unknown, twice, bad_key, malformed]);
    let codes: Vec<ResultCode> =
        (0..7).map(|number| twin.message_code(level.level, number)).collect();
    assert_eq!(
        codes,
        [
            ResultCode::InvalidSignature,
            ResultCode::InvalidSignature,
            ResultCode::WrongSignature,
            ResultCode::UnknownSigner,
            ResultCode::DuplicateSigner,
            ResultCode::InvalidPublicKey,
            ResultCode::Malformed,
        ]
    );
    assert_eq!((twin.balance(&alice, "gold"), twin.counter(&alice)), (100, 0));
    twin.run_level(&[good]);
    assert_eq!(twin.balance(&bob, "gold"), 1);
}

#[test]
fn a_key_counts_from_the_next_transaction_on_and_is_kept() {
    let (mut twin, alice, bob) = funded();
    let first = tx(vec![alice.does(0, vec![pay(&bob, "gold", 1)])]);
    let second = tx(vec![alice.does_by_address(1, vec![pay(&bob, "gold", 2)])]);
    twin.run_level(&[batch(vec![(first, vec![&alice]), (second, vec![&alice])])]);
    let later = tx(vec![alice.does_by_address(2, vec![pay(&bob, "gold", 4)])]);
    twin.run_level(&[batch(vec![(later, vec![&alice])])]);
    assert_eq!((twin.balance(&bob, "gold"), twin.counter(&alice)), (7, 3));
}

#[test]
fn a_withdrawal_is_one_outbox_message_a_transaction() {
    let (mut twin, alice, bob) = funded();
    let both = tx(vec![
        alice.does(0, vec![withdraw("gold", 10), pay(&bob, "gold", 1), withdraw("gold", 5)]),
        bob.does(0, vec![withdraw("silver", 50)]),
    ]);
    let level = twin.run_level(&[batch(vec![(both, vec![&alice, &bob])])]);
    assert_eq!(level.outbox.len(), 1);
    let payouts = outbox::decode(&level.outbox[0]);
    let payout = |text, amount| Payout {
        destination: Kt1Address([0x44; 20]),
        entrypoint: Entrypoint::new(b"burn").expect("a name"),
        ticket: ticket(text),
        amount: Amount::new(amount),
        receiver: None,
    };
    assert_eq!(payouts, Ok(vec![payout("gold", 10), payout("gold", 5), payout("silver", 50)]));
    assert_eq!((twin.balance(&alice, "gold"), twin.balance(&bob, "silver")), (84, 0));
    let tickets = twin.view(|view| view.tickets()).unwrap_or_default();
    let supplies: Vec<_> = tickets
        .iter()
        .map(|(_, supply)| (supply.on_rollup.get(), supply.deposited, supply.withdrawn))
        .collect();
    assert_eq!(supplies, [(85, 100, 15), (0, 50, 50)]);
}

#[test]
fn as_many_withdrawals_as_a_v1_message_holds_fit_one_outbox_message() {
    let (mut twin, alice, _) = funded();
    let of = |count| tx(vec![alice.does(0, vec![withdraw("gold", 1); count])]);
    let message = |count| batch(vec![(of(count), vec![&alice])]);
    let most = (1..200).rfind(|count| message(*count).len() <= INBOX_MESSAGE_BYTES).unwrap_or(0);
    let level = twin.run_level(&[message(most)]);
    let payouts = outbox::decode(&level.outbox[0]).map(|payouts| payouts.len());
    assert_eq!((level.outbox.len(), payouts), (1, Ok(most)));
    assert_eq!(twin.balance(&alice, "gold"), 100 - most as u64);
}
