//! A plan: who is paid what by whom, in which transactions. Everything that it says of transactions, messages and
//! totals is derived from its rows, so that it cannot say one thing and have another signed.

use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{
    AccountIndex, Amount, Counter, Hash32, Level, RollupAddress, Ticket, TicketIndex, Tz4Address,
};
use inbox::v2::{Memo, Name, Operation, Transaction};

use super::error::PlanError;
use crate::limits::MAX_PAYOUT_ROWS;
use crate::packing::{self, MessageCost, Payment};
use crate::payments::Source;
use crate::pins::Pins;
use crate::ticket::Token;
use crate::transaction::Signable;

/// What a plan says that nothing else in it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutFacts {
    /// The rollup.
    pub rollup: RollupAddress,
    /// The file that the rows are from.
    pub file: Source,
    /// The head when it was planned.
    pub level: Level,
    /// The hash of that block.
    pub block: String,
    /// The last level that no reorganisation of layer 1 takes back, at which indexes were read; none if none was.
    pub finalized: Option<Level>,
    /// The last level in which it can be applied; none if it never expires.
    pub expires: Option<Level>,
    /// Whether rows that pay the same to the same account are meant.
    pub allows_duplicates: bool,
    /// Whether the file is paid once more, whatever became of it before.
    pub again: bool,
    /// Whether it pays what an earlier run of the file has left unpaid.
    pub rest: bool,
    /// Who pays.
    pub payers: Vec<PlannedPayer>,
    /// Of what.
    pub tickets: Vec<PlannedTicket>,
    /// Every payment, in the order of the file.
    pub rows: Vec<PlannedRow>,
}

/// An account that pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedPayer {
    /// As the file or the command line has it.
    pub name: String,
    /// The account.
    pub account: Tz4Address,
    /// Whether its key was registered. If it was not, the first message registers it.
    pub registered: bool,
    /// The counter of its first transaction; each later one has the next.
    pub counter: Counter,
}

/// A ticket that is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTicket {
    /// What it is called.
    pub name: String,
    /// Its index in the registry, if it is named by that.
    pub index: Option<TicketIndex>,
    /// What it is.
    pub ticket: Ticket,
    /// How many digits an amount has after the point.
    pub decimals: u8,
}

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedRow {
    /// The line of the file in which it begins.
    pub line: u64,
    /// The receiver as the file has it.
    pub name: String,
    /// The receiver.
    pub to: Tz4Address,
    /// The receiver's index in the registry, if it is named by that.
    pub index: Option<AccountIndex>,
    /// Which of the plan's tickets.
    pub ticket: usize,
    /// How much, in the smallest units.
    pub amount: Amount,
    /// A remark.
    pub memo: Option<String>,
    /// Which of the plan's payers pays it.
    pub payer: usize,
    /// Which of the plan's transactions pays it.
    pub transaction: usize,
}

/// A transaction of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedTransaction {
    /// Which of the plan's payers signs it.
    pub payer: usize,
    /// Which rows it pays.
    pub rows: Vec<usize>,
    /// It, with its signature once it is signed.
    pub signable: Signable,
}

/// A plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutPlan {
    pub(super) facts: PayoutFacts,
    pub(super) transactions: Vec<PlannedTransaction>,
    pub(super) messages: Vec<(usize, MessageCost)>,
    pub(super) digest: Hash32,
}

impl PayoutPlan {
    /// The plan of some facts.
    ///
    /// # Errors
    /// When they are the facts of no plan: there are no rows or too many, or the rows are not put into
    /// transactions as they have to be.
    pub fn new(facts: PayoutFacts) -> Result<Self, PlanError> {
        if facts.rows.is_empty() {
            return Err(PlanError::Empty);
        }
        if facts.rows.len() > MAX_PAYOUT_ROWS {
            return Err(PlanError::TooManyRows(facts.rows.len()));
        }
        let transactions = transactions(&facts)?;
        let mut messages = Vec::new();
        for (number, payer) in facts.payers.iter().enumerate() {
            let own = transactions.iter().filter(|one| one.payer == number);
            let own: Vec<&Transaction> = own.map(|one| one.signable.transaction()).collect();
            let costs = packing::messages(&own, !payer.registered);
            messages.extend(costs.into_iter().map(|cost| (number, cost)));
        }
        for (number, payer) in facts.payers.iter().enumerate() {
            let is_twice = facts.payers.iter().take(number).any(|one| one.account == payer.account);
            if is_twice || !transactions.iter().any(|one| one.payer == number) {
                return Err(PlanError::Inconsistent("payers"));
            }
        }
        if messages.iter().any(|(_, cost)| cost.bytes > INBOX_MESSAGE_BYTES) {
            return Err(PlanError::Inconsistent("transactions"));
        }
        let mut plan = PayoutPlan { facts, transactions, messages, digest: Hash32([0; 32]) };
        plan.digest = plan.computed_digest();
        Ok(plan)
    }

