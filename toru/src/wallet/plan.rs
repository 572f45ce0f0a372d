//! What transactions would do, before anybody signs.

mod address_book;
mod json;
mod notes;
mod text;
mod totals;

use encoding::{Amount, Level, Tz4Address};
use inbox::v2::{Action, Batch, Operation};
use serde_json::Value;
use tx_kernel::results::{Outcome, ResultCode};
use wallet::bundle::{messages, unsigned};
use wallet::signature_collection::SignatureCollection;
use wallet::simulation::{SimulatedBatch, Simulation, simulate};
use wallet::state::RollupState;
use wallet::transaction::Signable;

use super::account_ref::AccountRef;
use super::error::result::{Lacking, ResultError};
use super::grid::grouped;
use super::payments::TooMuch;
use super::session::Session;
use crate::error::Failure;
use address_book::AddressBook;
use explain::outcome as reasons;

/// Transactions, and what is known of them.
pub(super) struct Plan {
    /// The transactions.
    pub transactions: Vec<Signable>,
    /// The accounts whose keys they register.
    pub registers: Vec<Tz4Address>,
    /// What comes of them on layer 1: in words, and as JSON.
    pub outlook: Option<(String, Value)>,
    /// By which way they go to the rollup: in words, and as JSON.
    pub way: Option<(String, Value)>,
    /// What everything in it is called.
    pub book: AddressBook,
    /// What the payments are from, if that is a file.
    pub title: Option<String>,
    /// Of each transaction, the line of the file for each payment, in the order of its moves; nothing if
    /// they are from none.
    pub lines: Vec<Vec<u64>>,
    /// How many messages it makes, where that is known.
    pub messages: Option<usize>,
    /// Why there is not enough, in words that name the row.
    pub objection: Option<TooMuch>,
    /// Whether all of it is shown, however long that is.
    verbose: bool,
    simulated: Simulated,
    /// Whether its transactions are of several people: one that would fail does not stop the others.
    of_several: bool,
    /// The level that comes next, where a node says so.
    level: Option<Level>,
}

/// How much can be simulated.
enum Simulated {
    /// Nothing: no node is asked.
    Offline,
    /// Nothing: these signers are not registered, and their keys are not here.
    Unknown(Vec<Tz4Address>),
    /// The kernel would refuse all of it.
    Refused(Outcome),
    /// This.
    Applied(SimulatedBatch),
}

