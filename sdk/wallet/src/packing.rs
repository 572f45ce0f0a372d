//! From many payments to few transactions, and from these to few messages: each message is filled to its last
//! byte but for what no further row fits in.

mod measure;

use std::collections::{BTreeMap, HashMap};

use encoding::limits::{INBOX_MESSAGE_BYTES, INDIVIDUAL_SIGNATURES_PER_BATCH};
use encoding::{Amount, Counter, Ticket, TicketIndex};
use inbox::v2::{Action, Memo, Name, TicketName};

use crate::ticket::Token;
use measure::{action_bytes, count_bytes, envelope_bytes, head_bytes, row_bytes};

pub use measure::{MessageCost, messages};

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

/// What all transactions of one account have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The counter of the first; each later one has the next.
    pub counter: Counter,
    /// Whether they expire.
    pub expires: bool,
    /// Whether the first message registers the account's key.
    pub registers: bool,
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

/// Puts payments into transactions: as many as the message has room for, and one remark in each. Payments of one
/// remark are paid one after the other, in their order, remarks in the order of their first payments. With
/// `by_index`, tickets are named by their indexes in the registry.
#[must_use]
pub fn pack(payments: &[Payment], by_index: bool, frame: &Frame) -> Vec<Packed> {
    let mut packer = Packer::new(by_index, frame);
    for at in by_memo(payments) {
        if let Some(payment) = payments.get(at) {
            packer.add(at, payment);
        }
    }
    packer.end()
}

/// The moves of one operation that makes payments.
#[must_use]
pub fn moves(payments: &[Payment], by_index: bool) -> Vec<Action> {
    let mut group = Group::default();
    for (at, payment) in payments.iter().enumerate() {
        group.add(at, payment, by_index);
    }
    group.packed(None).moves
}

/// Payments in the order in which they are packed.
fn by_memo(payments: &[Payment]) -> Vec<usize> {
    let key = |memo: &'_ Option<Memo>| match memo {
        None => (0, Vec::new()),
        Some(Memo::Bytes(bytes)) => (1, bytes.clone()),
        Some(Memo::Hash(hash)) => (2, hash.0.to_vec()),
    };
    let mut first: HashMap<(u8, Vec<u8>), usize> = HashMap::new();
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(payments.len());
    for (at, payment) in payments.iter().enumerate() {
        order.push((*first.entry(key(&payment.memo)).or_insert(at), at));
    }
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

/// The message that is being filled.
struct Packer<'p> {
    by_index: bool,
    expires: bool,
    counter: Counter,
    done: Vec<Packed>,
    /// Bytes of the message so far, without those of the transaction in progress.
    before: usize,
    /// Transactions of the message so far, the one in progress among them.
    count: u32,
    memo: Option<Memo>,
    group: Group<'p>,
}

impl<'p> Packer<'p> {
    fn new(by_index: bool, frame: &Frame) -> Self {
        Packer {
            by_index,
            expires: frame.expires,
            counter: frame.counter,
            done: Vec::new(),
            before: envelope_bytes(frame.registers),
            count: 0,
            memo: None,
            group: Group::default(),
        }
    }

    fn add(&mut self, at: usize, payment: &'p Payment) {
        let is_open = !self.group.by_ticket.is_empty();
        let more = self.group.more(payment, self.by_index);
        let fits = |bytes: usize| bytes <= INBOX_MESSAGE_BYTES;
        if is_open && self.memo == payment.memo && fits(self.before + self.group.bytes + more) {
            self.group.add(at, payment, self.by_index);
            return;
        }
        if is_open {
            self.before += self.group.bytes;
            self.close();
        }
        let head = head_bytes(self.expires, self.counter, payment.memo.as_ref());
        let alone = head + Group::default().more(payment, self.by_index);
        let is_full = self.count >= INDIVIDUAL_SIGNATURES_PER_BATCH;
        if self.count > 0 && (is_full || !fits(self.before + alone)) {
            (self.before, self.count) = (envelope_bytes(false), 0);
        }
        self.count += 1;
        self.memo.clone_from(&payment.memo);
        self.group = Group { bytes: head, ..Group::default() };
        self.group.add(at, payment, self.by_index);
    }

