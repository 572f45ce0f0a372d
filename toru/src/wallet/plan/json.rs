//! A plan as JSON.

use encoding::Amount;
use inbox::v2::{Action, Name, Operation, TicketName};
use serde_json::{Value, json};
use wallet::outbox::receiver_text;
use wallet::ticket::Token;

use super::{Plan, Simulated};
use explain::batch_v2::memo_text;

impl Plan {
    /// As JSON.
    pub fn json(&self) -> Value {
        let changes = match &self.simulated {
            Simulated::Applied(simulated) => {
                let changes = simulated.changes.iter().map(|change| {
                    json!({
                        "account": change.account.to_string(),
                        "ticket_index": self.book.token(change.ticket).and_then(Token::known_index).map(|index| index.0),
                        "ticket": self.book.token(change.ticket).map(Token::word),
                        "before": self.book.amount_of(change.ticket, change.before),
                        "after": self.book.amount_of(change.ticket, change.after),
                    })
                });
                changes.collect()
            }
            Simulated::Offline | Simulated::Unknown(_) | Simulated::Refused(_) => Value::Null,
        };
        let refusal = self.refusal();
        let refusal = refusal.map(|(reason, words)| explain::outcome::json_with(&reason, &words));
        let transactions = self.transactions.iter().enumerate().map(|(number, one)| {
            let operations = one.transaction().operations.iter();
            let mut lines = self.lines.get(number).into_iter().flatten().copied();
            let operations = operations.map(|one| self.operation_json(one, &mut lines));
            json!({
                "hash": one.hash().to_string(),
                "expires": one.transaction().expires.map(|level| level.0),
                "operations": operations.collect::<Value>(),
            })
        });
        let failures = self.failures().into_iter().map(|(number, reason, words)| {
            let signers = self.transactions.get(number).map(|one| one.signers());
            let signers = signers.unwrap_or_default();
            let mut told = explain::outcome::json_with(&reason, &words);
            told["transaction"] = json!(number);
            told["signers"] = signers.iter().map(ToString::to_string).collect();
            told
        });
        json!({
            "rollup": self.transactions.first().map(|one| one.rollup().to_string()),
            "level": self.level.map(|level| level.0),
            "totals": self.totals_json(),
            "transactions": transactions.collect::<Value>(),
            "registers": self.registers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "changes": changes,
            "refusal": refusal,
            "notes": self.notes(),
            "failures": failures.collect::<Value>(),
            "via": self.way.as_ref().map(|(_, json)| json),
            "outlook": self.outlook.as_ref().map(|(_, json)| json),
        })
    }

    fn operation_json(
        &self,
        operation: &Operation,
        lines: &mut impl Iterator<Item = u64>,
    ) -> Value {
        let name = |name: &Name| match name {
            Name::Address(address) => json!(address.to_string()),
            // Whoever reads it wants to know who that is, however it is named.
            Name::Index(index) => match self.book.at(*index) {
                Some(address) => json!(address.to_string()),
                None => json!(format!("#{index}")),
            },
            Name::Registration(_) => Value::Null,
        };
        let of = |ticket: &TicketName, amount: Amount, mut shown: Value| {
            if let (Value::Object(shown), Value::Object(ticket)) =
                (&mut shown, self.book.ticket_json(ticket))
            {
                shown.extend(ticket);
            }
            shown["amount"] = json!(self.book.decimals(ticket, amount));
            shown["units"] = json!(amount.get().to_string());
            shown
        };
        let moves = operation.actions.iter().flat_map(|one| match one {
            Action::Transfers { ticket, to } => {
                let to = to.iter().map(|(to, amount)| {
                    let line = lines.next();
                    of(ticket, *amount, json!({"pay": name(to), "line": line}))
                });
                to.collect::<Vec<_>>()
            }
            Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
                let call = json!({
                    "withdraw": format!("{to}%{entrypoint}"),
                    "receiver": receiver.map(receiver_text),
                });
                vec![of(ticket, *amount, call)]
            }
        });
        json!({
            "signer": name(&operation.signer),
            "counter": operation.counter.get().to_string(),
            "memo": operation.memo.as_ref().map(memo_text),
            "actions": moves.collect::<Value>(),
        })
    }
}
