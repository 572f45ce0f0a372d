//! Batches in wire format v1: every transaction has its own signatures, which are summed.

use bls::Signature;
use encoding::Counter;
use inbox::v1::{Batch, Content as Written, Operation, Transaction};

use crate::error::Problem;
use crate::fixtures::Fixtures;
use crate::model::{BatchSpec, Content, OperationSpec};
use crate::reference::only_v2;

/// An operation as v1 has it.
pub(crate) fn operation(spec: &OperationSpec, fixtures: &Fixtures) -> Result<Operation, Problem> {
    if spec.memo.is_some() {
        return Err(only_v2("a memo"));
    }
    let person = spec.signs.as_ref().and_then(|name| fixtures.known(name));
    let signer = spec.signer.as_signer(person.map(|person| person.key.to_compressed()))?;
    let contents = spec.contents.iter().map(|content| {
        Ok(match content {
            Content::Pay { to, ticket, amount } => {
                let (to, ticket) = (to.as_receiver()?, ticket.in_full()?);
                Written::Transfer { to, ticket, amount: *amount }
            }
            Content::Withdraw { receiver: Some(_), .. } => {
                return Err(only_v2("a withdrawal for somebody"));
            }
            Content::Withdraw { to, ticket, amount, entrypoint, receiver: None } => {
                Written::Withdraw {
                    to: *to,
                    ticket: ticket.in_full()?,
                    amount: *amount,
                    entrypoint: entrypoint.clone(),
                }
            }
        })
    });
    let contents = contents.collect::<Result<_, Problem>>()?;
    Ok(Operation { signer, counter: Counter::new(spec.counter), contents })
}

/// The batch, not yet signed, and the signatures that its transactions ask for.
pub(crate) fn build(
    spec: &BatchSpec,
    fixtures: &Fixtures,
) -> Result<(Batch, Vec<Signature>), Problem> {
    if !spec.registrations.is_empty() {
        return Err(only_v2("a registration"));
    }
    let mut signatures = Vec::new();
    let mut transactions = Vec::new();
    for transaction in &spec.transactions {
        let operations = transaction.operations.iter();
        let operations =
            operations.map(|one| operation(one, fixtures)).collect::<Result<_, _>>()?;
        let built = Transaction { operations };
        let message = built.signed_bytes();
        let people = transaction.signatories().into_iter().filter_map(|name| fixtures.known(name));
        signatures.extend(people.map(|person| person.sign(&message)));
        transactions.push(built);
    }
    Ok((Batch { transactions, signature: [0; 96] }, signatures))
}
