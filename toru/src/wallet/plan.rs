//! What transactions would do, in words and as JSON, before anybody signs.

use encoding::{Amount, Level, TicketIndex, Tz4Address};
use inbox::v2::{Memo, Move, Name, Operation, TicketName};
use serde_json::{Value, json};
use tx_kernel::results::Reason;
use wallet::bundle::unsigned;
use wallet::foresight::{Foreseen, Foresight, foresight};
use wallet::state::State;
use wallet::ticket::Token;
use wallet::transaction::Signable;

use super::grid::{grid, grouped};
use super::{Session, WalletFailure};
use crate::compact::memo_text;
use crate::error::Failure;

/// Transactions, and what is known of them.
pub(super) struct Plan {
    /// The transactions.
    pub transactions: Vec<Signable>,
    /// The accounts whose keys they register.
    pub registers: Vec<Tz4Address>,
    /// What comes of them on layer 1: in words, and as JSON.
    pub outlook: Option<(String, Value)>,
    tokens: Vec<Token>,
    names: Vec<(Tz4Address, String)>,
    foreseen: Ahead,
    level: Level,
}

/// How much can be foreseen.
enum Ahead {
    /// Nothing: these signers are not registered, and their keys are not here.
    Unknown(Vec<Tz4Address>),
    /// The kernel would refuse all of it.
    Refused(Reason),
    /// This.
    Foreseen(Foreseen),
}

impl Plan {
    /// Looks ahead.
    pub fn new(
        session: &Session,
        state: &State<'_>,
        transactions: Vec<Signable>,
    ) -> Result<Self, Failure> {
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let (mut registers, mut keys, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for (signer, signed) in transactions.iter().flat_map(|one| {
            one.signers().into_iter().map(|signer| (signer, one.signature_of(&signer)))
        }) {
            let account = state.account(&signer).map_err(WalletFailure::State)?;
            if account.registered || registers.contains(&signer) {
                continue;
            }
            let known = match signed {
                Some(signed) => Some(signed.key),
                None => session.by_address(signer)?.public_key()?,
            };
            match known {
                Some(key) => {
                    registers.push(signer);
                    keys.push(key.to_compressed());
                }
                None => missing.push(signer),
            }
        }
        let foreseen = match missing.is_empty() {
            false => Ahead::Unknown(missing),
            true => {
                let batch = unsigned(&transactions, &keys);
                match foresight(state, &batch).map_err(WalletFailure::State)? {
                    Foresight::Refused(reason) => Ahead::Refused(reason),
                    Foresight::Applied(foreseen) => Ahead::Foreseen(foreseen),
                }
            }
        };
        let mut plan = Plan {
            transactions,
            registers,
            outlook: None,
            tokens,
            names: Vec::new(),
            foreseen,
            level: state.next_level(),
        };
        for address in plan.accounts(state)? {
            if let Some(name) = session.by_address(address)?.name {
                plan.names.push((address, name));
            }
        }
        Ok(plan)
    }

    /// Everybody who is in it.
    fn accounts(&self, state: &State<'_>) -> Result<Vec<Tz4Address>, Failure> {
        let mut all = Vec::new();
        for operation in self.transactions.iter().flat_map(|one| &one.transaction().operations) {
            let receivers = operation.moves.iter().flat_map(|one| match one {
                Move::Transfers { to, .. } => to.as_slice(),
                Move::Withdraw { .. } => &[],
            });
            for name in receivers.map(|(name, _)| *name).chain([operation.signer]) {
                let address = match name {
                    Name::Address(address) => Some(address),
                    Name::Index(index) => state.address(index).map_err(WalletFailure::State)?,
                    Name::Place(_) => None,
                };
                if let Some(address) = address.filter(|address| !all.contains(address)) {
                    all.push(address);
                }
            }
        }
        Ok(all)
    }

    /// The reason for which it would be refused, if it would be.
    pub fn refusal(&self) -> Option<Reason> {
        match &self.foreseen {
            Ahead::Unknown(_) => None,
            Ahead::Refused(reason) => Some(*reason),
            Ahead::Foreseen(foreseen) => foreseen.failure().map(|(_, _, reason)| reason),
        }
    }

    /// In words.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let many = self.transactions.len() > 1;
        for (number, one) in self.transactions.iter().enumerate() {
            if many {
                text.push_str(&format!("transaction {number}\n"));
            }
            for operation in &one.transaction().operations {
                text.push_str(&self.operation(operation));
            }
            if let Some(expires) = one.transaction().expires {
                let left = i64::from(expires.0) - i64::from(self.level.0) + 1;
                let left = match left {
                    ..=0 => "it has expired".to_owned(),
                    left => format!("{left} levels from now"),
                };
                text.push_str(&format!("  valid up to level {expires}, {left}\n"));
            }
            text.push_str(&format!("  hash {}\n", one.hash()));
        }
        for address in &self.registers {
            text.push_str(&format!("  registers the key of {}\n", self.name(address)));
        }
        match &self.foreseen {
            Ahead::Unknown(missing) => {
                let missing: Vec<String> = missing.iter().map(|one| self.name(one)).collect();
                text.push_str(&format!(
                    "what it does cannot be foreseen yet: not registered, and no key here: {}\n",
                    missing.join(", ")
                ));
            }
            Ahead::Refused(_) => {}
            Ahead::Foreseen(foreseen) if foreseen.changes.is_empty() => {}
            Ahead::Foreseen(foreseen) => {
                let rows = foreseen.changes.iter().map(|change| {
                    let (before, after) = (change.before, change.after);
                    let amount = |amount| grouped(&self.amount_of(change.ticket, amount));
                    let ticket = self.token(change.ticket).map_or_else(String::new, Token::label);
                    vec![self.name(&change.account), ticket, amount(before), amount(after)]
                });
                text.push_str(&grid(
                    &["account", "ticket", "before", "after"],
                    &["before", "after"],
                    rows,
                ));
            }
        }
        text.push_str(self.outlook.as_ref().map_or("", |(words, _)| words));
        text
    }

