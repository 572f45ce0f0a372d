//! Holds a plan against the rollup as it is now: what was planned is not sent if it would not do what it says.

use std::collections::BTreeSet;

use encoding::{Ticket, Tz4Address};

use super::error::PayoutError;
use super::plan::PayoutPlan;
use super::progress::PayoutPart;
use crate::in_flight::InFlight;
use crate::indexes::KnownIndexes;
use crate::pay::PayError;
use crate::session::Session;
use crate::state::RollupState;
use crate::transaction_status::TransactionStatus;

impl Session {
    /// Fails unless a plan can be carried out: it is for this rollup, and its indexes mean what it says. Of every
    /// payer of whom nothing was sent, it has not expired, the counters are the next ones, and nothing else is on
    /// its way.
    ///
    /// # Errors
    /// When one of that does not hold, or the node does not tell.
    pub fn check_payout(
        &self,
        state: &RollupState<'_>,
        plan: &PayoutPlan,
        parts: &[PayoutPart],
        indexes: &mut KnownIndexes,
    ) -> Result<(), PayoutError> {
        let (facts, head) = (plan.facts(), state.block().level);
        self.check_rollup(plan)?;
        for (one, part) in facts.payers.iter().zip(parts).filter(|(_, part)| !part.is_begun()) {
            if part.progress.now.iter().any(TransactionStatus::is_unknown) {
                return Err(PayoutError::Forgotten { payer: one.name.clone() });
            }
            if let Some(expires) = facts.expires.filter(|last| *last <= head) {
                return Err(PayoutError::Expired { expires, head });
            }
            let (payer, planned) = (one.name.clone(), one.counter);
            let next = state.account(&one.account)?.counter;
            if next > planned {
                return Err(PayoutError::CounterUsed { payer, planned, next });
            }
            if next < planned {
                return Err(PayoutError::CounterAhead { payer, planned, next });
            }
            if self.in_flight(&one.account)? == InFlight::Signed {
                return Err(PayError::InFlight(one.account).into());
            }
        }
        self.check_indexes(plan, indexes)
    }

    /// Fails if a plan is for another rollup.
    ///
    /// # Errors
    /// If it is.
    pub fn check_rollup(&self, plan: &PayoutPlan) -> Result<(), PayoutError> {
        let (planned, found) = (plan.facts().rollup, *self.rollup());
        match planned == found {
            true => Ok(()),
            false => Err(PayoutError::OtherRollup { planned, found }),
        }
    }

    /// Fails unless every index of a plan is that of the account and the ticket that it says, in the last level
    /// that no reorganisation of layer 1 takes back, and that no node has said otherwise: what they mean is held against
    /// what is remembered, and remembered.
    ///
    /// # Errors
    /// When one is not, a node has said otherwise before, or the node does not tell.
    pub fn check_indexes(
        &self,
        plan: &PayoutPlan,
        indexes: &mut KnownIndexes,
    ) -> Result<(), PayoutError> {
        let facts = plan.facts();
        let is_named = facts.rows.iter().any(|row| row.index.is_some());
        let tickets: Vec<_> =
            facts.tickets.iter().filter_map(|one| Some((one.index?, one))).collect();
        if !is_named && tickets.is_empty() {
            return Ok(());
        }
        let finalized = self.finalized_state()?;
        if let Some(finalized) = &finalized {
            let named = facts.rows.iter().filter(|row| row.index.is_some());
            let accounts: BTreeSet<Tz4Address> = named.map(|row| row.to).collect();
            let named: Vec<Ticket> = tickets.iter().map(|(_, one)| one.ticket.clone()).collect();
            indexes.learn(finalized, &accounts.into_iter().collect::<Vec<_>>(), &named)?;
        }
        for row in &facts.rows {
            let Some(index) = row.index else { continue };
            if finalized.is_some() && indexes.index_of(&row.to) == Some(index) {
                continue;
            }
            let now = match &finalized {
                Some(state) => state.address(index)?,
                None => None,
            };
            let (line, planned) = (row.line, row.to);
            return Err(PayoutError::OtherAccount { line, index, planned, now });
        }
        for (index, one) in tickets {
            if finalized.is_none() || indexes.index_of_ticket(&one.ticket) != Some(index) {
                return Err(PayoutError::OtherTicket { index, name: one.name.clone() });
            }
        }
        Ok(())
    }
}
