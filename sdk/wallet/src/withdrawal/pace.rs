//! How fast a rollup settles on layer 1, and what that means for a message of an outbox.

use encoding::Level;
use serde_json::Value;

use super::WithdrawalStage;
use crate::error::{RpcError, StateError};
use crate::limits::ACTIVE_OUTBOX_LEVELS;
use crate::outbox::Listed;
use crate::rpc::{Node, Settled};
use crate::state::RollupState;

/// How a rollup settles on layer 1, as seen at a node now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettlementPace {
    /// How far it is.
    pub settled: Settled,
    /// The level of the last commitment that the node knows to be published.
    pub published: Option<Level>,
    /// Whether anything but the rollup's beginning has been cemented. Before that nothing is known of
    /// how long it takes.
    pub known: bool,
}

impl SettlementPace {
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
        let known = match RollupState::at(node, &settled.cemented.to_string()) {
            Ok(_) => true,
            Err(StateError::NotOurs { .. } | StateError::Rpc(RpcError::Refused { .. })) => false,
            Err(error) => return Err(error),
        };
        let published = published.and_then(|level| i32::try_from(level).ok()).map(Level);
        Ok(SettlementPace { settled, published, known })
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
    pub fn stage(&self, level: Level, listed: Listed) -> WithdrawalStage {
        let Settled { committed, cemented, .. } = self.settled;
        if level > cemented {
            return match self.published {
                _ if level > committed => WithdrawalStage::Outbox,
                Some(published) if published >= level => WithdrawalStage::Cementing,
                _ => WithdrawalStage::Committed,
            };
        }
        let beyond = i64::from(cemented.0) - i64::from(level.0);
        let over = beyond >= i64::from(ACTIVE_OUTBOX_LEVELS);
        match listed {
            Listed::Gone(None) if over => WithdrawalStage::Expired,
            Listed::Gone(_) => WithdrawalStage::Executed,
            Listed::Lost => WithdrawalStage::Lost,
            Listed::Open if over => WithdrawalStage::Lost,
            Listed::Open => WithdrawalStage::Executable,
            Listed::Unknown if over => WithdrawalStage::Expired,
            Listed::Unknown => WithdrawalStage::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pace(head: i32, committed: i32, published: Option<i32>, cemented: i32) -> SettlementPace {
        let settled = Settled {
            head: Level(head),
            finalized: Level(head - 2),
            committed: Level(committed),
            cemented: Level(cemented),
        };
        SettlementPace { settled, published: published.map(Level), known: true }
    }

    #[test]
    fn every_stage_of_a_message() {
        let now = pace(40, 30, Some(20), 10);
        for (level, listed, expected) in [
            (31, Listed::Open, WithdrawalStage::Outbox),
            (31, Listed::Gone(None), WithdrawalStage::Outbox),
            (30, Listed::Unknown, WithdrawalStage::Committed),
            (21, Listed::Open, WithdrawalStage::Committed),
            (20, Listed::Open, WithdrawalStage::Cementing),
            (11, Listed::Gone(None), WithdrawalStage::Cementing),
            (10, Listed::Open, WithdrawalStage::Executable),
            (10, Listed::Unknown, WithdrawalStage::Unknown),
            (10, Listed::Gone(None), WithdrawalStage::Executed),
            (10, Listed::Lost, WithdrawalStage::Lost),
        ] {
            assert_eq!(now.stage(Level(level), listed), expected, "{level} {listed:?}");
        }
        assert_eq!(
            pace(40, 30, None, 10).stage(Level(20), Listed::Open),
            WithdrawalStage::Committed
        );
    }

    #[test]
    fn time_is_counted_from_the_cemented_level() {
        let head = 201_600 + ACTIVE_OUTBOX_LEVELS + 50;
        let last = pace(head, head, None, 9 + ACTIVE_OUTBOX_LEVELS);
        let over = pace(head, head, None, 10 + ACTIVE_OUTBOX_LEVELS);
        let level = Level(10);
        assert_eq!(last.stage(level, Listed::Open), WithdrawalStage::Executable);
        assert_eq!(over.stage(level, Listed::Open), WithdrawalStage::Lost);
        assert_eq!(over.stage(level, Listed::Unknown), WithdrawalStage::Expired);
        assert_eq!(over.stage(level, Listed::Gone(None)), WithdrawalStage::Expired);
        assert_eq!(over.stage(level, Listed::Gone(Some(Level(99)))), WithdrawalStage::Executed);
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
