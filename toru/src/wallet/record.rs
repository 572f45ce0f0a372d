//! The record of withdrawals, and how far they have come: in words and as JSON.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use encoding::{Level, Payout, RollupAddress, Tz4Address};
use serde_json::{Value, json};
use wallet::error::RpcError;
use wallet::journal::Journal;
use wallet::outbox::{Listed, Listing, Place, receiver_text};
use wallet::rpc::Node;
use wallet::state::State;
use wallet::ticket::Token;
use wallet::trace::trace;
use wallet::withdrawal::{Pace, Stage, Traced, Waiting};

use super::failure::WalletFailure;
use super::grid::grouped as grouped_amount;
use super::session::Session;
use crate::describe::grouped;
use crate::error::Failure;
use crate::reasons;

/// Where withdrawals are recorded.
#[derive(Debug, Args)]
pub struct Kept {
    /// Folder of the record of withdrawals [default: $XDG_DATA_HOME/toru/withdrawals, or
    /// ~/.local/share/toru/withdrawals]
    #[arg(long, value_name = "DIR", env = "TORU_WITHDRAWALS")]
    withdrawals: Option<PathBuf>,
}

impl Kept {
    /// The record of a rollup.
    pub(super) fn journal(&self, rollup: &RollupAddress) -> Result<Journal, Failure> {
        let folder = match &self.withdrawals {
            Some(folder) => folder.clone(),
            // Beside the keys.
            None => crate::key::default_folder()?.with_file_name("withdrawals"),
        };
        Ok(Journal::new(&folder, rollup))
    }
}

/// What is known at a head.
pub(super) struct Seen<'s> {
    /// The state there.
    pub state: State<'s>,
    /// How the rollup settles.
    pub pace: Pace,
    /// What waits for the outbox.
    pub waiting: Waiting,
    /// The tickets there are.
    pub tokens: Vec<Token>,
    executions: Executions<'s>,
}

impl Session {
    /// Looks at the head.
    pub(super) fn seen(&self) -> Result<Seen<'_>, Failure> {
        // How it settles first: a head that comes in between only makes it look less settled than it is.
        let pace = Pace::read(&self.node).map_err(WalletFailure::State)?;
        let state = self.state()?;
        let waiting = Waiting::read(&state).map_err(WalletFailure::State)?;
        let tokens = state.tokens().map_err(WalletFailure::State)?;
        let executions = Executions::read(self)?;
        Ok(Seen { state, pace, waiting, tokens, executions })
    }

    /// The recorded withdrawals, of one account or of all, as far as they have come. What became known
    /// for good is recorded.
    pub(super) fn traced(
        &self,
        seen: &Seen<'_>,
        journal: &Journal,
        of: Option<&Tz4Address>,
    ) -> Result<Vec<Traced>, Failure> {
        let records = journal.read().map_err(WalletFailure::Journal)?;
        let listed = |place| seen.executions.of(place, seen.pace.settled.head);
        let (mut all, news) = trace(&seen.state, &seen.pace, &seen.waiting, &records, listed)
            .map_err(WalletFailure::State)?;
        // A sandbox can go back to any level.
        if !self.sandbox {
            journal.append(&news).map_err(WalletFailure::Journal)?;
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

    fn of(&self, place: Place, head: Level) -> Result<Listed, RpcError> {
        let (node, known) = match self {
            Executions::Listing(listing) => return Ok(listing.says(place)),
            Executions::Sandbox(node, known) => (node, known),
        };
        let Place { level, index } = place;
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
            (None, None) => Listed::Untold,
        })
    }
}

