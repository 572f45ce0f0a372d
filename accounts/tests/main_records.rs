//! Main records: counters and balances of the main ticket, 128 accounts a page.

mod common;

use accounts::{Ledger, LedgerError, Refused};
use common::{
    CACHE_MODES, commit, commit_to, empty, holder, open_for, storage_after, ticket, under, units,
};
use encoding::{AccountIndex, Counter, TicketIndex};
use host::{Host, HostError};
use pvm::NativeHost;

const PAGE: &str = "/state/main/0000000";

fn next(ledger: &mut Ledger<'_, NativeHost>, account: u32) -> u64 {
    ledger.counter_of(AccountIndex(account)).unwrap().get()
}

fn set(ledger: &mut Ledger<'_, NativeHost>, account: u32, counter: u64) {
    ledger.set_counter(AccountIndex(account), Counter::new(counter)).unwrap();
}

fn exhausted() -> Result<(), LedgerError> {
    Err(Refused::CounterExhausted(Counter::new(u64::MAX)).into())
}

#[test]
fn the_first_counter_of_a_page_brings_the_page_and_nothing_else() {
    for touches in CACHE_MODES {
        let host = empty();
        // The neighbours on both sides of a border, and two of one page in one commit.
        let accounts = [0, 7, 127, 128, 255, 256];
        let mut ledger = open_for(&host, "/state", touches);
        for account in accounts {
            assert_eq!(next(&mut ledger, account), 0);
            ledger.use_counter(AccountIndex(account)).unwrap();
        }
        assert_eq!(next(&mut ledger, 5_000), 0, "one that is only read");
        commit(&host, ledger);
        for page in 0..3 {
            let path = format!("/state/main/{page:07x}");
            let record =
                |account| [u64::from(accounts.contains(&account)), 0].map(u64::to_le_bytes);
            let expected = (page * 128..page * 128 + 128).flat_map(record).flatten();
            assert_eq!(host.read(&path).unwrap(), expected.collect::<Vec<u8>>(), "{page}");
        }
        assert!(!host.has("/state/main/0000027").unwrap(), "who only reads writes no page");
    }
}

#[test]
fn a_later_counter_of_a_page_leaves_the_others_alone() {
    for touches in CACHE_MODES {
        let host = empty();
        for (round, account) in (0..4_u32).flat_map(|round| (0..600).map(move |n| (round, n))) {
            // In another order in each round, each in a draft of its own.
            if account % 97 != round {
                continue;
            }
            let mut ledger = open_for(&host, "/state", touches);
            set(&mut ledger, account, u64::from(account) + 1);
            commit(&host, ledger);
        }
        let mut ledger = open_for(&host, "/state", touches);
        for account in 0..600 {
            let expected = if account % 97 < 4 { u64::from(account) + 1 } else { 0 };
            assert_eq!(next(&mut ledger, account), expected, "{account}");
        }
    }
}

#[test]
fn a_record_has_the_counter_and_what_is_held_of_the_main_ticket() {
    for touches in CACHE_MODES {
        let host = empty();
        let mut ledger = open_for(&host, "/state", touches);
        for (number, amount) in [(0, 5), (1, u64::MAX - 1_000), (2, 7)] {
            ledger.deposit(&holder(number), &ticket("gold"), units(amount)).unwrap();
        }
        ledger.deposit(&holder(1), &ticket("iron"), units(9)).unwrap();
        set(&mut ledger, 1, u64::MAX - 3);
        ledger.use_counter(AccountIndex(2)).unwrap();
        commit(&host, ledger);
        let records = [[0, 5], [u64::MAX - 3, u64::MAX - 1_000], [1, 7], [0, 0]];
        let bytes: Vec<u8> = records.concat().into_iter().flat_map(u64::to_le_bytes).collect();
        assert_eq!(host.read_at(PAGE, 0, 64).unwrap(), bytes);
        assert!(!host.has("/state/balances/0").unwrap(), "the main ticket has no other place");
        let mut ledger = open_for(&host, "/state", touches);
        for (account, [counter, balance]) in (0..).zip(records) {
            assert_eq!(next(&mut ledger, account), counter);
            let held = ledger.balance(AccountIndex(account), TicketIndex(0));
            assert_eq!(held, Ok(units(balance)));
        }
        assert_eq!(ledger.balance(AccountIndex(1), TicketIndex(1)), Ok(units(9)));
    }
}

