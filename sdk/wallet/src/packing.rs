//! From many payments to few transactions: as many as a message has room for are paid together.

use std::collections::BTreeMap;

use encoding::limits::INBOX_MESSAGE_BYTES;
use encoding::{Amount, Ticket, TicketIndex};
use inbox::v2::{Action, Memo, Name, TicketName};

use crate::ticket::Token;

/// Bytes of a message that are left for payments, beside the frame, a registration, the operation's
/// own fields with the longest memo, and the signature.
const ROOM: usize = INBOX_MESSAGE_BYTES - 500;

/// A payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// Who is paid, as the transaction is to name them.
    pub to: Name,
    /// Of what.
    pub token: Token,
    /// How much, in the smallest units.
    pub amount: Amount,
    /// A remark.
    pub memo: Option<Memo>,
}

/// What one transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// The moves of its one operation.
    pub moves: Vec<Action>,
    /// Its remark.
    pub memo: Option<Memo>,
    /// Which payments it makes, by their indexes in what was given, in the order of its moves.
    pub payments: Vec<usize>,
}

/// Puts payments into transactions, in their order: each has room in a message, and one remark. With
/// `by_index`, tickets are named by their indexes in the registry.
#[must_use]
pub fn pack(payments: &[Payment], by_index: bool) -> Vec<Packed> {
    let mut all = Vec::new();
    let mut group = Group::default();
    for (at, payment) in payments.iter().enumerate() {
        if !group.add(at, payment, by_index) {
            all.push(std::mem::take(&mut group).packed());
            group.add(at, payment, by_index);
        }
    }
    if !group.by_ticket.is_empty() {
        all.push(group.packed());
    }
    all
}

/// The payments of one transaction.
#[derive(Default)]
struct Group<'p> {
    /// In the order of their indexes; those that have none are told apart by what they are.
    by_ticket: BTreeMap<(TicketIndex, &'p Ticket), Payees>,
    bytes: usize,
    memo: Option<Memo>,
}

/// Everybody who is paid of one ticket.
struct Payees {
    ticket: TicketName,
    to: Vec<(Name, Amount)>,
    payments: Vec<usize>,
}

impl<'p> Group<'p> {
    /// Takes a payment in, if there is room for it and its remark is that of the others.
    fn add(&mut self, at: usize, payment: &'p Payment, by_index: bool) -> bool {
        const LARGEST_NUMBER: usize = 12;
        let Payment { to, token, amount, memo } = payment;
        let is_first = self.by_ticket.is_empty();
        if !is_first && self.memo != *memo {
            return false;
        }
        let name = match to {
            Name::Index(_) | Name::Registration(_) => 5,
            Name::Address(_) => 21,
        };
        let ticket = match token.known_index().filter(|_| by_index) {
            Some(index) => TicketName::Index(index),
            None => TicketName::Full(token.ticket.clone()),
        };
        let key = (token.index, &token.ticket);
        let new = match (&ticket, self.by_ticket.contains_key(&key)) {
            (_, true) => 0,
            (TicketName::Index(_), false) => 2 * LARGEST_NUMBER,
            (TicketName::Full(ticket), false) => 2 * LARGEST_NUMBER + ticket.to_record().len(),
        };
        let bytes = self.bytes + new + name + amount_bytes(*amount);
        if bytes > ROOM && !is_first {
            return false;
        }
        self.bytes = bytes;
        self.memo.clone_from(memo);
        let new = || Payees { ticket, to: Vec::new(), payments: Vec::new() };
        let payees = self.by_ticket.entry(key).or_insert_with(new);
        payees.to.push((*to, *amount));
        payees.payments.push(at);
        true
    }

    fn packed(self) -> Packed {
        let mut packed = Packed { moves: Vec::new(), memo: self.memo, payments: Vec::new() };
        for Payees { ticket, to, payments } in self.by_ticket.into_values() {
            packed.moves.push(Action::Transfers { ticket, to });
            packed.payments.extend(payments);
        }
        packed
    }
}

/// Bytes of an amount in a batch.
fn amount_bytes(amount: Amount) -> usize {
    let mut bytes = Vec::new();
    encoding::write::amount(amount, &mut bytes);
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins::Pins;
    use encoding::{Kt1Address, TicketContent, Tz4Address};

    fn payment(number: u8, token: u32, memo: Option<&str>) -> Payment {
        let content = TicketContent::NatBytes(token.into(), None);
        let ticket = Ticket { ticketer: Kt1Address([9; 20]), content };
        Payment {
            to: Name::Address(Tz4Address([number; 20])),
            token: Token::new(TicketIndex(token), ticket, &Pins::default()),
            amount: Amount::new(number.into()),
            memo: memo.map(|memo| Memo::Bytes(memo.as_bytes().to_vec())),
        }
    }

    #[test]
    fn every_payment_is_in_one_transaction_and_remarks_are_apart() {
        let memos = [None, None, Some("a"), Some("a"), Some("b"), None];
        let few: Vec<Payment> =
            (1..).zip(memos).map(|(number, memo)| payment(number, 0, memo)).collect();
        let packed = pack(&few, false);
        let indexes: Vec<_> = packed.iter().map(|one| one.payments.clone()).collect();
        assert_eq!(indexes, [vec![0, 1], vec![2, 3], vec![4], vec![5]]);
        assert_eq!(packed[1].memo, few[2].memo);

        let many: Vec<Payment> = (0..1_000)
            .map(|at| payment(1 + u8::try_from(at % 200).unwrap(), at % 3, None))
            .collect();
        for (by_index, fewest) in [(false, 6), (true, 6)] {
            let packed = pack(&many, by_index);
            assert!((fewest..20).contains(&packed.len()), "{}", packed.len());
            // Each is where the transaction's moves have it.
            for one in &packed {
                let paid = one.moves.iter().flat_map(|one| match one {
                    Action::Transfers { to, .. } => to.as_slice(),
                    Action::Withdraw { .. } => &[],
                });
                let wanted = one.payments.iter().map(|at| (many[*at].to, many[*at].amount));
                assert!(paid.copied().eq(wanted));
            }
            let mut indexes: Vec<usize> =
                packed.iter().flat_map(|one| one.payments.iter().copied()).collect();
            indexes.sort_unstable();
            assert_eq!(indexes, (0..1_000).collect::<Vec<_>>());
        }
    }
    #[test]
    fn tickets_that_the_rollup_has_never_held_are_not_taken_for_one_another() {
        let unheld = |number: u8| {
            let known = payment(number, number.into(), None);
            let token = Token::unindexed(known.token.ticket.clone(), &Pins::default());
            Payment { token, ..known }
        };
        let some = [unheld(1), unheld(2), unheld(1)];
        for by_index in [false, true] {
            let packed = pack(&some, by_index);
            let named = packed[0].moves.iter().map(|one| match one {
                Action::Transfers { ticket: TicketName::Full(ticket), to } => (ticket, to.len()),
                other => panic!("{other:?}"),
            });
            let expected = [(&some[0].token.ticket, 2), (&some[1].token.ticket, 1)];
            assert_eq!(named.collect::<Vec<_>>(), expected);
        }
    }
}
