//! How far withdrawals have come: in words and as JSON.

use std::ops::Deref;

use encoding::{Level, Payout};
use serde_json::{Value, json};
use wallet::block_times::BlockTimes;
use wallet::outbox::{OutboxMessageId, receiver_text};
use wallet::ticket::Token;
use wallet::withdrawal::{TrackedWithdrawal, WithdrawalStage};
use wallet::withdrawals::WithdrawalView;

use super::counted::counted;
use super::grid::grouped;
use super::session::Session;
use super::times::{at_level, later, rfc_3339};
use crate::cli::groups::Layer1Args;
use crate::error::Failure;
use explain::outcome as reasons;

/// What is known of withdrawals at a head, as it is shown.
pub(super) struct Seen<'s> {
    view: WithdrawalView<'s>,
    /// When levels will be there, if that is known.
    pub times: Option<BlockTimes>,
}

impl<'s> Deref for Seen<'s> {
    type Target = WithdrawalView<'s>;

    fn deref(&self) -> &Self::Target {
        &self.view
    }
}

impl Session<'_> {
    /// Looks at the head.
    pub(super) fn seen(&self, layer1: &Layer1Args) -> Result<Seen<'_>, Failure> {
        Ok(Seen { view: self.wallet.withdrawal_view()?, times: self.block_times(layer1)? })
    }
}

