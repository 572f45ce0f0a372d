//! A level that was run, with all that its expectations can be about.

use std::collections::BTreeMap;

use encoding::{Level, MessageId};
use pvm::{Durable, LevelReport};

use crate::assertion::Expectation;
use crate::encode::Sent;
use crate::fixtures::Fixtures;

/// A level that was run.
pub(crate) struct CheckedLevel<'a> {
    pub fixtures: &'a Fixtures,
    pub level: Level,
    pub location: &'a str,
    pub sent: &'a [Sent],
    pub expect: &'a [Expectation],
    /// Every message with a label so far.
    pub labels: &'a BTreeMap<String, Vec<MessageId>>,
    pub before: &'a Durable,
    pub after: &'a Durable,
    pub report: &'a LevelReport,
}