impl Plan {
    /// Looks ahead at transactions that are to be put into messages.
    pub fn new(
        session: &Session<'_>,
        state: &RollupState<'_>,
        transactions: Vec<Signable>,
    ) -> Result<Self, Failure> {
        let (mut registers, mut keys, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for one in &transactions {
            for signer in one.signers() {
                let account = state.account(&signer)?;
                if account.registered || registers.contains(&signer) {
                    continue;
                }
                let known = match one.signature_of(&signer) {
                    Some(signed) => Some(signed.key),
                    None => session.by_address(signer)?.public_key()?,
                };
                match known {
                    Some(key) => {
                        registers.push(signer);
                        keys.push(key.to_compressed());
                    }
                    None => missing.push(signer),
                }
            }
        }
        let batch = missing.is_empty().then(|| unsigned(&transactions, &keys));
        Self::simulated(session, state, transactions, registers, batch.ok_or(missing))
    }

    /// Looks ahead at a batch.
    pub fn of_batch(
        session: &Session<'_>,
        state: &RollupState<'_>,
        collection: &SignatureCollection,
    ) -> Result<Self, Failure> {
        let mut missing = Vec::new();
        for signer in collection.signers() {
            let account = state.account(&signer)?;
            if !account.registered && !collection.registers().contains(&signer) {
                missing.push(signer);
            }
        }
        let batch = if missing.is_empty() { Ok(collection.batch()) } else { Err(missing) };
        let transactions = collection.transactions().to_vec();
        let plan = Self::simulated(session, state, transactions, collection.registers(), batch)?;
        Ok(plan.for_several())
    }

    /// The same, where each transaction stands for itself: one that would fail is told, and does not stop
    /// the others, as long as there are any.
    pub fn for_several(mut self) -> Self {
        self.of_several = true;
        self
    }

    fn simulated(
        session: &Session<'_>,
        state: &RollupState<'_>,
        transactions: Vec<Signable>,
        registers: Vec<Tz4Address>,
        batch: Result<Batch, Vec<Tz4Address>>,
    ) -> Result<Self, Failure> {
        let simulated = match batch {
            Err(missing) => Simulated::Unknown(missing),
            Ok(batch) => match simulate(state, &batch)? {
                Simulation::Refused(reason) => Simulated::Refused(reason),
                Simulation::Applied(simulated) => Simulated::Applied(simulated),
            },
        };
        let book = AddressBook::open(session, state, &transactions, &registers)?;
        Ok(Plan {
            transactions,
            registers,
            outlook: None,
            way: None,
            book,
            title: None,
            lines: Vec::new(),
            messages: None,
            objection: None,
            verbose: session.verbose,
            simulated,
            of_several: false,
            level: Some(state.next_level()),
        })
    }

    /// What can be said without a node: tickets that are named in full say themselves what they are.
    pub fn offline(
        session: &Session<'_>,
        transactions: Vec<Signable>,
        registers: Vec<Tz4Address>,
    ) -> Result<Self, Failure> {
        let book = AddressBook::offline(session, &transactions, &registers)?;
        Ok(Plan {
            transactions,
            registers,
            outlook: None,
            way: None,
            book,
            title: None,
            lines: Vec::new(),
            messages: None,
            objection: None,
            verbose: session.verbose,
            simulated: Simulated::Offline,
            of_several: false,
            level: None,
        })
    }

    /// How many messages it makes if one account signs all of it; none if its key is not here.
    pub fn messages_of(
        &self,
        state: &RollupState<'_>,
        payer: &AccountRef,
    ) -> Result<Option<usize>, Failure> {
        let Some(key) = payer.public_key()? else { return Ok(None) };
        let registered = state.registered(&self.transactions)?;
        Ok(Some(messages(state.rollup(), &self.transactions, &registered, &key)?))
    }

    /// The reason for which it would be refused, if it would be, and the same in words.
    pub fn refusal(&self) -> Option<(Outcome, String)> {
        match &self.simulated {
            Simulated::Offline | Simulated::Unknown(_) => None,
            Simulated::Refused(reason) => Some((*reason, reasons::sentence(reason))),
            Simulated::Applied(_) => {
                let failures = self.failures();
                let some_apply = failures.len() < self.transactions.len();
                let (_, reason, words) = failures.into_iter().next()?;
                (!(self.of_several && some_apply)).then_some((reason, words))
            }
        }
    }

    /// The transactions that would not be applied, by their number, with the reason, and that in words.
    fn failures(&self) -> Vec<(usize, Outcome, String)> {
        let Simulated::Applied(simulated) = &self.simulated else { return Vec::new() };
        let told = |(number, operation, reason): (usize, usize, Outcome)| {
            let transaction = self.transactions.get(number)?.transaction();
            let words = self.words(&reason, transaction.operations.get(operation)?);
            Some((number, reason, words))
        };
        simulated.failures().into_iter().filter_map(told).collect()
    }

    /// Who signs a transaction, by their names here.
    fn signers_of(&self, transaction: usize) -> Vec<String> {
        let signers = self.transactions.get(transaction).map(Signable::signers);
        signers.unwrap_or_default().iter().map(|one| self.book.name(one)).collect()
    }

    /// A reason in words, for a plan of one transaction with one operation.
    pub fn in_words(&self, reason: &Outcome) -> Option<String> {
        let [one] = self.transactions.as_slice() else { return None };
        let [operation] = one.transaction().operations.as_slice() else { return None };
        Some(self.words(reason, operation))
    }

    /// Why an operation would fail, with amounts as its ticket counts, if it is about one only.
    fn words(&self, reason: &Outcome, operation: &Operation) -> String {
        let tickets = operation.actions.iter().map(|one| {
            let (Action::Transfers { ticket, .. } | Action::Withdraw { ticket, .. }) = one;
            ticket
        });
        let mut tickets = tickets.collect::<Vec<_>>();
        tickets.dedup();
        match (tickets.as_slice(), reason.code) {
            (_, ResultCode::BalanceTooLow) if self.objection.is_some() => {
                self.objection.as_ref().map(|one| one.sentence.clone()).unwrap_or_default()
            }
            ([ticket], ResultCode::BalanceTooLow) => {
                let amount = |units| grouped(&self.book.decimals(ticket, Amount::new(units)));
                let (has, wants) = (amount(reason.first), amount(reason.second));
                let label = self.book.called(ticket);
                format!("balance too low: {has} {label} available, {wants} requested")
            }
            _ => reasons::sentence(reason),
        }
    }

    /// What the payer of the first operation that would fail lacks, if that is what it fails for.
    fn lacking(&self) -> Option<Lacking> {
        if let Some(objection) = &self.objection {
            return Some(objection.lacking.clone());
        }
        let Simulated::Applied(simulated) = &self.simulated else { return None };
        let (number, operation, reason) = simulated.failures().into_iter().next()?;
        let one = self.transactions.get(number)?;
        let payer = self.book.name(one.signers().get(operation)?);
        let actions = one.transaction().operations.get(operation)?.actions.iter();
        let mut tickets: Vec<_> = actions
            .map(|one| {
                let (Action::Transfers { ticket, .. } | Action::Withdraw { ticket, .. }) = one;
                ticket
            })
            .collect();
        tickets.dedup();
        let [ticket] = tickets.as_slice() else { return None };
        let units = reason.second.checked_sub(reason.first)?;
        Some(Lacking {
            // The name alone, as commands take it.
            payer: payer.split(' ').next().unwrap_or_default().to_owned(),
            amount: self.book.decimals(ticket, Amount::new(units)),
            ticket: self.book.known(ticket)?.word(),
        })
    }

    /// Fails if it would be refused. What cannot be simulated is refused in a batch of several people, as
    /// one who is not registered has the kernel refuse all of it.
    pub fn passes(&self) -> Result<(), ResultError> {
        if let (Simulated::Unknown(missing), true) = (&self.simulated, self.of_several) {
            let missing = missing.iter().map(|one| self.book.name(one)).collect();
            return Err(ResultError::Unregistered(missing));
        }
        let Some((reason, words)) = self.refusal() else { return Ok(()) };
        let lacking = self.lacking().filter(|_| reason.code == ResultCode::BalanceTooLow);
        Err(match lacking {
            Some(lacking) => ResultError::TooLittle { words, lacking },
            None => ResultError::WouldBeRefused(words),
        })
    }
}
