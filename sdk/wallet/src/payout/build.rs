//! Makes a plan: from rows whose words are looked up, and from the state of a rollup.

use std::collections::BTreeSet;

use encoding::{Level, Ticket, Tz4Address};

use super::error::{PayoutError, PlanError};
use super::plan::{PayoutFacts, PayoutPlan, PlannedPayer, PlannedRow, PlannedTicket};
use crate::in_flight::InFlight;
use crate::indexes::KnownIndexes;
use crate::limits::MAX_PAYOUT_ROWS;
use crate::packing::{Frame, Payment, pack};
use crate::patience::Patience;
use crate::pay::{PayError, SameAs, SentBefore};
use crate::payments::{NextStep, PaymentStore, Row, Source};
use crate::session::Session;
use crate::state::{Account, RollupState};
use crate::ticket::Token;

/// Payments that are to be planned.
#[derive(Clone, Debug)]
pub struct PayoutRequest {
    /// The file that they are from.
    pub file: Source,
    /// Who pays: each as it is written, and the account.
    pub payers: Vec<(String, Tz4Address)>,
    /// The payments, in the order of the file.
    pub rows: Vec<RequestedRow>,
    /// The last level in which they are applied; see [`crate::expiry`].
    pub expires: Option<Level>,
    /// Whether accounts and tickets are named by their indexes where these are final.
    pub by_index: bool,
    /// Whether rows that pay the same to the same account are meant.
    pub allows_duplicates: bool,
    /// Whether they are paid whatever became of the same file before.
    pub again: bool,
    /// Whether only those are paid that an earlier run of the file has left unpaid.
    pub rest: bool,
}

/// A payment that is to be planned.
#[derive(Clone, Debug)]
pub struct RequestedRow {
    /// Which of the payers pays it.
    pub payer: usize,
    /// The receiver as the file has it.
    pub name: String,
    /// The payment. Its remark is that of `memo`.
    pub row: Row,
    /// What is known of its ticket.
    pub token: Token,
    /// A remark.
    pub memo: Option<String>,
}

impl Session {
    /// Plans payments. What indexes mean is held against what is remembered of them, and remembered. Says how many
    /// messages in the node's queue name a payer without a good signature.
    ///
    /// # Errors
    /// When the same was sent before and is not to be paid again, an earlier transaction of a payer is still on
    /// its way, a node has said otherwise whose an index is, rows occur twice and that is not allowed, or the node
    /// does not tell.
    pub fn plan_payout(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        request: &PayoutRequest,
        indexes: &mut KnownIndexes,
    ) -> Result<(PayoutPlan, usize), PayoutError> {
        if request.rows.len() > MAX_PAYOUT_ROWS {
            return Err(PlanError::TooManyRows(request.rows.len()).into());
        }
        let rest = match (request.rest, request.again) {
            (true, _) => Some(self.rest(store, request)?),
            (false, again) => {
                if !again {
                    self.check_all_not_sent(store, request)?;
                }
                None
            }
        };
        let is_meant =
            |row: &&RequestedRow| rest.as_ref().is_none_or(|lines| lines.contains(&row.row.line));
        let rows: Vec<&RequestedRow> = request.rows.iter().filter(is_meant).collect();
        let mut unsigned = 0;
        let finalized = if request.by_index { self.finalized_state()? } else { None };
        if let Some(finalized) = &finalized {
            let accounts: BTreeSet<Tz4Address> = rows.iter().map(|row| row.row.to).collect();
            let mut tickets: Vec<Ticket> = Vec::new();
            for row in &rows {
                if !tickets.contains(&row.token.ticket) {
                    tickets.push(row.token.ticket.clone());
                }
            }
            indexes.learn(finalized, &accounts.into_iter().collect::<Vec<_>>(), &tickets)?;
        }
        let level = finalized.as_ref().map(|state| state.block().level);
        let known = finalized.is_some().then_some(&*indexes);
        let mut names = Names { known, tickets: Vec::new() };
        let mut planned: Vec<Option<PlannedRow>> = vec![None; rows.len()];
        let (mut payers, mut transactions) = (Vec::new(), 0);
        for (number, (name, address)) in request.payers.iter().enumerate() {
            let own: Vec<usize> = (0..rows.len())
                .filter(|at| rows.get(*at).is_some_and(|row| row.payer == number))
                .collect();
            if own.is_empty() {
                continue;
            }
            unsigned += match self.in_flight(address)? {
                InFlight::Signed => return Err(PayError::InFlight(*address).into()),
                InFlight::Nothing { unsigned } => unsigned,
            };
            let account = state.account(address)?;
            let mut some = Vec::with_capacity(own.len());
            for row in own.iter().filter_map(|at| rows.get(*at)) {
                some.push(names.row(row, payers.len()));
            }
            transactions = assign(&mut some, &names, request, &account, transactions);
            for (at, row) in own.into_iter().zip(some) {
                if let Some(slot) = planned.get_mut(at) {
                    *slot = Some(row);
                }
            }
            payers.push(PlannedPayer {
                name: name.clone(),
                account: *address,
                registered: account.registered,
                counter: account.counter,
            });
        }
        let facts = PayoutFacts {
            rollup: *state.rollup(),
            file: request.file.clone(),
            level: state.block().level,
            block: state.block().hash.clone(),
            finalized: level,
            expires: request.expires,
            allows_duplicates: request.allows_duplicates,
            again: request.again,
            rest: request.rest,
            payers,
            tickets: names.tickets,
            rows: planned.into_iter().flatten().collect(),
        };
        let plan = PayoutPlan::new(facts)?;
        let lines = plan.totals().duplicates;
        match lines.is_empty() || request.allows_duplicates {
            true => Ok((plan, unsigned)),
            false => Err(PayoutError::Duplicates { file: request.file.name.clone(), lines }),
        }
    }