    /// Ends the transaction in progress.
    fn close(&mut self) {
        let group = std::mem::take(&mut self.group);
        self.done.push(group.packed(self.memo.take()));
        self.counter = self.counter.next().unwrap_or(self.counter);
    }

    fn end(mut self) -> Vec<Packed> {
        if !self.group.by_ticket.is_empty() {
            self.close();
        }
        self.done
    }
}

/// The payments of one transaction.
#[derive(Default)]
struct Group<'p> {
    /// In the order of their indexes; those that have none are told apart by what they are.
    by_ticket: BTreeMap<(TicketIndex, &'p Ticket), Payees>,
    bytes: usize,
}

/// Everybody who is paid of one ticket.
struct Payees {
    ticket: TicketName,
    to: Vec<(Name, Amount)>,
    payments: Vec<usize>,
}

impl<'p> Group<'p> {
    /// How many bytes a payment adds.
    fn more(&self, payment: &Payment, by_index: bool) -> usize {
        let row = row_bytes(payment.to, payment.amount);
        match self.by_ticket.get(&(payment.token.index, &payment.token.ticket)) {
            Some(payees) => row + count_bytes(payees.to.len() + 1) - count_bytes(payees.to.len()),
            None => {
                let tickets = self.by_ticket.len();
                let counts = count_bytes(tickets + 1) - count_bytes(tickets);
                row + action_bytes(&ticket_name(&payment.token, by_index)) + counts
            }
        }
    }

    /// Takes a payment in.
    fn add(&mut self, at: usize, payment: &'p Payment, by_index: bool) {
        self.bytes += self.more(payment, by_index);
        let Payment { to, token, amount, .. } = payment;
        let new = || Payees {
            ticket: ticket_name(token, by_index),
            to: Vec::new(),
            payments: Vec::new(),
        };
        let payees = self.by_ticket.entry((token.index, &token.ticket)).or_insert_with(new);
        payees.to.push((*to, *amount));
        payees.payments.push(at);
    }

    fn packed(self, memo: Option<Memo>) -> Packed {
        let mut packed = Packed { moves: Vec::new(), memo, payments: Vec::new() };
        for Payees { ticket, to, payments } in self.by_ticket.into_values() {
            packed.moves.push(Action::Transfers { ticket, to });
            packed.payments.extend(payments);
        }
        packed
    }
}

/// How a transaction names a ticket.
fn ticket_name(token: &Token, by_index: bool) -> TicketName {
    match token.known_index().filter(|_| by_index) {
        Some(index) => TicketName::Index(index),
        None => TicketName::Full(token.ticket.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pins::Pins;
    use encoding::{Kt1Address, TicketContent, Tz4Address};

    const FRAME: Frame = Frame { counter: Counter::FIRST, expires: true, registers: false };

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
        let packed = pack(&few, false, &FRAME);
        let indexes: Vec<_> = packed.iter().map(|one| one.payments.clone()).collect();
        assert_eq!(indexes, [vec![0, 1, 5], vec![2, 3], vec![4]], "remarks are put together");
        assert_eq!(packed[1].memo, few[2].memo);

        let many: Vec<Payment> = (0..1_000)
            .map(|at| payment(1 + u8::try_from(at % 200).unwrap(), at % 3, None))
            .collect();
        for (by_index, messages) in [(false, 6), (true, 6)] {
            let packed = pack(&many, by_index, &FRAME);
            assert_eq!(packed.len(), messages);
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
            let packed = pack(&some, by_index, &FRAME);
            let named = packed[0].moves.iter().map(|one| match one {
                Action::Transfers { ticket: TicketName::Full(ticket), to } => (ticket, to.len()),
                other => panic!("{other:?}"),
            });
            let expected = [(&some[0].token.ticket, 2), (&some[1].token.ticket, 1)];
            assert_eq!(named.collect::<Vec<_>>(), expected);
        }
    }
}
