//! Deposits, transfers, withdrawals, departures and counters: what they do, and every refusal.

mod common;

use accounts::TicketLookup::{Known, Unknown};
use accounts::{LedgerError, Receiver, Refused, Supply};
use common::{commit, empty, holder, open, pay, take, ticket, units};
use encoding::limits::MAX_ACCOUNTS;
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use host::{Host, HostError};

fn refused<T>(reason: Refused) -> Result<T, LedgerError> {
    Err(LedgerError::Refused(reason))
}

#[test]
fn accounts_and_tickets_are_numbered_in_the_order_of_their_first_deposit() {
    let host = empty();
    let mut ledger = open(&host);
    let places = [(7, "b"), (3, "a"), (7, "a"), (3, "b"), (9, "c")]
        .map(|(who, what)| ledger.deposit(&holder(who), &ticket(what), units(5)).unwrap());
    let places = places.map(|(account, ticket)| (account.0, ticket.0));
    assert_eq!(places, [(0, 0), (1, 1), (0, 1), (1, 0), (2, 2)]);
    assert_eq!((ledger.accounts(), ledger.tickets()), (3, 3));
    for (index, who) in (0..).zip([7, 3, 9]) {
        let account = ledger.account(AccountIndex(index)).unwrap();
        assert_eq!((account.address, account.counter), (holder(who), Counter::FIRST));
        assert_eq!(ledger.find(&holder(who)), Ok(Some(account)));
    }
    for (index, what) in (0..).zip(["b", "a", "c"]) {
        assert_eq!(ledger.ticket(TicketIndex(index)), Ok(ticket(what)));
        assert_eq!(ledger.find_ticket(&ticket(what).hash()), Ok(Some(TicketIndex(index))));
    }
    assert_eq!(ledger.find(&holder(1)), Ok(None));
    assert_eq!(ledger.find_ticket(&ticket("d").hash()), Ok(None));
}

#[test]
fn deposits_add_up_and_other_tickets_of_the_same_holder_are_apart() {
    let host = empty();
    let mut ledger = open(&host);
    let (account, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(5)).unwrap();
    ledger.deposit(&holder(1), &ticket("gold"), units(7)).unwrap();
    let (_, iron) = ledger.deposit(&holder(1), &ticket("iron"), units(1)).unwrap();
    assert_eq!(ledger.balance(account, gold), Ok(units(12)));
    assert_eq!(ledger.balance(account, iron), Ok(units(1)));
    let supply = Supply { on_rollup: units(12), deposited: 12, withdrawn: 0 };
    assert_eq!(ledger.supply(gold), Ok(supply));
}

#[test]
fn a_deposit_of_nothing_is_refused_and_leaves_nothing() {
    let host = empty();
    let mut ledger = open(&host);
    let nothing = ledger.deposit(&holder(1), &ticket("gold"), Amount::ZERO);
    assert_eq!(nothing, refused(Refused::ZeroAmount));
    assert_eq!((ledger.accounts(), ledger.tickets()), (0, 0));
}

#[test]
fn a_supply_ends_at_2_to_the_64_minus_1_and_counts_what_waits_to_leave() {
    let host = empty();
    let mut ledger = open(&host);
    let (rich, gold) = ledger.deposit(&holder(1), &ticket("gold"), Amount::MAX).unwrap();
    let too_large = |added| Refused::SupplyTooLarge { supply: Amount::MAX, added };
    let one_more = |ledger: &mut accounts::Ledger<'_, _>, who| {
        ledger.deposit(&holder(who), &ticket("gold"), units(1))
    };
    assert_eq!(one_more(&mut ledger, 1), refused(too_large(units(1))));
    assert_eq!(one_more(&mut ledger, 2), refused(too_large(units(1))));
    assert_eq!(ledger.accounts(), 1, "refused before anybody is given an account");
    ledger.deposit(&holder(2), &ticket("iron"), Amount::MAX).unwrap();

    // All of it can move, and come together again.
    pay(&mut ledger, rich, 2, "gold", u64::MAX - 1).unwrap();
    pay(&mut ledger, AccountIndex(1), 1, "gold", u64::MAX - 1).unwrap();
    assert_eq!(ledger.balance(rich, gold), Ok(Amount::MAX));

    take(&mut ledger, rich, "gold", u64::MAX).unwrap();
    assert_eq!(one_more(&mut ledger, 1), refused(too_large(units(1))), "it is still here");
    ledger.record_exit(gold, Amount::MAX).unwrap();
    one_more(&mut ledger, 1).unwrap();
    ledger.deposit(&holder(1), &ticket("gold"), units(u64::MAX - 1)).unwrap();
    let (deposited, withdrawn) = (2 * u128::from(u64::MAX), u128::from(u64::MAX));
    let expected = Supply { on_rollup: Amount::MAX, deposited, withdrawn };
    assert_eq!(ledger.supply(gold), Ok(expected));
    // Sums beyond 64 bits are stored whole.
    commit(&host, ledger);
    assert_eq!(open(&host).supply(gold), Ok(expected));
}

