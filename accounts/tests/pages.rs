//! How balances and addresses are stored: lists grow and become amounts, pages are followed by
//! others, and what was committed reads the same again.

mod common;

use accounts::skip::{Registry, skip_to};
use accounts::{StoredKey, Supply};
use common::{
    CACHE_MODES, commit, empty, holder, open, open_for, pay, storage_after, take, ticket, under,
    units,
};
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use host::{Host, HostError, Subtree};
use pvm::NativeHost;

/// A ticket that is not the main one.
const GOLD: TicketIndex = TicketIndex(1);
/// The first page of its holders: while they are few, and when they are many.
const LIST: &str = "/state/balances/1/few/0000000";
const AMOUNTS: &str = "/state/balances/1/0000000";

/// A host on which the main ticket's index is given out, so that gold is another one.
fn main_taken() -> NativeHost {
    let host = empty();
    skip_to(&Subtree::new(&host, "/state"), Registry::Tickets, 1).unwrap();
    host
}

/// How long the values at these paths are.
fn sizes<const N: usize>(host: &NativeHost, paths: [&str; N]) -> [usize; N] {
    paths.map(|path| host.read(path).unwrap().len())
}

/// Deposits as many units of gold as its number, and one, for each of these holders.
fn crowd(host: &NativeHost, touches: usize, numbers: std::ops::Range<u32>) {
    let mut ledger = open_for(host, "/state", touches);
    for number in numbers {
        ledger.deposit(&holder(number), &ticket("gold"), units(u64::from(number) + 1)).unwrap();
    }
    commit(host, ledger);
}

/// What the first so many accounts hold of gold.
fn balances(host: &NativeHost, touches: usize, accounts: u32) -> Vec<u64> {
    let mut ledger = open_for(host, "/state", touches);
    (0..accounts).map(|n| ledger.balance(AccountIndex(n), GOLD).unwrap().get()).collect()
}

/// The entries of a list: places and amounts.
fn list(host: &NativeHost, path: &str) -> Vec<(u8, u64)> {
    let bytes = host.read(path).unwrap();
    let entry = |entry: &[u8]| (entry[0], u64::from_le_bytes(entry[1..].try_into().unwrap()));
    bytes.chunks(9).map(entry).collect()
}

#[test]
fn a_list_of_more_than_113_becomes_amounts_for_good() {
    for touches in CACHE_MODES {
        let host = main_taken();
        let paths = [LIST, AMOUNTS, "/state/balances/1/few/0000001", "/state/balances/1/0000001"];
        // Account 256 begins the next page; the last of all pass both of its borders in one commit.
        for (numbers, expected) in [
            (0..1, [9, 0, 0, 0]),
            (1..113, [113 * 9, 0, 0, 0]),
            (113..114, [0, 2_048, 0, 0]),
            (114..255, [0, 2_048, 0, 0]),
            (255..257, [0, 2_048, 9, 0]),
            (257..369, [0, 2_048, 113 * 9, 0]),
            (369..600, [0, 2_048, 0, 2_048]),
        ] {
            let end = numbers.end;
            crowd(&host, touches, numbers);
            assert_eq!(sizes(&host, paths), expected, "{end}");
            // Whoever is not there yet has nothing.
            let expected: Vec<u64> =
                (1..=700).map(|n| if n <= u64::from(end) { n } else { 0 }).collect();
            assert_eq!(balances(&host, touches, 700), expected, "{end}");
            assert!(!host.has(LIST).unwrap() || end <= 113, "the list is gone, not emptied");
        }
        assert_eq!(list(&host, "/state/balances/1/few/0000002").len(), 600 - 512);
        // Amounts they stay when all but one have left.
        let mut ledger = open_for(&host, "/state", touches);
        for number in 1..256 {
            take(&mut ledger, AccountIndex(number), "gold", u64::from(number) + 1).unwrap();
        }
        commit(&host, ledger);
        assert_eq!(sizes(&host, paths), [0, 2_048, 0, 2_048]);
        assert_eq!(balances(&host, touches, 258)[..], [&[1][..], &[0; 255], &[257, 258]].concat());
    }
}

#[test]
fn the_first_commit_of_a_page_may_be_of_many() {
    for touches in CACHE_MODES {
        let host = main_taken();
        crowd(&host, touches, 0..300);
        assert_eq!(sizes(&host, [LIST, AMOUNTS]), [0, 2_048]);
        assert_eq!(list(&host, "/state/balances/1/few/0000001").len(), 44);
        assert_eq!(balances(&host, touches, 300), (1..=300).collect::<Vec<u64>>());
    }
}

