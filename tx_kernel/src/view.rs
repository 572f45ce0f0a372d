//! The state as those outside the kernel read it: the command line, the node and the tests.
//!
//! It goes through the same codecs as the kernel, so it cannot disagree with it.

mod owed;
mod owed_rows;

use std::collections::BTreeMap;

use accounts::{Ledger, Supply};
use encoding::{
    AccountIndex, Amount, Counter, Hash32, Level, MessageId, Ticket, TicketIndex, Tz4Address,
};
use host::{HostError, RawRollupCore, Subtree};
use inbox::deposit::Deposit;
use inbox::envelope::InternalTransfer;
use outbox::Queue;

use crate::held;
use crate::ingest::Entry;
use crate::layout::{self, Cursors, LAYOUT_VERSION, LevelUse, STATE};
use crate::pending;
use crate::pending_upgrade::PendingUpgrade;
use crate::results::batch::{BatchResult, TransactionResult, of_batch, of_transaction};
use crate::results::{self, MessageResult, OperationResult, Outcome};

pub use owed::{AllOwed, Owed};
pub use owed_rows::OwedRows;

/// What one account holds of one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Whose.
    pub account: Tz4Address,
    /// Of what.
    pub ticket: Ticket,
    /// How much; never zero.
    pub amount: Amount,
}

/// A deposit that could not be credited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldDeposit {
    /// Its number among the held ones.
    pub number: u64,
    /// Why.
    pub outcome: Outcome,
    /// Which message it was.
    pub message: MessageId,
    /// The whole message, or `None` if it was cut off while it was ingested.
    pub bytes: Option<Vec<u8>>,
    /// Whether it has been paid back, or is on its way.
    pub paid_back: bool,
}

const CORRUPT_HELD: HostError = HostError::Corrupt("/held");

impl HeldDeposit {
    /// The contract's call that brought it; `None` if the message was cut off.
    #[must_use]
    pub fn call(&self) -> Option<InternalTransfer<'_>> {
        held::call(self.bytes.as_deref()?)
    }

    /// The ticket and how much of it; `None` if the call carries none that could be paid back.
    #[must_use]
    pub fn deposit(&self) -> Option<Deposit<'_>> {
        held::deposit(self.bytes.as_deref()?)
    }
}

/// The committed state of a rollup.
#[derive(Debug)]
pub struct View<'h, H: RawRollupCore> {
    host: &'h H,
    state: Subtree<'h, H>,
}

impl<'h, H: RawRollupCore> View<'h, H> {
    /// The state on this host.
    pub fn new(host: &'h H) -> Self {
        View { host, state: Subtree::new(host, STATE) }
    }

    /// Whether there is a state here, of the layout that this code reads.
    pub fn is_readable(&self) -> bool {
        layout::version(self.host) == Ok(Some(LAYOUT_VERSION))
    }

