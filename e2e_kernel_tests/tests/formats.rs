//! The same transactions in wire format v1 and in v2, in every way to name and to sign them, give the
//! same ledger.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use client::{Assembly, Builder, sign};
use encoding::{AccountIndex, Amount, Counter, RollupAddress, TicketIndex};
use inbox::envelope::{framed_v1, framed_v2};
use inbox::v1::{Content, Operation as V1, Signer};
use inbox::v2::{Action, Batch, Name, Operation, TicketName, Transaction, Transfer, TransferGroup};
use kit::{Person, Twin, deposit, pay, sign as sign_v1, ticket, tx, withdraw};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use tx_kernel::results::{MessageResult, ResultCode};

/// Registered people, account 0 being person 0; one more only ever receives.
const PEOPLE: u16 = 4;
const TEXTS: [&str; 3] = ["gold", "silver", "nobody has it"];

/// What somebody does with a ticket: to a person, or to layer 1.
#[derive(Clone, Debug)]
enum Intention {
    Pay(u16, usize, u64),
    Withdraw(usize, u64),
}

/// An operation, and how v2 says it.
#[derive(Clone, Debug)]
struct Act {
    signer: u16,
    ahead: u64,
    intentions: Vec<Intention>,
    by_address: bool,
    in_full: bool,
    late: bool,
}

/// Batches of transactions. Those that can be rows are, if the flag says so.
type Story = Vec<(bool, Vec<Vec<Act>>)>;

