//! A line of the log, as JSON.

use encoding::{
    Amount, Counter, Entrypoint, Hash32, Kt1Address, Level, Payout, Ticket, TicketContent,
    Tz4Address, whole,
};
use layer1::address::{Address, Role};
use layer1::plain::quoted;
use serde::{Deserialize, Serialize};
use tx_kernel::results::{Outcome, ResultCode};

use super::entry::{LogEntry, WithdrawalEnd};
use crate::outbox::{OutboxMessageId, receiver_of, receiver_text};
use crate::withdrawal::Withdrawal;

/// A line as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum LogLine {
    Sent {
        hash: String,
        account: String,
        counter: u64,
        expires: Option<i32>,
        to: String,
        entrypoint: String,
        /// Whom the contract pays; a bare ticket names nobody.
        receiver: Option<String>,
        ticketer: String,
        content: String,
        amount: u64,
        head: i32,
    },
    Applied {
        hash: String,
        level: i32,
    },
    Searched {
        hash: String,
        level: i32,
    },
    Found {
        hash: String,
        level: i32,
        index: u32,
    },
    #[serde(alias = "claimed")]
    Executed {
        hash: String,
    },
    Lost {
        hash: String,
    },
    Refused {
        hash: String,
        reason: Option<(u16, u64, u64)>,
    },
}

impl LogLine {
    /// The line of an entry.
    pub fn of(entry: &LogEntry) -> Self {
        match entry {
            LogEntry::Sent(sent) => LogLine::Sent {
                hash: sent.hash.to_string(),
                account: sent.account.to_string(),
                counter: sent.counter.get(),
                expires: sent.expires.map(|level| level.0),
                to: sent.payout.destination.to_string(),
                entrypoint: sent.payout.entrypoint.to_string(),
                receiver: sent.payout.receiver.map(receiver_text),
                ticketer: sent.payout.ticket.ticketer.to_string(),
                content: hex::encode(sent.payout.ticket.content.to_micheline()),
                amount: sent.payout.amount.get(),
                head: sent.sent.0,
            },
            LogEntry::Applied(hash, level) => {
                LogLine::Applied { hash: hash.to_string(), level: level.0 }
            }
            LogEntry::Searched(hash, level) => {
                LogLine::Searched { hash: hash.to_string(), level: level.0 }
            }
            LogEntry::Found(hash, OutboxMessageId { level, index }) => {
                LogLine::Found { hash: hash.to_string(), level: level.0, index: *index }
            }
            LogEntry::Ended(hash, end) => {
                let hash = hash.to_string();
                match end {
                    WithdrawalEnd::Executed => LogLine::Executed { hash },
                    WithdrawalEnd::Lost => LogLine::Lost { hash },
                    WithdrawalEnd::Refused(reason) => {
                        let reason = reason.map(|one| (one.code.number(), one.first, one.second));
                        LogLine::Refused { hash, reason }
                    }
                }
            }
        }
    }

    /// The entry of a line, or what is wrong with it.
    pub fn entry(self) -> Result<LogEntry, String> {
        let wrong = |field: &str| format!("\"{field}\" is malformed");
        let hashed = |text: &str| hash(text).ok_or_else(|| wrong("hash"));
        let address = |role: Role, text: &str, field: &str| {
            let address = Address::parse_as(role, text).map(|address| address.hash);
            address.map_err(|problem| format!("\"{field}\": {} {problem}", quoted(text)))
        };
        let contract = |text: &str, field| address(Role::Contract, text, field).map(Kt1Address);
        Ok(match self {
            LogLine::Sent {
                hash,
                account,
                counter,
                expires,
                to,
                entrypoint,
                receiver,
                ticketer,
                content,
                amount,
                head,
            } => {
                let bytes = hex::decode(&content).map_err(|_| wrong("content"))?;
                let content = whole(&bytes, TicketContent::read).map_err(|_| wrong("content"))?;
                // The call has no name for it: it has none.
                let name = if entrypoint == "default" { "" } else { &entrypoint };
                let name = Entrypoint::new(name.as_bytes()).ok_or_else(|| wrong("entrypoint"))?;
                LogEntry::Sent(Withdrawal {
                    hash: hashed(&hash)?,
                    account: Tz4Address(address(Role::Account, &account, "account")?),
                    counter: Counter::new(counter),
                    expires: expires.map(Level),
                    payout: Payout {
                        destination: contract(&to, "to")?,
                        entrypoint: name,
                        ticket: Ticket { ticketer: contract(&ticketer, "ticketer")?, content },
                        amount: Amount::new(amount),
                        receiver: receiver
                            .map(|text| receiver_of(&text).ok_or_else(|| wrong("receiver")))
                            .transpose()?,
                    },
                    sent: Level(head),
                })
            }
            LogLine::Applied { hash, level } => LogEntry::Applied(hashed(&hash)?, Level(level)),
            LogLine::Searched { hash, level } => LogEntry::Searched(hashed(&hash)?, Level(level)),
            LogLine::Found { hash, level, index } => {
                LogEntry::Found(hashed(&hash)?, OutboxMessageId { level: Level(level), index })
            }
            LogLine::Executed { hash } => LogEntry::Ended(hashed(&hash)?, WithdrawalEnd::Executed),
            LogLine::Lost { hash } => LogEntry::Ended(hashed(&hash)?, WithdrawalEnd::Lost),
            LogLine::Refused { hash, reason } => {
                let reason = reason.map(|(code, first, second)| {
                    Outcome::new(ResultCode::from_number(code), first, second)
                });
                LogEntry::Ended(hashed(&hash)?, WithdrawalEnd::Refused(reason))
            }
        })
    }
}

/// Reads a hash.
#[must_use]
pub fn hash(text: &str) -> Option<Hash32> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| Hash32(bytes))
}
