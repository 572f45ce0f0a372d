//! What a level has come to: counts, and who has how much more or less of what.

use std::collections::{BTreeMap, BTreeSet};

use encoding::Amount;
use tx_kernel::results::{Outcome, ResultCode};

use crate::words::MoveKind;

/// What a level has come to.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) messages: u64,
    pub(super) bytes: u64,
    pub(super) others: u64,
    pub(super) transfers: u64,
    pub(super) applied: u64,
    pub(super) failed: u64,
    pub(super) cosigned: u64,
    /// By ticket and account, in rows: what they have more, or less. Who is here was touched.
    pub(super) differences: BTreeMap<(i64, i64), i128>,
    /// By ticket: what was credited.
    pub(super) credited: BTreeMap<i64, u128>,
    /// Tickets of which something is to leave, or has left.
    pub(super) leaving: BTreeSet<i64>,
    /// Withdrawals that were applied, by their rows.
    pub(super) withdrawals: Vec<i64>,
    /// Held deposits, in the order in which the kernel numbers them: the message, who made it, and why it is held.
    pub(super) held: Vec<HeldDeposit>,
    /// Held deposits that were paid back, by their numbers.
    pub(super) paid: Vec<u64>,
}

/// A deposit that is held from this level on.
#[derive(Debug)]
pub(super) struct HeldDeposit {
    pub(super) message: i64,
    pub(super) sender: String,
    pub(super) source: String,
    pub(super) record: Option<Vec<u8>>,
    pub(super) amount: Option<String>,
    pub(super) outcome: Outcome,
}

impl Tally {
    /// Counts an operation that was settled.
    pub(super) fn operation(&mut self, code: ResultCode, individual: bool) {
        match code {
            ResultCode::Applied => self.applied += 1,
            _ => self.failed += 1,
        }
        self.cosigned += u64::from(!individual);
    }

    /// Counts what was moved.
    pub(super) fn moved(
        &mut self,
        kind: MoveKind,
        sender: Option<i64>,
        receiver: Option<i64>,
        ticket: i64,
        amount: Amount,
    ) {
        let amount_of = i128::from(amount.get());
        if let Some(sender) = sender {
            *self.differences.entry((ticket, sender)).or_default() -= amount_of;
        }
        if let Some(receiver) = receiver {
            *self.differences.entry((ticket, receiver)).or_default() += amount_of;
        }
        match kind {
            MoveKind::Transfer => self.transfers += 1,
            MoveKind::Deposit => {
                *self.credited.entry(ticket).or_default() += u128::from(amount.get());
            }
            MoveKind::Withdrawal => {
                self.leaving.insert(ticket);
            }
        }
    }
}
