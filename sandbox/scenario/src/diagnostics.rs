//! All that is wrong with scenario files: reading goes on after the first fault, so that whoever wrote
//! them sees everything at once.

use std::collections::BTreeSet;
use std::fmt;

use crate::error::{Problem, ScenarioError, shown};

/// Errors that a report lists; of more it gives only the number.
const SAID_MAX: usize = 20;
/// Characters of what is expected that are worth saying again.
const SAID_AGAIN_MAX: usize = 100;

/// What is wrong with a file, or a part of one. Never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(Vec<ScenarioError>);

impl Diagnostics {
    /// Says what contains the place of each of them.
    #[must_use]
    pub fn inside(self, location: impl Into<String>) -> Self {
        let location = location.into();
        Diagnostics(self.0.into_iter().map(|fault| fault.inside(location.clone())).collect())
    }

    /// Leaves out what may only follow from another fault: a sentence that is not understood
    /// introduces nobody, and a key with a typo is missing.
    #[must_use]
    pub(crate) fn without_consequences(self) -> Self {
        let follows = |fault: &ScenarioError| {
            matches!(
                fault.problem,
                Problem::UnknownName { .. } | Problem::Label(_) | Problem::Missing(_)
            )
        };
        let (mut causes, consequences): (Vec<_>, Vec<_>) =
            self.0.into_iter().partition(|fault| !follows(fault));
        if causes.is_empty() {
            causes = consequences;
        }
        Diagnostics(causes)
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|fault| writeln!(f, "{fault}"))
    }
}

impl From<ScenarioError> for Diagnostics {
    fn from(fault: ScenarioError) -> Self {
        Diagnostics(vec![fault])
    }
}

impl From<Problem> for Diagnostics {
    fn from(problem: Problem) -> Self {
        ScenarioError::from(problem).into()
    }
}

/// Keeps the diagnostics of what is read one after another.
#[derive(Default)]
pub(crate) struct Collector(Vec<ScenarioError>);

impl Collector {
    /// What was read; where that failed, something empty, and the fault is kept.
    pub(crate) fn keep<T: Default>(&mut self, read: Result<T, impl Into<Diagnostics>>) -> T {
        read.unwrap_or_else(|diagnostics| {
            self.0.extend(diagnostics.into().0);
            T::default()
        })
    }

    /// All that was read, unless something failed.
    pub(crate) fn end<T>(self, read: T) -> Result<T, Diagnostics> {
        if self.0.is_empty() { Ok(read) } else { Err(Diagnostics(self.0)) }
    }
}

/// Reads all of several things, whatever is wrong with some of them.
pub(crate) fn all<T, F: Into<Diagnostics>>(
    read: impl IntoIterator<Item = Result<T, F>>,
) -> Result<Vec<T>, Diagnostics> {
    let mut collector = Collector::default();
    let good = read.into_iter().filter_map(|one| collector.keep(one.map(Some))).collect();
    collector.end(good)
}

/// What is wrong with each of these files, a line for each fault. The first has no `error: ` before it.
#[must_use]
pub fn report(files: &[(String, Diagnostics)]) -> String {
    let mut expectations = BTreeSet::new();
    let mut lines = Vec::new();
    let diagnostics = files
        .iter()
        .flat_map(|(path, diagnostics)| diagnostics.0.iter().map(move |one| (path, one)));
    for (path, ScenarioError { location, problem }) in diagnostics.clone().take(SAID_MAX) {
        let problem = match problem {
            Problem::Unexpected { found, expected }
                if expected.len() > SAID_AGAIN_MAX && !expectations.insert(expected) =>
            {
                format!("found {found}, expected one of the sentences listed above")
            }
            other => other.to_string(),
        };
        lines.push(format!("{}: {}{problem}", path, shown(location)));
    }
    let more = diagnostics.count().saturating_sub(SAID_MAX);
    if more > 0 {
        lines.push(format!("and {more} more like these"));
    }
    lines.join("\nerror: ")
}
