//! From payments to transactions that nobody has signed yet.

use encoding::{Level, Tz4Address};
use inbox::v2::{Memo, Name, Operation, Transaction};

use super::error::PayError;
use super::history::SameAs;
use crate::in_flight::InFlight;
use crate::packing::{Frame, Payment, pack};
use crate::payments::{PaymentStore, Payments, Row, Sent, Source, digest_of};
use crate::session::Session;
use crate::state::RollupState;
use crate::ticket::Token;
use crate::transaction::Signable;

/// Payments that are to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaymentRequest {
    /// Who pays.
    pub payer: Tz4Address,
    /// The file that the payments are from.
    pub file: Option<Source>,
    /// Each payment as it is kept.
    pub rows: Vec<Row>,
    /// Each payment as it is signed: its ticket, and how its receiver is named.
    pub payments: Vec<Payment>,
    /// The last level in which they are applied; see [`crate::expiry`].
    pub expires: Option<Level>,
    /// Whether tickets are named by their indexes in the rollup's registry.
    pub by_index: bool,
    /// Whether they are paid even if the same was sent before.
    pub again: bool,
}

impl PaymentRequest {
    /// What finds the same payments among those that were sent before.
    #[must_use]
    pub fn same(&self) -> SameAs<'_> {
        let file = self.file.as_ref();
        SameAs {
            file,
            digest: file.map_or_else(|| digest_of(&self.rows), |file| file.digest),
            rows: Some((&self.payer, &self.rows)),
            goes_on: false,
        }
    }
}

/// Transactions for some payments, not signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DraftPayments {
    /// The transactions.
    pub transactions: Vec<Signable>,
    /// Of each transaction, which rows it pays.
    pub rows: Vec<Vec<usize>>,
    /// How many messages in the node's queue name the payer without a good signature.
    pub unsigned: usize,
}

impl DraftPayments {
    /// The transactions as they are kept once they are signed.
    pub(super) fn sent(&self, state: &RollupState<'_>) -> Vec<Sent> {
        let sent = |(signable, rows): (&Signable, &Vec<usize>)| Sent {
            signable: signable.clone(),
            rows: rows.clone(),
            head: state.block().level,
            block: state.block().hash.clone(),
            end: None,
            batcher: None,
        };
        self.transactions.iter().zip(&self.rows).map(sent).collect()
    }
}

impl Session {
    /// Crafts transactions that make payments.
    ///
    /// # Errors
    /// When the same was sent before and is not to be paid again, an earlier transaction of the payer is
    /// still on its way, or the node does not tell.
    pub fn draft(
        &self,
        store: &PaymentStore,
        state: &RollupState<'_>,
        request: &PaymentRequest,
    ) -> Result<DraftPayments, PayError> {
        if !request.again {
            self.check_not_sent(store, &request.same(), None)?;
        }
        let PaymentRequest { payer, payments, expires, by_index, .. } = request;
        self.craft(state, payer, payments, *expires, *by_index)
    }

    /// Crafts transactions anew for rows of a record of which nothing can be applied any more.
    ///
    /// # Errors
    /// When an earlier transaction of the payer is still on its way, or the node does not tell.
    pub fn draft_anew(
        &self,
        state: &RollupState<'_>,
        payments: &Payments,
        rows: &[usize],
        expires: Option<Level>,
        by_index: bool,
    ) -> Result<DraftPayments, PayError> {
        let tokens = state.tokens()?;
        let payment = |row: &Row| {
            let known = tokens.iter().find(|token| token.ticket == row.ticket);
            let unknown = || Token::unindexed(row.ticket.clone(), state.pins());
            Payment {
                to: Name::Address(row.to),
                token: known.cloned().unwrap_or_else(unknown),
                amount: row.amount,
                memo: row.memo.clone().map(Memo::Bytes),
            }
        };
        let wanted: Vec<Payment> =
            rows.iter().filter_map(|row| payments.rows.get(*row)).map(payment).collect();
        let mut draft = self.craft(state, &payments.payer, &wanted, expires, by_index)?;
        for one in draft.rows.iter_mut().flatten() {
            *one = rows.get(*one).copied().unwrap_or(*one);
        }
        Ok(draft)
    }

    fn craft(
        &self,
        state: &RollupState<'_>,
        payer: &Tz4Address,
        payments: &[Payment],
        expires: Option<Level>,
        by_index: bool,
    ) -> Result<DraftPayments, PayError> {
        let unsigned = match self.in_flight(payer)? {
            InFlight::Signed => return Err(PayError::InFlight(*payer)),
            InFlight::Nothing { unsigned } => unsigned,
        };
        let account = state.account(payer)?;
        let frame = Frame {
            counter: account.counter,
            expires: expires.is_some(),
            registers: !account.registered,
        };
        let mut counter = account.counter;
        let mut draft = DraftPayments { transactions: Vec::new(), rows: Vec::new(), unsigned };
        for packed in pack(payments, by_index, &frame) {
            let signer = Name::Address(*payer);
            let operation = Operation { signer, counter, memo: packed.memo, actions: packed.moves };
            let transaction = Transaction { expires, operations: vec![operation] };
            draft.transactions.push(Signable::new(*state.rollup(), transaction)?);
            draft.rows.push(packed.payments);
            counter = counter.next().unwrap_or(counter);
        }
        Ok(draft)
    }
}