impl Seen<'_> {
    /// How far the message of a place is.
    pub fn stage(&self, place: Place) -> Result<(Stage, Option<Level>), Failure> {
        let listed =
            self.executions.of(place, self.pace.settled.head).map_err(WalletFailure::Rpc)?;
        let executed = match listed {
            Listed::Gone(executed) => executed,
            _ => None,
        };
        Ok((self.pace.stage(place.level, listed), executed))
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
        known.cloned().unwrap_or_else(|| Token::unplaced(payout.ticket.clone()))
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
    pub fn text(&self, session: &Session, traced: &Traced) -> Result<String, Failure> {
        let withdrawal = &traced.withdrawal;
        let account = session.by_address(withdrawal.account)?.label();
        let stage = self.words(traced);
        let claim = match traced.stage {
            Stage::Claimable | Stage::Untold => format!("\n  toru claim {}", withdrawal.hash),
            _ => String::new(),
        };
        let pays = self.pays(&withdrawal.payout);
        Ok(format!("{}\n  {account}: {pays}\n  {stage}{claim}\n", withdrawal.hash))
    }

    /// How far a withdrawal has come, in words.
    pub fn words(&self, traced: &Traced) -> String {
        let word = traced.stage.word();
        let head = self.pace.settled.head;
        let withdrawal = &traced.withdrawal;
        match (traced.stage, traced.place) {
            (Stage::Sent, _) => match &traced.reason {
                Some(reason) => {
                    format!("{word}, not applied so far: {}", reasons::sentence_with_code(reason))
                }
                None => format!("{word} at level {}, in no level yet", withdrawal.sent),
            },
            (Stage::Refused, _) => {
                let why = match (&traced.reason, withdrawal.expires) {
                    (Some(reason), _) => reasons::sentence_with_code(reason),
                    (None, Some(last)) if last < head => format!("it expired with level {last}"),
                    (None, _) => "another transaction of the account took its place".to_owned(),
                };
                format!("{word}: {why}")
            }
            (Stage::Accepted, _) => {
                let (messages, levels) = (self.waiting.len(), self.waiting.levels());
                format!(
                    "{word}, waits for the outbox: {} in all, {} at 100 a level",
                    counted(messages, "message"),
                    counted(levels, "level")
                )
            }
            (_, Some(place)) => self.place_words(place, traced.stage, traced.executed),
            (stage, None) => match traced.searched {
                Some(searched) if stage == Stage::Unfound && searched < head => format!(
                    "{word} in outboxes up to level {searched} so far; asked again, they are looked \
                     through from there"
                ),
                _ if stage == Stage::Unfound => {
                    format!("{word}: it was applied, and no outbox that the node tells has it")
                }
                _ => word.to_owned(),
            },
        }
    }

    /// How far a message is, in words.
    pub fn place_words(&self, place: Place, stage: Stage, executed: Option<Level>) -> String {
        let Place { level, index } = place;
        let at = format!("level {level}, message {index}");
        let levels = |count: i32| counted(usize::try_from(count).unwrap_or(0), "level");
        let left = match self.pace.left(level) {
            Some(left) => format!("claimable in about {}", levels(left)),
            None => "when it is claimable is not known yet: nothing of this rollup is cemented"
                .to_owned(),
        };
        let word = stage.word();
        match stage {
            Stage::Outbox => format!("{word} of {at}; {left}"),
            Stage::Committed | Stage::Cementing => format!("{word}: {at} of the outbox; {left}"),
            Stage::Claimable => {
                let until = self.pace.over(level).map_or_else(String::new, |over| {
                    let left = over.0.saturating_sub(self.pace.settled.head.0);
                    format!(", for about {}", levels(left))
                });
                format!("{word}: {at} of the outbox{until}")
            }
            Stage::Untold => {
                format!("claimable, or claimed already, the node does not tell: {at} of the outbox")
            }
            Stage::Claimed => {
                let when = executed.map_or_else(String::new, |level| format!(" in level {level}"));
                format!("{word}{when}: {at} of the outbox")
            }
            Stage::Over => format!(
                "{word}: the time of {at} of the outbox is over, and the node does not tell"
            ),
            Stage::Lost => format!("{word}: {at} of the outbox was not claimed in time"),
            _ => format!("{word}: {at} of the outbox"),
        }
    }

    /// A withdrawal with how far it has come, as JSON.
    pub fn json(&self, traced: &Traced) -> Value {
        let withdrawal = &traced.withdrawal;
        let payout = &withdrawal.payout;
        let token = self.token(payout);
        let mut shown = json!({
            "hash": withdrawal.hash.to_string(),
            "account": withdrawal.account.to_string(),
            "to": payout.destination.to_string(),
            "entrypoint": payout.entrypoint.to_string(),
            "receiver": payout.receiver.map(receiver_text),
            "ticket": self.tokens.iter().find(|one| one.ticket == payout.ticket).map(Token::label),
            "place": token.place().map(|place| place.0),
            "ticketer": payout.ticket.ticketer.to_string(),
            "content": hex::encode(payout.ticket.content.to_micheline()),
            "amount": wallet::amount::text(payout.amount, token.decimals),
            "units": payout.amount.get().to_string(),
            "sent_at": withdrawal.sent.0,
            "result_level": traced.result.map(|level| level.0),
            "code": traced.reason.map(|reason| reason.code.name()),
            "number": traced.reason.map(|reason| reason.code.number()),
            "values": traced.reason.as_ref().map(reasons::values_in_decimal),
            "reason": traced.reason.as_ref().map(reasons::sentence),
        });
        let place = self.place_json(traced.place, traced.stage, traced.executed);
        if let (Value::Object(shown), Value::Object(place)) = (&mut shown, place) {
            shown.extend(place);
        }
        shown
    }

    /// How far a message is, as JSON.
    pub fn place_json(&self, place: Option<Place>, stage: Stage, executed: Option<Level>) -> Value {
        let level = place.map(|place| place.level);
        let waits = matches!(stage, Stage::Outbox | Stage::Committed | Stage::Cementing);
        let left = level.filter(|_| waits).and_then(|level| self.pace.left(level));
        let over = level.filter(|_| waits || stage == Stage::Claimable);
        json!({
            "stage": stage.word(),
            "open": stage.is_open(),
            "outbox_level": level.map(|level| level.0),
            "message_index": place.map(|place| place.index),
            "claimable_in": left,
            "claimable_until": over.and_then(|level| self.pace.over(level)).map(|level| level.0),
            "executed_at": executed.map(|level| level.0),
        })
    }
}

/// So many of something.
pub(super) fn counted(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {noun}{ending}", grouped(&count.to_string()))
}
