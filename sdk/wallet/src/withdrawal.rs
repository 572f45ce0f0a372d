//! A withdrawal, and how far it has come: layer 1 has the money when somebody has executed the outbox
//! message, and that can be long after the rollup has paid it out.

use encoding::limits::OUTBOX_MESSAGES_PER_LEVEL;
use encoding::{Counter, Hash32, Level, Payout, Tz4Address};
use inbox::v2::{Action, Name, TicketName};
use outbox::Message;
use serde_json::Value;
use tx_kernel::view::View;

use crate::error::{RpcError, StateError};
use crate::limits::ACTIVE_OUTBOX_LEVELS;
use crate::outbox::{Listed, Place};
use crate::rpc::{Node, Settled};
use crate::state::State;
use crate::transaction::Signable;

/// A transaction that does nothing but hand a ticket to a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// The transaction's hash: its result is kept under it.
    pub hash: Hash32,
    /// Whose ticket it was.
    pub account: Tz4Address,
    /// The counter of that account's operation.
    pub counter: Counter,
    /// The last level in which it is applied, if it expires.
    pub expires: Option<Level>,
    /// The call.
    pub payout: Payout,
    /// The head when it was sent.
    pub sent: Level,
}

impl Withdrawal {
    /// The withdrawal that a transaction is; `None` if it is anything else, or does not name all by
    /// what it is.
    #[must_use]
    pub fn of(signable: &Signable, sent: Level) -> Option<Self> {
        let transaction = signable.transaction();
        let [operation] = transaction.operations.as_slice() else { return None };
        let Name::Address(account) = operation.signer else { return None };
        let [
            Action::Withdraw { ticket: TicketName::Full(ticket), to, entrypoint, receiver, amount },
        ] = operation.actions.as_slice()
        else {
            return None;
        };
        let payout = Payout {
            destination: *to,
            entrypoint: entrypoint.clone(),
            ticket: ticket.clone(),
            amount: *amount,
            receiver: *receiver,
        };
        Some(Withdrawal {
            hash: signable.hash(),
            account,
            counter: operation.counter,
            expires: transaction.expires,
            payout,
            sent,
        })
    }
}

/// How far a withdrawal has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// No level has it yet.
    Sent,
    /// It was not applied, and will not be: nothing left the rollup.
    Refused,
    /// It was applied, and waits for room in the outbox.
    Accepted,
    /// It was applied, and neither waits nor is in an outbox that was looked through.
    Unfound,
    /// It is in an outbox that no commitment of the node has yet.
    Outbox,
    /// A commitment has it; the node does not know it to be published.
    Committed,
    /// The commitment is published, and can still be refuted.
    Cementing,
    /// Layer 1 executes it for whoever asks.
    Claimable,
    /// As before, or it has been executed: the node does not tell.
    Untold,
    /// It has been executed: the contract has the ticket.
    Claimed,
    /// Its time is over, and the node does not tell whether it had been executed.
    Over,
    /// Its time is over, and nobody had executed it.
    Lost,
}

impl Stage {
    /// In a word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Stage::Sent => "sent",
            Stage::Refused => "refused",
            Stage::Accepted => "accepted",
            Stage::Unfound => "not found",
            Stage::Outbox => "in the outbox",
            Stage::Committed => "committed",
            Stage::Cementing => "cementing",
            Stage::Claimable => "claimable",
            Stage::Untold => "claimable or claimed",
            Stage::Claimed => "claimed",
            Stage::Over => "claimed or lost",
            Stage::Lost => "lost",
        }
    }

    /// Whether there is more to come that the node would tell.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Stage::Refused | Stage::Untold | Stage::Claimed | Stage::Over | Stage::Lost => false,
            Stage::Sent
            | Stage::Accepted
            | Stage::Unfound
            | Stage::Outbox
            | Stage::Committed
            | Stage::Cementing
            | Stage::Claimable => true,
        }
    }
}

/// How a rollup settles on layer 1, as seen at a node now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How far it is.
    pub settled: Settled,
    /// The level of the last commitment that the node knows to be published.
    pub published: Option<Level>,
    /// Whether anything but the rollup's beginning has been cemented. Before that nothing is known of
    /// how long it takes.
    pub known: bool,
}

