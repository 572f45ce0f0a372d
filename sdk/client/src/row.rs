//! A transaction that has room in a transfer group, and what it is there.

use encoding::Level;
use inbox::v2::{Action, Name, TicketName, Transaction, Transfer};

/// A transaction of one transfer, as a row of a transfer group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The group's ticket.
    pub ticket: TicketName,
    /// The group's last level.
    pub expires: Option<Level>,
    /// The row.
    pub transfer: Transfer,
}

impl Row {
    /// The row that has this transaction as its own form: whoever signed the transaction for itself has signed
    /// the row. `None` if there is none: several operations or transfers, a memo, a withdrawal, a signer that is
    /// not named by index, or a receiver named by registration.
    #[must_use]
    pub fn of(transaction: &Transaction) -> Option<Row> {
        let Transaction { expires, operations } = transaction;
        let [operation] = operations.as_slice() else { return None };
        let (Name::Index(signer), None) = (operation.signer, &operation.memo) else { return None };
        let [Action::Transfers { ticket, to }] = operation.actions.as_slice() else { return None };
        let [(to, amount)] = to.as_slice() else { return None };
        if matches!(to, Name::Registration(_)) {
            return None;
        }
        let transfer = Transfer { signer, counter: operation.counter, to: *to, amount: *amount };
        Some(Row { ticket: ticket.clone(), expires: *expires, transfer })
    }
}
