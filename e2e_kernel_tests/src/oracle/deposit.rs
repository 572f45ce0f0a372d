//! The model's rules of a deposit.

use crate::oracle::model::{Model, Reason};
use crate::oracle::wire::person;
use crate::oracle::workload::{Kind, Receiver};

/// The longest content that is credited, in bytes of Micheline.
const CONTENT_BYTES: usize = 2_000;

/// What a deposit says.
#[derive(Clone, Copy, Debug)]
pub struct Deposit {
    /// For whom.
    pub to: Receiver,
    /// Which ticket.
    pub ticket: Kind,
    /// How much.
    pub amount: i128,
    /// Where it is not of the rollup's type.
    pub wrong_at: Option<usize>,
}

impl Model {
    /// Credits a deposit, or says why it is held.
    pub fn deposit(&mut self, deposit: &Deposit) -> Result<Reason, Reason> {
        let Deposit { to, ticket, amount, wrong_at } = *deposit;
        if let Some(at) = wrong_at {
            return Err((200, at as u64, 0));
        }
        let Receiver::Account(number) = to else { return Err((201, 0, 0)) };
        let Ok(amount) = u64::try_from(amount) else { return Err((202, 0, 0)) };
        let content = ticket.content().len();
        if content > CONTENT_BYTES {
            return Err((203, content as u64, 0));
        }
        if amount == 0 {
            return Err((4, 0, 0));
        }
        let supply = self.supplies.get(&ticket).copied().unwrap_or_default();
        let on_rollup = supply.on_rollup + u128::from(amount);
        if let (Err(_), Ok(before)) = (u64::try_from(on_rollup), u64::try_from(supply.on_rollup)) {
            return Err((8, before, amount));
        }
        let address = person(number).address().0;
        let account = self.account(address);
        if !self.tickets.contains(&ticket) {
            self.tickets.push(ticket);
        }
        let supply = self.supplies.entry(ticket).or_default();
        supply.on_rollup = on_rollup;
        supply.deposited += u128::from(amount);
        self.set_balance(address, ticket, self.balance(address, ticket) + amount);
        Ok((100, account as u64, amount))
    }
}