    /// Every account with the counter its next operation carries, in the order of their indexes.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn accounts(&self) -> Result<Vec<(Tz4Address, Counter)>, HostError> {
        let mut ledger = Ledger::open(self.state)?;
        (0..ledger.accounts())
            .map(|index| ledger.account(AccountIndex(index)))
            .map(|account| account.map(|account| (account.address, account.counter)))
            .collect()
    }

    /// Every ticket with its supply, in the order of their indexes.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn tickets(&self) -> Result<Vec<(Ticket, Supply)>, HostError> {
        let mut ledger = Ledger::open(self.state)?;
        (0..ledger.tickets())
            .map(TicketIndex)
            .map(|index| Ok((ledger.ticket(index)?, ledger.supply(index)?)))
            .collect()
    }

    /// Every balance that is not zero, by account and then by ticket.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn balances(&self) -> Result<Vec<Balance>, HostError> {
        let mut ledger = Ledger::open(self.state)?;
        let mut balances = Vec::new();
        for account in (0..ledger.accounts()).map(AccountIndex) {
            for ticket in (0..ledger.tickets()).map(TicketIndex) {
                let amount = ledger.balance(account, ticket)?;
                if !amount.is_zero() {
                    balances.push(Balance {
                        account: ledger.account(account)?.address,
                        ticket: ledger.ticket(ticket)?,
                        amount,
                    });
                }
            }
        }
        Ok(balances)
    }

    /// What became of a message, once it has been worked off.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn message(&self, message: MessageId) -> Result<Option<MessageResult>, HostError> {
        results::of_message(&self.state, message)
    }

    /// What became of an operation, by its hash.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn operation(&self, hash: &Hash32) -> Result<Option<OperationResult>, HostError> {
        results::of_operation(&self.state, self.level()?, hash)
    }

    /// What became of a v2 batch, by the digest that its signers signed.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn batch(&self, digest: &Hash32) -> Result<Option<BatchResult>, HostError> {
        of_batch(&self.state, self.level()?, digest)
    }

    /// What became of a transaction that was signed for itself, by the digest that was signed.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn transaction(&self, digest: &Hash32) -> Result<Option<TransactionResult>, HostError> {
        of_transaction(&self.state, self.level()?, digest)
    }

    /// The last level that was played.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn level(&self) -> Result<Level, HostError> {
        Ok(LevelUse::read(self.host)?.unwrap_or_default().level)
    }

    /// How many messages of the last level were not for this rollup.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn not_ours(&self) -> Result<u32, HostError> {
        Ok(LevelUse::read(self.host)?.unwrap_or_default().not_ours)
    }

    /// The deposits that could not be credited, those that have been paid back included.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn held(&self) -> Result<Vec<HeldDeposit>, HostError> {
        let numbers = 0..Cursors::read(self.host)?.held;
        numbers.map(|number| self.held_deposit(number)?.ok_or(CORRUPT_HELD)).collect()
    }

    /// The held deposit of a number, whether it has been paid back or not; `None` if none has this number.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn held_deposit(&self, number: u64) -> Result<Option<HeldDeposit>, HostError> {
        let Some(Entry { message, bytes }) = held::message(&self.state, number)? else {
            return Ok(None);
        };
        let paid_back = held::is_paid(&self.state, number)?;
        let result = self.state.read_record(&layout::held_path(number, "reason"), "/held")?;
        let result = result.and_then(|bytes| MessageResult::from_bytes(&bytes));
        let outcome = *result.ok_or(CORRUPT_HELD)?.outcome();
        Ok(Some(HeldDeposit { number, outcome, message, bytes, paid_back }))
    }

    /// Whether a held deposit, by its number, has been paid back, or is on its way.
    ///
    /// # Errors
    /// When the host fails.
    pub fn is_paid_back(&self, number: u64) -> Result<bool, HostError> {
        held::is_paid(&self.state, number)
    }

    /// The upgrade of the kernel that was announced, if one was and is not yet installed.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn upgrade(&self) -> Result<Option<PendingUpgrade>, HostError> {
        PendingUpgrade::read(&self.state)
    }

    /// How many messages wait for the outbox.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn pending_messages(&self) -> Result<u64, HostError> {
        Ok(Queue::open(self.state)?.pending())
    }

    /// The messages that wait for the outbox, as layer 1 will be handed them, owner by owner.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn pending(&self) -> Result<Vec<Vec<u8>>, HostError> {
        let all = Queue::open(self.state)?.all()?;
        all.iter().map(|pending| pending::message(&self.state, pending)).collect()
    }

    /// The tickets for which it does not hold that deposited = balances + pending + withdrawn:
    /// there are none.
    ///
    /// # Errors
    /// When the host fails, or a stored value does not match the layout.
    pub fn unbalanced(&self) -> Result<Vec<TicketIndex>, HostError> {
        let mut queued: BTreeMap<TicketIndex, u128> = BTreeMap::new();
        for pending in Queue::open(self.state)?.all()? {
            for (ticket, amount) in pending.tickets() {
                let sum = queued.entry(ticket).or_default();
                *sum = sum.saturating_add(amount.get().into());
            }
        }
        let mut ledger = Ledger::open(self.state)?;
        let mut wrong = Vec::new();
        for ticket in (0..ledger.tickets()).map(TicketIndex) {
            let mut sum = queued.get(&ticket).copied().unwrap_or(0);
            for account in (0..ledger.accounts()).map(AccountIndex) {
                sum = sum.saturating_add(ledger.balance(account, ticket)?.get().into());
            }
            let supply = ledger.supply(ticket)?;
            let on_rollup = u128::from(supply.on_rollup.get());
            if sum != on_rollup || supply.deposited.checked_sub(supply.withdrawn) != Some(sum) {
                wrong.push(ticket);
            }
        }
        Ok(wrong)
    }
}
