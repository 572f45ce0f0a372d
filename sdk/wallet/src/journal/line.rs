//! A line of the journal, as JSON.

use encoding::{
    Amount, Counter, Entrypoint, Hash32, Kt1Address, Level, Payout, Ticket, TicketContent,
    Tz4Address, whole,
};
use layer1::address::{Address, Role};
use layer1::plain::quoted;
use serde::{Deserialize, Serialize};
use tx_kernel::results::{Outcome, ResultCode};

use super::{End, Entry};
use crate::outbox::{Place, receiver_of, receiver_text};
use crate::withdrawal::Withdrawal;

/// A line as it is written.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Line {
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
    Claimed {
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

impl Line {
    /// The line of an entry.
    pub fn of(entry: &Entry) -> Self {
        match entry {
            Entry::Sent(sent) => Line::Sent {
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
            Entry::Applied(hash, level) => Line::Applied { hash: hash.to_string(), level: level.0 },
            Entry::Searched(hash, level) => {
                Line::Searched { hash: hash.to_string(), level: level.0 }
            }
            Entry::Found(hash, Place { level, index }) => {
                Line::Found { hash: hash.to_string(), level: level.0, index: *index }
            }
            Entry::Ended(hash, end) => {
                let hash = hash.to_string();
                match end {
                    End::Claimed => Line::Claimed { hash },
                    End::Lost => Line::Lost { hash },
                    End::Refused(reason) => {
                        let reason = reason.map(|one| (one.code.number(), one.first, one.second));
                        Line::Refused { hash, reason }
                    }
                }
            }
        }
    }

    /// The entry of a line, or what is wrong with it.
    pub fn entry(self) -> Result<Entry, String> {
        let wrong = |field: &str| format!("\"{field}\" is malformed");
        let hashed = |text: &str| hash(text).ok_or_else(|| wrong("hash"));
        let address = |role: Role, text: &str, field: &str| {
            let address = Address::parse_as(role, text).map(|address| address.hash);
            address.map_err(|problem| format!("\"{field}\": {} {problem}", quoted(text)))
        };
        let contract = |text: &str, field| address(Role::Contract, text, field).map(Kt1Address);
        Ok(match self {
            Line::Sent {
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
                Entry::Sent(Withdrawal {
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
            Line::Applied { hash, level } => Entry::Applied(hashed(&hash)?, Level(level)),
            Line::Searched { hash, level } => Entry::Searched(hashed(&hash)?, Level(level)),
            Line::Found { hash, level, index } => {
                Entry::Found(hashed(&hash)?, Place { level: Level(level), index })
            }
            Line::Claimed { hash } => Entry::Ended(hashed(&hash)?, End::Claimed),
            Line::Lost { hash } => Entry::Ended(hashed(&hash)?, End::Lost),
            Line::Refused { hash, reason } => {
                let reason = reason.map(|(code, first, second)| {
                    Outcome::new(ResultCode::from_number(code), first, second)
                });
                Entry::Ended(hashed(&hash)?, End::Refused(reason))
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
