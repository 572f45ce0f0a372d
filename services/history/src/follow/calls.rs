//! Which withdrawals share an outbox message, and what that message calls: by its calls a message of an outbox is
//! found again.

use std::collections::BTreeMap;

use encoding::{Amount, Entrypoint, Hash32, Kt1Address, Payout, Ticket, blake2b_256};
use wallet::outbox::{receiver_of, text_of_calls};

use super::messages::Writing;
use super::problem::Problem;
use crate::numbers::Wide;

/// Withdrawals that share an outbox message: those of one operation, in v1 those of one transaction.
struct Group {
    /// In their order.
    rows: Vec<i64>,
    /// The calls; nothing if there are no words for one of them.
    payouts: Option<Vec<Payout>>,
}

/// A transaction, and the operation in it; in v1 nothing for that.
type GroupKey = (i64, Option<i64>);

impl Writing<'_> {
    /// Notes of the withdrawals that are new with this level which of them share a message, and what it calls.
    pub(super) fn calls(&mut self) -> Result<(), Problem> {
        let mut groups: BTreeMap<GroupKey, Group> = BTreeMap::new();
        let mut rows = std::mem::take(&mut self.tally.withdrawals);
        rows.sort_unstable();
        for row in rows {
            let (key, payout) = self.payout(row)?;
            let group = groups
                .entry(key)
                .or_insert_with(|| Group { rows: Vec::new(), payouts: Some(Vec::new()) });
            group.rows.push(row);
            group.payouts = group.payouts.take().zip(payout).map(|(mut all, one)| {
                all.push(one);
                all
            });
        }
        for Group { rows, payouts } in groups.into_values() {
            let Some((first, others)) = rows.split_first() else { continue };
            let calls = payouts.as_deref().and_then(text_of_calls).map(|text| digest(&text).0);
            let sql = "UPDATE withdrawals SET calls = ?2 WHERE id = ?1";
            self.file.prepare_cached(sql)?.execute((first, calls))?;
            for row in others {
                let sql = "UPDATE withdrawals SET first_row = ?2 WHERE id = ?1";
                self.file.prepare_cached(sql)?.execute((row, first))?;
            }
        }
        Ok(())
    }

    /// The group that a withdrawal is of, and its call.
    fn payout(&self, row: i64) -> Result<(GroupKey, Option<Payout>), Problem> {
        let sql = "SELECT o.tx, o.id, o.hash IS NOT NULL, v.outside, v.entrypoint, v.pays, \
                   k.record, v.amount FROM moves v JOIN operations o ON o.id = v.operation \
                   JOIN tickets k ON k.id = v.ticket WHERE v.id = ?1";
        let found = self.file.prepare_cached(sql)?.query_row([row], |row| {
            let (tx, operation, is_v1): (i64, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (outside, entrypoint): (String, String) = (row.get(3)?, row.get(4)?);
            let pays: Option<String> = row.get(5)?;
            let (record, amount): (Vec<u8>, Wide) = (row.get(6)?, row.get(7)?);
            let payout = payout(&outside, &entrypoint, pays.as_deref(), &record, amount.0);
            Ok(((tx, (!is_v1).then_some(operation)), payout))
        });
        Ok(found?)
    }
}

/// What the index keeps of the calls of a message.
pub(super) fn digest(text: &str) -> Hash32 {
    blake2b_256(&[text.as_bytes()])
}

fn payout(
    outside: &str,
    entrypoint: &str,
    pays: Option<&str>,
    record: &[u8],
    amount: u64,
) -> Option<Payout> {
    let receiver = match pays {
        None => None,
        Some(text) => Some(receiver_of(text)?),
    };
    Some(Payout {
        destination: Kt1Address::from_base58(outside).ok()?,
        entrypoint: Entrypoint::new(entrypoint.as_bytes())?,
        ticket: Ticket::from_record(record)?,
        amount: Amount::new(amount),
        receiver,
    })
}