    fn operation(&self, operation: &Operation) -> String {
        let who = match operation.signer {
            Name::Address(address) => self.name(&address),
            Name::Index(index) => format!("account {index}"),
            Name::Place(place) => format!("the key {place} of the batch"),
        };
        let mut lines = Vec::new();
        for one in &operation.moves {
            match one {
                Move::Transfers { ticket, to } => {
                    const SHOWN: usize = 20;
                    for (receiver, amount) in to.iter().take(SHOWN) {
                        let receiver = match receiver {
                            Name::Address(address) => self.name(address),
                            Name::Index(index) => format!("account {index}"),
                            Name::Place(place) => format!("the key {place} of the batch"),
                        };
                        lines.push(format!("pays {} to {receiver}", self.amount(ticket, *amount)));
                    }
                    if to.len() > SHOWN {
                        let rest = to.iter().skip(SHOWN);
                        let sum = rest
                            .map(|(_, amount)| *amount)
                            .try_fold(Amount::ZERO, Amount::checked_add);
                        let sum = sum.map_or("more than there can be".to_owned(), |sum| {
                            self.amount(ticket, sum)
                        });
                        lines.push(format!("pays {} others {sum} in all", to.len() - SHOWN));
                    }
                }
                Move::Withdraw { ticket, to, entrypoint, amount } => lines.push(format!(
                    "withdraws {} to {to}%{entrypoint}",
                    self.amount(ticket, *amount)
                )),
            }
        }
        if lines.is_empty() {
            lines.push("does nothing".to_owned());
        }
        let memo = operation.memo.as_ref().map(|memo| format!("    memo {}\n", memo_text(memo)));
        let lines: String = lines.iter().map(|line| format!("    {line}\n")).collect();
        format!("  {who}, counter {}\n{lines}{}", operation.counter, memo.unwrap_or_default())
    }