#[test]
fn holders_on_both_sides_of_a_border_pay_each_other() {
    for (touches, holders) in CACHE_MODES.into_iter().flat_map(|t| [(t, 300), (t, 520)]) {
        let host = main_taken();
        crowd(&host, touches, 0..holders);
        let mut expected = balances(&host, touches, holders);
        for (from, to) in [(255, 256), (256, 255), (9, 255), (256, 0), (299, 255)] {
            let mut ledger = open_for(&host, "/state", touches);
            // Twice in one draft, and the first of them once more in the next.
            for amount in [2, 3] {
                pay(&mut ledger, AccountIndex(from), to, "gold", amount).unwrap();
            }
            commit(&host, ledger);
            expected[usize::try_from(from).unwrap()] -= 5;
            expected[usize::try_from(to).unwrap()] += 5;
            assert_eq!(balances(&host, touches, holders), expected, "{from} to {to}");
        }
    }
}

#[test]
fn a_list_keeps_its_length_when_holders_leave_and_comes_back_from_nothing() {
    for touches in CACHE_MODES {
        let host = main_taken();
        crowd(&host, touches, 0..5);
        let step = |who: u32, amount: u64, expected: [(u8, u64); 5]| {
            let mut ledger = open_for(&host, "/state", touches);
            if amount == 0 {
                let all = ledger.balance(AccountIndex(who), GOLD).unwrap();
                take(&mut ledger, AccountIndex(who), "gold", all.get()).unwrap();
            } else {
                ledger.deposit(&holder(who), &ticket("gold"), units(amount)).unwrap();
            }
            commit(&host, ledger);
            assert_eq!(list(&host, LIST), expected);
        };
        const NONE: (u8, u64) = (0, 0);
        step(2, 0, [(0, 1), (1, 2), (3, 4), (4, 5), NONE]);
        step(0, 0, [(1, 2), (3, 4), (4, 5), NONE, NONE]);
        step(4, 0, [(1, 2), (3, 4), NONE, NONE, NONE]);
        // Place 0 with an amount is no tombstone.
        step(0, 9, [(0, 9), (1, 2), (3, 4), NONE, NONE]);
        for (who, left) in [
            (1, [(0, 9), (3, 4), NONE, NONE, NONE]),
            (3, [(0, 9), NONE, NONE, NONE, NONE]),
            (0, [NONE; 5]),
        ] {
            step(who, 0, left);
        }
        assert_eq!(balances(&host, touches, 6), [0; 6]);
        step(3, 7, [(3, 7), NONE, NONE, NONE, NONE]);
        assert_eq!(balances(&host, touches, 6), [0, 0, 0, 7, 0, 0]);
        crowd(&host, touches, 5..7);
        assert_eq!(list(&host, LIST), [(3, 7), (5, 6), (6, 7), NONE, NONE]);
    }
}

#[test]
fn dust_that_passes_through_many_accounts_takes_one_entry() {
    for touches in CACHE_MODES {
        let host = main_taken();
        crowd(&host, touches, 0..1);
        for number in 1..400 {
            let mut ledger = open_for(&host, "/state", touches);
            pay(&mut ledger, AccountIndex(number - 1), number, "gold", 1).unwrap();
            // Half of the time in one draft, half of the time through a commit.
            if number % 2 == 0 {
                commit(&host, ledger);
                ledger = open_for(&host, "/state", touches);
            }
            take(&mut ledger, AccountIndex(number), "gold", 1).unwrap();
            ledger.record_exit(GOLD, units(1)).unwrap();
            ledger.deposit(&holder(number), &ticket("gold"), units(1)).unwrap();
            commit(&host, ledger);
            let expected = if number < 256 { [9, 0] } else { [9, 9] };
            assert_eq!(sizes(&host, [LIST, "/state/balances/1/few/0000001"]), expected, "{number}");
        }
        assert!(!host.has(AMOUNTS).unwrap());
        let held: Vec<u64> = (0..400).map(|n| u64::from(n == 399)).collect();
        assert_eq!(balances(&host, touches, 400), held);
    }
}

#[test]
fn pages_of_102_addresses_fill_and_the_next_one_begins() {
    let host = main_taken();
    let pages = ["/state/accounts/0000000", "/state/accounts/0000001", "/state/accounts/0000002"];
    for (numbers, expected) in [
        (0..101, [101 * 20, 0, 0]),
        (101..102, [2_040, 0, 0]),
        (102..103, [2_040, 20, 0]),
        (103..250, [2_040, 2_040, 46 * 20]),
    ] {
        crowd(&host, 0, numbers);
        assert_eq!(sizes(&host, pages), expected);
    }
    let mut ledger = open(&host);
    assert_eq!(ledger.accounts(), 250);
    for number in 0..250 {
        let account = ledger.find(&holder(number)).unwrap().unwrap();
        assert_eq!((account.index, account.counter), (AccountIndex(number), Counter::FIRST));
        assert_eq!(ledger.account(AccountIndex(number)), Ok(account));
    }
    for nobody in [250, 306, 10_000] {
        let corrupt = Err(HostError::Corrupt("/accounts"));
        assert_eq!(ledger.account(AccountIndex(nobody)), corrupt);
    }
}