impl Pace {
    /// Asks a node.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn read(node: &Node) -> Result<Self, StateError> {
        let settled = node.settled()?;
        let published = match node.get::<Value>("/local/last_published_commitment") {
            Err(RpcError::Refused { .. }) => Value::Null,
            told => told?,
        };
        let published = published["commitment"]["inbox_level"].as_i64();
        // The rollup begins without our state, which its first level brings.
        let known = match State::at(node, &settled.cemented.to_string()) {
            Ok(_) => true,
            Err(StateError::NotOurs { .. } | StateError::Rpc(RpcError::Refused { .. })) => false,
            Err(error) => return Err(error),
        };
        let published = published.and_then(|level| i32::try_from(level).ok()).map(Level);
        Ok(Pace { settled, published, known })
    }

    /// How many levels the last one is ahead of the last cemented one: so long it takes from a level to
    /// its cementing, as things go now. `None` if that is not known yet.
    #[must_use]
    pub fn lag(&self) -> Option<i32> {
        self.known.then(|| self.settled.head.0.saturating_sub(self.settled.cemented.0))
    }

    /// How many levels it takes until a level is cemented, as things go now. `None` if that is not
    /// known yet.
    #[must_use]
    pub fn left(&self, level: Level) -> Option<i32> {
        self.known.then(|| level.0.saturating_sub(self.settled.cemented.0).max(0))
    }

    /// The level in which the time of a level's outbox is over, as things go now: layer 1 counts from
    /// the last cemented level, not from its own. `None` if that is not known yet.
    #[must_use]
    pub fn over(&self, level: Level) -> Option<Level> {
        let over = level.0.saturating_add(ACTIVE_OUTBOX_LEVELS);
        self.lag().map(|lag| Level(over.saturating_add(lag)))
    }

    /// How far a message of a level's outbox is, given what a node says of its execution.
    #[must_use]
    pub fn stage(&self, level: Level, listed: Listed) -> Stage {
        let Settled { committed, cemented, .. } = self.settled;
        if level > cemented {
            return match self.published {
                _ if level > committed => Stage::Outbox,
                Some(published) if published >= level => Stage::Cementing,
                _ => Stage::Committed,
            };
        }
        let beyond = i64::from(cemented.0) - i64::from(level.0);
        let over = beyond >= i64::from(ACTIVE_OUTBOX_LEVELS);
        match listed {
            Listed::Gone(None) if over => Stage::Over,
            Listed::Gone(_) => Stage::Claimed,
            Listed::Lost => Stage::Lost,
            Listed::Open if over => Stage::Lost,
            Listed::Open => Stage::Claimable,
            Listed::Untold if over => Stage::Over,
            Listed::Untold => Stage::Untold,
        }
    }
}

/// The kernel's queue for the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    messages: Vec<Vec<u8>>,
}

impl Waiting {
    /// What waits in a state.
    ///
    /// # Errors
    /// When the state is not known.
    pub fn read(state: &State<'_>) -> Result<Self, StateError> {
        Ok(Waiting::of(state.read(|host| View::new(host).waiting())?))
    }

    /// These messages.
    #[must_use]
    pub fn of(messages: Vec<Vec<u8>>) -> Self {
        Waiting { messages }
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether none do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many of them make exactly this call.
    #[must_use]
    pub fn paying(&self, payout: &Payout) -> usize {
        let mut message = Message::new();
        let message = message.push(payout).map(|()| message.encode());
        self.messages.iter().filter(|waiting| Ok(*waiting) == message.as_ref()).count()
    }

    /// How many levels it takes until so many messages have left, each account in turn.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.len().div_ceil(OUTBOX_MESSAGES_PER_LEVEL)
    }
}

/// A withdrawal with what is known of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traced {
    /// The withdrawal.
    pub withdrawal: Withdrawal,
    /// How far it is.
    pub stage: Stage,
    /// The level that has its result.
    pub result: Option<Level>,
    /// The outbox message, if it is in an outbox.
    pub place: Option<Place>,
    /// Why it was refused, or not applied so far; `None` also if another transaction took its place.
    pub reason: Option<tx_kernel::results::Reason>,
    /// The level in which its message was executed, if that is known.
    pub executed: Option<Level>,
    /// Up to which level outboxes were looked through for it, if it is not found.
    pub searched: Option<Level>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(head: i32, committed: i32, published: Option<i32>, cemented: i32) -> Pace {
        let settled = Settled {
            head: Level(head),
            finalized: Level(head - 2),
            committed: Level(committed),
            cemented: Level(cemented),
        };
        Pace { settled, published: published.map(Level), known: true }
    }

    #[test]
    fn every_stage_of_a_message() {
        let now = pace(40, 30, Some(20), 10);
        for (level, listed, expected) in [
            (31, Listed::Open, Stage::Outbox),
            (31, Listed::Gone(None), Stage::Outbox),
            (30, Listed::Untold, Stage::Committed),
            (21, Listed::Open, Stage::Committed),
            (20, Listed::Open, Stage::Cementing),
            (11, Listed::Gone(None), Stage::Cementing),
            (10, Listed::Open, Stage::Claimable),
            (10, Listed::Untold, Stage::Untold),
            (10, Listed::Gone(None), Stage::Claimed),
            (10, Listed::Lost, Stage::Lost),
        ] {
            assert_eq!(now.stage(Level(level), listed), expected, "{level} {listed:?}");
        }
        assert_eq!(pace(40, 30, None, 10).stage(Level(20), Listed::Open), Stage::Committed);
    }

    #[test]
    fn time_is_counted_from_the_cemented_level() {
        let head = 201_600 + ACTIVE_OUTBOX_LEVELS + 50;
        let last = pace(head, head, None, 9 + ACTIVE_OUTBOX_LEVELS);
        let over = pace(head, head, None, 10 + ACTIVE_OUTBOX_LEVELS);
        let level = Level(10);
        assert_eq!(last.stage(level, Listed::Open), Stage::Claimable);
        assert_eq!(over.stage(level, Listed::Open), Stage::Lost);
        assert_eq!(over.stage(level, Listed::Untold), Stage::Over);
        assert_eq!(over.stage(level, Listed::Gone(None)), Stage::Over);
        assert_eq!(over.stage(level, Listed::Gone(Some(Level(99)))), Stage::Claimed);
        assert_eq!(last.over(level), Some(Level(last.settled.head.0 + 1)));
        assert_eq!(over.over(level), Some(over.settled.head));
    }

    #[test]
    fn how_long_it_takes_is_what_is_seen() {
        let mut now = pace(40, 30, None, 10);
        assert_eq!((now.lag(), now.left(Level(35))), (Some(30), Some(25)));
        assert_eq!(now.left(Level(3)), Some(0));
        now.known = false;
        assert_eq!((now.lag(), now.left(Level(35)), now.over(Level(35))), (None, None, None));
    }
}