impl Seen<'_> {
    fn token(&self, payout: &Payout) -> Token {
        let known = self.tokens.iter().find(|token| token.ticket == payout.ticket);
        known.cloned().unwrap_or_else(|| Token::unindexed(payout.ticket.clone(), self.state.pins()))
    }

    /// What a call hands to whom.
    pub fn pays(&self, payout: &Payout) -> String {
        let token = self.token(payout);
        let Payout { destination, entrypoint, receiver, .. } = payout;
        let amount = grouped(&wallet::amount::text(payout.amount, token.decimals));
        let label = token.among(&self.tokens);
        match receiver {
            None => format!("{amount} {label} to {destination}%{entrypoint}"),
            Some(receiver) => {
                let receiver = receiver_text(*receiver);
                format!("{amount} {label} to {receiver}, paid by {destination}%{entrypoint}")
            }
        }
    }

    /// A withdrawal with how far it has come, in words.
    pub fn text(
        &self,
        session: &Session<'_>,
        tracked: &TrackedWithdrawal,
    ) -> Result<String, Failure> {
        let withdrawal = &tracked.withdrawal;
        let account = session.by_address(withdrawal.account)?.label();
        let stage = self.words(tracked);
        let command = match tracked.stage {
            WithdrawalStage::Executable | WithdrawalStage::Unknown => {
                format!("\n  toru execute {}", withdrawal.hash)
            }
            _ => String::new(),
        };
        let pays = self.pays(&withdrawal.payout);
        Ok(format!("{}\n  {account}: {pays}\n  {stage}{command}\n", withdrawal.hash))
    }

    /// How far a withdrawal has come, in words.
    pub fn words(&self, tracked: &TrackedWithdrawal) -> String {
        let word = tracked.stage.word();
        let head = self.pace.settled.head;
        let withdrawal = &tracked.withdrawal;
        match (tracked.stage, tracked.id) {
            (WithdrawalStage::Sent, _) => match &tracked.reason {
                Some(reason) => {
                    format!("{word}, not applied so far: {}", reasons::sentence_with_code(reason))
                }
                None => format!("{word} at level {}, in no level yet", withdrawal.sent),
            },
            (WithdrawalStage::Refused, _) => {
                let why = match (&tracked.reason, withdrawal.expires) {
                    (Some(reason), _) => reasons::sentence_with_code(reason),
                    (None, Some(last)) if last < head => format!("it expired with level {last}"),
                    (None, _) => "another transaction of the account took its place".to_owned(),
                };
                format!("{word}: {why}")
            }
            (WithdrawalStage::Accepted, _) => {
                let (messages, levels) = (self.queue.len(), self.queue.levels());
                format!(
                    "{word}, waits for the outbox: {} in all, {} at 100 a level",
                    counted(messages, "message"),
                    counted(levels, "level")
                )
            }
            (_, Some(id)) => self.message_words(id, tracked.stage, tracked.executed),
            (stage, None) => match tracked.searched {
                Some(searched) if stage == WithdrawalStage::NotFound && searched < head => format!(
                    "{word} in outboxes up to level {searched} so far; asked again, they are looked \
                     through from there"
                ),
                _ if stage == WithdrawalStage::NotFound => {
                    format!("{word}: it was applied, and no outbox that the node tells has it")
                }
                _ => word.to_owned(),
            },
        }
    }

    /// How far a message is, in words.
    pub fn message_words(
        &self,
        id: OutboxMessageId,
        stage: WithdrawalStage,
        executed: Option<Level>,
    ) -> String {
        let OutboxMessageId { level, index } = id;
        let at = format!("level {level}, message {index}");
        let levels = |count: i32| counted(usize::try_from(count).unwrap_or(0), "level");
        let left = match self.pace.left(level) {
            Some(left) => {
                let when = at_level(self.times.as_ref(), self.pace.settled.head, left);
                format!("executable in about {}{when}", levels(left))
            }
            None => "when it is executable is not known yet: nothing of this rollup is cemented"
                .to_owned(),
        };
        let word = stage.word();
        match stage {
            WithdrawalStage::Outbox => format!("{word} of {at}; {left}"),
            WithdrawalStage::Committed | WithdrawalStage::Cementing => {
                format!("{word}: {at} of the outbox; {left}")
            }
            WithdrawalStage::Executable => {
                let until = self.pace.over(level).map_or_else(String::new, |over| {
                    let left = over.0.saturating_sub(self.pace.settled.head.0);
                    let when = at_level(self.times.as_ref(), self.pace.settled.head, left);
                    format!(", for about {}{when}", levels(left))
                });
                format!("{word}: {at} of the outbox{until}")
            }
            WithdrawalStage::Unknown => {
                format!(
                    "executable, or executed already, the node does not tell: {at} of the outbox"
                )
            }
            WithdrawalStage::Executed => {
                let when = executed.map_or_else(String::new, |level| format!(" in level {level}"));
                format!("{word}{when}: {at} of the outbox")
            }
            WithdrawalStage::Expired => format!(
                "{word}: the time of {at} of the outbox is over, and the node does not tell"
            ),
            WithdrawalStage::Lost => format!("{word}: {at} of the outbox was not executed in time"),
            _ => format!("{word}: {at} of the outbox"),
        }
    }

    /// A withdrawal with how far it has come, as JSON.
    pub fn json(&self, tracked: &TrackedWithdrawal) -> Value {
        let withdrawal = &tracked.withdrawal;
        let payout = &withdrawal.payout;
        let token = self.token(payout);
        let mut shown = json!({
            "hash": withdrawal.hash.to_string(),
            "account": withdrawal.account.to_string(),
            "to": payout.destination.to_string(),
            "entrypoint": payout.entrypoint.to_string(),
            "receiver": payout.receiver.map(receiver_text),
            "ticket": self.tokens.iter().find(|one| one.ticket == payout.ticket).map(Token::word),
            "pinned": token.pinned.is_some(),
            "claims": token.symbol,
            "ticket_index": token.known_index().map(|id| id.0),
            "ticketer": payout.ticket.ticketer.to_string(),
            "content": hex::encode(payout.ticket.content.to_micheline()),
            "amount": wallet::amount::text(payout.amount, token.decimals),
            "units": payout.amount.get().to_string(),
            "sent_at": withdrawal.sent.0,
            "result_level": tracked.result.map(|level| level.0),
            "code": tracked.reason.map(|reason| reason.code.name()),
            "number": tracked.reason.map(|reason| reason.code.number()),
            "values": tracked.reason.as_ref().map(reasons::values_in_decimal),
            "reason": tracked.reason.as_ref().map(reasons::sentence),
        });
        let id = self.message_json(tracked.id, tracked.stage, tracked.executed);
        if let (Value::Object(shown), Value::Object(id)) = (&mut shown, id) {
            shown.extend(id);
        }
        shown
    }

    /// How far a message is, as JSON.
    pub fn message_json(
        &self,
        id: Option<OutboxMessageId>,
        stage: WithdrawalStage,
        executed: Option<Level>,
    ) -> Value {
        let level = id.map(|id| id.level);
        let waits = matches!(
            stage,
            WithdrawalStage::Outbox | WithdrawalStage::Committed | WithdrawalStage::Cementing
        );
        let left = level.filter(|_| waits).and_then(|level| self.pace.left(level));
        let over = level.filter(|_| waits || stage == WithdrawalStage::Executable);
        let until = over.and_then(|level| self.pace.over(level));
        let head = self.pace.settled.head;
        json!({
            "stage": stage.word(),
            "open": stage.is_open(),
            "outbox_level": level.map(|level| level.0),
            "message_index": id.map(|id| id.index),
            "executable_in": left,
            "executable_at": left.and_then(|left| rfc_3339(self.times.as_ref(), later(head, left))),
            "executable_until": until.map(|level| level.0),
            "expires_at": until.and_then(|level| rfc_3339(self.times.as_ref(), level)),
            "executed_at": executed.map(|level| level.0),
        })
    }
}
