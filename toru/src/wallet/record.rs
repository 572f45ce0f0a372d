//! The record of withdrawals, and how far they have come: in words and as JSON.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use encoding::{Level, Payout, RollupAddress, Tz4Address};
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::outbox::{Listed, Listing, OutboxMessageId, receiver_text};
use wallet::rpc::Node;
use wallet::state::RollupState;
use wallet::ticket::Token;
use wallet::tracker::track;
use wallet::withdrawal::{OutboxQueue, SettlementPace, TrackedWithdrawal, WithdrawalStage};
use wallet::withdrawal_log::WithdrawalLog;

use super::failure::WalletFailure;
use super::grid::grouped as grouped_amount;
use super::session::Session;
use crate::describe::grouped;
use crate::error::Failure;
use crate::reasons;

/// Where withdrawals are recorded.
#[derive(Debug, Args)]
pub struct WithdrawalLogArgs {
    /// Folder of the record of withdrawals [default: $XDG_DATA_HOME/toru/withdrawals, or
    /// ~/.local/share/toru/withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_WITHDRAWALS")]
    withdrawals: Option<PathBuf>,
}

impl WithdrawalLogArgs {
    /// The record of a rollup.
    pub(super) fn log(&self, rollup: &RollupAddress) -> Result<WithdrawalLog, Failure> {
        let folder = match &self.withdrawals {
            Some(folder) => folder.clone(),
            // Beside the keys.
            None => crate::key::default_folder()?.with_file_name("withdrawals"),
        };
        Ok(WithdrawalLog::new(&folder, rollup))
    }
}

/// What is known at a head.
pub(super) struct Seen<'s> {
    /// The state there.
    pub state: RollupState<'s>,
    /// How the rollup settles.
    pub pace: SettlementPace,
    /// What waits for the outbox.
    pub waiting: OutboxQueue,
    /// The tickets there are.
    pub tokens: Vec<Token>,
    executions: Executions<'s>,
}

impl Session {
    /// Looks at the head.
    pub(super) fn seen(&self) -> Result<Seen<'_>, Failure> {
        // How it settles first: a head that comes in between only makes it look less settled than it is.
        let pace = SettlementPace::read(&self.node).map_err(WalletFailure::State)?;
        let state = self.state()?;
        let waiting = OutboxQueue::read(&state).map_err(WalletFailure::State)?;
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let executions = Executions::read(self)?;
        Ok(Seen { state, pace, waiting, tokens, executions })
    }

    /// The recorded withdrawals, of one account or of all, as far as they have come. What became known
    /// for good is recorded.
    pub(super) fn tracked(
        &self,
        seen: &Seen<'_>,
        log: &WithdrawalLog,
        of: Option<&Tz4Address>,
    ) -> Result<Vec<TrackedWithdrawal>, Failure> {
        let records = log.read().map_err(WalletFailure::WithdrawalLog)?;
        let listed = |id| seen.executions.of(id, seen.pace.settled.head);
        let (mut all, news) = track(&seen.state, &seen.pace, &seen.waiting, &records, listed)
            .map_err(WalletFailure::State)?;
        // A sandbox can go back to any level.
        if !self.sandbox {
            log.append(&news).map_err(WalletFailure::WithdrawalLog)?;
        }
        all.retain(|one| of.is_none_or(|of| one.withdrawal.account == *of));
        Ok(all)
    }
}

/// What is known of executions: what a node lists, or what the sandbox's layer 1 has done.
enum Executions<'s> {
    Listing(Listing),
    Sandbox(&'s Node, RefCell<BTreeMap<Level, Value>>),
}

impl<'s> Executions<'s> {
    fn read(session: &'s Session) -> Result<Self, Failure> {
        Ok(match session.sandbox {
            true => Executions::Sandbox(&session.node, RefCell::default()),
            false => Executions::Listing(Listing::read(&session.node).map_err(WalletFailure::Rpc)?),
        })
    }

    fn of(&self, id: OutboxMessageId, head: Level) -> Result<Listed, RpcError> {
        let (node, known) = match self {
            Executions::Listing(listing) => return Ok(listing.says(id)),
            Executions::Sandbox(node, known) => (node, known),
        };
        let OutboxMessageId { level, index } = id;
        if !known.borrow().contains_key(&level) {
            let told = node.get(&format!("/dev/outbox/{level}"))?;
            known.borrow_mut().insert(level, told);
        }
        let known = known.borrow();
        let all = known.get(&level).and_then(Value::as_array);
        let one = all.and_then(|all| all.iter().find(|one| one["message_index"] == index));
        let number = |name: &str| {
            let number = one.and_then(|one| one[name].as_i64());
            number.and_then(|number| i32::try_from(number).ok()).map(Level)
        };
        Ok(match (number("executed_at"), number("expires")) {
            (Some(executed), _) => Listed::Gone(Some(executed)),
            (None, Some(expires)) if head >= expires => Listed::Lost,
            (None, Some(_)) => Listed::Open,
            (None, None) => Listed::Unknown,
        })
    }
}

impl Seen<'_> {
    /// How far the message of a id is.
    pub fn stage(&self, id: OutboxMessageId) -> Result<(WithdrawalStage, Option<Level>), Failure> {
        let listed = self.executions.of(id, self.pace.settled.head).map_err(WalletFailure::Rpc)?;
        let executed = match listed {
            Listed::Gone(executed) => executed,
            _ => None,
        };
        Ok((self.pace.stage(id.level, listed), executed))
    }

    /// The levels that the node lists as having something that is not executed.
    pub fn listed_levels(&self) -> Vec<Level> {
        match &self.executions {
            Executions::Listing(listing) => listing.levels(),
            Executions::Sandbox(..) => Vec::new(),
        }
    }

    fn token(&self, payout: &Payout) -> Token {
        let known = self.tokens.iter().find(|token| token.ticket == payout.ticket);
        known.cloned().unwrap_or_else(|| Token::unindexed(payout.ticket.clone()))
    }

    /// What a call hands to whom.
    pub fn pays(&self, payout: &Payout) -> String {
        let token = self.token(payout);
        let Payout { destination, entrypoint, receiver, .. } = payout;
        let amount = grouped_amount(&wallet::amount::text(payout.amount, token.decimals));
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
    pub fn text(&self, session: &Session, tracked: &TrackedWithdrawal) -> Result<String, Failure> {
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
                    (None, _) => "another transaction of the account took its id".to_owned(),
                };
                format!("{word}: {why}")
            }
            (WithdrawalStage::Accepted, _) => {
                let (messages, levels) = (self.waiting.len(), self.waiting.levels());
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
            Some(left) => format!("executable in about {}", levels(left)),
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
                    format!(", for about {}", levels(left))
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
            "ticket": self.tokens.iter().find(|one| one.ticket == payout.ticket).map(Token::label),
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
        json!({
            "stage": stage.word(),
            "open": stage.is_open(),
            "outbox_level": level.map(|level| level.0),
            "message_index": id.map(|id| id.index),
            "executable_in": left,
            "executable_until": over.and_then(|level| self.pace.over(level)).map(|level| level.0),
            "executed_at": executed.map(|level| level.0),
        })
    }
}

/// So many of something.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(&count.to_string()))
}
