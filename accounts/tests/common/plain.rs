//! The rules once more, by plain maps: what random drafts are measured by.

use std::collections::BTreeMap;

use accounts::{Refused, StoredKey};
use encoding::AccountIndex;

use super::{ticket, units};

/// The tickets that there are.
pub const NAMES: [&str; 3] = ["gold", "iron", "salt"];

/// Who gets something.
#[derive(Clone, Copy, Debug)]
pub enum To {
    Holder(u32),
    /// An account by its place, which may be one that there is not.
    Index(usize),
    Layer1,
}

/// The rules once more, with no pages, no drafts and no undoing: whoever wants the state of before
/// keeps a clone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// Holders by index, with their counters.
    pub accounts: Vec<(u32, u64)>,
    /// By place among the accounts.
    pub keys: BTreeMap<usize, StoredKey>,
    /// Accounts of nobody.
    pub before: u32,
    /// Names by index.
    pub tickets: Vec<usize>,
    /// By holder and name.
    pub balances: BTreeMap<(u32, usize), u64>,
    /// On the rollup, deposited, withdrawn, by name.
    pub supplies: BTreeMap<usize, (u64, u128, u128)>,
    /// What was withdrawn and has not left yet.
    pub waiting: Vec<(usize, u64)>,
}

impl Model {
    pub fn allocate(&mut self, who: u32) {
        if self.accounts.iter().all(|(known, _)| *known != who) {
            self.accounts.push((who, 0));
        }
    }

    pub fn balance(&self, who: u32, name: usize) -> u64 {
        self.balances.get(&(who, name)).copied().unwrap_or(0)
    }

    pub fn deposit(&mut self, who: u32, name: usize, amount: u64) -> Result<(), Refused> {
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

    pub fn debit(&mut self, who: u32, name: usize, amount: u64) -> Result<(), Refused> {
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

    pub fn position(&self, who: u32) -> Option<usize> {
        self.accounts.iter().position(|(known, _)| *known == who)
    }

    pub fn index(&self, position: usize) -> AccountIndex {
        AccountIndex(self.before + u32::try_from(position).unwrap())
    }

    pub fn pay(&mut self, from: u32, to: To, name: usize, n: u64) -> Result<(), Refused> {
        let to = match to {
            To::Layer1 => {
                self.debit(from, name, n)?;
                self.waiting.push((name, n));
                return Ok(());
            }
            To::Holder(who) => who,
            To::Index(position) => match self.accounts.get(position) {
                Some((who, _)) => *who,
                None => {
                    let (index, accounts) =
                        (self.index(position), self.index(self.accounts.len()).0);
                    return Err(Refused::UnknownAccount { index, accounts });
                }
            },
        };
        if from == to {
            return Err(Refused::SelfTransfer);
        }
        self.debit(from, name, n)?;
        self.allocate(to);
        *self.balances.entry((to, name)).or_default() += n;
        Ok(())
    }

    pub fn show(&mut self, position: usize, key: StoredKey) {
        let known = self.keys.entry(position).or_insert(key);
        if key.proven && !known.proven {
            *known = key;
        }
    }

    pub fn leave(&mut self, name: usize, amount: u64) {
        let (supply, _, withdrawn) = self.supplies.entry(name).or_default();
        *supply -= amount;
        *withdrawn += u128::from(amount);
    }
}
