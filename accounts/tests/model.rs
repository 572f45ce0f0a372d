//! Random drafts of deposits, transactions, commits and discards against a model of plain maps, read
//! by record and in pages: what is stored in the end is the same.

mod common;

use accounts::{
    Ledger, LedgerError, Receiver, Refused, StoredKey, StoredKeys, Supply, TicketLookup,
};
use common::plain::{Model, NAMES, To};
use common::{CACHE_MODES, commit_to, holder, open_for, storage_after, take, ticket, under, units};
use encoding::{Amount, Counter, TicketIndex};
use host::Host;
use proptest::prelude::*;
use pvm::NativeHost;

const HOLDERS: u32 = 200;
/// How many accounts of nobody there are before: whole pages of addresses, as the next is written
/// after the last, and some before a border of main records alone, or of balances, too.
const BEFORE: [u32; 3] = [0, 102, 408];
/// A counter that has no room in 32 bits.
const LARGE: u64 = u32::MAX as u64;

#[derive(Clone, Copy, Debug)]
enum Size {
    Units(u64),
    /// All that the holder has.
    All,
}

#[derive(Clone, Copy, Debug)]
struct Payment {
    /// One of those who have an account, whoever that is.
    from: prop::sample::Index,
    to: To,
    name: usize,
    size: Size,
}

#[derive(Clone, Debug)]
enum Step {
    Deposit {
        to: u32,
        name: usize,
        amount: u64,
    },
    /// A unit for each of many, to fill pages.
    Crowd {
        first: u32,
        count: u32,
        name: usize,
    },
    /// Payments up to the first refusal, which takes them all back; some are taken back anyway.
    Transaction {
        payments: Vec<Payment>,
        abandoned: bool,
    },
    /// Uses a counter, which is about to outgrow 32 bits if so wished.
    Count {
        who: prop::sample::Index,
        grown: bool,
    },
    /// A payment of the main ticket with a counter, which is mostly the next one.
    Simple {
        from: prop::sample::Index,
        to: usize,
        size: Size,
        behind: bool,
    },
    Key {
        who: prop::sample::Index,
        key: u8,
        proven: bool,
    },
    Leave,
    Commit,
    Discard,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let amount = prop_oneof![9 => 0..50_u64, 1 => u64::MAX - 60..=u64::MAX];
    let size = prop_oneof![2 => (0..12_u64).prop_map(Size::Units), 1 => Just(Size::All)];
    let to = prop_oneof![
        5 => (0..HOLDERS).prop_map(To::Holder),
        3 => (0..150_usize).prop_map(To::Index),
        2 => Just(To::Layer1),
    ];
    let simple =
        (any::<prop::sample::Index>(), 0..60_usize, size.clone(), prop::bool::weighted(0.2))
            .prop_map(|(from, to, size, behind)| Step::Simple { from, to, size, behind });
    let payment = (any::<prop::sample::Index>(), to, 0..3_usize, size)
        .prop_map(|(from, to, name, size)| Payment { from, to, name, size });
    let payments = prop::collection::vec(payment, 1..6);
    let step = prop_oneof![
        4 => (0..HOLDERS, 0..3_usize, amount)
            .prop_map(|(to, name, amount)| Step::Deposit { to, name, amount }),
        1 => (0..HOLDERS, 1..140_u32, 0..3_usize)
            .prop_map(|(first, count, name)| Step::Crowd { first, count, name }),
        12 => (payments, prop::bool::weighted(0.3))
            .prop_map(|(payments, abandoned)| Step::Transaction { payments, abandoned }),
        2 => (any::<prop::sample::Index>(), prop::bool::weighted(0.3))
            .prop_map(|(who, grown)| Step::Count { who, grown }),
        2 => (any::<prop::sample::Index>(), any::<u8>(), any::<bool>())
            .prop_map(|(who, key, proven)| Step::Key { who, key, proven }),
        6 => simple,
        2 => Just(Step::Leave),
        2 => Just(Step::Commit),
        1 => Just(Step::Discard),
    ];
    prop::collection::vec(step, 1..80)
}