fn story() -> impl Strategy<Value = Story> {
    let amount = || prop_oneof![8 => 1..40u64, 1 => Just(0), 1 => Just(u64::MAX)];
    let text = || prop_oneof![8 => Just(0usize), 4 => Just(1), 1 => Just(2)];
    let intention = prop_oneof![
        5 => (0..=PEOPLE, text(), amount()).prop_map(|(to, what, n)| Intention::Pay(to, what, n)),
        1 => (text(), amount()).prop_map(|(what, n)| Intention::Withdraw(what, n)),
    ];
    let ahead = prop_oneof![12 => Just(0u64), 1 => Just(1)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let intentions = prop_oneof![3 => vec(intention.clone(), 1), 2 => vec(intention, 0..4)];
    let act = (0..PEOPLE, ahead, intentions, flags).prop_map(
        |(signer, ahead, intentions, (by_address, in_full, late))| Act {
            signer,
            ahead,
            intentions,
            by_address,
            in_full,
            late,
        },
    );
    // A signer has one operation in a transaction.
    let distinct = |mut acts: Vec<Act>| {
        acts.sort_by_key(|act| act.signer);
        acts.dedup_by_key(|act| act.signer);
        acts
    };
    let transaction = prop_oneof![3 => vec(act.clone(), 1), 1 => vec(act, 2..4)];
    vec((any::<bool>(), vec(transaction.prop_map(distinct), 1..6)), 1..4)
}

fn person(number: u16) -> Person {
    Person::new(number)
}

/// Two rollups at the same address, to which the same people have come.
fn rollup(native: bool) -> Twin {
    let mut twin = if native { Twin::native_only() } else { Twin::new() };
    let address = twin.rollup();
    let registered = (0..PEOPLE)
        .map(|number| person(number).registers())
        .fold(Builder::new(), Builder::registration);
    let mut messages = vec![framed_v2(&address, &registered.build().encode())];
    for number in 0..PEOPLE {
        messages.push(deposit(&address, &person(number), "gold", 60));
        messages.push(deposit(&address, &person(number), "silver", 20));
    }
    twin.run_level(&messages);
    twin
}

fn text_of(intention: &Intention) -> usize {
    match intention {
        Intention::Pay(_, text, _) | Intention::Withdraw(text, _) => *text,
    }
}

/// The counters of each operation: the next ones if all before it is used up, or some ahead.
fn counters(story: &Story) -> Vec<Vec<Vec<u64>>> {
    let mut next = [0u64; PEOPLE as usize];
    let mut of = |act: &Act| {
        let counter = next[usize::from(act.signer)] + act.ahead;
        if act.ahead == 0 {
            next[usize::from(act.signer)] += 1;
        }
        counter
    };
    story
        .iter()
        .map(|(_, batch)| batch.iter().map(|tx| tx.iter().map(&mut of).collect()).collect())
        .collect()
}

fn as_v1(batch: &[Vec<Act>], counters: &[Vec<u64>], rollup: &RollupAddress) -> Vec<u8> {
    let transactions = batch.iter().zip(counters).map(|(acts, counters)| {
        let operations = acts.iter().zip(counters).map(|(act, counter)| {
            let contents: Vec<Content> = act
                .intentions
                .iter()
                .map(|intention| match intention {
                    Intention::Pay(to, text, amount) => pay(&person(*to), TEXTS[*text], *amount),
                    Intention::Withdraw(text, amount) => withdraw(TEXTS[*text], *amount),
                })
                .collect();
            let signer = match act.by_address {
                true => Signer::Address(person(act.signer).address()),
                false => Signer::Key(person(act.signer).key()),
            };
            V1 { signer, counter: Counter::new(*counter), contents }
        });
        tx(operations.collect())
    });
    let people: Vec<Vec<Person>> =
        batch.iter().map(|acts| acts.iter().map(|act| person(act.signer)).collect()).collect();
    let signed = transactions.zip(&people).map(|(tx, people)| (tx, people.iter().collect()));
    framed_v1(rollup, &sign_v1(signed.collect()).encode())
}

fn name(number: u16, by_address: bool) -> Name {
    match by_address || number == PEOPLE {
        true => Name::Address(person(number).address()),
        false => Name::Index(AccountIndex(number.into())),
    }
}

fn ticket_name(text: usize, in_full: bool) -> TicketName {
    match in_full || text == 2 {
        true => TicketName::Full(ticket(TEXTS[text])),
        false => TicketName::Index(TicketIndex(u32::try_from(text).unwrap())),
    }
}

fn transaction(acts: &[Act], counters: &[u64]) -> Transaction {
    let operation = |(act, counter): (&Act, &u64)| {
        let moves = act.intentions.iter().map(|intention| {
            let ticket = ticket_name(text_of(intention), act.in_full);
            match (intention, withdraw("", 0)) {
                (Intention::Pay(to, _, amount), _) => {
                    let to = vec![(name(*to, act.by_address), Amount::new(*amount))];
                    Action::Transfers { ticket, to }
                }
                (Intention::Withdraw(_, amount), Content::Withdraw { to, entrypoint, .. }) => {
                    Action::Withdraw {
                        ticket,
                        to,
                        entrypoint,
                        receiver: None,
                        amount: Amount::new(*amount),
                    }
                }
                (Intention::Withdraw(..), Content::Transfer { .. }) => panic!("it is a withdrawal"),
            }
        });
        let signer = name(act.signer, act.by_address);
        Operation { signer, counter: Counter::new(*counter), memo: None, actions: moves.collect() }
    };
    Transaction { expires: None, operations: acts.iter().zip(counters).map(operation).collect() }
}

/// A transaction of one transfer as a row.
fn row(acts: &[Act], counters: &[u64]) -> Option<(TicketName, Transfer)> {
    let ([act], [counter]) = (acts, counters) else { return None };
    let [Intention::Pay(to, text, amount)] = act.intentions[..] else { return None };
    let signer = AccountIndex(act.signer.into());
    let (counter, amount) = (Counter::new(*counter), Amount::new(amount));
    Some((
        ticket_name(text, act.in_full),
        Transfer { signer, counter, to: name(to, act.by_address), amount },
    ))
}

/// One v2 batch or several that say the same in the same order: rows come before transactions, so a
/// row that follows a transaction begins another batch.
fn as_v2(
    rows: bool,
    batch: &[Vec<Act>],
    counters: &[Vec<u64>],
    rollup: &RollupAddress,
) -> Vec<Vec<u8>> {
    let mut batches: Vec<(Batch, Vec<&Act>)> = Vec::new();
    for (acts, counters) in batch.iter().zip(counters) {
        let row = row(acts, counters).filter(|_| rows);
        if batches.last().is_none_or(|(last, _)| row.is_some() && !last.transactions.is_empty()) {
            batches.push((Builder::new().build(), Vec::new()));
        }
        let (last, all) = batches.last_mut().unwrap();
        all.extend(acts);
        match row {
            None => last.transactions.push(transaction(acts, counters)),
            Some((ticket, row)) => match last.transfer_groups.last_mut() {
                Some(run)
                    if run.ticket == ticket
                        && run.transfers[run.transfers.len() - 1].signer < row.signer =>
                {
                    run.transfers.push(row);
                }
                _ => last.transfer_groups.push(TransferGroup {
                    expires: None,
                    ticket,
                    transfers: vec![row],
                }),
            },
        }
    }
    let sealed = |(batch, acts): (Batch, Vec<&Act>)| {
        let mut assembly = Assembly::new(batch.clone(), *rollup);
        let signing_payload = assembly.signing_payload();
        for (number, (signing, act)) in batch.each_signing().zip(acts).enumerate() {
            let person = person(act.signer);
            if act.late {
                let own =
                    batch.signing_payload_of_transaction(signing.transaction, rollup).unwrap();
                assembly.individual_signature(number, sign(person.secret(), &own));
            } else {
                assembly.batch_signature(number, sign(person.secret(), &signing_payload));
            }
        }
        assembly.message().unwrap()
    };
    batches.into_iter().map(sealed).collect()
}

/// Who has what, everybody's counter, and all that has left, call by call: v1 has a message for a
/// transaction, v2 one for an operation.
fn ledger(twin: &mut Twin, messages: &[Vec<u8>]) -> (String, Vec<String>) {
    let mut left = Vec::new();
    for messages in [messages, &[]] {
        for message in twin.run_level(messages).outbox {
            left.extend(outbox::decode(&message).unwrap().iter().map(|call| format!("{call:?}")));
        }
    }
    left.sort();
    let (accounts, balances) =
        twin.view(|view| (view.accounts().unwrap(), view.balances().unwrap()));
    let tickets = twin.view(|view| view.tickets().unwrap());
    (format!("{accounts:#?} {balances:#?} {tickets:#?}"), left)
}

/// How many transactions were applied and how many not; none of either, if all counters were behind.
fn counts(twin: &Twin, messages: usize) -> (u64, usize) {
    let level = encoding::Level(twin.view(|view| view.level().unwrap()).0 - 1);
    let results = (0..u32::try_from(messages).unwrap()).map(|at| twin.message(level, at));
    let mut sum = (0, 0);
    for result in results {
        match result {
            Some(MessageResult::Done(reason)) => sum.0 += reason.first,
            Some(MessageResult::Refused(reason)) if reason.code == ResultCode::AllStale => {
                sum.1 += 1
            }
            other => panic!("{other:?}"),
        }
    }
    sum
}

fn same_ledger(story: &Story, native: bool) {
    let counters = counters(story);
    let [mut first, mut second] = [(); 2].map(|()| rollup(native));
    let address = first.rollup();
    let each = || story.iter().zip(&counters);
    let v1: Vec<Vec<u8>> = each().map(|((_, b), c)| as_v1(b, c, &address)).collect();
    let v2: Vec<Vec<u8>> = each().flat_map(|((rows, b), c)| as_v2(*rows, b, c, &address)).collect();
    assert!(v1.iter().chain(&v2).all(|message| message.len() <= 4_096));
    assert_eq!(ledger(&mut first, &v1), ledger(&mut second, &v2));
    assert_eq!(counts(&first, v1.len()).0, counts(&second, v2.len()).0, "applied");
}

fn search(seed: u8, cases: u32, native: bool) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let outcome = TestRunner::new_with_rng(config, rng).run(&story(), |story| {
        same_ledger(&story, native);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn random_stories_in_both_formats() {
    search(11, 250, true);
}

#[test]
fn random_stories_in_both_formats_in_wasm() {
    search(12, 4, false);
}
