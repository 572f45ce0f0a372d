//! Batches in wire format v2: rows and transactions, signed with the batch or each for itself.

use accounts::Ledger;
use bls::Signature;
use encoding::{AccountIndex, Counter, Level, RollupAddress, Ticket, TicketIndex, Tz4Address};
use host::Subtree;
use inbox::v2::{
    Action, Batch, IndividuallySigned as Bitmap, Name, Operation, TicketName, Transaction,
    Transfer, TransferGroup,
};
use pvm::{Durable, NativeHost};
use tx_kernel::layout::STATE;

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::model::{BatchSpec, Content, IndividuallySigned, OperationSpec, TransactionSpec};

/// What the rollup knows by index before a level.
pub(crate) struct Known<'d> {
    durable: &'d Durable,
}

impl<'d> Known<'d> {
    pub(crate) fn by(durable: &'d Durable) -> Self {
        Known { durable }
    }

    fn account(&self, address: &Tz4Address) -> Option<AccountIndex> {
        let host = NativeHost::over(self.durable.clone());
        Ledger::open(Subtree::new(&host, STATE)).ok()?.find_index(address).ok().flatten()
    }

    fn ticket(&self, ticket: &Ticket) -> Option<TicketIndex> {
        let host = NativeHost::over(self.durable.clone());
        Ledger::open(Subtree::new(&host, STATE)).ok()?.find_ticket(&ticket.hash()).ok().flatten()
    }
}

/// A batch, and where in it each transaction of the file is.
pub(crate) struct Built {
    pub batch: Batch,
    /// The number of each transaction of the file: rows come first.
    pub numbers: Vec<usize>,
    /// The signatures that are asked for.
    pub signatures: Vec<Signature>,
}

/// Builds a batch, its signature still missing.
pub(crate) fn build(
    spec: &BatchSpec,
    fixtures: &Fixtures,
    known: &Known<'_>,
    rollup: &RollupAddress,
) -> Result<Built, Problem> {
    let mut transfers = Vec::new();
    let mut transactions = Vec::new();
    for (at, transaction) in spec.transactions.iter().enumerate() {
        let built = self::transaction(transaction, spec, known)?;
        match transfer(&built).filter(|_| transaction.is_single) {
            Some(transfer) => transfers.push((at, transfer)),
            None => transactions.push((at, built)),
        }
    }
    let order: Vec<usize> =
        transfers.iter().map(|(at, _)| *at).chain(transactions.iter().map(|(at, _)| *at)).collect();
    let mut numbers = vec![0; order.len()];
    for (number, at) in order.iter().enumerate() {
        numbers[*at] = number;
    }
    let mut batch = Batch {
        expires: spec.expires,
        registrations: spec.registrations.clone(),
        transfer_groups: groups(transfers.into_iter().map(|(_, transfer)| transfer)),
        transactions: transactions.into_iter().map(|(_, transaction)| transaction).collect(),
        individually_signed: Bitmap::Nobody,
        signature: None,
    };
    let in_order = || order.iter().filter_map(|at| spec.transactions.get(*at));
    let individually_signed: Vec<bool> = in_order()
        .flat_map(|transaction| {
            transaction.operations.iter().map(|operation| {
                spec.is_individually_signed(transaction, operation.signs.as_deref())
            })
        })
        .collect();
    batch.individually_signed = match individually_signed
        .iter()
        .filter(|individually_signed| **individually_signed)
        .count()
    {
        0 => Bitmap::Nobody,
        all if all == individually_signed.len() => Bitmap::Everybody,
        _ => Bitmap::Some(
            (0..)
                .zip(individually_signed)
                .filter_map(|(number, individually_signed)| individually_signed.then_some(number))
                .collect(),
        ),
    };
    let signing_payload = batch.signing_payload(rollup);
    let mut signatures = Vec::new();
    for (number, transaction) in in_order().enumerate() {
        for name in transaction.signatories() {
            let Some(person) = fixtures.known(name) else { continue };
            let signing_payload = match spec.is_individually_signed(transaction, Some(name)) {
                true => {
                    batch.signing_payload_of_transaction(number, rollup).unwrap_or(signing_payload)
                }
                false => signing_payload,
            };
            signatures.push(person.sign_pop(&signing_payload.to_sign()));
        }
    }
    Ok(Built { batch, numbers, signatures })
}

