//! Payments in the form that takes the least room in a batch: signer, ticket and receiver by their indexes.
//!
//! A *row* of a transfer group takes about eight bytes. What its signer signs is a transaction that names them by
//! index. So each index has to mean the same for ever: it is read in a final level, and remembered
//! ([`crate::indexes`]). What has no such index is named by address, or in full.

use encoding::Tz4Address;
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};

use super::draft::DraftPayments;
use crate::batcher::fee::Price;
use crate::error::FileError;
use crate::indexes::KnownIndexes;
use crate::transaction::Signable;

/// A transaction that would be a row if it named its signer by index, as that row's own form: of one operation of an
/// account, without a memo, with one transfer. None if it would not.
#[must_use]
pub fn as_row(
    transaction: &Transaction,
    payer: &Tz4Address,
    known: &KnownIndexes,
) -> Option<Transaction> {
    let [operation] = transaction.operations.as_slice() else { return None };
    let [Action::Transfers { ticket, to }] = operation.actions.as_slice() else { return None };
    let [(receiver, amount)] = to.as_slice() else { return None };
    if operation.signer != Name::Address(*payer) || operation.memo.is_some() {
        return None;
    }
    let signer = Name::Index(known.index_of(payer)?);
    let receiver = match receiver {
        Name::Address(address) => known.index_of(address).map_or(*receiver, Name::Index),
        // Whoever named it so knew what it means.
        Name::Index(_) | Name::Registration(_) => *receiver,
    };
    let ticket = match ticket {
        TicketName::Full(full) => match known.index_of_ticket(full) {
            Some(index) => TicketName::Index(index),
            None => ticket.clone(),
        },
        TicketName::Index(_) => ticket.clone(),
    };
    let actions = vec![Action::Transfers { ticket, to: vec![(receiver, *amount)] }];
    let operation = Operation { signer, counter: operation.counter, memo: None, actions };
    Some(Transaction { expires: transaction.expires, operations: vec![operation] })
}

impl DraftPayments {
    /// The same with every transaction that would be a row in the form of one. The payer has to be registered in a
    /// final level, as an index says nothing to a rollup that does not have its key.
    ///
    /// # Errors
    /// When somebody signs twice, which nothing here does.
    pub fn as_rows(mut self, payer: &Tz4Address, known: &KnownIndexes) -> Result<Self, FileError> {
        for one in &mut self.transactions {
            if let Some(row) = as_row(one.transaction(), payer, known) {
                *one = Signable::named_by(*one.rollup(), row, known)?;
            }
        }
        Ok(self)
    }

    /// The same with what a batcher asks for in every transaction; none if it comes to more than there can be of a
    /// ticket.
    ///
    /// # Errors
    /// When somebody signs twice, which nothing here does.
    pub fn with_fee(mut self, price: &Price) -> Result<Option<Self>, FileError> {
        for one in &mut self.transactions {
            let Some(paid) = price.paid_in(one.transaction().clone()) else { return Ok(None) };
            *one = Signable::new(*one.rollup(), paid)?;
        }
        Ok(Some(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::{Amount, Counter, Kt1Address, Level, RollupAddress, Ticket, TicketContent};
    use inbox::v2::Memo;

    #[test]
    fn only_what_has_room_in_a_group_is_a_row_and_only_of_a_known_payer() {
        let rollup = RollupAddress([1; 20]);
        let payer = Tz4Address([5; 20]);
        let ticket = Ticket {
            ticketer: Kt1Address([9; 20]),
            content: TicketContent::String(b"gold".to_vec()),
        };
        let to = vec![(Name::Address(Tz4Address([6; 20])), Amount::new(7))];
        let transfers =
            Action::Transfers { ticket: TicketName::Full(ticket.clone()), to: to.clone() };
        let of = |memo, actions| Transaction {
            expires: Some(Level(60)),
            operations: vec![Operation {
                signer: Name::Address(payer),
                counter: Counter::FIRST,
                memo,
                actions,
            }],
        };
        let plain = of(None, vec![transfers.clone()]);
        let nobody = KnownIndexes::forgetful(&rollup);
        assert_eq!(as_row(&plain, &payer, &nobody), None);
        let known = KnownIndexes::of_pairs(&rollup, &[(3, payer)], &[]);
        let row = as_row(&plain, &payer, &known).unwrap();
        // What has no index stays as it is.
        let found = client::Row::of(&row).unwrap();
        assert_eq!(found.transfer.signer.0, 3);
        assert_eq!(
            (found.transfer.to, &found.ticket),
            (to[0].0, &TicketName::Full(ticket.clone()))
        );
        assert_eq!(found.expires, Some(Level(60)));
        let known = KnownIndexes::of_pairs(
            &rollup,
            &[(3, payer), (4, Tz4Address([6; 20]))],
            &[(0, ticket.clone())],
        );
        let row = as_row(&plain, &payer, &known).unwrap();
        assert!(row.encode().len() < 20, "{}", row.encode().len());
        let signable = Signable::named_by(rollup, row, &known).unwrap();
        assert_eq!(signable.signers(), [payer]);

        let two = vec![to[0], to[0]];
        for other in [
            of(Some(Memo::Bytes(vec![1])), vec![transfers.clone()]),
            of(None, vec![transfers.clone(), transfers.clone()]),
            of(None, vec![Action::Transfers { ticket: TicketName::Full(ticket), to: two }]),
            of(None, vec![]),
        ] {
            assert_eq!(as_row(&other, &payer, &known), None, "{other:?}");
        }
        assert_eq!(as_row(&plain, &Tz4Address([6; 20]), &known), None);
    }
}
