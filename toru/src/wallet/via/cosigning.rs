//! What is made of payments before they are signed, so that a batcher can put them into the smallest batch, and
//! whether the batcher would take them.

use batcher_api::OutcomeText;
use encoding::{Ticket, Tz4Address};
use inbox::v2::{Action, Name, TicketName};
use keys::Secret;
use tx_kernel::results::{Outcome, ResultCode};
use wallet::batcher::cosign::CoSigner;
use wallet::pay::DraftPayments;
use wallet::state::{Account, RollupState};
use wallet::transaction::Signable;

use super::super::error::via::{ViaError, told};
use super::super::plan::Plan;
use super::super::session::Session;
use super::ThroughBatcher;
use crate::cli::groups::SendingArgs;
use crate::error::Failure;

/// The code of an operation that is applied.
const APPLIED: &str = "APPLIED";
/// The code of an operation whose signer does not have enough.
const BALANCE_TOO_LOW: &str = "BALANCE_TOO_LOW";

impl ThroughBatcher {
    /// A draft as it is to be signed: with the fee, and by index where everything is final. Nothing is signed that
    /// the batcher would refuse. `paid` is the ticket that is paid.
    pub fn shape(
        &self,
        session: &Session<'_>,
        state: &RollupState<'_>,
        payer: &Account,
        paid: Option<&Ticket>,
        draft: DraftPayments,
        args: &SendingArgs,
    ) -> Result<DraftPayments, Failure> {
        self.check_in_flight(payer)?;
        let draft = self.with_fee(session, state, payer, paid, draft, args)?;
        let (mut accounts, tickets) = named(&draft.transactions);
        accounts.push(payer.address);
        let mut indexes = self.indexes.borrow_mut();
        session.wallet.learn_indexes(&mut indexes, &accounts, &tickets)?;
        // A first payment comes with a registration, which only an address can be held against.
        if !session.wallet.is_registered_for_good(&payer.address)? {
            return Ok(draft);
        }
        let draft = draft.as_rows(&payer.address, &indexes)?;
        // What the head's state says is said as it is by any other way, in the ticket's own units.
        Plan::new(session, state, draft.transactions.clone())?.passes()?;
        self.check_taken(session, state, &draft.transactions)?;
        Ok(draft)
    }

    /// Fails if the batcher says that it would refuse something.
    fn check_taken(
        &self,
        session: &Session<'_>,
        state: &RollupState<'_>,
        transactions: &[Signable],
    ) -> Result<(), Failure> {
        for some in transactions.chunks(batcher_api::limits::TRANSACTIONS_PER_REQUEST) {
            let unsigned: Vec<_> = some.iter().map(Signable::transaction).collect();
            for (one, transaction) in
                self.batcher.simulate(&unsigned)?.results.into_iter().zip(some)
            {
                if let Some(error) = one.error {
                    let (message, code) = told(&error);
                    return Err(ViaError::WouldBeRefused { message, code }.into());
                }
                if let Some(outcome) = one.outcomes.iter().find(|one| one.code != APPLIED) {
                    let told = in_units(session, state, transaction, outcome)?;
                    let message = layer1::plain::one_line(&told.unwrap_or(outcome.reason.clone()));
                    let code = layer1::plain::one_line(&outcome.code);
                    return Err(ViaError::KernelWouldRefuse { message, code }.into());
                }
            }
        }
        Ok(())
    }

    /// Who signs batches for an account: nobody, if that is not wanted or its index is not final.
    pub fn cosigner<'k>(
        &self,
        key: Option<&'k Secret>,
        account: &Tz4Address,
        sent: &[Signable],
    ) -> Option<CoSigner<'k>> {
        let key = key.filter(|_| self.cosign)?;
        let index = self.indexes.borrow().index_of(account)?;
        let mut cosigner = CoSigner::new(*self.batcher.rollup(), key.key(), Some(index));
        sent.iter().for_each(|one| cosigner.means(one));
        Some(cosigner)
    }
}

/// What a batcher says of a balance that is too low, in the units of the ticket that is paid.
fn in_units(
    session: &Session<'_>,
    state: &RollupState<'_>,
    transaction: &Signable,
    outcome: &OutcomeText,
) -> Result<Option<String>, Failure> {
    let value = |name: &str| outcome.values.get(name).and_then(|text| text.parse().ok());
    let values = value("available").zip(value("requested"));
    let Some((has, wants)) = values.filter(|_| outcome.code == BALANCE_TOO_LOW) else {
        return Ok(None);
    };
    let plan = Plan::new(session, state, vec![transaction.clone()])?;
    Ok(plan.in_words(&Outcome::new(ResultCode::BalanceTooLow, has, wants)))
}

/// The accounts and tickets of those transactions that may become rows of a group.
fn named(transactions: &[Signable]) -> (Vec<Tz4Address>, Vec<Ticket>) {
    let (mut accounts, mut tickets) = (Vec::new(), Vec::new());
    for one in transactions {
        let [operation] = one.transaction().operations.as_slice() else { continue };
        let [Action::Transfers { ticket, to }] = operation.actions.as_slice() else { continue };
        let ([(receiver, _)], None) = (to.as_slice(), &operation.memo) else { continue };
        if let Name::Address(address) = receiver
            && !accounts.contains(address)
        {
            accounts.push(*address);
        }
        if let TicketName::Full(ticket) = ticket
            && !tickets.contains(ticket)
        {
            tickets.push(ticket.clone());
        }
    }
    (accounts, tickets)
}
