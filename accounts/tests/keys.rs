//! Stored keys: 21 a page, shown and then proven.

mod common;

use accounts::{Ledger, StoredKey, StoredKeys};
use common::{commit, counting::Counting, empty, open, storage_after, under};
use encoding::AccountIndex;
use host::{Host, HostError, RawRollupCore, Subtree};

const PAGE_BYTES: usize = 21 * 97;

/// A key that nobody else has.
fn key(of: u32, proven: bool) -> StoredKey {
    let mut point = [0x55; 96];
    point[..4].copy_from_slice(&of.to_be_bytes());
    point[92..].copy_from_slice(&(!of).to_be_bytes());
    StoredKey { point, proven }
}

/// The keys of accounts, asked for together.
fn keys_of<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    accounts: &[AccountIndex],
) -> Result<Vec<Option<StoredKey>>, HostError> {
    let mut keys = StoredKeys::with_capacity(accounts.len());
    ledger.append_keys(accounts, &mut keys)?;
    assert_eq!((keys.len(), keys.is_empty()), (accounts.len(), accounts.is_empty()));
    Ok((0..accounts.len()).map(|at| keys.get(at)).collect())
}

#[test]
fn keys_stand_at_the_place_of_their_account() -> Result<(), HostError> {
    let host = empty();
    // Several of a page in one commit, both sides of a border, in another order than that of the
    // accounts, and a page that is come back to.
    let commits = [&[20, 0, 21, 5][..], &[41, 1, 42], &[22, 2, 43, 23, 400]];
    let mut shown: Vec<u32> = Vec::new();
    for accounts in commits {
        let mut ledger = open(&host);
        for account in accounts {
            let index = AccountIndex(*account);
            assert_eq!(ledger.key(index)?, None);
            ledger.set_key(index, key(*account, account % 2 == 0))?;
            assert_eq!(ledger.key(index)?, Some(key(*account, account % 2 == 0)), "in the draft");
        }
        commit(&host, ledger);
        shown.extend(accounts);
        let mut ledger = open(&host);
        let all: Vec<_> = (0..500).map(AccountIndex).collect();
        let expected: Vec<_> = (0..500)
            .map(|account| shown.contains(&account).then(|| key(account, account % 2 == 0)))
            .collect();
        assert_eq!(keys_of(&mut ledger, &all)?, expected);
        let one_by_one: Result<Vec<_>, _> = all.iter().map(|index| ledger.key(*index)).collect();
        assert_eq!(one_by_one?, expected);
    }
    for page in [0, 1, 2, 19] {
        assert_eq!(host.read(&format!("/state/keys/{page:07x}"))?.len(), PAGE_BYTES, "{page}");
    }
    // 400 is the second one after 19 pages of 21.
    let record = host.read_at("/state/keys/0000013", 97, 97)?;
    assert_eq!((record[0], &record[1..]), (2, &key(400, true).point[..]));
    Ok(())
}

#[test]
fn a_shown_key_is_replaced_by_a_proven_one_and_by_nothing_else() -> Result<(), HostError> {
    for through_commits in [false, true] {
        let host = empty();
        let mut ledger = open(&host);
        let index = AccountIndex(30);
        for (given, expected) in [
            (key(1, false), key(1, false)),
            (key(2, false), key(1, false)),
            (key(3, true), key(3, true)),
            (key(4, false), key(3, true)),
            (key(5, true), key(3, true)),
        ] {
            ledger.set_key(index, given)?;
            assert_eq!(ledger.key(index)?, Some(expected));
            if through_commits {
                commit(&host, ledger);
                ledger = open(&host);
            }
            let neighbours = [29, 30, 31].map(AccountIndex);
            assert_eq!(keys_of(&mut ledger, &neighbours)?, [None, Some(expected), None]);
        }
        commit(&host, ledger);
        assert_eq!(open(&host).key(index)?, Some(key(3, true)));
        assert_eq!(host.read("/state/keys/0000001")?.len(), PAGE_BYTES);
    }
    Ok(())
}