/// The same on both sides, or both refuse for the same reason.
fn same<T>(ledger: Result<T, LedgerError>, model: Result<(), Refused>) -> bool {
    let done = model.is_ok();
    assert_eq!(ledger.map(|_| ()), model.map_err(LedgerError::Refused));
    done
}

fn transaction(
    ledger: &mut Ledger<'_, NativeHost>,
    model: &mut Model,
    payments: &[Payment],
    abandoned: bool,
) {
    if model.accounts.is_empty() {
        return;
    }
    let (mark, before) = (ledger.mark(), model.clone());
    let mut done = true;
    for Payment { from, to, name, size } in payments {
        let position = from.index(model.accounts.len());
        let (from, index) = (model.accounts[position].0, model.index(position));
        let amount = match size {
            Size::Units(amount) => *amount,
            Size::All => model.balance(from, *name),
        };
        let known = ledger.known_ticket(&ticket(NAMES[*name]).hash()).unwrap();
        let paid = match to {
            To::Layer1 => take(ledger, index, NAMES[*name], amount).map(|_| ()),
            To::Holder(to) => {
                ledger.transfer(index, Receiver::Address(holder(*to)), known, units(amount))
            }
            To::Index(to) => {
                ledger.transfer(index, Receiver::Index(model.index(*to)), known, units(amount))
            }
        };
        done = same(paid, model.pay(from, *to, *name, amount));
        if !done {
            break;
        }
    }
    if !done || abandoned {
        ledger.roll_back(mark);
        *model = before;
    }
}

/// A payment that is simple, or nothing.
fn simple(
    ledger: &mut Ledger<'_, NativeHost>,
    model: &mut Model,
    from: usize,
    to: usize,
    amount: u64,
    behind: bool,
) {
    let (who, counter) = model.accounts[from];
    let expected = Counter::new(counter.wrapping_sub(u64::from(behind)));
    let (payer, receiver) = (model.index(from), model.index(to));
    let main = TicketLookup::Known(TicketIndex(0));
    let paid = ledger.pay_if_simple(payer, expected, receiver, main, units(amount)).unwrap();
    let name = model.tickets.first().copied();
    let can = name.is_some_and(|name| (1..=model.balance(who, name)).contains(&amount));
    assert_eq!(paid, can && !behind && to != from && to < model.accounts.len());
    if let (true, Some(name)) = (paid, name) {
        model.pay(who, To::Index(to), name, amount).unwrap();
        model.accounts[from].1 += 1;
        ledger.forget_undo();
    }
}

/// Everything there is to ask.
fn compare(ledger: &mut Ledger<'_, NativeHost>, model: &Model) {
    let indexes: Vec<_> = (0..model.accounts.len()).map(|position| model.index(position)).collect();
    assert_eq!(ledger.accounts(), model.index(model.accounts.len()).0);
    for (index, (who, counter)) in indexes.iter().zip(&model.accounts) {
        let account = ledger.account(*index).unwrap();
        assert_eq!((account.address, account.counter), (holder(*who), Counter::new(*counter)));
    }
    for who in 0..HOLDERS {
        let found = ledger.find_index(&holder(who)).unwrap();
        assert_eq!(found, model.position(who).map(|position| model.index(position)), "{who}");
    }
    let keys: Vec<_> =
        (0..indexes.len()).map(|position| model.keys.get(&position).copied()).collect();
    let mut stored = StoredKeys::with_capacity(indexes.len());
    assert_eq!(ledger.append_keys(&indexes, &mut stored), Ok(()));
    assert_eq!((0..indexes.len()).map(|at| stored.get(at)).collect::<Vec<_>>(), keys);
    let tickets: Vec<_> =
        (0..ledger.tickets()).map(|i| ledger.ticket(TicketIndex(i)).unwrap()).collect();
    let expected: Vec<_> = model.tickets.iter().map(|name| ticket(NAMES[*name])).collect();
    assert_eq!(tickets, expected, "the tickets, in order");
    for (name, ticket_index) in model.tickets.iter().zip((0..).map(TicketIndex)) {
        let (on_rollup, deposited, withdrawn) = model.supplies[name];
        let expected = Supply { on_rollup: units(on_rollup), deposited, withdrawn };
        assert_eq!(ledger.supply(ticket_index), Ok(expected), "the supply of {name}");
        for ((who, _), index) in model.accounts.iter().zip(&indexes) {
            let expected: Amount = units(model.balance(*who, *name));
            assert_eq!(ledger.balance(*index, ticket_index), Ok(expected), "{name} of {who}");
        }
    }
}

