//! What a batcher asks for: a price for each transfer and each withdrawal, paid in the same transaction.

use batcher_api::Fee;
use encoding::{Amount, Kt1Address, Ticket, TicketContent, Tz4Address, whole};
use inbox::v2::{Action, Name, TicketName, Transaction};

use super::error::BatcherError;
use super::http::Batcher;

/// A price, and who is paid it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// In which ticket.
    pub ticket: Ticket,
    /// For each transfer and each withdrawal, in the smallest units.
    pub each: Amount,
    /// The batcher's account.
    pub account: Tz4Address,
}

impl Price {
    /// What it comes to for a transaction; none if that is more than there can be of a ticket.
    #[must_use]
    pub fn of(&self, transaction: &Transaction) -> Option<Amount> {
        self.each.get().checked_mul(counted(transaction)).map(Amount::new)
    }

    /// The transaction with the fee in it, paid by its first operation after everything else; none if it comes to
    /// more than there can be of a ticket.
    #[must_use]
    pub fn paid_in(&self, mut transaction: Transaction) -> Option<Transaction> {
        let amount = self.of(&transaction)?;
        let operation = transaction.operations.first_mut()?;
        operation.actions.push(Action::Transfers {
            ticket: TicketName::Full(self.ticket.clone()),
            to: vec![(Name::Address(self.account), amount)],
        });
        Some(transaction)
    }
}

/// Transfers and withdrawals of a transaction, before a fee is in it.
#[must_use]
pub fn counted(transaction: &Transaction) -> u64 {
    let actions = transaction.operations.iter().flat_map(|one| &one.actions);
    let count = actions.map(|one| match one {
        Action::Transfers { to, .. } => u64::try_from(to.len()).unwrap_or(u64::MAX),
        Action::Withdraw { .. } => 1,
    });
    count.fold(0, u64::saturating_add)
}

impl Batcher {
    /// What it asks for: one of these prices is paid. If there are none, it costs nothing.
    ///
    /// # Errors
    /// When the quote is malformed.
    pub fn prices(&self) -> Result<Vec<Price>, BatcherError> {
        let malformed = |problem: &str| self.malformed("/v1/quote", problem);
        let quote = self.quote();
        let priced = quote.fees.iter().filter(|fee| fee.price != "0");
        let read = |fee: &Fee| {
            let account =
                quote.account.as_deref().and_then(|one| Tz4Address::from_base58(one).ok());
            let account =
                account.ok_or_else(|| malformed("a fee without an account to pay it to"))?;
            let each = fee.price.parse().ok().map(Amount::new);
            let each = each.ok_or_else(|| malformed("a price that is no amount"))?;
            let ticket = ticket(fee).ok_or_else(|| malformed("a fee in a malformed ticket"))?;
            Ok(Price { ticket, each, account })
        };
        priced.map(read).collect()
    }
}

fn ticket(fee: &Fee) -> Option<Ticket> {
    let ticketer = Kt1Address::from_base58(&fee.ticket.ticketer).ok()?;
    let content = whole(&hex::decode(&fee.ticket.content).ok()?, TicketContent::read).ok()?;
    Some(Ticket { ticketer, content })
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding::Counter;
    use inbox::v2::Operation;

    #[test]
    fn a_fee_counts_what_is_paid_for_and_not_itself() {
        let ticket = |name: &str| Ticket {
            ticketer: Kt1Address([9; 20]),
            content: TicketContent::String(name.as_bytes().to_vec()),
        };
        let to = |number, amount| (Name::Address(Tz4Address([number; 20])), Amount::new(amount));
        let operation = Operation {
            signer: Name::Address(Tz4Address([1; 20])),
            counter: Counter::FIRST,
            memo: None,
            actions: vec![Action::Transfers {
                ticket: TicketName::Full(ticket("gold")),
                to: vec![to(2, 5), to(3, 6)],
            }],
        };
        let plain = Transaction { expires: None, operations: vec![operation] };
        let account = Tz4Address([7; 20]);
        let price = Price { ticket: ticket("fee"), each: Amount::new(10), account };
        let paid = price.paid_in(plain.clone()).unwrap();
        let [_, Action::Transfers { ticket: named, to }] = &paid.operations[0].actions[..] else {
            panic!("{paid:?}")
        };
        assert_eq!(*named, TicketName::Full(ticket("fee")));
        assert_eq!(*to, [(Name::Address(account), Amount::new(20))]);
        let dear = Price { each: Amount::new(u64::MAX), ..price };
        assert!(dear.of(&plain).is_none() && dear.paid_in(plain).is_none());
    }
}
