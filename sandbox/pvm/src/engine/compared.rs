//! Two engines in one: every run is on both, from the same state, and must come to the same.
//!
//! What is compared after each run: how it ended and in which words, the counts, the ticks, the open functions of a trap,
//! durable storage, the outbox, what is left of the inbox, and each host call with its result.

use super::{Engine, EngineLimit, ModuleError, Outcome, Program, RunEnd, Target};
use crate::durable::TooDeep;
use crate::host::{Halt, Host};
use std::fmt::Debug;

/// An engine that runs on two. Where they part, the run ends with [`EngineLimit::Parted`], which says how.
///
/// What either of them cannot do is a limit of this engine.
pub struct ComparedEngine {
    reference: Box<dyn Engine>,
    other: Box<dyn Engine>,
}

impl ComparedEngine {
    /// Compares an engine with a reference. What the kernel prints, and what runs leave, is of the other.
    #[must_use]
    pub fn new(reference: Box<dyn Engine>, other: Box<dyn Engine>) -> Self {
        Self { reference, other }
    }
}

impl Engine for ComparedEngine {
    fn name(&self) -> &'static str {
        "compared"
    }

    fn compile(&self, wasm: &[u8], target: Target) -> Result<Box<dyn Program>, ModuleError> {
        let reference = self.reference.compile(wasm, target)?;
        let other = self.other.compile(wasm, target)?;
        Ok(Box::new(ComparedProgram { reference, other }))
    }
}

struct ComparedProgram {
    reference: Box<dyn Program>,
    other: Box<dyn Program>,
}

impl Program for ComparedProgram {
    fn run(&mut self, host: &mut Host) -> RunEnd {
        let mut twin = host.fork();
        twin.trap_at = host.trap_at;
        twin.profile.clone_from(&host.profile);
        let (recording, recorded) = (host.recording, host.record.len());
        host.recording = true;
        twin.recording = true;
        // There is one source of each, for both in turn.
        twin.preimages = host.preimages.take();
        twin.dal = host.dal.take();
        twin.reveals = host.reveals.take();
        let expected = self.reference.run(&mut twin);
        host.preimages = twin.preimages.take();
        host.dal = twin.dal.take();
        host.reveals = twin.reveals.take();
        let mut found = self.other.run(host);
        let parted = difference(&twin, &expected, host, &found, recorded);
        host.recording = recording;
        if !recording {
            host.record.truncate(recorded);
        }
        found.outcome = match (expected.outcome, parted) {
            (limited @ Outcome::Limited(_), _) => limited,
            (_, Some(how)) => Outcome::Limited(EngineLimit::Parted(how)),
            _ => return found,
        };
        // What the host has to say would be heard first.
        host.halt = None;
        found
    }

    fn default_node_exits(&self) -> Option<&str> {
        self.other.default_node_exits()
    }

    fn can_trace(&self) -> bool {
        self.other.can_trace()
    }

    fn trace(&mut self, host: &mut Host) -> Vec<String> {
        self.other.trace(host)
    }
}

/// Where two runs part, if they do. An interrupt may come to one of them earlier.
fn difference(
    twin: &Host,
    expected: &RunEnd,
    host: &Host,
    found: &RunEnd,
    recorded: usize,
) -> Option<String> {
    let is_limited = |end: &RunEnd| matches!(end.outcome, Outcome::Limited(_));
    if [twin, host].iter().any(|host| host.halt == Some(Halt::Interrupted)) || is_limited(expected)
    {
        return None;
    }
    let calls = host.record.get(recorded..).unwrap_or_default();
    let unequal = twin.record.iter().zip(calls).find(|(a, b)| a != b);
    let how = None
        .or_else(|| unequal.map(|(a, b)| format!("a host call: {a:?} and {b:?}")))
        .or_else(|| parted("host calls", &twin.calls, &host.calls))
        .or_else(|| parted("the end", &expected.outcome, &found.outcome))
        .or_else(|| parted("what the host ended it for", &twin.halt, &host.halt))
        .or_else(|| parted("instructions", &expected.instructions, &found.instructions))
        .or_else(|| parted("ticks", &expected.ticks, &found.ticks))
        .or_else(|| parted("the functions that are open", &expected.stack, &found.stack))
        .or_else(|| parted("the profile", &twin.profile, &host.profile))
        .or_else(|| parted("the outbox", &twin.outbox, &host.outbox))
        .or_else(|| {
            let [a, b] = [twin, host].map(|host| &host.default_node_may_fail);
            parted("what the default node may fail at", a, b)
        })
        .or_else(|| parted("messages left", &twin.inbox.len(), &host.inbox.len()))
        .or_else(|| first_row(twin, host));
    how.map(|how| format!("run {}: {how}", host.run))
}

fn parted<T: Debug + PartialEq>(what: &str, expected: &T, found: &T) -> Option<String> {
    (expected != found).then(|| format!("{what}: {expected:?} and {found:?}"))
}

/// The first path of durable storage whose value differs.
fn first_row(twin: &Host, host: &Host) -> Option<String> {
    let hex = |bytes: Option<&[u8]>| bytes.map_or("nothing".to_owned(), hex::encode);
    let mut first = None;
    let compared = twin.durable.diff(&host.durable, |change| {
        first.get_or_insert_with(|| {
            let [a, b] = [change.before, change.after].map(|row| hex(row.as_deref()));
            format!("durable storage at {}: {a} and {b}", change.path)
        });
        Ok::<(), TooDeep>(())
    });
    first.or_else(|| {
        compared.err().map(|error| format!("durable storage cannot be compared: {error}"))
    })
}
