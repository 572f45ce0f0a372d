//! Taking a transaction back: as if it had never been, to the last byte that is stored.

mod common;

use accounts::{Ledger, Refused};
use common::{commit, commit_to, empty, holder, open, storage_after, ticket, under, units};
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use host::{Host, Subtree};
use proptest::prelude::*;
use pvm::NativeHost;

const GOLD: TicketIndex = TicketIndex(0);

#[test]
fn a_rolled_back_transaction_gives_back_balances_and_indexes() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let mark = ledger.mark();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(4)).unwrap();
    ledger.transfer(one, &holder(3), &ticket("gold"), units(5)).unwrap();
    ledger.withdraw(one, &ticket("gold"), units(1)).unwrap();
    ledger.roll_back(mark);

    assert_eq!(ledger.accounts(), 1);
    assert_eq!(ledger.balance(one, GOLD), Ok(units(10)));
    for (gone, index) in [(2, 1), (3, 2)] {
        assert_eq!(ledger.find(&holder(gone)), Ok(None));
        assert_eq!(ledger.balance(AccountIndex(index), GOLD), Ok(Amount::ZERO));
        assert!(ledger.account(AccountIndex(index)).is_err(), "nobody has this index");
    }
    // The next one gets the index that was given back, and nothing of whom it was taken from.
    ledger.transfer(one, &holder(3), &ticket("gold"), units(2)).unwrap();
    assert_eq!(ledger.find(&holder(3)).unwrap().map(|a| a.index), Some(AccountIndex(1)));
    commit(&host, ledger);
    let mut ledger = open(&host);
    assert_eq!(ledger.find(&holder(2)), Ok(None));
    assert_eq!(ledger.account(AccountIndex(1)).unwrap().address, holder(3));
    assert_eq!(ledger.balance(AccountIndex(1), GOLD), Ok(units(2)));
}

#[test]
fn a_refusal_half_way_is_undone_by_rolling_back() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    commit(&host, ledger);
    let mut ledger = open(&host);
    let mark = ledger.mark();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(10)).unwrap();
    let low = Refused::BalanceTooLow { available: Amount::ZERO, requested: units(1) };
    assert_eq!(ledger.withdraw(one, &ticket("gold"), units(1)), Err(low.into()));
    ledger.roll_back(mark);
    assert_eq!(ledger.balance(one, GOLD), Ok(units(10)));
    assert_eq!(ledger.accounts(), 1);
}

#[test]
fn marks_nest_and_rolling_back_to_here_changes_nothing() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let outer = ledger.mark();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(1)).unwrap();
    let inner = ledger.mark();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(2)).unwrap();
    ledger.transfer(one, &holder(3), &ticket("gold"), units(3)).unwrap();
    let here = ledger.mark();
    ledger.roll_back(here);
    assert_eq!(ledger.balance(one, GOLD), Ok(units(4)));
    ledger.roll_back(inner);
    assert_eq!((ledger.balance(one, GOLD), ledger.accounts()), (Ok(units(9)), 2));
    assert_eq!(ledger.balance(AccountIndex(1), GOLD), Ok(units(1)));
    ledger.roll_back(outer);
    assert_eq!((ledger.balance(one, GOLD), ledger.accounts()), (Ok(units(10)), 1));
}

#[test]
fn counters_and_keys_of_those_who_were_there_before_stay_used() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let mark = ledger.mark();
    ledger.use_counter(one).unwrap();
    ledger.set_key(one, [7; 96]).unwrap();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(10)).unwrap();
    ledger.roll_back(mark);
    assert_eq!(ledger.counter(&holder(1)), Ok(Counter::new(1)));
    assert_eq!(ledger.key(one), Ok(Some([7; 96])));
    assert_eq!(ledger.balance(one, GOLD), Ok(units(10)));
}

#[test]
fn a_slot_that_was_reused_goes_back_to_whom_it_belonged() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(1)).unwrap();
    ledger.transfer(one, &holder(2), &ticket("gold"), units(1)).unwrap();
    let mark = ledger.mark();
    // The first holder's empty slot is taken by a third, who then passes it on.
    ledger.transfer(AccountIndex(1), &holder(3), &ticket("gold"), units(1)).unwrap();
    ledger.transfer(AccountIndex(2), &holder(1), &ticket("gold"), units(1)).unwrap();
    assert_eq!(ledger.balance(one, GOLD), Ok(units(1)));
    ledger.roll_back(mark);
    let balances = [0, 1, 2].map(|index| ledger.balance(AccountIndex(index), GOLD).unwrap());
    assert_eq!(balances, [Amount::ZERO, units(1), Amount::ZERO]);
}