    /// What it says.
    #[must_use]
    pub fn facts(&self) -> &PayoutFacts {
        &self.facts
    }

    /// Its transactions, in the order of their payers and counters.
    #[must_use]
    pub fn transactions(&self) -> &[PlannedTransaction] {
        &self.transactions
    }

    /// Its messages, each with the payer who signs it.
    #[must_use]
    pub fn messages(&self) -> &[(usize, MessageCost)] {
        &self.messages
    }

    /// What tells it from any other plan: Blake2b-256 of all that it says, without its signatures.
    #[must_use]
    pub fn digest(&self) -> Hash32 {
        self.digest
    }

    /// The ticket of a row.
    #[must_use]
    pub fn ticket_of(&self, row: &PlannedRow) -> Option<&PlannedTicket> {
        self.facts.tickets.get(row.ticket)
    }

    /// An amount of a row, as its ticket counts.
    #[must_use]
    pub fn amount_of(&self, row: &PlannedRow) -> String {
        crate::amount::text(row.amount, self.ticket_of(row).map_or(0, |ticket| ticket.decimals))
    }
}

impl PlannedRow {
    /// The row as a transaction has it.
    pub(super) fn payment(&self, ticket: &PlannedTicket) -> Payment {
        let mut token = Token::unindexed(ticket.ticket.clone(), &Pins::default());
        if let Some(index) = ticket.index {
            token.index = index;
        }
        let memo = self.memo.as_ref().map(|memo| Memo::Bytes(memo.as_bytes().to_vec()));
        let to = self.index.map_or(Name::Address(self.to), Name::Index);
        Payment { to, token, amount: self.amount, memo }
    }
}

/// The transactions that the rows say.
fn transactions(facts: &PayoutFacts) -> Result<Vec<PlannedTransaction>, PlanError> {
    let wrong = PlanError::Inconsistent;
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for (at, row) in facts.rows.iter().enumerate() {
        if row.transaction > facts.rows.len() || row.amount.is_zero() {
            return Err(wrong("rows"));
        }
        if rows.len() <= row.transaction {
            rows.resize(row.transaction + 1, Vec::new());
        }
        if let Some(own) = rows.get_mut(row.transaction) {
            own.push(at);
        }
    }
    let mut counters: Vec<Counter> = facts.payers.iter().map(|payer| payer.counter).collect();
    let mut all: Vec<PlannedTransaction> = Vec::with_capacity(rows.len());
    for rows in rows {
        let own: Vec<&PlannedRow> = rows.iter().filter_map(|at| facts.rows.get(*at)).collect();
        let first = own.first().ok_or(wrong("rows"))?;
        let is_one = own.iter().all(|row| row.payer == first.payer && row.memo == first.memo);
        let is_in_order = all.last().is_none_or(|before| before.payer <= first.payer);
        if !is_one || !is_in_order {
            return Err(wrong("rows"));
        }
        let payment = |row: &&PlannedRow| Some(row.payment(facts.tickets.get(row.ticket)?));
        let payments = own.iter().map(payment).collect::<Option<Vec<_>>>();
        let payments = payments.ok_or(wrong("tickets"))?;
        let payer = facts.payers.get(first.payer).ok_or(wrong("payers"))?;
        let counter = counters.get_mut(first.payer).ok_or(wrong("payers"))?;
        let operation = Operation {
            signer: Name::Address(payer.account),
            counter: *counter,
            memo: payments.first().and_then(|one| one.memo.clone()),
            actions: packing::moves(&payments, true),
        };
        *counter = counter.next().ok_or(wrong("payers"))?;
        let transaction = Transaction { expires: facts.expires, operations: vec![operation] };
        let signable = Signable::new(facts.rollup, transaction)?;
        all.push(PlannedTransaction { payer: first.payer, rows, signable });
    }
    Ok(all)
}
