//! What is in the message that carries a hash: who pays whom how much of what.

use encoding::{Amount, Hash32};
use inbox::v2::{Action, Batch, Name, Operation, TicketName};
use serde_json::{Value, json};
use wallet::inboxes::{Carried, carried};
use wallet::state::RollupState;
use wallet::ticket::Token;

use super::grid::grouped;
use super::session::Session;
use crate::error::Failure;

/// Lines of a batch that are shown; JSON has all of them.
const SHOWN: usize = 20;

impl Session<'_> {
    /// Who pays whom how much of what under a hash that has a result, in words and as JSON; nothing where
    /// the node does not show the message that carried it.
    pub fn contents(
        &self,
        state: &RollupState<'_>,
        message: encoding::MessageId,
        hash: &Hash32,
    ) -> Result<Option<(String, Value)>, Failure> {
        let found = carried(self.wallet.node(), state.rollup(), message, hash);
        let Some(Carried { batch, transaction, .. }) = found? else {
            return Ok(None);
        };
        let numbers = match transaction {
            Some(number) => number..number.saturating_add(1),
            None => 0..batch.transactions(),
        };
        let (mut lines, mut all) = (Vec::new(), Vec::new());
        for number in numbers {
            let Some(transaction) = batch.transaction(number) else { continue };
            for (at, operation) in transaction.operations.iter().enumerate() {
                for (words, mut told) in self.moves(state, &batch, operation)? {
                    told["transaction"] = json!(number);
                    told["operation"] = json!(at);
                    all.push(told);
                    lines.push(words);
                }
            }
        }
        let more = lines.len().saturating_sub(SHOWN);
        let mut text: String = lines.iter().take(SHOWN).map(|line| format!("  {line}\n")).collect();
        if more > 0 {
            text.push_str(&format!("  and {more} more: --json has all of them\n"));
        }
        Ok(Some((text, Value::Array(all))))
    }

    fn moves(
        &self,
        state: &RollupState<'_>,
        batch: &Batch,
        operation: &Operation,
    ) -> Result<Vec<(String, Value)>, Failure> {
        let account = |name: Name| self.account_of(state, batch, name);
        let (from, from_json) = account(operation.signer)?;
        let mut all = Vec::new();
        for one in &operation.actions {
            let (ticket, paid): (&TicketName, Vec<(String, Value, Amount)>) = match one {
                Action::Transfers { ticket, to } => {
                    let paid = to.iter().map(|(name, amount)| {
                        let (to, to_json) = account(*name)?;
                        Ok((format!("to {to}"), json!({"to": to_json}), *amount))
                    });
                    (ticket, paid.collect::<Result<_, Failure>>()?)
                }
                Action::Withdraw { ticket, to, entrypoint, amount, .. } => {
                    let call = format!("{to}%{entrypoint}");
                    (
                        ticket,
                        vec![(format!("to layer 1, {call}"), json!({"withdraw": call}), *amount)],
                    )
                }
            };
            let token = state.token_named(ticket)?;
            for (to, mut told, amount) in paid {
                let (words, facts) = amount_of(token.as_ref(), ticket, amount);
                all.push((format!("{from} pays {words} {to}"), {
                    told["from"] = from_json.clone();
                    if let (Value::Object(told), Value::Object(facts)) = (&mut told, facts) {
                        told.extend(facts);
                    }
                    told
                }));
            }
        }
        Ok(all)
    }

    /// An account by its name here, and by its address as JSON.
    fn account_of(
        &self,
        state: &RollupState<'_>,
        batch: &Batch,
        name: Name,
    ) -> Result<(String, Value), Failure> {
        let address = match name {
            Name::Index(index) => state.address(index)?,
            name => batch.address_of(name),
        };
        Ok(match (address, name) {
            (Some(address), _) => (self.by_address(address)?.label(), json!(address.to_string())),
            (None, Name::Index(index)) => (format!("account {index}"), json!(format!("#{index}"))),
            (None, _) => ("nobody".to_owned(), Value::Null),
        })
    }
}

/// An amount of a ticket, in words and as JSON.
fn amount_of(token: Option<&Token>, name: &TicketName, amount: Amount) -> (String, Value) {
    let units = amount.get().to_string();
    match (token, name) {
        (Some(token), _) => {
            let decimal = wallet::amount::text(amount, token.decimals);
            let (ticketer, index) = (&token.ticket.ticketer, token.index);
            let words = format!("{} {} (#{index}) of {ticketer}", grouped(&decimal), token.label());
            let told = json!({
                "amount": decimal, "units": units, "ticket": token.word(), "ticket_index": index.0,
                "ticketer": ticketer.to_string(), "pinned": token.pinned.is_some(),
                "claims": token.symbol,
            });
            (words, told)
        }
        (None, TicketName::Full(ticket)) => {
            let ticketer = ticket.ticketer;
            let words = format!(
                "{} of a ticket of {ticketer} that the rollup does not know",
                grouped(&units)
            );
            (words, json!({"amount": units, "units": units, "ticketer": ticketer.to_string()}))
        }
        (None, TicketName::Index(index)) => {
            let words = format!("{} of #{index}, which the rollup does not know", grouped(&units));
            (words, json!({"amount": units, "units": units, "ticket_index": index.0}))
        }
    }
}