/// One step within a draft.
fn step(ledger: &mut Ledger<'_, NativeHost>, model: &mut Model, step: &Step) {
    match step {
        Step::Deposit { to, name, amount } => {
            let done = ledger.deposit(&holder(*to), &ticket(NAMES[*name]), units(*amount));
            same(done, model.deposit(*to, *name, *amount));
        }
        Step::Crowd { first, count, name } => {
            for who in (*first..HOLDERS).take(usize::try_from(*count).unwrap()) {
                let done = ledger.deposit(&holder(who), &ticket(NAMES[*name]), units(1));
                same(done, model.deposit(who, *name, 1));
            }
        }
        Step::Transaction { payments, abandoned } => {
            transaction(ledger, model, payments, *abandoned);
        }
        Step::Count { who, grown } if !model.accounts.is_empty() => {
            let position = who.index(model.accounts.len());
            let index = model.index(position);
            let counter = &mut model.accounts[position].1;
            if *grown && *counter < LARGE - 2 {
                *counter = LARGE - 2;
                ledger.set_counter(index, Counter::new(*counter)).unwrap();
            }
            *counter += 1;
            ledger.use_counter(index).unwrap();
        }
        Step::Simple { from, to, size, behind } if !model.accounts.is_empty() => {
            let from = from.index(model.accounts.len());
            let main = model
                .tickets
                .first()
                .map_or(0, |name| model.balance(model.accounts[from].0, *name));
            let amount = match size {
                Size::Units(amount) => *amount,
                Size::All => main,
            };
            simple(ledger, model, from, *to, amount, *behind);
        }
        Step::Key { who, key, proven } if !model.accounts.is_empty() => {
            let position = who.index(model.accounts.len());
            let key = StoredKey { point: [*key; 96], proven: *proven };
            model.show(position, key);
            ledger.set_key(model.index(position), key).unwrap();
        }
        Step::Leave => {
            if let Some((name, amount)) = model.waiting.pop() {
                let index = ledger.find_ticket(&ticket(NAMES[name]).hash()).unwrap().unwrap();
                ledger.record_exit(index, units(amount)).unwrap();
                model.leave(name, amount);
            }
        }
        Step::Count { .. }
        | Step::Simple { .. }
        | Step::Key { .. }
        | Step::Commit
        | Step::Discard => {}
    }
}

/// Plays steps under a root.
fn apply_steps(host: &NativeHost, root: &'static str, touches: usize, before: u32, steps: &[Step]) {
    let mut model = Model { before, ..Model::default() };
    let mut committed = model.clone();
    host.write_at(&format!("{root}/counts"), 0, &[before, 0].map(u32::to_be_bytes).concat())
        .unwrap();
    for page in 0..before / 102 {
        host.write_at(&format!("{root}/accounts/{page:07x}"), 0, &[0; 2_040]).unwrap();
    }
    let mut ledger = open_for(host, root, touches);
    for next in steps.iter().chain(&[Step::Commit]) {
        match next {
            Step::Commit => {
                compare(&mut ledger, &model);
                commit_to(host, root, ledger);
                compare(&mut open_for(host, root, touches), &model);
                // A fresh one, so that drafts also begin with nothing read.
                ledger = open_for(host, root, touches);
                committed = model.clone();
            }
            Step::Discard => {
                ledger.discard();
                ledger = open_for(host, root, touches);
                model = committed.clone();
            }
            other => step(&mut ledger, &mut model, other),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_ledger_does_what_plain_maps_do(
        steps in steps(),
        before in prop::sample::select(&BEFORE),
    ) {
        let roots = ["/record", "/page"];
        let storage = storage_after(move |host| {
            for (root, touches) in roots.into_iter().zip(CACHE_MODES) {
                apply_steps(host, root, touches, before, &steps);
            }
        });
        let [by_record, in_pages] = roots.map(|root| under(&storage, root));
        prop_assert_eq!(by_record, in_pages);
    }
}
