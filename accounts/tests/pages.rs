//! How the ledger is stored: pages fill and are followed by others, what is empty is reused, and
//! what was committed reads the same again.

mod common;

use accounts::{LedgerError, Supply};
use common::{commit, empty, holder, open, storage_after, ticket, under, units};
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use host::{Host, HostError};
use pvm::NativeHost;

const GOLD: TicketIndex = TicketIndex(0);

/// How long the values at these paths are.
fn sizes<const N: usize>(host: &NativeHost, paths: [&str; N]) -> [usize; N] {
    paths.map(|path| host.read(path).unwrap().len())
}

/// Deposits as many units of gold as its number, and one, for each of these holders.
fn crowd(host: &NativeHost, numbers: std::ops::Range<u32>) {
    let mut ledger = open(host);
    for number in numbers {
        ledger.deposit(&holder(number), &ticket("gold"), units(u64::from(number) + 1)).unwrap();
    }
    commit(host, ledger);
}

#[test]
fn pages_of_170_holders_fill_and_the_next_one_begins() {
    let host = empty();
    let pages = ["/state/balances/0/0", "/state/balances/0/1", "/state/balances/0/2"];
    // The first pages are cut in several commits, the rest comes in one.
    for (numbers, expected) in [
        (0..1, [12, 0, 0]),
        (1..169, [169 * 12, 0, 0]),
        (169..170, [2_040, 0, 0]),
        (170..171, [2_040, 12, 0]),
        (171..400, [2_040, 2_040, 60 * 12]),
    ] {
        crowd(&host, numbers);
        assert_eq!(sizes(&host, pages), expected);
    }
    let mut ledger = open(&host);
    for number in 0..400 {
        let expected = units(u64::from(number) + 1);
        assert_eq!(ledger.balance(AccountIndex(number), GOLD), Ok(expected));
    }
    assert_eq!(ledger.balance(AccountIndex(400), GOLD), Ok(Amount::ZERO));
    assert_eq!(ledger.balance(AccountIndex(0), TicketIndex(1)), Ok(Amount::ZERO));
}

#[test]
fn everybody_in_a_full_page_can_empty_and_fill_their_holding() {
    let host = empty();
    crowd(&host, 0..170);
    // Forwards and backwards, so that slots are taken over by others in every order.
    for round in 0..4_u32 {
        let mut ledger = open(&host);
        for number in 0..170 {
            let number = if round % 2 == 0 { number } else { 169 - number };
            let account = AccountIndex(number);
            let all = ledger.balance(account, GOLD).unwrap();
            ledger.withdraw(account, &ticket("gold"), all).unwrap();
            ledger.leave(GOLD, all).unwrap();
        }
        for number in (0..170).rev() {
            ledger.deposit(&holder(number), &ticket("gold"), units(7)).unwrap();
        }
        commit(&host, ledger);
        assert_eq!(sizes(&host, ["/state/balances/0/0"]), [2_040], "round {round}");
        let mut ledger = open(&host);
        for number in 0..170 {
            assert_eq!(ledger.balance(AccountIndex(number), GOLD), Ok(units(7)), "{number}");
        }
    }
}

#[test]
fn dust_that_passes_through_many_accounts_takes_one_slot() {
    let host = empty();
    crowd(&host, 0..1);
    for number in 1..170 {
        let mut ledger = open(&host);
        let from = AccountIndex(number - 1);
        ledger.transfer(from, &holder(number), &ticket("gold"), units(1)).unwrap();
        // Half of the time in one draft, half of the time through a commit.
        if number % 2 == 0 {
            commit(&host, ledger);
            ledger = open(&host);
        }
        let here = AccountIndex(number);
        ledger.withdraw(here, &ticket("gold"), units(1)).unwrap();
        ledger.leave(GOLD, units(1)).unwrap();
        ledger.deposit(&holder(number), &ticket("gold"), units(1)).unwrap();
        commit(&host, ledger);
        // A transfer takes from one before it gives to the other: the slot passes on.
        assert_eq!(sizes(&host, ["/state/balances/0/0"]), [12], "{number}");
    }
    assert_eq!(open(&host).balance(AccountIndex(169), GOLD), Ok(units(1)));
}

#[test]
fn an_emptied_holding_reads_as_nothing_for_whoever_had_it() {
    let host = empty();
    crowd(&host, 0..3);
    let mut ledger = open(&host);
    ledger.withdraw(AccountIndex(1), &ticket("gold"), units(2)).unwrap();
    commit(&host, ledger);
    let mut ledger = open(&host);
    assert_eq!(ledger.balance(AccountIndex(1), GOLD), Ok(Amount::ZERO));
    ledger.deposit(&holder(9), &ticket("gold"), units(5)).unwrap();
    commit(&host, ledger);
    let mut ledger = open(&host);
    let balances = [0, 1, 2, 3].map(|index| ledger.balance(AccountIndex(index), GOLD).unwrap());
    assert_eq!(balances, [1, 0, 3, 5].map(units));
    assert_eq!(sizes(&host, ["/state/balances/0/0"]), [36], "the newcomer has the empty slot");
}