impl BatchSpec {
    fn is_individually_signed(&self, transaction: &TransactionSpec, name: Option<&str>) -> bool {
        let among = |individually_signed: &IndividuallySigned| match individually_signed {
            IndividuallySigned::Nobody => false,
            IndividuallySigned::All => true,
            IndividuallySigned::These(names) => names.iter().any(|one| Some(one.as_str()) == name),
        };
        among(&self.individually_signed) || among(&transaction.individually_signed)
    }
}

fn transaction(
    spec: &TransactionSpec,
    batch: &BatchSpec,
    known: &Known<'_>,
) -> Result<Transaction, Problem> {
    let operations = spec.operations.iter().map(|one| operation(one, batch, known));
    Ok(Transaction { expires: spec.expires, operations: operations.collect::<Result<_, _>>()? })
}

fn operation(
    spec: &OperationSpec,
    batch: &BatchSpec,
    known: &Known<'_>,
) -> Result<Operation, Problem> {
    let index = |address: &Tz4Address| known.account(address);
    let signer = spec.signer.as_name(&batch.registrations, index)?;
    let mut moves: Vec<Action> = Vec::new();
    for content in &spec.contents {
        match content {
            Content::Pay { to, ticket, amount } => {
                let receiver = (to.as_name(&batch.registrations, index)?, *amount);
                let ticket = ticket.as_name(|ticket| known.ticket(ticket));
                match moves.last_mut() {
                    Some(Action::Transfers { ticket: before, to }) if *before == ticket => {
                        to.push(receiver);
                    }
                    _ => moves.push(Action::Transfers { ticket, to: vec![receiver] }),
                }
            }
            Content::Withdraw { to, ticket, amount, entrypoint, receiver } => {
                moves.push(Action::Withdraw {
                    ticket: ticket.as_name(|ticket| known.ticket(ticket)),
                    to: *to,
                    entrypoint: entrypoint.clone(),
                    receiver: *receiver,
                    amount: *amount,
                })
            }
        }
    }
    let counter = Counter::new(spec.counter);
    Ok(Operation { signer, counter, memo: spec.memo.clone(), actions: moves })
}

/// A transfer, and what those of its group share with it.
type Row = (Option<Level>, TicketName, Transfer);

/// A transaction as a row, if it is one transfer of somebody with an index, and nothing else.
fn transfer(transaction: &Transaction) -> Option<Row> {
    let Transaction { expires, operations } = transaction;
    let [Operation { signer: Name::Index(signer), counter, memo: None, actions: moves }] =
        &operations[..]
    else {
        return None;
    };
    let [Action::Transfers { ticket, to }] = &moves[..] else { return None };
    let [(to, amount)] = to[..] else { return None };
    let row = Transfer { signer: *signer, counter: *counter, to, amount };
    Some((*expires, ticket.clone(), row))
}

/// Rows in as few runs as keep their order.
fn groups(transfers: impl Iterator<Item = Row>) -> Vec<TransferGroup> {
    let mut groups: Vec<TransferGroup> = Vec::new();
    for (expires, ticket, transfer) in transfers {
        let last = groups.last_mut().filter(|group| {
            group.expires == expires
                && group.ticket == ticket
                && group.transfers.last().is_some_and(|last| last.signer < transfer.signer)
        });
        match last {
            Some(group) => group.transfers.push(transfer),
            None => groups.push(TransferGroup { expires, ticket, transfers: vec![transfer] }),
        }
    }
    groups
}