    fn check_all_not_sent(
        &self,
        store: &PaymentStore,
        request: &PayoutRequest,
    ) -> Result<(), PayoutError> {
        for (number, (_, address)) in request.payers.iter().enumerate() {
            let own = request.rows.iter().filter(|row| row.payer == number);
            let own: Vec<Row> = own.map(|row| row.row.clone()).collect();
            let (file, digest) = (Some(&request.file), request.file.digest);
            let same = SameAs { file, digest, rows: Some((address, &own)), goes_on: false };
            self.check_not_sent(store, &same, None)?;
        }
        Ok(())
    }

    /// The lines that an earlier run of the file has left unpaid, and of which nothing can be applied any more.
    fn rest(
        &self,
        store: &PaymentStore,
        request: &PayoutRequest,
    ) -> Result<BTreeSet<u64>, PayoutError> {
        let (mut lines, mut other) = (BTreeSet::new(), None);
        for (name, address) in &request.payers {
            let (file, digest) = (Some(&request.file), request.file.digest);
            let same = SameAs { file, digest, rows: None, goes_on: true };
            let Some(before) = self.unfinished(store, &same, Some(*address))? else {
                return Err(PayoutError::NothingSent(name.clone()));
            };
            let SentBefore { mut stored, progress } = before;
            match self.next_step(store, &mut stored, progress, &Patience::none())?.1 {
                NextStep::SignAnew(rows) => {
                    let rows = rows.into_iter().filter_map(|at| stored.payments.rows.get(at));
                    lines.extend(rows.map(|row| row.line));
                }
                step => other = other.or(Some(step)),
            }
        }
        match (lines.is_empty(), other) {
            (true, step) => Err(PayoutError::NothingLeft(step.unwrap_or(NextStep::Nothing))),
            (false, _) => Ok(lines),
        }
    }
}

/// Puts the rows of one payer into transactions, from that number on, and says which number comes next.
fn assign(
    rows: &mut [PlannedRow],
    names: &Names<'_>,
    request: &PayoutRequest,
    account: &Account,
    first: usize,
) -> usize {
    let frame = Frame {
        counter: account.counter,
        expires: request.expires.is_some(),
        registers: !account.registered,
    };
    let payments: Vec<Payment> = rows.iter().filter_map(|row| names.payment(row)).collect();
    let mut next = first;
    for packed in pack(&payments, true, &frame) {
        for at in packed.payments {
            if let Some(row) = rows.get_mut(at) {
                row.transaction = next;
            }
        }
        next += 1;
    }
    next
}

/// How accounts and tickets are named: by indexes that no reorganisation of layer 1 can change, and that no node has
/// said otherwise.
struct Names<'n> {
    /// None if everything is named in full.
    known: Option<&'n KnownIndexes>,
    tickets: Vec<PlannedTicket>,
}

impl Names<'_> {
    fn row(&mut self, row: &RequestedRow, payer: usize) -> PlannedRow {
        let RequestedRow { name, row, token, memo, .. } = row;
        PlannedRow {
            line: row.line,
            name: name.clone(),
            to: row.to,
            index: self.known.and_then(|known| known.index_of(&row.to)),
            ticket: self.ticket(token),
            amount: row.amount,
            memo: memo.clone(),
            payer,
            transaction: 0,
        }
    }

    fn ticket(&mut self, token: &Token) -> usize {
        if let Some(known) = self.tickets.iter().position(|one| one.ticket == token.ticket) {
            return known;
        }
        let index = self.known.and_then(|known| known.index_of_ticket(&token.ticket));
        let (name, ticket) = (token.word(), token.ticket.clone());
        self.tickets.push(PlannedTicket { name, index, ticket, decimals: token.decimals });
        self.tickets.len() - 1
    }

    fn payment(&self, row: &PlannedRow) -> Option<Payment> {
        let ticket = self.tickets.get(row.ticket)?;
        Some(row.payment(ticket))
    }
}
