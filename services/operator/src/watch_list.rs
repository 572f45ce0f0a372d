//! Whose withdrawals are followed: those on record, of everybody or of some accounts; those that pay somebody or
//! call a contract; or all that are in outboxes.

use encoding::{Kt1Address, Layer1Address, Tz4Address};
use wallet::outbox::{OutboxMessage, receiver_text};

/// Whose withdrawals are followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WatchList {
    /// All in all outboxes.
    pub everything: bool,
    /// Those in the log of withdrawals.
    pub recorded: Recorded,
    /// Those that pay one of these.
    pub receivers: Vec<Layer1Address>,
    /// Those that call one of these.
    pub contracts: Vec<Kt1Address>,
}

/// Which of the log of withdrawals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Recorded {
    /// None.
    #[default]
    None,
    /// All.
    All,
    /// Those of these accounts.
    Of(Vec<Tz4Address>),
}

impl Recorded {
    /// Whether the withdrawals of an account are followed.
    #[must_use]
    pub fn has(&self, account: &Tz4Address) -> bool {
        match self {
            Recorded::None => false,
            Recorded::All => true,
            Recorded::Of(accounts) => accounts.contains(account),
        }
    }
}

impl WatchList {
    /// Whether outboxes are looked through for messages that are not on record.
    #[must_use]
    pub fn looks_through_outboxes(&self) -> bool {
        self.everything || !self.receivers.is_empty() || !self.contracts.is_empty()
    }

    /// Whether a message of an outbox is followed, whoever it is of.
    #[must_use]
    pub fn has(&self, message: &OutboxMessage) -> bool {
        if self.everything {
            return !message.is_results_root();
        }
        message.shown(&[]).iter().any(|call| {
            call.receiver.is_some_and(|receiver| self.receivers.contains(&receiver))
                || call.destination.is_some_and(|contract| self.contracts.contains(&contract))
        })
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(&self) -> String {
        if self.everything {
            return "all withdrawals in outboxes".to_owned();
        }
        let mut words = Vec::new();
        match &self.recorded {
            Recorded::None => {}
            Recorded::All => words.push("all withdrawals on record".to_owned()),
            Recorded::Of(accounts) => {
                let accounts: Vec<String> = accounts.iter().map(Tz4Address::to_string).collect();
                words.push(format!("those on record of {}", accounts.join(", ")));
            }
        }
        let paid = self.receivers.iter().map(|receiver| receiver_text(*receiver));
        words.extend(paid.map(|paid| format!("those that pay {paid}")));
        words.extend(self.contracts.iter().map(|called| format!("those that call {called}")));
        words.join("; ")
    }
}