#[test]
fn keys_of_a_page_that_lie_near_each_other_cost_one_call() -> Result<(), HostError> {
    let host = empty();
    let mut ledger = open(&host);
    for account in 0..100 {
        ledger.set_key(AccountIndex(account), key(account, true))?;
    }
    commit(&host, ledger);
    let counting = Counting::over(&host);
    for (accounts, calls, bytes) in [
        ((0..100).collect::<Vec<u32>>(), 5, 100 * 97),
        // Not in order, and far apart in a page.
        (vec![0, 20, 10, 21, 41], 5, 5 * 97),
        (vec![3], 1, 97),
        (vec![3, 30, 60], 3, 3 * 97),
        // Beside each other, and with one in between, which is read as well; with two in between it is two calls.
        (vec![3, 4, 30, 31, 3, 4], 3, 6 * 97),
        (vec![3, 5, 6, 8], 1, 6 * 97),
        (vec![3, 6], 2, 2 * 97),
        // Across the border of a page, twice the same, and back.
        (vec![20, 21], 2, 2 * 97),
        (vec![3, 3], 2, 2 * 97),
        (vec![4, 3], 2, 2 * 97),
        // Keys of pages that are not there.
        (vec![2_100, 2_101, 2_102], 1, 0),
        (vec![], 0, 0),
    ] {
        let indexes: Vec<_> = accounts.iter().copied().map(AccountIndex).collect();
        let mut ledger = open(&counting);
        counting.reset();
        let keys = keys_of(&mut ledger, &indexes)?;
        let expected: Vec<_> = accounts.iter().map(|n| (*n < 100).then(|| key(*n, true))).collect();
        assert_eq!(keys, expected);
        assert_eq!((counting.reads(), counting.bytes_read()), (calls, bytes), "{accounts:?}");
    }
    Ok(())
}

#[test]
fn a_page_of_new_keys_is_looked_for_once() -> Result<(), HostError> {
    let host = empty();
    let counting = Counting::over(&host);
    let mut ledger = open(&counting);
    for account in 0..42 {
        ledger.set_key(AccountIndex(account), key(account, true))?;
    }
    counting.reset();
    ledger.commit(&Subtree::new(&counting, "/state"))?;
    assert_eq!((counting.reads(), counting.writes()), (2, 2 + 42), "two pages, 42 keys");
    Ok(())
}

#[test]
fn what_is_no_page_of_keys_is_corrupt() -> Result<(), HostError> {
    const CORRUPT: HostError = HostError::Corrupt("/keys");
    let neighbours = [20, 19].map(AccountIndex);
    // Cut within the last record, before it, and almost everywhere.
    for size in [PAGE_BYTES - 1, PAGE_BYTES - 97, 97, 1] {
        let host = empty();
        host.write_at("/state/keys/0000000", 0, &vec![0; size])?;
        let mut ledger = open(&host);
        assert_eq!(ledger.key(neighbours[0]), Err(CORRUPT), "{size}");
        assert_eq!(keys_of(&mut ledger, &neighbours), Err(CORRUPT), "{size}");
        assert_eq!(ledger.set_key(neighbours[0], key(20, true)), Err(CORRUPT), "{size}");
    }
    for status in [3, 255] {
        let host = empty();
        let mut ledger = open(&host);
        ledger.set_key(AccountIndex(20), key(20, true))?;
        ledger.set_key(AccountIndex(19), key(19, true))?;
        commit(&host, ledger);
        host.write_at("/state/keys/0000000", 20 * 97, &[status])?;
        let mut ledger = open(&host);
        assert_eq!(ledger.key(AccountIndex(19))?, Some(key(19, true)));
        assert_eq!(ledger.key(AccountIndex(20)), Err(CORRUPT));
        assert_eq!(keys_of(&mut ledger, &neighbours), Err(CORRUPT));
    }
    Ok(())
}

#[test]
fn asking_for_keys_changes_no_byte() {
    let state = |asks: bool| {
        under(
            &storage_after(move |host| {
                let mut ledger = open(host);
                ledger.set_key(AccountIndex(4), key(4, false)).unwrap();
                commit(host, ledger);
                if asks {
                    let mut ledger = open(host);
                    keys_of(&mut ledger, &[0, 1, 4, 50].map(AccountIndex)).unwrap();
                    ledger.set_key(AccountIndex(4), key(5, false)).unwrap();
                    commit(host, ledger);
                }
            }),
            "/state",
        )
    };
    assert_eq!(state(true), state(false));
}
