//! What the operator tells: in words, and as JSON for programs.

use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use wallet::block_times::rfc_3339;
use wallet::outbox::OutboxMessageId;

/// Something that has happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The operator has begun to follow a rollup.
    Started {
        /// Which.
        rollup: String,
        /// What it watches, in words.
        watches: String,
        /// Who executes, in words.
        executes: String,
    },
    /// The node does not tell what it is asked.
    NodeAway {
        /// Why.
        why: String,
    },
    /// It tells again.
    NodeBack {
        /// The head.
        level: i32,
    },
    /// A message is watched from now on.
    Found(About),
    /// A message is being executed.
    Executing(About),
    /// The node says that a message was executed.
    Executed {
        /// Which.
        about: About,
        /// At which level, if that is known.
        at: Option<i32>,
        /// Whether this operator has tried to.
        by_us: bool,
    },
    /// An execution has been sent, and the node tells of none: nothing more will be known.
    Sent(About),
    /// A message was not executed.
    Failed {
        /// Which.
        about: About,
        /// Why.
        why: String,
        /// How often it was tried.
        tries: u32,
        /// When it is tried again, in words.
        again: String,
    },
    /// What a message may cost is not left of the cap of a day.
    OverCap {
        /// Which message waits for it.
        about: About,
        /// What is left of the cap, and what an execution may cost.
        why: String,
    },
    /// A message is close to its deadline.
    Deadline {
        /// Which.
        about: About,
        /// Levels that are left.
        left: i32,
        /// The same as time, if that is known.
        time: Option<String>,
    },
    /// The time of a message is over, and nobody had executed it.
    Lost(About),
    /// The time of a message is over, and the node does not tell whether it was executed.
    Expired(About),
    /// A message, or its execution, is not there any more: the chain went back.
    TakenBack(About),
    /// More messages than are followed at once.
    TooMany {
        /// How many are left out.
        left_out: usize,
    },
    /// The webhook takes no notices.
    WebhookAway {
        /// How many wait for it.
        waiting: usize,
        /// How many were dropped so far, as there were too many.
        dropped: u64,
        /// Why the last one was not taken.
        why: String,
    },
}

/// A message, as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Where it is.
    pub id: OutboxMessageId,
    /// The withdrawal that it is, if that is on record.
    pub hash: Option<String>,
    /// Whom it pays, in words.
    pub pays: String,
}

impl About {
    fn words(&self) -> String {
        let OutboxMessageId { level, index } = self.id;
        format!("message {index} of level {level} ({})", self.pays)
    }

    fn fields(&self) -> Value {
        json!({
            "outbox_level": self.id.level.0,
            "message_index": self.id.index,
            "hash": self.hash,
            "pays": self.pays,
        })
    }
}

impl Event {
    /// Its name, for programs.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Event::Started { .. } => "started",
            Event::NodeAway { .. } => "node_away",
            Event::NodeBack { .. } => "node_back",
            Event::Found(_) => "found",
            Event::Executing(_) => "executing",
            Event::Executed { .. } => "executed",
            Event::Sent(_) => "sent",
            Event::Failed { .. } => "failed",
            Event::OverCap { .. } => "over_cap",
            Event::Deadline { .. } => "deadline",
            Event::Lost(_) => "lost",
            Event::Expired(_) => "expired",
            Event::TakenBack(_) => "taken_back",
            Event::TooMany { .. } => "too_many",
            Event::WebhookAway { .. } => "webhook_away",
        }
    }

    /// Whether somebody should hear of it who does not read the log.
    #[must_use]
    pub fn is_notice(&self) -> bool {
        match self {
            Event::Started { .. }
            | Event::Found(_)
            | Event::Executing(_)
            | Event::WebhookAway { .. } => false,
            Event::NodeAway { .. }
            | Event::NodeBack { .. }
            | Event::Executed { .. }
            | Event::Sent(_)
            | Event::Failed { .. }
            | Event::OverCap { .. }
            | Event::Deadline { .. }
            | Event::Lost(_)
            | Event::Expired(_)
            | Event::TakenBack(_)
            | Event::TooMany { .. } => true,
        }
    }

    /// A line for people.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Event::Started { rollup, watches, executes } => {
                format!("following {rollup}: {watches}; {executes}")
            }
            Event::NodeAway { why } => format!("the node does not tell, and is asked again: {why}"),
            Event::NodeBack { level } => format!("the node tells again, at level {level}"),
            Event::Found(about) => format!("found {}", about.words()),
            Event::Executing(about) => format!("executing {}", about.words()),
            Event::Executed { about, at, by_us } => {
                let at = at.map_or_else(String::new, |level| format!(" in level {level}"));
                let by = if *by_us { "" } else { ", by somebody else" };
                format!("executed{at}{by}: {}", about.words())
            }
            Event::Sent(about) => format!(
                "sent to layer 1: {}; this node does not tell whether it was executed",
                about.words()
            ),
            Event::Failed { about, why, tries, again } => {
                format!("NOT EXECUTED: {}, try {tries}: {why}; {again}", about.words())
            }
            Event::OverCap { about, why } => format!("WAITING: {}: {why}", about.words()),
            Event::Deadline { about, left, time } => {
                let time = time.as_ref().map_or_else(String::new, |time| format!(" ({time})"));
                let about = about.words();
                format!("CLOSE TO ITS DEADLINE: {about} is lost in about {left} levels{time}")
            }
            Event::Lost(about) => {
                format!("LOST: nobody has executed {} in time", about.words())
            }
            Event::Expired(about) => format!(
                "LOST, OR EXECUTED: the time of {} is over, and the node does not tell",
                about.words()
            ),
            Event::TakenBack(about) => {
                format!("taken back, as the chain went back: {}", about.words())
            }
            Event::TooMany { left_out } => {
                format!("{left_out} MESSAGES ARE NOT FOLLOWED: there are too many at once")
            }
            Event::WebhookAway { waiting, dropped, why } => format!(
                "notices are not delivered: {why}; {waiting} wait, and {dropped} were dropped"
            ),
        }
    }

    /// An object for programs.
    #[must_use]
    pub fn json(&self, at: OffsetDateTime) -> Value {
        let mut object = Map::new();
        let mut add = |more: Value| {
            if let Value::Object(more) = more {
                object.extend(more);
            }
        };
        add(json!({"event": self.name(), "at": rfc_3339(at), "text": self.words()}));
        match self {
            Event::Started { rollup, watches, executes } => {
                add(json!({"rollup": rollup, "watches": watches, "executes": executes}));
            }
            Event::NodeAway { why } => add(json!({"why": why})),
            Event::NodeBack { level } => add(json!({"level": level})),
            Event::Found(about)
            | Event::Executing(about)
            | Event::Sent(about)
            | Event::Lost(about)
            | Event::Expired(about)
            | Event::TakenBack(about) => add(about.fields()),
            Event::Executed { about, at, by_us } => {
                add(about.fields());
                add(json!({"executed_at": at, "by_us": by_us}));
            }
            Event::Failed { about, why, tries, again } => {
                add(about.fields());
                add(json!({"why": why, "tries": tries, "again": again}));
            }
            Event::OverCap { about, why } => {
                add(about.fields());
                add(json!({"why": why}));
            }
            Event::Deadline { about, left, time } => {
                add(about.fields());
                add(json!({"levels_left": left, "time_left": time}));
            }
            Event::TooMany { left_out } => add(json!({"left_out": left_out})),
            Event::WebhookAway { waiting, dropped, why } => {
                add(json!({"waiting": waiting, "dropped": dropped, "why": why}));
            }
        }
        Value::Object(object)
    }
}
