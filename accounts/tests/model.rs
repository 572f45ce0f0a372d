//! Random drafts of deposits, transactions, commits and discards against a model of plain maps.

mod common;

use std::collections::BTreeMap;

use accounts::{Ledger, LedgerError, Refused, Supply};
use common::{commit, empty, holder, open, ticket, units};
use encoding::{AccountIndex, Amount, Counter, TicketIndex};
use proptest::prelude::*;
use pvm::NativeHost;

const NAMES: [&str; 3] = ["gold", "iron", "salt"];
const HOLDERS: u32 = 200;

/// The rules once more, with no pages, no drafts and no undoing: whoever wants the state of before
/// keeps a clone.
#[derive(Clone, Debug, Default, PartialEq)]
struct Model {
    /// Holders by index, with their counters.
    accounts: Vec<(u32, u64)>,
    /// Names by index.
    tickets: Vec<usize>,
    /// By holder and name.
    balances: BTreeMap<(u32, usize), u64>,
    /// On the rollup, deposited, withdrawn, by name.
    supplies: BTreeMap<usize, (u64, u128, u128)>,
    /// What was withdrawn and has not left yet.
    waiting: Vec<(usize, u64)>,
}

impl Model {
    fn allocate(&mut self, who: u32) {
        if self.accounts.iter().all(|(known, _)| *known != who) {
            self.accounts.push((who, 0));
        }
    }

    fn balance(&self, who: u32, name: usize) -> u64 {
        self.balances.get(&(who, name)).copied().unwrap_or(0)
    }

    fn deposit(&mut self, who: u32, name: usize, amount: u64) -> Result<(), Refused> {
        let (supply, deposited, withdrawn) = self.supplies.get(&name).copied().unwrap_or_default();
        if amount == 0 {
            return Err(Refused::ZeroAmount);
        }
        let Some(sum) = supply.checked_add(amount) else {
            return Err(Refused::SupplyTooLarge { supply: units(supply), added: units(amount) });
        };
        self.allocate(who);
        if !self.tickets.contains(&name) {
            self.tickets.push(name);
        }
        self.supplies.insert(name, (sum, deposited + u128::from(amount), withdrawn));
        *self.balances.entry((who, name)).or_default() += amount;
        Ok(())
    }

    fn debit(&mut self, who: u32, name: usize, amount: u64) -> Result<(), Refused> {
        let available = self.balance(who, name);
        if amount == 0 {
            return Err(Refused::ZeroAmount);
        } else if !self.tickets.contains(&name) {
            return Err(Refused::UnknownTicket(ticket(NAMES[name]).hash()));
        } else if available < amount {
            let requested = units(amount);
            return Err(Refused::BalanceTooLow { available: units(available), requested });
        }
        self.balances.insert((who, name), available - amount);
        Ok(())
    }

    /// A transfer, or a withdrawal where there is no receiver.
    fn pay(&mut self, from: u32, to: Option<u32>, name: usize, n: u64) -> Result<(), Refused> {
        let Some(to) = to else {
            self.debit(from, name, n)?;
            self.waiting.push((name, n));
            return Ok(());
        };
        if from == to {
            return Err(Refused::SelfTransfer);
        }
        self.debit(from, name, n)?;
        self.allocate(to);
        *self.balances.entry((to, name)).or_default() += n;
        Ok(())
    }

    fn leave(&mut self, name: usize, amount: u64) {
        let (supply, _, withdrawn) = self.supplies.entry(name).or_default();
        *supply -= amount;
        *withdrawn += u128::from(amount);
    }
}

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
    to: Option<u32>,
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
    Count(prop::sample::Index),
    Leave,
    Commit,
    Discard,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let amount = prop_oneof![9 => 0..50_u64, 1 => u64::MAX - 60..=u64::MAX];
    let size = prop_oneof![2 => (0..12_u64).prop_map(Size::Units), 1 => Just(Size::All)];
    let to = prop::option::weighted(0.8, 0..HOLDERS);
    let payment = (any::<prop::sample::Index>(), to, 0..3_usize, size)
        .prop_map(|(from, to, name, size)| Payment { from, to, name, size });
    let payments = prop::collection::vec(payment, 1..6);
    let step = prop_oneof![
        4 => (0..HOLDERS, 0..3_usize, amount)
            .prop_map(|(to, name, amount)| Step::Deposit { to, name, amount }),
        1 => (0..HOLDERS, 1..90_u32, 0..3_usize)
            .prop_map(|(first, count, name)| Step::Crowd { first, count, name }),
        12 => (payments, prop::bool::weighted(0.3))
            .prop_map(|(payments, abandoned)| Step::Transaction { payments, abandoned }),
        1 => any::<prop::sample::Index>().prop_map(Step::Count),
        2 => Just(Step::Leave),
        2 => Just(Step::Commit),
        1 => Just(Step::Discard),
    ];
    prop::collection::vec(step, 1..80)
}

/// The same on both sides, or both refuse for the same reason.
fn same<T>(
    ledger: Result<T, LedgerError>,
    model: Result<(), Refused>,
) -> Result<bool, TestCaseError> {
    let done = model.is_ok();
    prop_assert_eq!(ledger.map(|_| ()), model.map_err(LedgerError::Refused));
    Ok(done)
}

