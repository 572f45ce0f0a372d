//! A message that is followed, with what was told of it.

use encoding::Level;
use serde_json::{Value, json};
use wallet::block_times::{BlockTimes, rfc_3339};
use wallet::outbox::{OutboxMessage, OutboxMessageId, ShownCall, receiver_text};
use wallet::ticket::Token;
use wallet::withdrawal::{SettlementPace, WithdrawalStage};

use crate::event::About;
use crate::journal::{Key, Record};
use crate::schedule::Step;

/// A message that is followed.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Where it is, and what it says.
    pub key: Key,
    /// It, in the node's JSON.
    pub message: OutboxMessage,
    /// The withdrawal that it is, if that is on record.
    pub hash: Option<String>,
    /// Whom it pays, in words.
    pub pays: String,
    /// How far it is.
    pub stage: WithdrawalStage,
    /// The level in which its time is over, if that is known.
    pub over: Option<Level>,
    /// What is to be done about it, if it can be executed.
    pub step: Option<Step>,
    /// Levels that were left when its deadline was told last.
    pub told_left: Option<i32>,
    /// Whether it was told that it waits for the cap.
    pub told_cap: bool,
    /// Whether it was told that it is followed.
    pub is_told: bool,
    /// Why its last try has failed, until the next look shows whether it has.
    pub failure: Option<String>,
}

impl Known {
    pub(crate) fn new(message: OutboxMessage, hash: Option<String>, tokens: &[Token]) -> Self {
        Self {
            key: Key::of(message.id, &message.message),
            pays: pays(&message, tokens),
            message,
            hash,
            stage: WithdrawalStage::Outbox,
            over: None,
            step: None,
            told_left: None,
            told_cap: false,
            is_told: false,
            failure: None,
        }
    }

    pub(crate) fn id(&self) -> OutboxMessageId {
        self.key.id
    }

    /// As it is told.
    pub(crate) fn about(&self) -> About {
        About { id: self.id(), hash: self.hash.clone(), pays: self.pays.clone() }
    }

    /// Whether somebody could execute it now, as far as is known.
    pub(crate) fn can_be_executed(&self) -> bool {
        matches!(self.stage, WithdrawalStage::Executable | WithdrawalStage::Unknown)
    }

    /// Levels until its time is over, if it can be executed.
    pub(crate) fn left(&self, head: Level) -> Option<i32> {
        let over = self.over.filter(|_| self.can_be_executed())?;
        Some(over.0.saturating_sub(head.0).max(0))
    }

    /// As JSON.
    pub(crate) fn json(
        &self,
        pace: &SettlementPace,
        times: Option<&BlockTimes>,
        record: Option<&Record>,
    ) -> Value {
        let head = pace.settled.head;
        let waits = matches!(
            self.stage,
            WithdrawalStage::Outbox | WithdrawalStage::Committed | WithdrawalStage::Cementing
        );
        let left = pace.left(self.id().level).filter(|_| waits);
        let at = |level: Level| times.and_then(|times| times.rfc_3339(level));
        let until = self.over.filter(|_| waits || self.can_be_executed());
        let last = record.and_then(Record::last_try);
        let next_try = match self.step {
            Some(Step::Pause(until)) => {
                time::OffsetDateTime::from_unix_timestamp(until).ok().and_then(rfc_3339)
            }
            _ => None,
        };
        json!({
            "outbox_level": self.id().level.0,
            "message_index": self.id().index,
            "hash": self.hash,
            "pays": self.pays,
            "stage": self.stage.word(),
            "executable_in": left,
            "executable_at": left.and_then(|left| at(Level(head.0.saturating_add(left)))),
            "executable_until": until.map(|level| level.0),
            "expires_at": until.and_then(at),
            "tries": last.map_or(0, |last| last.count),
            "step": self.step.map(step_word),
            "next_try": next_try,
            "operation": record.and_then(|record| record.operation.as_ref()),
            "last_error": record.and_then(|record| record.why.as_ref()),
        })
    }
}

/// What is to be done, in a word.
fn step_word(step: Step) -> &'static str {
    match step {
        Step::Try => "due",
        Step::Pause(_) => "pause",
        Step::Ask(..) => "in flight",
        Step::Done => "sent",
    }
}

/// Whom a message pays, in words.
fn pays(message: &OutboxMessage, tokens: &[Token]) -> String {
    let calls = message.shown(tokens);
    if calls.is_empty() {
        return "no calls".to_owned();
    }
    calls.iter().map(|call| pays_call(call, tokens)).collect::<Vec<_>>().join("; ")
}

fn pays_call(call: &ShownCall, tokens: &[Token]) -> String {
    let (Some(contract), Some(entrypoint)) = (call.destination, &call.entrypoint) else {
        return "a call of what is no contract".to_owned();
    };
    let target = format!("{contract}%{entrypoint}");
    let sum = call.pays.as_ref().map(|(token, amount)| {
        format!("{} {}", wallet::amount::text(*amount, token.decimals), token.among(tokens))
    });
    match (sum, call.receiver) {
        (Some(sum), Some(receiver)) => {
            format!("{sum} to {}, paid by {target}", receiver_text(receiver))
        }
        (Some(sum), None) => format!("{sum} to {target}"),
        (None, Some(receiver)) => format!("{} is paid by {target}", receiver_text(receiver)),
        (None, None) => format!("a call of {target}"),
    }
}