#[test]
fn a_discarded_draft_leaves_the_committed_state_as_it_was() {
    let storage = storage_after(|host| {
        for root in ["/state", "/other"] {
            let mut ledger = Ledger::open(Subtree::new(host, root)).unwrap();
            ledger.deposit(&holder(1), &ticket("gold"), units(1)).unwrap();
            commit_to(host, root, ledger);
        }
        let mut ledger = open(host);
        ledger.deposit(&holder(2), &ticket("iron"), units(1)).unwrap();
        ledger.use_counter(AccountIndex(0)).unwrap();
        ledger.set_key(AccountIndex(0), [1; 96]).unwrap();
        ledger.discard();
    });
    assert!(!storage.has("/work"));
    assert_eq!(under(&storage, "/state"), under(&storage, "/other"));
}

#[derive(Clone, Debug)]
struct Move {
    from: u32,
    /// `None`: to layer 1.
    to: Option<u32>,
    gold: bool,
    amount: u64,
}

/// Moves that are tried in order, up to the first refusal; some are taken back in any case.
#[derive(Clone, Debug)]
struct Transaction {
    moves: Vec<Move>,
    abandoned: bool,
    commit: bool,
}

fn transactions() -> impl Strategy<Value = Vec<Transaction>> {
    let one = (0..40_u32, prop::option::weighted(0.8, 0..60_u32), any::<bool>(), 0..9_u64)
        .prop_map(|(from, to, gold, amount)| Move { from, to, gold, amount });
    let transaction = (prop::collection::vec(one, 1..6), any::<bool>(), prop::bool::weighted(0.1))
        .prop_map(|(moves, abandoned, commit)| Transaction { moves, abandoned, commit });
    prop::collection::vec(transaction, 1..40)
}

/// Whether every move could be made.
fn try_all(ledger: &mut Ledger<'_, NativeHost>, moves: &[Move]) -> bool {
    moves.iter().all(|Move { from, to, gold, amount }| {
        let Some(from) = ledger.find(&holder(*from)).unwrap() else { return false };
        let what = ticket(if *gold { "gold" } else { "iron" });
        match to {
            Some(to) => ledger.transfer(from.index, &holder(*to), &what, units(*amount)).is_ok(),
            None => ledger.withdraw(from.index, &what, units(*amount)).is_ok(),
        }
    })
}

/// Plays transactions under a root, all but those for which `skip` says so. Returns which ones
/// were taken back.
fn play(
    host: &NativeHost,
    root: &'static str,
    transactions: &[Transaction],
    skip: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let draft = || Ledger::open(Subtree::new(host, root)).unwrap();
    let mut ledger = draft();
    for number in 0..30 {
        let what = ticket(if number % 3 == 0 { "iron" } else { "gold" });
        ledger.deposit(&holder(number), &what, units(10)).unwrap();
    }
    let mut taken_back = Vec::new();
    for (number, transaction) in transactions.iter().enumerate() {
        let mark = ledger.mark();
        let stays = !skip(number) && {
            let done = try_all(&mut ledger, &transaction.moves);
            if !done || transaction.abandoned {
                ledger.roll_back(mark);
            }
            done && !transaction.abandoned
        };
        taken_back.push(!stays);
        if transaction.commit {
            commit_to(host, root, ledger);
            ledger = draft();
        }
    }
    commit_to(host, root, ledger);
    taken_back
}

proptest! {
    #[test]
    fn what_was_rolled_back_leaves_no_byte_behind(transactions in transactions()) {
        let storage = storage_after(move |host| {
            let taken_back = play(host, "/state", &transactions, |_| false);
            let again = play(host, "/other", &transactions, |number| taken_back[number]);
            assert_eq!(taken_back, again, "what stayed stays without the others, too");
            assert!(!host.has("/work").unwrap());
        });
        prop_assert!(storage.has("/state/balances"));
        prop_assert_eq!(under(&storage, "/state"), under(&storage, "/other"));
    }
}
