//! What came out of a level, held against what was to.

mod checked_level;
mod expectation;

use std::collections::BTreeSet;

use encoding::MessageId;
use pvm::NativeHost;
use tx_kernel::view::View;

use crate::assertion::{Assertion, Expectation, Fact};
use crate::encode::{Lookup, ROLLUP, Sent};
use crate::facts::{self, Facts};
use crate::found::Found;
use crate::kind::{NO_RESULT, NOT_OURS, WAITING};
use explain::batch_v2::{memo_text, read as read_batch};
use explain::settled::{self, Settled};
use layer1::plain::one_line;

pub(crate) use checked_level::CheckedLevel;
use expectation::{held_text, texts};

/// What taken-in messages are kept under until they are done.
const INBOX: &str = "/toru/inbox";
/// Messages that the protocol puts before those of a level: start of level and info.
const MESSAGES_BEFORE: u32 = 2;

/// Where a result differs from the expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where in the scenario.
    pub location: String,
    /// What the scenario expects.
    pub expected: String,
    /// The result.
    pub found: String,
}

/// Every difference between the result and the expectation.
pub(crate) fn level(seen: &CheckedLevel<'_>) -> Result<Vec<Difference>, String> {
    let mut found = Vec::new();
    for run in &seen.report.runs {
        if let Some(trap) = &run.trap {
            found.push(seen.difference("kernel", "no trap", one_line(trap)));
        }
    }
    seen.messages(&mut found)?;
    let before = facts::read(seen.before)?;
    let after = facts::read(seen.after)?;
    seen.assertions(&before, &after, &mut found)?;
    for ticket in facts::unbalanced(seen.after)? {
        let name = seen.fixtures.name_of_ticket(&ticket);
        let conserved = format!("{name}: deposited = balances + waiting + left");
        found.push(seen.difference("conservation", &conserved, "made or lost".to_owned()));
    }
    Ok(found)
}

impl CheckedLevel<'_> {
    fn difference(&self, location: &str, expected: &str, found: String) -> Difference {
        let location = format!("{}, {location}", self.location);
        Difference { location, expected: expected.to_owned(), found }
    }

    /// Results of messages and operations.
    fn messages(&self, found: &mut Vec<Difference>) -> Result<(), String> {
        let host = NativeHost::over(self.after.clone());
        let view = View::new(&host);
        for (number, sent) in self.sent.iter().enumerate() {
            let index = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(MESSAGES_BEFORE);
            let id = MessageId { level: self.level, index };
            if let Some(expected) = &sent.expect {
                let outcome = self.message(&view, id, &sent.raw)?;
                if !expected.is_met_by(&outcome) {
                    found.push(self.difference(
                        &sent.location,
                        &expected.text,
                        outcome.to_string(),
                    ));
                }
            }
            let settled = self.settled(&view, id, sent)?;
            for operation in &sent.operations {
                let outcome = match operation.lookup {
                    Lookup::Hash(hash) => {
                        let result = view.operation(&hash).map_err(|error| error.to_string())?;
                        result.map(|result| (result.outcome, result.message, None))
                    }
                    Lookup::Position(transaction, operation) => settled
                        .iter()
                        .find(|one| (one.transaction, one.operation) == (transaction, operation))
                        .map(|one| (one.line.outcome, one.message, one.line.memo.as_ref())),
                };
                let outcome = match outcome {
                    None => Found::word(NO_RESULT),
                    Some((outcome, message, memo)) => {
                        Found::of_operation(outcome, memo.map(memo_text), message != id)
                    }
                };
                if !operation.expect.is_met_by(&outcome) {
                    // Why there is no result, as far as it is known.
                    let outcome = match outcome.outcome {
                        None => format!("{outcome} ({})", self.message(&view, id, &sent.raw)?),
                        Some(_) => outcome.to_string(),
                    };
                    let location = format!("{}, {}", sent.location, operation.location);
                    found.push(self.difference(&location, &operation.expect.text, outcome));
                }
            }
        }
        Ok(())
    }

    /// What became of the operations of a v2 batch, if that is asked.
    fn settled(
        &self,
        view: &View<'_, NativeHost>,
        id: MessageId,
        sent: &Sent,
    ) -> Result<Vec<Settled>, String> {
        let asked = sent.operations.iter().any(|one| matches!(one.lookup, Lookup::Position(..)));
        match read_batch(&sent.raw, &ROLLUP).filter(|_| asked) {
            Some(batch) => {
                settled::settled(view, &batch, &ROLLUP, id).map_err(|error| error.to_string())
            }
            None => Ok(Vec::new()),
        }
    }

    fn message(
        &self,
        view: &View<'_, NativeHost>,
        id: MessageId,
        raw: &[u8],
    ) -> Result<Found, String> {
        let result = view.message(id).map_err(|error| error.to_string())?;
        Ok(match result {
            Some(result) => Found::of_message(&result),
            None => {
                let kept = self.after.values_under(INBOX).any(|(_, value)| value.ends_with(raw));
                Found::word(if kept { WAITING } else { NOT_OURS })
            }
        })
    }

    /// What is said of the state after the level.
    fn assertions(
        &self,
        before: &Facts,
        after: &Facts,
        found: &mut Vec<Difference>,
    ) -> Result<(), String> {
        let mut said: BTreeSet<&Fact> = BTreeSet::new();
        let mut held_is_said = false;
        for expectation in self.expect {
            match expectation {
                Expectation::Is(assertion) => {
                    said.insert(&assertion.fact);
                }
                Expectation::HeldCount(_) | Expectation::Held(_) => held_is_said = true,
                Expectation::HasNothing(whose) => {
                    said.extend(before.keys().chain(after.keys()).filter(
                        |fact| matches!(fact, Fact::Balance(account, _) if account == whose),
                    ))
                }
                _ => {}
            }
        }
        for (number, expectation) in self.expect.iter().enumerate() {
            let location = format!("expect, sentence {number}");
            let mut differ = |expected: String, really: String| {
                found.push(self.difference(&location, &expected, really));
            };
            match expectation {
                Expectation::EverythingElseUnchanged | Expectation::NothingChanges => {
                    let all = matches!(expectation, Expectation::NothingChanges);
                    for fact in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                        let [old, new] = [before, after].map(|facts| facts.get(fact).copied());
                        let counts = all || is_of_people(fact);
                        if old != new && counts && !said.contains(fact) {
                            let sentence = |value| {
                                Assertion { fact: fact.clone(), value }.sentence(self.fixtures)
                            };
                            differ(format!("unchanged: {}", sentence(old)), sentence(new));
                        }
                    }
                    let [old, new] = [facts::held(self.before)?, facts::held(self.after)?];
                    if old != new && !held_is_said {
                        let [old, new] = [texts(&old), texts(&new)];
                        differ(format!("unchanged: {}", held_text(&old)), held_text(&new));
                    }
                }
                other => self.one(other, after, &mut differ)?,
            }
        }
        Ok(())
    }
}

/// What belongs to people, and not to the bookkeeping.
fn is_of_people(fact: &Fact) -> bool {
    matches!(fact, Fact::Balance(..) | Fact::Counter(_) | Fact::Pending)
}
