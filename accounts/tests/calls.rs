//! What drafts cost in calls and bytes: in pages few calls, by record few bytes.

mod common;

use accounts::{Receiver, TicketLookup};
use common::{
    CACHE_MODES, FEW, counting::Counting, empty, holder, open, open_for, ticket, under, units,
};
use encoding::{AccountIndex, Counter, Hash32, TicketIndex};
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
    let record = [3, 10].map(u64::to_le_bytes).concat();
    for page in 0..ACCOUNTS / 128 {
        set(format!("/state/main/{page:07x}"), &record.repeat(128));
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
fn many_transfers_cost_less_than_two_calls_each() {
    let touches = usize::try_from(2 * TRANSFERS).unwrap();
    let (calls, _) = cost(TRANSFERS, touches);
    // Every page that is touched once each way.
    assert!(calls <= 2 * 512, "{calls}");
    // By record it is each way the payer's and the receiver's.
    assert_eq!(cost(TRANSFERS, FEW).0, 4 * usize::try_from(TRANSFERS).unwrap());
}

#[test]
fn few_transfers_cost_their_own_bytes() {
    // 20 touches are few of 2^16, so the draft reads by record of its own.
    assert_eq!(cost(10, 20), (40, 10 * 2 * (16 + 16)));
    // One touch below three a page, and at it.
    assert_eq!(cost(10, 3 * 512 - 1), cost(10, 20));
    assert!(cost(10, 3 * 512).1 > 10 * 2_048);
}

#[test]
fn a_transfer_of_another_ticket_costs_a_balance_more_each_way() {
    let host = seeded();
    let iron = TicketIndex(1);
    for page in 0..ACCOUNTS / 256 {
        let path = format!("/state/balances/1/{page:07x}");
        host.write_at(&path, 0, &10_u64.to_le_bytes().repeat(256)).unwrap();
    }
    let counting = Counting::over(&host);
    let mut ledger = open(&counting);
    counting.reset();
    let (from, to) = (AccountIndex(9), Receiver::Index(AccountIndex(40_000)));
    ledger.use_counter(from).unwrap();
    ledger.transfer(from, to, TicketLookup::Known(iron), units(4)).unwrap();
    ledger.commit(&Subtree::new(&counting, "/state")).unwrap();
    // The payer's counter, and both balances.
    assert_eq!((counting.reads(), counting.writes()), (3, 3));
    assert_eq!((counting.bytes_read(), counting.bytes_written()), (16 + 8 + 8, 16 + 8 + 8));
}

#[test]
fn a_draft_that_has_read_keeps_how_it_reads() {
    let host = seeded();
    for touched in [0, 1, 2] {
        let counting = Counting::over(&host);
        let mut ledger = open(&counting);
        match touched {
            0 => {}
            1 => ledger.use_counter(AccountIndex(9)).unwrap(),
            _ => assert!(ledger.find_index(&holder(5)).is_ok()),
        }
        ledger.expect_message(2_000, &Hash32([7; 32]));
        counting.reset();
        assert_eq!(ledger.balance(AccountIndex(9), GOLD), Ok(units(10)));
        let counter = ledger.counter_of(AccountIndex(9)).unwrap().get();
        assert_eq!(counter, if touched == 1 { 4 } else { 3 }, "nothing is forgotten");
        // A page if nothing had been read, else what the draft began with.
        assert_eq!(counting.bytes_read(), [2_048, 0, 16][touched]);
    }
}

#[test]
fn a_simple_payment_is_the_transfer_that_it_is_short_for() {
    let (from, to) = (AccountIndex(9), AccountIndex(40_000));
    for touches in CACHE_MODES {
        let short = seeded();
        let mut ledger = open_for(&short, "/state", touches);
        let gold = TicketLookup::Known(GOLD);
        let mut pay = |counter, to, ticket, amount| {
            ledger.pay_if_simple(from, Counter::new(counter), to, ticket, units(amount))
        };
        // What is not simple changes nothing: another counter, nobody, oneself, another ticket, nothing, too much.
        assert_eq!(pay(2, to, gold, 4), Ok(false));
        assert_eq!(pay(3, AccountIndex(ACCOUNTS), gold, 4), Ok(false));
        assert_eq!(pay(3, from, gold, 4), Ok(false));
        assert_eq!(pay(3, to, TicketLookup::Known(TicketIndex(1)), 4), Ok(false));
        assert_eq!(pay(3, to, gold, 0), Ok(false));
        assert_eq!(pay(3, to, gold, 11), Ok(false));
        assert_eq!(pay(3, to, gold, 4), Ok(true));
        ledger.commit(&Subtree::new(&short, "/state")).unwrap();

        let long = seeded();
        let mut ledger = open_for(&long, "/state", touches);
        assert_eq!(ledger.use_counter_if(from, Counter::new(3)), Ok(Counter::new(3)));
        ledger.transfer(from, Receiver::Index(to), gold, units(4)).unwrap();
        ledger.commit(&Subtree::new(&long, "/state")).unwrap();
        assert_eq!(under(&short.durable(), "/state"), under(&long.durable(), "/state"));
    }
}

#[test]
fn a_draft_for_few_over_nothing_reads_and_writes_by_record() {
    let host = empty();
    let counting = Counting::over(&host);
    for (touches, expected) in [(FEW, 32), (2, 32), (3, 2_048)] {
        host.write_at("/state/main/0000000", 0, &[0; 2_048]).unwrap();
        let mut ledger = open_for(&counting, "/state", touches);
        counting.reset();
        ledger.use_counter(AccountIndex(0)).unwrap();
        ledger.use_counter(AccountIndex(1)).unwrap();
        ledger.commit(&Subtree::new(&counting, "/state")).unwrap();
        assert_eq!((counting.bytes_read(), counting.bytes_written()), (expected, expected));
    }
}
