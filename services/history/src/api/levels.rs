//! How far the index is, its levels and its alarms.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text;
use crate::follow::Following;
use crate::rows::{AlarmRow, LevelRow, Status};

/// How far the index is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusAnswer {
    /// The rollup, `sr1…`; empty as long as the node has not told it.
    pub rollup: String,
    /// The first level that is in the index.
    pub first: Option<i32>,
    /// The last level that is in the index.
    pub last: Option<LevelAnswer>,
    /// The node's head when it was last asked.
    pub node_head: Option<i32>,
    /// Levels that the node has and the index has not.
    pub behind: Option<u32>,
    /// Levels of which the node did not show what was sent to them.
    pub unseen: u64,
    /// How often the state said otherwise than the moves: `/history/alarms` has each.
    pub alarms: u64,
    /// What keeps the index from going on, in a sentence.
    pub trouble: Option<String>,
}

impl StatusAnswer {
    pub(crate) fn new(status: Status, following: Following) -> Self {
        let behind = following.behind();
        Self {
            rollup: status.rollup,
            first: status.first.map(|level| level.0),
            last: status.last.map(LevelAnswer::from),
            node_head: following.node_head.map(|level| level.0),
            behind,
            unseen: status.unseen,
            alarms: status.alarms,
            trouble: following.ended.or(following.trouble.map(|trouble| trouble.text)),
        }
    }
}

/// A level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelAnswer {
    /// Its number.
    pub level: i32,
    /// The hash of its block, `BL…`.
    pub block: String,
    /// When, in seconds since 1970, if the node tells.
    pub time: Option<i64>,
    /// Whether the node shows what was sent to it.
    pub shown: bool,
    /// Messages for this rollup.
    pub messages: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Messages for others.
    pub others: u64,
    /// The PVM's ticks in decimal, if the node tells.
    pub ticks: Option<String>,
    /// Transfers that it applied.
    pub transfers: u64,
    /// Operations that it applied.
    pub applied: u64,
    /// Operations that it did not apply.
    pub failed: u64,
    /// How many of the operations were covered by their batch's one signature.
    pub cosigned: u64,
}

impl From<LevelRow> for LevelAnswer {
    fn from(row: LevelRow) -> Self {
        Self {
            level: row.level.0,
            block: row.block,
            time: row.time,
            shown: row.shown,
            messages: row.messages,
            bytes: row.bytes,
            others: row.others,
            ticks: row.ticks.as_ref().map(text),
            transfers: row.transfers,
            applied: row.applied,
            failed: row.failed,
            cosigned: row.cosigned,
        }
    }
}

/// Levels, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LevelsAnswer {
    /// The levels.
    pub levels: Vec<LevelAnswer>,
    /// For `after`, if there is more.
    pub next: Option<String>,
}

/// Where the state says otherwise than the moves do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmAnswer {
    /// The level.
    pub level: i32,
    /// What is wrong, in a sentence.
    pub text: String,
    /// What the state says: it counts.
    pub stated: String,
    /// What the moves come to.
    pub derived: String,
}

impl From<AlarmRow> for AlarmAnswer {
    fn from(AlarmRow { level, text, stated, derived }: AlarmRow) -> Self {
        Self { level: level.0, text, stated, derived }
    }
}

/// Alarms, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlarmsAnswer {
    /// The alarms.
    pub alarms: Vec<AlarmAnswer>,
    /// For `after`, if there is more.
    pub next: Option<String>,
}