#[test]
fn a_transfer_makes_its_receiver_and_leaves_the_supply_alone() {
    let host = empty();
    let mut ledger = open(&host);
    let (from, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let supply = ledger.supply(gold);
    pay(&mut ledger, from, 2, "gold", 4).unwrap();
    pay(&mut ledger, from, 2, "gold", 6).unwrap();
    let to = ledger.find(&holder(2)).unwrap().unwrap();
    assert_eq!((to.index, to.counter), (AccountIndex(1), Counter::FIRST));
    assert_eq!(ledger.balance(from, gold), Ok(Amount::ZERO));
    assert_eq!(ledger.balance(to.index, gold), Ok(units(10)));
    assert_eq!(ledger.supply(gold), supply);
}

#[test]
fn a_receiver_named_by_index_is_the_same_account() {
    let host = empty();
    let mut ledger = open(&host);
    let (from, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let to = ledger.find_or_allocate(&holder(2)).unwrap();
    ledger.transfer(from, Receiver::Index(to), Known(gold), units(4)).unwrap();
    pay(&mut ledger, from, 2, "gold", 3).unwrap();
    assert_eq!(ledger.balance(to, gold), Ok(units(7)));
    // One that this draft allocates is a receiver from then on, and not when it is rolled back.
    let mark = ledger.mark();
    let third = ledger.find_or_allocate(&holder(3)).unwrap();
    ledger.transfer(from, Receiver::Index(third), Known(gold), units(1)).unwrap();
    ledger.roll_back(mark);
    let unknown = Refused::UnknownAccount { index: third, accounts: 2 };
    let gone = ledger.transfer(from, Receiver::Index(third), Known(gold), units(1));
    assert_eq!(gone, refused(unknown));
}

#[test]
fn what_cannot_be_transferred_is_refused_with_the_first_of_its_reasons() {
    let host = empty();
    let mut ledger = open(&host);
    let (from, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let (other, iron) = ledger.deposit(&holder(2), &ticket("iron"), units(1)).unwrap();
    let low = |available, requested| Refused::BalanceTooLow {
        available: units(available),
        requested: units(requested),
    };
    let nobody = |index| Refused::UnknownAccount { index: AccountIndex(index), accounts: 2 };
    let by_index = |index| Receiver::Index(AccountIndex(index));
    let by_address = |number| Receiver::Address(holder(number));
    let silver = Refused::UnknownTicket(ticket("silver").hash());
    let no_index = Refused::UnknownTicketIndex(TicketIndex(2));
    for (sender, to, what, amount, reason) in [
        // Each reason, with all that come after it in the order.
        (from, by_index(2), Unknown(silver), 0, nobody(2)),
        (from, by_index(u32::MAX), Unknown(no_index), 0, nobody(u32::MAX)),
        (from, by_index(0), Unknown(silver), 0, Refused::SelfTransfer),
        (from, by_address(1), Unknown(no_index), 0, Refused::SelfTransfer),
        (from, by_index(1), Unknown(silver), 0, Refused::ZeroAmount),
        (from, by_address(3), Unknown(no_index), 0, Refused::ZeroAmount),
        (from, by_index(1), Unknown(silver), 11, silver),
        (from, by_address(3), Unknown(no_index), 11, no_index),
        (from, by_index(1), Known(gold), 11, low(10, 11)),
        // And each alone.
        (from, by_index(2), Known(gold), 1, nobody(2)),
        (from, by_address(1), Known(gold), 1, Refused::SelfTransfer),
        (from, by_address(2), Known(gold), 0, Refused::ZeroAmount),
        (from, by_address(2), Unknown(silver), 1, silver),
        (from, by_index(1), Unknown(no_index), 1, no_index),
        (from, by_address(3), Known(gold), u64::MAX, low(10, u64::MAX)),
        (from, by_address(3), Known(iron), 1, low(0, 1)),
        (other, by_address(3), Known(gold), 1, low(0, 1)),
    ] {
        let result = ledger.transfer(sender, to, what, units(amount));
        assert_eq!(result, refused(reason), "{to:?} {what:?} {amount}");
        assert_eq!(ledger.balance(from, gold), Ok(units(10)), "{reason}");
        assert_eq!((ledger.accounts(), ledger.tickets()), (2, 2), "{reason}");
    }
    let silver_known = ledger.known_ticket(&ticket("silver").hash());
    assert_eq!(silver_known, Ok(Unknown(silver)));
    assert_eq!(ledger.known_ticket(&ticket("iron").hash()), Ok(Known(iron)));
}

#[test]
fn a_withdrawal_waits_in_the_supply_until_it_leaves() {
    let host = empty();
    let mut ledger = open(&host);
    let (from, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    assert_eq!(take(&mut ledger, from, "gold", 10), Ok(gold));
    assert_eq!(ledger.balance(from, gold), Ok(Amount::ZERO));
    let before = Supply { on_rollup: units(10), deposited: 10, withdrawn: 0 };
    assert_eq!(ledger.supply(gold), Ok(before));
    ledger.record_exit(gold, units(4)).unwrap();
    let after = Supply { on_rollup: units(6), deposited: 10, withdrawn: 4 };
    assert_eq!(ledger.supply(gold), Ok(after));
    // More than there is cannot leave: then it is the state that is wrong, not a message.
    assert_eq!(ledger.record_exit(gold, units(7)), Err(HostError::Corrupt("/tickets/supply")));
    assert_eq!(ledger.supply(gold), Ok(after));
}

#[test]
fn what_cannot_be_withdrawn_is_refused() {
    let host = empty();
    let mut ledger = open(&host);
    let (from, gold) = ledger.deposit(&holder(1), &ticket("gold"), units(10)).unwrap();
    let mut withdraw = |what, amount| take(&mut ledger, from, what, amount);
    assert_eq!(withdraw("gold", 0), refused(Refused::ZeroAmount));
    assert_eq!(withdraw("iron", 0), refused(Refused::ZeroAmount), "the first reason");
    let unknown = ticket("iron").hash();
    assert_eq!(withdraw("iron", 1), refused(Refused::UnknownTicket(unknown)));
    let low = Refused::BalanceTooLow { available: units(10), requested: units(11) };
    assert_eq!(withdraw("gold", 11), refused(low));
    assert_eq!(ledger.balance(from, gold), Ok(units(10)));
}

#[test]
fn counters_start_at_0_count_by_one_and_belong_to_one_account() {
    let host = empty();
    let mut ledger = open(&host);
    assert_eq!(ledger.counter(&holder(1)), Ok(Counter::FIRST));
    assert_eq!(ledger.accounts(), 0, "asking makes nobody an account");
    let one = ledger.find_or_allocate(&holder(1)).unwrap();
    ledger.find_or_allocate(&holder(2)).unwrap();
    for expected in 1..=3 {
        ledger.use_counter(one).unwrap();
        assert_eq!(ledger.counter(&holder(1)), Ok(Counter::new(expected)));
    }
    assert_eq!(ledger.counter(&holder(2)), Ok(Counter::FIRST));
    commit(&host, ledger);
    let mut ledger = open(&host);
    assert_eq!(ledger.account(one).unwrap().counter, Counter::new(3));
    ledger.use_counter(one).unwrap();
    commit(&host, ledger);
    assert_eq!(open(&host).counter(&holder(1)), Ok(Counter::new(4)));
    assert_eq!(open(&host).counter(&holder(2)), Ok(Counter::FIRST));
}

#[test]
fn full_registries_refuse_and_rolling_back_leaves_no_trace() {
    let host = empty();
    let counts = [MAX_ACCOUNTS - 1, u32::MAX].map(u32::to_be_bytes).concat();
    host.write_at("/state/counts", 0, &counts).unwrap();
    let mut ledger = open(&host);

    // One account is left: the deposit of a new ticket takes it, and gives it back.
    let mark = ledger.mark();
    let full = ledger.deposit(&holder(1), &ticket("gold"), units(1));
    assert_eq!(full, refused(Refused::RegistryFull("tickets")));
    ledger.roll_back(mark);
    assert_eq!((ledger.accounts(), ledger.tickets()), (MAX_ACCOUNTS - 1, u32::MAX));
    assert_eq!(ledger.find(&holder(1)), Ok(None));
    assert_eq!(ledger.find_ticket(&ticket("gold").hash()), Ok(None));

    let last = ledger.find_or_allocate(&holder(2)).unwrap();
    assert_eq!(last, AccountIndex(MAX_ACCOUNTS - 1));
    assert_eq!(ledger.find_or_allocate(&holder(3)), refused(Refused::RegistryFull("accounts")));
    assert_eq!(ledger.accounts(), MAX_ACCOUNTS);
}
