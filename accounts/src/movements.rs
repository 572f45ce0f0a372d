//! The movements of tickets: in, between accounts, towards layer 1, and out.
//!
//! One that is refused may leave an account allocated or half of itself done: whoever asks for
//! movements marks the place before, and rolls back to it on a refusal.

use encoding::{AccountIndex, Amount, Ticket, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore};

use crate::error::{LedgerError, Refused};
use crate::ledger::Ledger;

impl<H: RawRollupCore> Ledger<'_, H> {
    /// Credits what came from layer 1. The supply's bound is what keeps every balance in bounds.
    pub fn deposit(
        &mut self,
        to: &Tz4Address,
        ticket: &Ticket,
        amount: Amount,
    ) -> Result<(AccountIndex, TicketIndex), LedgerError> {
        if amount.is_zero() {
            return Err(Refused::ZeroAmount.into());
        }
        let known = self.find_ticket(&ticket.hash())?;
        let mut supply = match known {
            Some(index) => self.supply(index)?,
            None => Default::default(),
        };
        let too_large = Refused::SupplyTooLarge { supply: supply.on_rollup, added: amount };
        supply.on_rollup = supply.on_rollup.checked_add(amount).ok_or(too_large)?;
        supply.deposited =
            supply.deposited.checked_add(u128::from(amount.get())).ok_or(too_large)?;

        let account = self.find_or_allocate(to)?;
        let ticket = match known {
            Some(index) => index,
            None => self.registry.allocate_ticket(ticket)?,
        };
        let balance = self.balance(account, ticket)?.checked_add(amount).ok_or(too_large)?;
        self.set_balance(account, ticket, balance)?;
        self.registry.set_supply(ticket, supply);
        Ok((account, ticket))
    }

    /// Moves tickets from one account to another, which is made if it is not there.
    pub fn transfer(
        &mut self,
        from: AccountIndex,
        to: &Tz4Address,
        ticket: &Ticket,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let receiver = self.registry.find(&self.state, to)?;
        if receiver == Some(from) {
            return Err(Refused::SelfTransfer.into());
        }
        let ticket = self.debit(from, ticket, amount)?;
        let receiver = match receiver {
            Some(index) => index,
            None => self.find_or_allocate(to)?,
        };
        let balance = self.balance(receiver, ticket)?;
        let too_large = Refused::SupplyTooLarge { supply: balance, added: amount };
        let balance = balance.checked_add(amount).ok_or(too_large)?;
        Ok(self.set_balance(receiver, ticket, balance)?)
    }

    /// Takes tickets out of an account, to wait for the outbox. They stay part of the supply.
    pub fn withdraw(
        &mut self,
        from: AccountIndex,
        ticket: &Ticket,
        amount: Amount,
    ) -> Result<TicketIndex, LedgerError> {
        self.debit(from, ticket, amount)
    }

    /// Tickets that waited have left through the outbox.
    pub fn leave(&mut self, ticket: TicketIndex, amount: Amount) -> Result<(), HostError> {
        const WHAT: HostError = HostError::Corrupt("/tickets/supply");
        let mut supply = self.supply(ticket)?;
        supply.on_rollup = supply.on_rollup.checked_sub(amount).ok_or(WHAT)?;
        supply.withdrawn = supply.withdrawn.checked_add(u128::from(amount.get())).ok_or(WHAT)?;
        self.registry.set_supply(ticket, supply);
        Ok(())
    }

    fn debit(
        &mut self,
        from: AccountIndex,
        ticket: &Ticket,
        amount: Amount,
    ) -> Result<TicketIndex, LedgerError> {
        if amount.is_zero() {
            return Err(Refused::ZeroAmount.into());
        }
        let hash = ticket.hash();
        let ticket = self.find_ticket(&hash)?.ok_or(Refused::UnknownTicket(hash))?;
        let available = self.balance(from, ticket)?;
        let left = available
            .checked_sub(amount)
            .ok_or(Refused::BalanceTooLow { available, requested: amount })?;
        self.set_balance(from, ticket, left)?;
        Ok(ticket)
    }
}
