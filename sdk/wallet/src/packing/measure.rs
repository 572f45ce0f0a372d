//! How many bytes the parts of a message take, as the encoder writes them, and what a message asks for.

use client::Builder;
use encoding::limits::{INBOX_MESSAGE_BYTES, INDIVIDUAL_SIGNATURES_PER_BATCH};
use encoding::{Amount, Counter, RollupAddress, TicketIndex, Tz4Address, VerificationGas, write};
use inbox::envelope::framed_v2;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Memo, Name, Operation, Registration, TicketName, Transaction,
};
use tx_kernel::price::Price;

/// A message of transactions that one account signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MessageCost {
    /// How many transactions are in it.
    pub transactions: usize,
    /// Its bytes, with its tag: what layer 1 is paid for.
    pub bytes: usize,
    /// The verification gas that it asks for.
    pub gas: VerificationGas,
}

/// Bytes of a message without its transactions: its tag, its frame, its signature, and the registration of
/// its signer if there is one.
pub(super) fn envelope_bytes(registers: bool) -> usize {
    message_bytes(&batch(Vec::new(), registers)) + count_bytes(1)
}

/// Bytes of a transaction of one operation, without its actions.
pub(super) fn head_bytes(expires: bool, counter: Counter, memo: Option<&Memo>) -> usize {
    let expires = expires.then_some(encoding::Level(0));
    transaction(expires, counter, memo.cloned(), Vec::new()).encode().len()
}

/// Bytes of an action without its rows.
pub(super) fn action_bytes(ticket: &TicketName) -> usize {
    let with = vec![Action::Transfers { ticket: ticket.clone(), to: Vec::new() }];
    plain_bytes(with) - plain_bytes(Vec::new())
}

/// Bytes of a row.
pub(super) fn row_bytes(to: Name, amount: Amount) -> usize {
    let ticket = || TicketName::Index(TicketIndex(0));
    let with = vec![Action::Transfers { ticket: ticket(), to: vec![(to, amount)] }];
    plain_bytes(with) - plain_bytes(vec![Action::Transfers { ticket: ticket(), to: Vec::new() }])
}

/// Bytes of the number before so many things.
pub(super) fn count_bytes(count: usize) -> usize {
    let mut bytes = Vec::new();
    write::varint(u64::try_from(count).unwrap_or(u64::MAX), &mut bytes);
    bytes.len()
}

/// The messages of transactions that one account signs, each for itself, in their order: as many in a message
/// as it holds. The first registers the account's key, if it is to.
#[must_use]
pub fn messages(transactions: &[&Transaction], registers: bool) -> Vec<MessageCost> {
    let most = usize::try_from(INDIVIDUAL_SIGNATURES_PER_BATCH).unwrap_or(usize::MAX);
    let mut all = Vec::new();
    let mut some: Vec<Transaction> = Vec::new();
    let mut bytes = envelope_bytes(registers);
    for one in transactions {
        let more = one.encode().len();
        if !some.is_empty() && (bytes + more > INBOX_MESSAGE_BYTES || some.len() >= most) {
            all.push(cost(std::mem::take(&mut some), registers && all.is_empty()));
            bytes = envelope_bytes(false);
        }
        bytes += more;
        some.push((*one).clone());
    }
    if !some.is_empty() {
        all.push(cost(some, registers && all.is_empty()));
    }
    all
}

fn cost(transactions: Vec<Transaction>, registers: bool) -> MessageCost {
    let count = transactions.len();
    let batch = batch(transactions, registers);
    let bytes = message_bytes(&batch);
    let gas = Price::of_v2(&batch, bytes).map_or(VerificationGas::ZERO, |price| price.gas);
    MessageCost { transactions: count, bytes, gas }
}

/// A batch as it is once all have signed for themselves.
fn batch(transactions: Vec<Transaction>, registers: bool) -> Batch {
    let mut builder = Builder::new();
    if registers {
        builder = builder.registration(Registration { key: [0; 48], proof: [0; 96] });
    }
    for one in transactions {
        builder = builder.transaction(one);
    }
    Batch {
        signature: Some([0; 96]),
        individually_signed: IndividuallySigned::Everybody,
        ..builder.build()
    }
}

fn message_bytes(batch: &Batch) -> usize {
    framed_v2(&RollupAddress([0; 20]), &batch.encode()).len()
}

/// Bytes of a transaction with these actions, whatever else is in it.
fn plain_bytes(actions: Vec<Action>) -> usize {
    transaction(None, Counter::FIRST, None, actions).encode().len()
}

fn transaction(
    expires: Option<encoding::Level>,
    counter: Counter,
    memo: Option<Memo>,
    actions: Vec<Action>,
) -> Transaction {
    let signer = Name::Address(Tz4Address([0; 20]));
    Transaction { expires, operations: vec![Operation { signer, counter, memo, actions }] }
}