#[test]
fn pages_of_64_accounts_fill_and_the_next_one_begins() {
    let host = empty();
    let pages = ["/state/accounts/0", "/state/accounts/1", "/state/accounts/2"];
    for (numbers, expected) in [
        (0..63, [63 * 32, 0, 0]),
        (63..64, [2_048, 0, 0]),
        (64..65, [2_048, 32, 0]),
        (65..150, [2_048, 2_048, 22 * 32]),
    ] {
        crowd(&host, numbers);
        assert_eq!(sizes(&host, pages), expected);
    }
    let mut ledger = open(&host);
    // Every third one moves its counter, in one draft over all pages.
    for number in (0..150).step_by(3) {
        ledger.use_counter(AccountIndex(number)).unwrap();
    }
    commit(&host, ledger);
    let mut ledger = open(&host);
    assert_eq!(ledger.accounts(), 150);
    for number in 0..150 {
        let account = ledger.find(&holder(number)).unwrap().unwrap();
        let counter = Counter::new(u64::from(number % 3 == 0));
        assert_eq!((account.index, account.counter), (AccountIndex(number), counter));
        assert_eq!(ledger.account(AccountIndex(number)), Ok(account));
    }
    assert_eq!(ledger.account(AccountIndex(150)), Err(HostError::Corrupt("/accounts")));
    assert_eq!(ledger.account(AccountIndex(192)), Err(HostError::Corrupt("/accounts")));
}

/// A key that nobody else has.
fn key(of: u32) -> [u8; 96] {
    let mut key = [0x55; 96];
    key[..4].copy_from_slice(&of.to_be_bytes());
    key[92..].copy_from_slice(&(!of).to_be_bytes());
    key
}

#[test]
fn pages_of_21_keys_fill_and_every_account_keeps_its_first_key() -> Result<(), LedgerError> {
    let host = empty();
    crowd(&host, 0..100);
    let pages = ["/state/keys/0", "/state/keys/1", "/state/keys/2"];
    // Shown in another order than that of the accounts, in two commits; not all show one.
    let order: Vec<u32> = (0..100).map(|place| place * 37 % 100).take(50).collect();
    for (some, expected) in [(0..20, [1_920, 0, 0]), (20..50, [2_016, 2_016, 8 * 96])] {
        let mut ledger = open(&host);
        for number in &order[some] {
            let index = AccountIndex(*number);
            ledger.set_key(index, key(*number))?;
            ledger.set_key(index, [0xff; 96])?;
            assert_eq!(ledger.key(index)?, Some(key(*number)), "before the commit");
        }
        commit(&host, ledger);
        assert_eq!(sizes(&host, pages), expected);
    }
    let mut ledger = open(&host);
    for number in 0..100 {
        let expected = order.contains(&number).then(|| key(number));
        assert_eq!(ledger.key(AccountIndex(number))?, expected, "{number}");
    }
    ledger.set_key(AccountIndex(order[0]), [0xff; 96])?;
    commit(&host, ledger);
    assert_eq!(open(&host).key(AccountIndex(order[0]))?, Some(key(order[0])));
    assert_eq!(sizes(&host, pages), [2_016, 2_016, 8 * 96]);
    Ok(())
}

#[test]
fn what_was_committed_reads_the_same_as_before_the_commit() {
    let host = empty();
    let long = ticket(&"x".repeat(1_995));
    let mut ledger = open(&host);
    let (one, first) = ledger.deposit(&holder(1), &long, Amount::MAX).unwrap();
    let (two, second) = ledger.deposit(&holder(2), &ticket(""), units(1)).unwrap();
    ledger.use_counter(two).unwrap();
    ledger.set_key(two, [9; 96]).unwrap();
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
    twin.set_key(two, [9; 96]).unwrap();
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
                crowd(host, 0..5);
                if reads {
                    let mut ledger = open(host);
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
    let cut = |path: &str| {
        let host = empty();
        crowd(&host, 0..2);
        let value = host.read(path).unwrap();
        host.delete(path).unwrap();
        host.write_at(path, 0, &value[..value.len() - 1]).unwrap();
        host
    };
    let host = cut("/state/accounts/0");
    assert_eq!(open(&host).account(AccountIndex(1)), Err(HostError::Corrupt("/accounts")));
    let host = cut("/state/balances/0/0");
    assert_eq!(open(&host).balance(AccountIndex(0), GOLD), Err(HostError::Corrupt("/balances")));
    let host = cut("/state/tickets/supply/0");
    assert_eq!(open(&host).supply(GOLD), Err(HostError::Corrupt("/tickets/supply")));
    let host = cut("/state/tickets/record/0");
    assert_eq!(open(&host).ticket(GOLD), Err(HostError::Corrupt("/tickets/record")));
    assert_eq!(open(&empty()).ticket(GOLD), Err(HostError::Corrupt("/tickets/record")));
}
