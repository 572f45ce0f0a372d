//! What drafts cost in calls and bytes: in pages few calls, by record few bytes.

mod common;

use accounts::{Receiver, TicketLookup};
use common::{FEW, counting::Counting, empty, holder, open, open_for, ticket, units};
use encoding::{AccountIndex, TicketIndex};
use host::{Host, Subtree};
use pvm::{Durable, NativeHost};

const ACCOUNTS: u32 = 1 << 16;
const GOLD: TicketIndex = TicketIndex(0);
const TRANSFERS: u32 = 1_000;

/// A host with 2^16 accounts that all hold some gold and have used counters.
fn seeded() -> NativeHost {
    let mut durable = Durable::default();
    let mut set = |path: String, value: &[u8]| durable.set(&path, value).unwrap();
    let one = empty();
    let mut ledger = open(&one);
    ledger.deposit(&holder(0), &ticket("gold"), units(1_000_000)).unwrap();
    ledger.commit(&Subtree::new(&one, "/state")).unwrap();
    for path in ["/state/tickets/record/0", "/state/tickets/supply/0"] {
        set(path.to_owned(), &one.read(path).unwrap());
    }
    set("/state/counts".to_owned(), &[ACCOUNTS, 1].map(u32::to_be_bytes).concat());
    for page in 0..ACCOUNTS / 256 {
        set(format!("/state/balances/0/{page}"), &10_u64.to_be_bytes().repeat(256));
    }
    for page in 0..ACCOUNTS / 512 {
        set(format!("/state/counters/{page}"), &3_u32.to_be_bytes().repeat(512));
    }
    NativeHost::over(durable)
}

/// Numbers that follow no pattern, none of them twice.
fn spread(start: u32) -> impl Iterator<Item = AccountIndex> {
    // An odd factor makes it a permutation of 16 bits.
    (start..).map(|n| AccountIndex(n.wrapping_mul(40_503) % ACCOUNTS))
}

/// Calls and bytes of so many transfers between distinct signers and distinct receivers, commit
/// included, in a draft that was told of so many touches.
fn cost(transfers: u32, touches: usize) -> (usize, usize) {
    let host = seeded();
    let counting = Counting::over(&host);
    let mut ledger = open_for(&counting, "/state", touches);
    counting.reset();
    let count = usize::try_from(transfers).unwrap();
    for (from, to) in spread(0).zip(spread(transfers)).take(count) {
        assert_eq!(ledger.counter_of(from).unwrap().get(), 3);
        ledger.use_counter(from).unwrap();
        ledger.transfer(from, Receiver::Index(to), TicketLookup::Known(GOLD), units(1)).unwrap();
    }
    ledger.commit(&Subtree::new(&counting, "/state")).unwrap();
    let calls = counting.reads() + counting.writes();
    let bytes = counting.bytes_read() + counting.bytes_written();
    println!("{transfers} transfers, {touches} touches: {calls} calls, {bytes} bytes");

    let mut ledger = open(&host);
    for (from, to) in spread(0).zip(spread(transfers)).take(count) {
        assert_eq!(ledger.counter_of(from).unwrap().get(), 4);
        assert_eq!(ledger.balance(from, GOLD), Ok(units(9)));
        assert_eq!(ledger.balance(to, GOLD), Ok(units(11)));
    }
    (calls, bytes)
}

#[test]
fn many_transfers_cost_less_than_a_call_each() {
    let touches = usize::try_from(2 * TRANSFERS).unwrap();
    let (calls, _) = cost(TRANSFERS, touches);
    // Every page once each way: 256 of balances and 128 of counters.
    assert_eq!(calls, 2 * (256 + 128));
    assert!(calls * 10 <= 8 * usize::try_from(TRANSFERS).unwrap(), "0.8 calls a transfer");
    // By record it is each way a counter and two balances.
    assert_eq!(cost(TRANSFERS, FEW).0, 6 * usize::try_from(TRANSFERS).unwrap());
}

#[test]
fn few_transfers_cost_their_own_bytes() {
    // 20 touches are few of 2^16, so the draft reads by record of its own.
    assert_eq!(cost(10, 20), (60, 10 * 2 * (4 + 8 + 8)));
    // One touch below four a page, and at it.
    assert_eq!(cost(10, 4 * 256 - 1), cost(10, 20));
    assert!(cost(10, 4 * 256).1 > 10 * 2_048);
}

#[test]
fn a_draft_that_has_read_keeps_how_it_reads() {
    let host = seeded();
    for touched in [0, 1, 2] {
        let counting = Counting::over(&host);
        let mut ledger = open(&counting);
        match touched {
            0 => assert!(ledger.find_index(&holder(5)).is_ok()),
            1 => ledger.use_counter(AccountIndex(9)).unwrap(),
            _ => ledger
                .transfer(
                    AccountIndex(9),
                    Receiver::Index(AccountIndex(10)),
                    TicketLookup::Known(GOLD),
                    units(4),
                )
                .unwrap(),
        }
        ledger.expect_touches(2_000);
        counting.reset();
        let balance = ledger.balance(AccountIndex(9), GOLD).unwrap();
        assert_eq!(balance, units(if touched == 2 { 6 } else { 10 }));
        let counter = ledger.counter_of(AccountIndex(9)).unwrap().get();
        assert_eq!(counter, if touched == 1 { 4 } else { 3 }, "nothing is forgotten");
        // Pages if nothing had been read of either, else what the draft began with.
        assert_eq!(counting.bytes_read(), [2 * 2_048, 8, 4][touched]);
    }
}

#[test]
fn a_draft_for_few_over_nothing_reads_and_writes_by_record() {
    let host = empty();
    let counting = Counting::over(&host);
    for (touches, expected) in [(FEW, 8), (3, 8), (4, 2_048)] {
        host.write_at("/state/counters/0", 0, &[0; 2_048]).unwrap();
        let mut ledger = open_for(&counting, "/state", touches);
        counting.reset();
        ledger.use_counter(AccountIndex(0)).unwrap();
        ledger.use_counter(AccountIndex(1)).unwrap();
        ledger.commit(&Subtree::new(&counting, "/state")).unwrap();
        assert_eq!((counting.bytes_read(), counting.bytes_written()), (expected, expected));
    }
}
