//! Taking a transaction back: as if it had never been, to the last byte that is stored.

mod common;

use accounts::{Ledger, Refused, StoredKey};
use common::{
    CACHE_MODES, FEW, MANY, commit, commit_to, empty, holder, open, open_for, pay, storage_after,
    take, ticket, under, units,
};
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use host::Host;
use proptest::prelude::*;
use pvm::NativeHost;

const GOLD: TicketIndex = TicketIndex(0);
const SHOWN: StoredKey = StoredKey { point: [7; 96], proven: false };

#[test]
fn a_rolled_back_transaction_gives_back_balances_and_indexes() {
    let host = empty();
    let mut ledger = open(&host);
    let (one, _) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let mark = ledger.mark();
    pay(&mut ledger, one, 2, "gold", 4).unwrap();
    pay(&mut ledger, one, 3, "gold", 5).unwrap();
    take(&mut ledger, one, "gold", 1).unwrap();
    ledger.roll_back(mark);

    assert_eq!(ledger.accounts(), 1);
    assert_eq!(ledger.balance(one, GOLD), Ok(units(10)));
    for (gone, index) in [(2, 1), (3, 2)] {
        assert_eq!(ledger.find(&holder(gone)), Ok(None));
        assert_eq!(ledger.balance(AccountIndex(index), GOLD), Ok(Amount::ZERO));
        assert!(ledger.account(AccountIndex(index)).is_err(), "nobody has this index");
    }
    // The next one gets the index that was given back, and nothing of whom it was taken from.
    pay(&mut ledger, one, 3, "gold", 2).unwrap();
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
    pay(&mut ledger, one, 2, "gold", 10).unwrap();
    let low = Refused::BalanceTooLow { available: Amount::ZERO, requested: units(1) };
    assert_eq!(take(&mut ledger, one, "gold", 1), Err(low.into()));
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
    pay(&mut ledger, one, 2, "gold", 1).unwrap();
    let inner = ledger.mark();
    pay(&mut ledger, one, 2, "gold", 2).unwrap();
    pay(&mut ledger, one, 3, "gold", 3).unwrap();
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
    ledger.set_key(one, SHOWN).unwrap();
    pay(&mut ledger, one, 2, "gold", 10).unwrap();
    ledger.roll_back(mark);
    assert_eq!(ledger.counter(&holder(1)), Ok(Counter::new(1)));
    assert_eq!(ledger.key(one), Ok(Some(SHOWN)));
    assert_eq!(ledger.balance(one, GOLD), Ok(units(10)));
}

/// Storage after a commit of these gold holders, and a draft that does this.
fn after(holders: u32, touches: usize, then: fn(&mut Ledger<'_, NativeHost>)) -> Vec<u8> {
    let storage = storage_after(move |host| {
        let mut ledger = open(host);
        for number in 0..holders {
            ledger.deposit(&holder(number), &ticket("gold"), units(5)).unwrap();
        }
        commit(host, ledger);
        let mut ledger = open_for(host, "/state", touches);
        then(&mut ledger);
        commit(host, ledger);
    });
    format!("{:?}", under(&storage, "/state")).into_bytes()
}

#[test]
fn a_list_that_almost_became_amounts_stays_a_list() {
    // 113 holders are a list, 114 are not; amounts remain amounts either way.
    for (holders, touches) in [(2, FEW), (113, FEW), (113, MANY), (114, FEW), (114, MANY)] {
        let taken_back = after(holders, touches, |ledger| {
            let first = AccountIndex(0);
            let mark = ledger.mark();
            for to in 200..204 {
                pay(ledger, first, to, "gold", 1).unwrap();
            }
            take(ledger, AccountIndex(1), "gold", 5).unwrap();
            ledger.roll_back(mark);
        });
        assert_eq!(taken_back, after(holders, touches, |_| ()), "{holders} {touches}");
    }
}

#[test]
fn a_discarded_draft_leaves_the_committed_state_as_it_was() {
    let storage = storage_after(|host| {
        for root in ["/state", "/other"] {
            let mut ledger = open_for(host, root, FEW);
            ledger.deposit(&holder(1), &ticket("gold"), units(1)).unwrap();
            commit_to(host, root, ledger);
        }
        let mut ledger = open(host);
        ledger.deposit(&holder(2), &ticket("iron"), units(1)).unwrap();
        ledger.use_counter(AccountIndex(0)).unwrap();
        ledger.set_key(AccountIndex(0), SHOWN).unwrap();
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
    let one = (0..120_u32, prop::option::weighted(0.8, 0..200_u32), any::<bool>(), 0..9_u64)
        .prop_map(|(from, to, gold, amount)| Move { from, to, gold, amount });
    let transaction = (prop::collection::vec(one, 1..6), any::<bool>(), prop::bool::weighted(0.1))
        .prop_map(|(moves, abandoned, commit)| Transaction { moves, abandoned, commit });
    prop::collection::vec(transaction, 1..40)
}

/// Whether every move could be made.
fn try_all(ledger: &mut Ledger<'_, NativeHost>, moves: &[Move]) -> bool {
    moves.iter().all(|Move { from, to, gold, amount }| {
        let Some(from) = ledger.find(&holder(*from)).unwrap() else { return false };
        let what = if *gold { "gold" } else { "iron" };
        match to {
            Some(to) => pay(ledger, from.index, *to, what, *amount).is_ok(),
            None => take(ledger, from.index, what, *amount).is_ok(),
        }
    })
}

/// Plays transactions under a root, all but those for which `skip` says so. Returns which ones
/// were taken back.
fn apply_steps(
    host: &NativeHost,
    root: &'static str,
    touches: usize,
    transactions: &[Transaction],
    skip: impl Fn(usize) -> bool,
) -> Vec<bool> {
    let draft = || open_for(host, root, touches);
    let mut ledger = draft();
    // Enough of them that lists become amounts while transactions come and go.
    for number in 0..130 {
        let what = ticket(if number % 7 == 0 { "iron" } else { "gold" });
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
            let [few, many] = CACHE_MODES;
            let taken_back = apply_steps(host, "/state", few, &transactions, |_| false);
            for (root, touches) in [("/other", few), ("/third", many)] {
                let again = apply_steps(host, root, touches, &transactions, |number| taken_back[number]);
                assert_eq!(taken_back, again, "what stayed stays without the others, too");
            }
            assert_eq!(taken_back, apply_steps(host, "/fourth", many, &transactions, |_| false));
            assert!(!host.has("/work").unwrap());
        });
        prop_assert!(storage.has("/state/balances"));
        for other in ["/other", "/third", "/fourth"] {
            prop_assert_eq!(under(&storage, "/state"), under(&storage, other));
        }
    }
}