#[test]
fn the_last_counter_is_never_used_up() {
    for touches in CACHE_MODES {
        let host = empty();
        let mut ledger = open_for(&host, "/state", touches);
        set(&mut ledger, 0, u64::MAX - 1);
        ledger.use_counter(AccountIndex(0)).unwrap();
        for _ in 0..2 {
            assert_eq!(ledger.use_counter(AccountIndex(0)), exhausted());
            assert_eq!(next(&mut ledger, 0), u64::MAX);
            commit(&host, ledger);
            ledger = open_for(&host, "/state", touches);
        }
    }
}

fn use_if(ledger: &mut Ledger<'_, NativeHost>, expected: u64) -> Result<u64, LedgerError> {
    ledger.use_counter_if(AccountIndex(3), Counter::new(expected)).map(Counter::get)
}

#[test]
fn a_counter_is_used_if_it_is_the_expected_one_and_told_otherwise() {
    for touches in CACHE_MODES {
        for counter in [0, 5, (1 << 32) - 1, 1 << 32, u64::MAX - 1] {
            let storage = storage_after(move |host| {
                for root in ["/state", "/other"] {
                    let mut ledger = open_for(host, root, touches);
                    set(&mut ledger, 3, counter);
                    commit_to(host, root, ledger);
                    let mut ledger = open_for(host, root, touches);
                    if root == "/other" {
                        ledger.use_counter(AccountIndex(3)).unwrap();
                    } else {
                        assert_eq!(use_if(&mut ledger, counter), Ok(counter));
                        assert_eq!(next(&mut ledger, 3), counter + 1);
                        // What is not the next one is left, and the next one told.
                        for other in [counter, 77] {
                            assert_eq!(use_if(&mut ledger, other), Ok(counter + 1));
                        }
                    }
                    assert_eq!(next(&mut ledger, 3), counter + 1);
                    commit_to(host, root, ledger);
                }
            });
            assert_eq!(under(&storage, "/state"), under(&storage, "/other"), "{counter}");
        }
        let host = empty();
        let mut ledger = open_for(&host, "/state", touches);
        set(&mut ledger, 3, u64::MAX);
        assert_eq!(use_if(&mut ledger, 7), Ok(u64::MAX));
        assert_eq!(use_if(&mut ledger, u64::MAX).map(|_| ()), exhausted());
        assert_eq!(next(&mut ledger, 3), u64::MAX);
    }
}

#[test]
fn both_ways_of_reading_store_the_same() {
    let storage = storage_after(|host| {
        for (root, touches) in [("/state", CACHE_MODES[0]), ("/other", CACHE_MODES[1])] {
            for round in 1..4 {
                let mut ledger = open_for(host, root, touches);
                for account in (0..1_500).step_by(7 * round) {
                    let account = AccountIndex(u32::try_from(account).unwrap());
                    if account.0.is_multiple_of(5) && round == 2 {
                        let large = Counter::new((1 << 32) - 1);
                        ledger.set_counter(account, large).unwrap();
                    }
                    ledger.use_counter(account).unwrap();
                }
                commit_to(host, root, ledger);
            }
        }
    });
    assert_eq!(under(&storage, "/state"), under(&storage, "/other"));
}

#[test]
fn a_short_page_is_corrupt() {
    for touches in CACHE_MODES {
        let host = empty();
        host.write_at(PAGE, 0, &[0; 2_047]).unwrap();
        let mut ledger = open_for(&host, "/state", touches);
        let corrupt = Err(HostError::Corrupt("a page of the ledger"));
        assert_eq!(ledger.counter_of(AccountIndex(127)), corrupt);
        assert_eq!(
            ledger.set_counter(AccountIndex(127), Counter::new(9)),
            corrupt.map(|_: Counter| ())
        );
    }
}