    /// As JSON.
    pub fn json(&self) -> Value {
        let changes = match &self.foreseen {
            Ahead::Foreseen(foreseen) => {
                let changes = foreseen.changes.iter().map(|change| {
                    json!({
                        "account": change.account.to_string(),
                        "place": change.ticket.0,
                        "ticket": self.token(change.ticket).map(Token::label),
                        "before": self.amount_of(change.ticket, change.before),
                        "after": self.amount_of(change.ticket, change.after),
                    })
                });
                changes.collect()
            }
            Ahead::Unknown(_) | Ahead::Refused(_) => Value::Null,
        };
        let refusal = self
            .refusal()
            .map(|reason| json!({"code": reason.code, "reason": crate::reasons::words(&reason)}));
        let transactions = self.transactions.iter().map(|one| {
            let operations = one.transaction().operations.iter();
            json!({
                "hash": one.hash().to_string(),
                "expires": one.transaction().expires.map(|level| level.0),
                "operations": operations.map(|one| self.operation_json(one)).collect::<Value>(),
            })
        });
        json!({
            "rollup": self.transactions.first().map(|one| one.rollup().to_string()),
            "level": self.level.0,
            "transactions": transactions.collect::<Value>(),
            "registers": self.registers.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "changes": changes,
            "refusal": refusal,
            "outlook": self.outlook.as_ref().map(|(_, json)| json),
        })
    }

    fn operation_json(&self, operation: &Operation) -> Value {
        let name = |name: &Name| match name {
            Name::Address(address) => json!(address.to_string()),
            Name::Index(index) => json!(format!("#{index}")),
            Name::Place(_) => Value::Null,
        };
        let moves = operation.moves.iter().flat_map(|one| match one {
            Move::Transfers { ticket, to } => {
                let to = to.iter().map(|(to, amount)| {
                    json!({"pay": name(to), "ticket": self.label(ticket),
                           "amount": self.decimals(ticket, *amount)})
                });
                to.collect::<Vec<_>>()
            }
            Move::Withdraw { ticket, to, entrypoint, amount } => vec![json!({
                "withdraw": format!("{to}%{entrypoint}"), "ticket": self.label(ticket),
                "amount": self.decimals(ticket, *amount),
            })],
        });
        json!({
            "signer": name(&operation.signer),
            "counter": operation.counter.get().to_string(),
            "memo": operation.memo.as_ref().map(memo_text),
            "moves": moves.collect::<Value>(),
        })
    }

    /// An account by its name here, or by its address.
    pub fn name(&self, address: &Tz4Address) -> String {
        let known = self.names.iter().find(|(other, _)| other == address);
        known.map_or_else(|| address.to_string(), |(_, name)| format!("{name} ({address})"))
    }

    fn token(&self, index: TicketIndex) -> Option<&Token> {
        self.tokens.iter().find(|token| token.index == index)
    }

    fn named(&self, ticket: &TicketName) -> Option<&Token> {
        self.tokens.iter().find(|token| match ticket {
            TicketName::Index(index) => token.index == *index,
            TicketName::Full(ticket) => token.ticket == *ticket,
        })
    }

    /// What to call a ticket; one that the rollup does not know by all that it is.
    fn label(&self, ticket: &TicketName) -> String {
        match (self.named(ticket), ticket) {
            (Some(token), _) => token.label(),
            (None, TicketName::Index(index)) => format!("#{index}"),
            (None, TicketName::Full(ticket)) => {
                Token::new(TicketIndex(u32::MAX), ticket.clone()).symbol.unwrap_or_else(|| {
                    format!("{}/{}", ticket.ticketer, hex::encode(ticket.content.to_micheline()))
                })
            }
        }
    }

    fn decimals(&self, ticket: &TicketName, amount: Amount) -> String {
        let decimals = self.named(ticket).map_or(0, |token| token.decimals);
        wallet::amount::text(amount, decimals)
    }

    fn amount(&self, ticket: &TicketName, amount: Amount) -> String {
        let of = match (self.named(ticket), ticket) {
            (Some(token), _) => format!(" of {}", token.ticket.ticketer),
            (None, TicketName::Full(ticket)) => format!(" of {}", ticket.ticketer),
            (None, TicketName::Index(_)) => String::new(),
        };
        format!("{} {}{of}", grouped(&self.decimals(ticket, amount)), self.label(ticket))
    }

    fn amount_of(&self, ticket: TicketIndex, amount: Amount) -> String {
        wallet::amount::text(amount, self.token(ticket).map_or(0, |token| token.decimals))
    }
}

/// A memo that somebody gave on the command line.
pub(super) fn memo(text: Option<&str>) -> Result<Option<Memo>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let bytes = text.as_bytes();
    match (1..=inbox::v2::MEMO_BYTES).contains(&bytes.len()) {
        true => Ok(Some(Memo::Bytes(bytes.to_vec()))),
        false => Err(WalletFailure::Memo(bytes.len()).into()),
    }
}