fn transaction(
    ledger: &mut Ledger<'_, NativeHost>,
    model: &mut Model,
    payments: &[Payment],
    abandoned: bool,
) -> Result<(), TestCaseError> {
    if model.accounts.is_empty() {
        return Ok(());
    }
    let (mark, before) = (ledger.mark(), model.clone());
    let mut done = true;
    for Payment { from, to, name, size } in payments {
        let (from, _) = model.accounts[from.index(model.accounts.len())];
        let amount = match size {
            Size::Units(amount) => *amount,
            Size::All => model.balance(from, *name),
        };
        let index = ledger.find(&holder(from)).unwrap().unwrap().index;
        let what = ticket(NAMES[*name]);
        let paid = match to {
            Some(to) => ledger.transfer(index, &holder(*to), &what, units(amount)),
            None => ledger.withdraw(index, &what, units(amount)).map(|_| ()),
        };
        done = same(paid, model.pay(from, *to, *name, amount))?;
        if !done {
            break;
        }
    }
    if !done || abandoned {
        ledger.roll_back(mark);
        *model = before;
    }
    Ok(())
}

/// Everything there is to ask.
fn compare(ledger: &mut Ledger<'_, NativeHost>, model: &Model) -> Result<(), TestCaseError> {
    let accounts: Vec<_> = (0..ledger.accounts())
        .map(|index| ledger.account(AccountIndex(index)).unwrap())
        .map(|account| (account.address, account.counter))
        .collect();
    let expected: Vec<_> =
        model.accounts.iter().map(|(who, n)| (holder(*who), Counter::new(*n))).collect();
    prop_assert_eq!(accounts, expected, "the accounts, in order");
    for who in 0..HOLDERS {
        let index = model.accounts.iter().position(|(known, _)| *known == who);
        let found = ledger.find(&holder(who)).unwrap();
        prop_assert_eq!(found.and_then(|a| usize::try_from(a.index.0).ok()), index, "{}", who);
    }
    let tickets: Vec<_> =
        (0..ledger.tickets()).map(|i| ledger.ticket(TicketIndex(i)).unwrap()).collect();
    let expected: Vec<_> = model.tickets.iter().map(|name| ticket(NAMES[*name])).collect();
    prop_assert_eq!(tickets, expected, "the tickets, in order");
    for (name, ticket_index) in model.tickets.iter().zip((0..).map(TicketIndex)) {
        let (on_rollup, deposited, withdrawn) = model.supplies[name];
        let expected = Supply { on_rollup: units(on_rollup), deposited, withdrawn };
        prop_assert_eq!(ledger.supply(ticket_index), Ok(expected), "the supply of {}", name);
        for ((who, _), index) in model.accounts.iter().zip((0..).map(AccountIndex)) {
            let expected: Amount = units(model.balance(*who, *name));
            let balance = ledger.balance(index, ticket_index);
            prop_assert_eq!(balance, Ok(expected), "{} of {}", who, name);
        }
    }
    Ok(())
}

fn play(steps: &[Step]) -> Result<(), TestCaseError> {
    let host = empty();
    let mut ledger = open(&host);
    let mut model = Model::default();
    let mut committed = model.clone();
    for step in steps.iter().chain(&[Step::Commit]) {
        match step {
            Step::Deposit { to, name, amount } => {
                let done = ledger.deposit(&holder(*to), &ticket(NAMES[*name]), units(*amount));
                same(done, model.deposit(*to, *name, *amount))?;
            }
            Step::Crowd { first, count, name } => {
                for who in (*first..HOLDERS).take(usize::try_from(*count).unwrap()) {
                    let done = ledger.deposit(&holder(who), &ticket(NAMES[*name]), units(1));
                    same(done, model.deposit(who, *name, 1))?;
                }
            }
            Step::Transaction { payments, abandoned } => {
                transaction(&mut ledger, &mut model, payments, *abandoned)?;
            }
            Step::Count(who) if !model.accounts.is_empty() => {
                let place = who.index(model.accounts.len());
                model.accounts[place].1 += 1;
                let index = ledger.find(&holder(model.accounts[place].0)).unwrap().unwrap().index;
                ledger.use_counter(index).unwrap();
            }
            Step::Count(_) => {}
            Step::Leave => {
                if let Some((name, amount)) = model.waiting.pop() {
                    let index = ledger.find_ticket(&ticket(NAMES[name]).hash()).unwrap().unwrap();
                    ledger.leave(index, units(amount)).unwrap();
                    model.leave(name, amount);
                }
            }
            Step::Commit => {
                compare(&mut ledger, &model)?;
                commit(&host, ledger);
                ledger = open(&host);
                compare(&mut ledger, &model)?;
                // A fresh one, so that drafts also begin with nothing read.
                ledger = open(&host);
                committed = model.clone();
            }
            Step::Discard => {
                ledger.discard();
                ledger = open(&host);
                model = committed.clone();
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_ledger_does_what_plain_maps_do(steps in steps()) {
        play(&steps)?;
    }
}
