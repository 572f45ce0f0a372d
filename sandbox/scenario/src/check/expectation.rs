//! One expectation of a level, held against what came out of it.

use pvm::NativeHost;
use tx_kernel::view::View;

use super::checked_level::CheckedLevel;
use crate::assertion::{Assertion, Expectation, Fact};
use crate::facts::{self, Facts};
use crate::found::Found;
use crate::kind::WAITING;
use crate::outbox_text;
use explain::text::grouped;

impl CheckedLevel<'_> {
    pub(super) fn one(
        &self,
        expectation: &Expectation,
        after: &Facts,
        differ: &mut impl FnMut(String, String),
    ) -> Result<(), String> {
        let number = |count: usize, what: &str| format!("{what}: {}", grouped(&count.to_string()));
        match expectation {
            Expectation::Is(assertion) => {
                let value = after.get(&assertion.fact).copied();
                if value != assertion.value {
                    let really = Assertion { fact: assertion.fact.clone(), value };
                    differ(assertion.sentence(self.fixtures), really.sentence(self.fixtures));
                }
            }
            Expectation::HasNothing(whose) => {
                for (fact, value) in after {
                    if matches!(fact, Fact::Balance(account, _) if account == whose) {
                        let really = Assertion { fact: fact.clone(), value: Some(*value) };
                        let name = self.fixtures.name_of_account(whose);
                        differ(format!("{name} has nothing"), really.sentence(self.fixtures));
                    }
                }
            }
            Expectation::HeldCount(count) => {
                let held = facts::held(self.after)?;
                if held.len() != *count {
                    differ(number(*count, "held deposits"), held_text(&texts(&held)));
                }
            }
            Expectation::Held(reasons) => {
                let held = facts::held(self.after)?;
                let fit = held.len() == reasons.len()
                    && held.iter().zip(reasons).all(|(held, reason)| reason.is_met_by(held));
                if !fit {
                    let expected: Vec<String> = reasons.iter().map(|r| r.text.clone()).collect();
                    differ(held_text(&expected), held_text(&texts(&held)));
                }
            }
            Expectation::OutboxCount(count) => {
                if self.report.outbox.len() != *count {
                    differ(
                        number(*count, "outbox"),
                        outbox_text::text(&outbox_text::outbox(self.fixtures, &self.report.outbox)),
                    );
                }
            }
            Expectation::Outbox(messages) => {
                let really = outbox_text::outbox(self.fixtures, &self.report.outbox);
                if really != *messages {
                    differ(outbox_text::text(messages), outbox_text::text(&really));
                }
            }
            Expectation::Runs(runs) => {
                let really = self.report.runs.len();
                if really != *runs {
                    differ(number(*runs, "runs"), number(really, "runs"));
                }
            }
            Expectation::ForOthers(count) => {
                let host = NativeHost::over(self.after.clone());
                let really = View::new(&host).not_ours().map_err(|error| error.to_string())?;
                if really != *count {
                    let text = |count: u32| format!("messages for others: {count}");
                    differ(text(*count), text(really));
                }
            }
            Expectation::Message(label, expected) => {
                let host = NativeHost::over(self.after.clone());
                let view = View::new(&host);
                let labelled = self.labels.get(label).map_or(&[][..], Vec::as_slice);
                for (number, id) in labelled.iter().enumerate() {
                    let result = view.message(*id).map_err(|error| error.to_string())?;
                    let outcome = match result {
                        None => Found::word(WAITING),
                        Some(_) => self.message(&view, *id, &[])?,
                    };
                    if !expected.is_met_by(&outcome) {
                        let which = match labelled {
                            [_] => String::new(),
                            _ => format!(" (its message {number})"),
                        };
                        let text = |what: &str| format!("message {label}{which}: {what}");
                        differ(text(&expected.text), text(&outcome.to_string()));
                    }
                }
            }
            Expectation::EverythingElseUnchanged | Expectation::NothingChanges => {}
        }
        Ok(())
    }
}

/// Held deposits as texts.
pub(super) fn texts(held: &[Found]) -> Vec<String> {
    held.iter().map(ToString::to_string).collect()
}

pub(super) fn held_text(held: &[String]) -> String {
    match held {
        [] => "held deposits: 0".to_owned(),
        _ => {
            // A list would be split at the commas that many reasons have.
            let item = |reason: &String| match reason.contains(',') {
                true => format!("\"{reason}\""),
                false => reason.clone(),
            };
            format!("held deposits: [{}]", held.iter().map(item).collect::<Vec<_>>().join(", "))
        }
    }
}
