//! The movements of tickets: in, between accounts, towards layer 1, and out.
//!
//! One that is refused may leave an account allocated or half of itself done: whoever asks for
//! movements marks the place before, and rolls back to it on a refusal. Refusals are looked for in the
//! order: no such receiver, the same account, zero, no such ticket, too low a balance.

use encoding::{AccountIndex, Amount, Counter, Ticket, TicketHash, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore};

use crate::error::{LedgerError, Refused, TicketLookup};
use crate::layout::MAIN_TICKET;
use crate::ledger::Ledger;

/// Who is to get something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receiver {
    /// The account of an index, if there is one.
    Index(AccountIndex),
    /// The account at an address.
    Address(Tz4Address),
}

impl<H: RawRollupCore> Ledger<'_, H> {
    /// Credits what came from layer 1. The supply's bound is what keeps every balance in bounds.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
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
        let slot = self.slot(account, ticket)?;
        let before = self.balance_at(slot);
        self.set_balance_at(slot, before, before.checked_add(amount).ok_or(too_large)?);
        self.registry.set_supply(ticket, supply);
        Ok((account, ticket))
    }

    /// The index of a ticket that is to be moved: one that the rollup has never held cannot be.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn known_ticket(&mut self, hash: &TicketHash) -> Result<TicketLookup, HostError> {
        Ok(match self.find_ticket(hash)? {
            Some(index) => TicketLookup::Known(index),
            None => TicketLookup::Unknown(Refused::UnknownTicket(*hash)),
        })
    }

    /// Moves tickets from one account to another, which is made if it is named by address and is
    /// not there.
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    #[inline]
    pub fn transfer(
        &mut self,
        from: AccountIndex,
        to: Receiver,
        ticket: TicketLookup,
        amount: Amount,
    ) -> Result<(), LedgerError> {
        let receiver = match to {
            Receiver::Index(index) if self.has_account(index) => Some(index),
            Receiver::Index(index) => {
                return Err(Refused::UnknownAccount { index, accounts: self.accounts() }.into());
            }
            Receiver::Address(address) => self.find_index(&address)?,
        };
        if receiver == Some(from) {
            return Err(Refused::SelfTransfer.into());
        }
        let ticket = self.withdraw(from, ticket, amount)?;
        let receiver = match (receiver, to) {
            (Some(index), _) | (None, Receiver::Index(index)) => index,
            (None, Receiver::Address(address)) => self.find_or_allocate(&address)?,
        };
        let slot = self.slot(receiver, ticket)?;
        let before = self.balance_at(slot);
        let too_large = Refused::SupplyTooLarge { supply: before, added: amount };
        self.set_balance_at(slot, before, before.checked_add(amount).ok_or(too_large)?);
        Ok(())
    }

    /// What most transactions are, in few instructions: a transfer of the main ticket from an account with the expected
    /// counter, which has enough of it, to another account. Returns whether it was one; if not, nothing has changed.
    /// A transfer that was made cannot be taken back.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    #[inline]
    pub fn pay_if_simple(
        &mut self,
        from: AccountIndex,
        expected: Counter,
        to: AccountIndex,
        ticket: TicketLookup,
        amount: Amount,
    ) -> Result<bool, HostError> {
        let is_main = matches!(ticket, TicketLookup::Known(MAIN_TICKET));
        if !is_main || from == to || !self.has_account(to) || amount.is_zero() {
            return Ok(false);
        }
        let payer = self.main.slot(&self.state, from)?;
        let counter = self.main.counter(payer);
        let left = self.main.balance(payer).checked_sub(amount);
        let (Some(next), Some(left), true) = (counter.next(), left, counter == expected) else {
            return Ok(false);
        };
        let receiver = self.main.slot(&self.state, to)?;
        let Some(sum) = self.main.balance(receiver).checked_add(amount) else { return Ok(false) };
        self.main.set_counter(payer, next);
        self.main.set_balance(payer, left);
        self.main.set_balance(receiver, sum);
        Ok(true)
    }

    /// Takes tickets out of an account. If they are to wait for the outbox, they stay part of the
    /// supply until they [`record_exit`](Ledger::record_exit).
    ///
    /// # Errors
    /// When the rules refuse it, or the host fails.
    #[inline]
    pub fn withdraw(
        &mut self,
        from: AccountIndex,
        ticket: TicketLookup,
        requested: Amount,
    ) -> Result<TicketIndex, LedgerError> {
        if requested.is_zero() {
            return Err(Refused::ZeroAmount.into());
        }
        let ticket = ticket.index()?;
        let slot = self.slot(from, ticket)?;
        let available = self.balance_at(slot);
        let left = available
            .checked_sub(requested)
            .ok_or(Refused::BalanceTooLow { available, requested })?;
        self.set_balance_at(slot, available, left);
        Ok(ticket)
    }

    /// Tickets that waited have left through the outbox.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn record_exit(&mut self, ticket: TicketIndex, amount: Amount) -> Result<(), HostError> {
        const WHAT: HostError = HostError::Corrupt("/tickets/supply");
        let mut supply = self.supply(ticket)?;
        supply.on_rollup = supply.on_rollup.checked_sub(amount).ok_or(WHAT)?;
        supply.withdrawn = supply.withdrawn.checked_add(u128::from(amount.get())).ok_or(WHAT)?;
        self.registry.set_supply(ticket, supply);
        Ok(())
    }
}
