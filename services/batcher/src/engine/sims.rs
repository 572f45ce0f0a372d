//! The states that pending transactions are applied to, by the kernel's own code over the state at a head.

use std::borrow::Cow;

use accounts::Ledger;
use encoding::{Counter, TicketIndex, Tz4Address};
use host::{HostError, RawRollupCore};
use inbox::v2::{Action, Name, Transaction};
use tx_kernel::results::{Outcome, ResultCode};
use tx_kernel::simulation::InTurn;

use crate::admission::Verified;
use crate::chain::BlockState;
use crate::limits::TICKETS_SHOWN;
use crate::pool::{AccountState, Away, Sim, Verdict};

/// A state after some head.
pub(crate) struct KernelSim<'h> {
    state: &'h BlockState,
    draft: Option<InTurn<'h, BlockState>>,
}

impl<'h> KernelSim<'h> {
    /// The state at a head, to which nothing has been applied.
    pub(crate) fn new(state: &'h BlockState) -> Self {
        KernelSim { state, draft: None }
    }

    fn with<T>(
        &mut self,
        run: impl FnOnce(&mut InTurn<'h, BlockState>) -> Result<T, HostError>,
    ) -> Result<T, Away> {
        let state = self.state;
        state.checked(|| {
            if self.draft.is_none() {
                self.draft = Some(InTurn::open(state, state.next_level())?);
            }
            match &mut self.draft {
                Some(draft) => run(draft),
                None => Err(HostError::Corrupt("/version")),
            }
        })
    }
}

impl KernelSim<'_> {
    /// The transaction with accounts named by their indexes, as far as they have one at the head. It means the same
    /// there; and a draft looks through the addresses that it has met one by one, as a message has room for few.
    fn by_index<'t>(&self, tx: &'t Verified) -> Result<Cow<'t, Transaction>, Away> {
        let mut transaction = Cow::Borrowed(&tx.transaction);
        let named = |name: Name| match name {
            Name::Address(address) => self.state.index_of(&address),
            Name::Index(_) | Name::Registration(_) => Ok(None),
        };
        for (at, operation) in tx.transaction.operations.iter().enumerate() {
            if let Some(index) = named(operation.signer)? {
                transaction.to_mut().operations[at].signer = Name::Index(index);
            }
            for (place, action) in operation.actions.iter().enumerate() {
                let Action::Transfers { to, .. } = action else { continue };
                for (number, (name, _)) in to.iter().enumerate() {
                    if let Some(index) = named(*name)?
                        && let Action::Transfers { to, .. } =
                            &mut transaction.to_mut().operations[at].actions[place]
                    {
                        to[number].0 = Name::Index(index);
                    }
                }
            }
        }
        Ok(transaction)
    }
}

impl Sim for KernelSim<'_> {
    fn apply(&mut self, tx: &Verified) -> Result<Verdict, Away> {
        for signer in &tx.signers {
            // One that a reorganisation has taken out of the registry would have its whole batch refused.
            if signer.registration.is_none() && !self.state.is_registered(&signer.account)? {
                return Ok(Verdict::Refused(vec![Outcome::plain(ResultCode::UnknownSigner)]));
            }
        }
        let registers = tx.registers();
        let transaction = self.by_index(tx)?;
        self.with(|draft| {
            if let Some(verdict) = counters(draft.ledger(), tx, &transaction)? {
                return Ok(verdict);
            }
            let outcomes = draft.apply(&transaction, &registers)?;
            let is = |code| outcomes.iter().any(|outcome| outcome.code == code);
            Ok(if outcomes.iter().all(|outcome| outcome.code == ResultCode::Applied) {
                Verdict::Applied
            } else if is(ResultCode::TransactionExpired) {
                Verdict::Expired(outcomes)
            } else {
                Verdict::Refused(outcomes)
            })
        })
    }

    fn reset(&mut self) -> Result<(), Away> {
        self.draft = None;
        Ok(())
    }

    fn try_all(&mut self, transactions: &[Transaction]) -> Result<Vec<Vec<Outcome>>, Away> {
        self.with(|draft| draft.try_all(transactions))
    }

    fn view(&mut self, account: &Tz4Address) -> Result<AccountState, Away> {
        self.with(|draft| account_state(draft.ledger(), account))
    }
}

/// What the counters of a transaction's signers say, unless all are the next ones. One that has been used counts for
/// more than one that is to come: the transaction can never be applied then.
fn counters<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    tx: &Verified,
    transaction: &Transaction,
) -> Result<Option<Verdict>, HostError> {
    let mut ahead = None;
    for (operation, signer) in transaction.operations.iter().zip(&tx.signers) {
        let expected = match operation.signer {
            Name::Index(index) if ledger.has_account(index) => ledger.counter_of(index)?,
            _ => ledger.counter(&signer.account)?,
        };
        let provided = signer.counter;
        if provided < expected {
            return Ok(Some(Verdict::CounterBehind { expected, provided }));
        }
        if provided > expected && ahead.is_none() {
            ahead = Some(Verdict::CounterAhead { account: signer.account, expected, provided });
        }
    }
    Ok(ahead)
}

/// An account in a ledger.
pub(crate) fn account_state<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    account: &Tz4Address,
) -> Result<AccountState, HostError> {
    let Some(index) = ledger.find_index(account)? else {
        return Ok(AccountState { counter: Counter::FIRST, ..AccountState::default() });
    };
    let counter = ledger.counter_of(index)?;
    let mut balances = Vec::new();
    for ticket in (0..ledger.tickets().min(TICKETS_SHOWN)).map(TicketIndex) {
        let amount = ledger.balance(index, ticket)?;
        if !amount.is_zero() {
            balances.push((ticket, amount));
        }
    }
    Ok(AccountState { index: Some(index), counter, balances })
}

/// No state: the node has not told one yet.
pub(crate) struct NoSim;

fn not_yet<T>() -> Result<T, Away> {
    Err(Away("it has not told its state yet".to_owned()))
}

impl Sim for NoSim {
    fn apply(&mut self, _: &Verified) -> Result<Verdict, Away> {
        not_yet()
    }

    fn reset(&mut self) -> Result<(), Away> {
        not_yet()
    }

    fn try_all(&mut self, _: &[Transaction]) -> Result<Vec<Vec<Outcome>>, Away> {
        not_yet()
    }

    fn view(&mut self, _: &Tz4Address) -> Result<AccountState, Away> {
        not_yet()
    }
}