#[test]
fn what_was_committed_reads_the_same_as_before_the_commit() {
    const SHOWN: StoredKey = StoredKey { point: [9; 96], proven: true };
    let host = empty();
    let long = ticket(&"x".repeat(1_995));
    let mut ledger = open(&host);
    let (one, first) = ledger.deposit(&holder(1), &long, Amount::MAX).unwrap();
    let (two, second) = ledger.deposit(&holder(2), &ticket(""), units(1)).unwrap();
    ledger.use_counter(two).unwrap();
    ledger.set_key(two, SHOWN).unwrap();
    let read = |mut ledger: accounts::Ledger<'_, NativeHost>| {
        (
            [one, two].map(|index| ledger.account(index).unwrap()),
            [one, two].map(|index| ledger.key(index).unwrap()),
            [first, second].map(|index| ledger.ticket(index).unwrap()),
            [first, second].map(|index| ledger.supply(index).unwrap()),
            [(one, first), (two, first), (two, second)]
                .map(|(account, ticket)| ledger.balance(account, ticket).unwrap()),
            (ledger.accounts(), ledger.tickets()),
        )
    };
    // A second draft does the same, to be read without being committed.
    let mut twin = open(&host);
    twin.deposit(&holder(1), &long, Amount::MAX).unwrap();
    twin.deposit(&holder(2), &ticket(""), units(1)).unwrap();
    twin.use_counter(two).unwrap();
    twin.set_key(two, SHOWN).unwrap();
    let before = read(twin);
    commit(&host, ledger);
    assert_eq!(read(open(&host)), before);
    assert_eq!(before.4, [Amount::MAX, Amount::ZERO, units(1)]);
    assert_eq!(before.3[1], Supply { on_rollup: units(1), deposited: 1, withdrawn: 0 });
}

#[test]
fn reading_alone_changes_no_byte() {
    let state = |reads: bool| {
        under(
            &storage_after(move |host| {
                skip_to(&Subtree::new(host, "/state"), Registry::Tickets, 1).unwrap();
                crowd(host, 0, 0..5);
                if reads {
                    let mut ledger = open_for(host, "/state", 40);
                    for number in 0..8 {
                        let _ = ledger.account(AccountIndex(number));
                        ledger.find(&holder(number)).unwrap();
                        ledger.balance(AccountIndex(number), GOLD).unwrap();
                        ledger.supply(TicketIndex(number)).unwrap();
                    }
                    ledger.find_ticket(&ticket("iron").hash()).unwrap();
                    commit(host, ledger);
                }
            }),
            "/state",
        )
    };
    assert_eq!(state(true), state(false));
}

#[test]
fn values_that_are_cut_short_are_corrupt() {
    let cut = |path: &str, holders| {
        let host = main_taken();
        crowd(&host, 0, 0..holders);
        let value = host.read(path).unwrap();
        host.delete(path).unwrap();
        host.write_at(path, 0, &value[..value.len() - 1]).unwrap();
        host
    };
    let host = cut("/state/accounts/0000000", 2);
    assert_eq!(open(&host).account(AccountIndex(1)), Err(HostError::Corrupt("/accounts")));
    for touches in CACHE_MODES {
        let host = cut(LIST, 2);
        let mut ledger = open_for(&host, "/state", touches);
        let balance = ledger.balance(AccountIndex(0), GOLD);
        assert_eq!(balance, Err(HostError::Corrupt("/balances")));
        let host = cut(AMOUNTS, 600);
        let mut ledger = open_for(&host, "/state", touches);
        let balance = ledger.balance(AccountIndex(255), GOLD);
        assert_eq!(balance, Err(HostError::Corrupt("a page of the ledger")));
        // What is read after that is still read from its own place.
        for number in [299, 511] {
            let expected = units(u64::from(number) + 1);
            assert_eq!(ledger.balance(AccountIndex(number), GOLD), Ok(expected));
        }
    }
    let host = cut("/state/tickets/supply/1", 2);
    assert_eq!(open(&host).supply(GOLD), Err(HostError::Corrupt("/tickets/supply")));
    let host = cut("/state/tickets/record/1", 2);
    assert_eq!(open(&host).ticket(GOLD), Err(HostError::Corrupt("/tickets/record")));
    assert_eq!(open(&empty()).ticket(GOLD), Err(HostError::Corrupt("/tickets/record")));
}
