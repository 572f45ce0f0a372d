//! The simulated layer 1 beside a rollup, and its record: every operation with the level in which it was done,
//! a line each, in one file. What an operation sends to the rollup is in no other record: the inbox of a level
//! begins with what the operations of the level before it send. So whenever the process ends, a message is in
//! the inbox of exactly one level.

use std::collections::HashMap;
use std::path::Path;

use layer1::address::{Address, Kind};
use mockup::{ContractHash, Mockup, Operation, Outcome, Refusal, RollupCall, State};

use crate::digest::digest;
use crate::error::NodeError;
use crate::limits::{MAX_SENT_BYTES, MAX_SENT_MESSAGES, MESSAGE_OVERHEAD_BYTES, at_most};
use crate::queue::MessageId;
use crate::record_log::RecordLog;

/// What it is, for errors.
const WHAT: &str = "the record of layer 1";
/// The first line of the file.
const HEADER: &str = "toru sandbox, operations of layer 1: level, operation";

/// Where a message of an operation is: the level of the operation, and the message's place among those of the
/// level. It is in the inbox of the level after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SentPlace {
    /// The level of the operation.
    pub level: i32,
    /// The message's place.
    pub index: usize,
}

/// Layer 1 and its record.
#[derive(Debug)]
pub struct Layer1 {
    mockup: Mockup,
    lines: RecordLog,
    /// Lines that are not on the disk yet.
    staged: String,
    /// How many operations are on the disk.
    synced: usize,
    /// Where each message is that an operation has sent.
    places: HashMap<MessageId, SentPlace>,
}

impl Layer1 {
    /// One that is forgotten when the process ends.
    #[must_use]
    pub fn in_memory(genesis: State) -> Self {
        Self::of(Mockup::new(genesis), RecordLog::nowhere(WHAT, HEADER))
    }

    /// Starts a record anew, of these operations.
    ///
    /// # Errors
    /// When one of them cannot be done, or the file cannot be written.
    pub fn create(
        path: Option<&Path>,
        genesis: State,
        operations: Vec<(i32, Operation)>,
    ) -> Result<Self, NodeError> {
        let text = text(&operations);
        let mockup = Mockup::replay(genesis, operations).map_err(invalid)?;
        let lines = match path {
            Some(path) => RecordLog::create(path, WHAT, HEADER, &text)?,
            None => RecordLog::nowhere(WHAT, HEADER),
        };
        Ok(Self::of(mockup, lines))
    }

    /// Continues a record; `None` if there is none. Operations after `last`, the rollup's present level, are
    /// dropped.
    ///
    /// # Errors
    /// When the file cannot be read or written, is not such a record, or has an operation that cannot be done
    /// from this beginning.
    pub fn open(path: &Path, genesis: State, last: i32) -> Result<Option<Self>, NodeError> {
        if path.symlink_metadata().is_err() {
            return Ok(None);
        }
        let lines = RecordLog::read(path, WHAT, HEADER)?;
        let read = |line: &String| entry(line).ok_or_else(|| NodeError::invalid_line(WHAT, line));
        let mut operations = lines.iter().map(read).collect::<Result<Vec<_>, NodeError>>()?;
        operations.retain(|(level, _)| *level <= last);
        Self::create(Some(path), genesis, operations).map(Some)
    }

    fn of(mockup: Mockup, lines: RecordLog) -> Self {
        let synced = mockup.operations().len();
        let mut layer1 =
            Self { mockup, lines, staged: String::new(), synced, places: HashMap::new() };
        layer1.find_places();
        layer1
    }

    /// The state.
    #[must_use]
    pub fn state(&self) -> &State {
        self.mockup.state()
    }

    /// The state and how it came to be.
    #[must_use]
    pub fn mockup(&self) -> &Mockup {
        &self.mockup
    }

    /// What operations of a level send to the rollup, as an inbox has it: nothing, if there were operations in
    /// later levels.
    #[must_use]
    pub fn messages(&self, level: i32) -> Vec<Vec<u8>> {
        let rollup = self.state().rollup().hash;
        self.mockup.sent(level).iter().map(|call| message(call, &rollup)).collect()
    }

    /// Bytes of them, as they count for a block.
    #[must_use]
    pub fn message_bytes(&self, level: i32) -> usize {
        self.mockup.sent(level).iter().map(length).sum()
    }

    /// Where the message of an operation is.
    #[must_use]
    pub fn place(&self, id: &MessageId) -> Option<SentPlace> {
        self.places.get(id).copied()
    }

    /// The messages that operations have sent, in no order.
    pub fn places(&self) -> impl Iterator<Item = (&MessageId, SentPlace)> {
        self.places.iter().map(|(id, place)| (id, *place))
    }

    /// Does an operation in a level, and stages it: it counts when [`Self::sync`] has returned.
    ///
    /// # Errors
    /// When it fails, or sends more to the rollup than there is room for. Then nothing has changed.
    pub(crate) fn operate(
        &mut self,
        level: i32,
        operation: Operation,
    ) -> Result<&Outcome, NodeError> {
        let line = line(level, &operation).ok_or_else(unwritable)?;
        let (state, outcome) = self.mockup.attempt(level, &operation).done?;
        let more = &outcome.messages;
        for call in more {
            let bytes = length(call).saturating_sub(MESSAGE_OVERHEAD_BYTES);
            at_most("bytes of a message", bytes, pvm::MAX_MESSAGE_BYTES)?;
        }
        let before = self.mockup.sent(level).len();
        let messages = before.saturating_add(more.len());
        at_most("messages to the rollup in a level", messages, MAX_SENT_MESSAGES)?;
        let bytes = more.iter().map(length).fold(self.message_bytes(level), usize::saturating_add);
        at_most("bytes of messages to the rollup in a level", bytes, MAX_SENT_BYTES)?;
        for (index, id) in (before..).zip(message_ids(&outcome)) {
            self.places.insert(id, SentPlace { level, index });
        }
        self.staged.push_str(&line);
        Ok(self.mockup.accept(level, operation, state, outcome))
    }

    /// Whether there are operations that [`Self::sync`] has something to do for.
    pub(crate) fn has_staged(&self) -> bool {
        !self.staged.is_empty()
    }

    /// Puts the operations on the disk that are not there yet.
    ///
    /// # Errors
    /// When they cannot be written. Then they have not been done.
    pub(crate) fn sync(&mut self) -> Result<(), NodeError> {
        let staged = std::mem::take(&mut self.staged);
        if staged.is_empty() {
            return Ok(());
        }
        match self.lines.append(&staged) {
            Ok(()) => {
                self.synced = self.mockup.operations().len();
                Ok(())
            }
            Err(error) => {
                self.mockup.truncate(self.synced).map_err(invalid)?;
                self.find_places();
                Err(error)
            }
        }
    }

    /// Forgets what was done after a level.
    ///
    /// # Errors
    /// When the record cannot be written. Then nothing is taken any more.
    pub(crate) fn revert(&mut self, level: i32) -> Result<(), NodeError> {
        self.staged.clear();
        self.mockup.revert(level).map_err(invalid)?;
        self.synced = self.mockup.operations().len();
        self.find_places();
        self.lines.replace(&text(self.mockup.operations()))
    }

    fn find_places(&mut self) {
        self.places.clear();
        let mut at = SentPlace { level: i32::MIN, index: 0 };
        for sender in self.mockup.senders() {
            if sender.level != at.level {
                at = SentPlace { level: sender.level, index: 0 };
            }
            for index in 0..sender.messages {
                self.places.insert(message_id(&sender.hash, index), at);
                at.index += 1;
            }
        }
    }
}

/// The ids of what an operation has sent to the rollup.
pub(crate) fn message_ids(outcome: &Outcome) -> impl Iterator<Item = MessageId> + '_ {
    (0_u32..).zip(&outcome.messages).map(|(index, _)| message_id(&outcome.hash, index))
}

/// The id of a message that an operation has sent.
fn message_id(operation: &[u8; 32], index: u32) -> MessageId {
    digest("message of layer 1", &[operation, &index.to_be_bytes()])
}

/// A call of the rollup, as an inbox has it.
fn message(call: &RollupCall, rollup: &[u8; 20]) -> Vec<u8> {
    let tag = match call.source.kind {
        Kind::Implicit(tag) => tag,
        // Nobody else signs operations.
        Kind::Contract | Kind::Rollup => 0,
    };
    let source = call.source.hash.as_slice();
    [&[0, 0], call.payload.as_slice(), &call.sender, &[tag], source, rollup].concat()
}

/// Bytes of it, as they count for a block.
fn length(call: &RollupCall) -> usize {
    // Two tags, the sender, the source with its tag, the rollup.
    call.payload.len().saturating_add(2 + 20 + 21 + 20 + MESSAGE_OVERHEAD_BYTES)
}

fn line(level: i32, operation: &Operation) -> Option<String> {
    operation.to_line().map(|operation| format!("{level} {operation}\n"))
}

fn unwritable() -> NodeError {
    NodeError::Record { what: WHAT, problem: "the operation cannot be written".to_owned() }
}

fn text(operations: &[(i32, Operation)]) -> String {
    operations.iter().filter_map(|(level, operation)| line(*level, operation)).collect()
}

fn entry(line: &str) -> Option<(i32, Operation)> {
    let (level, operation) = line.split_once(' ')?;
    Some((level.parse().ok()?, Operation::of_line(operation)?))
}

fn invalid(error: mockup::NotAgain) -> NodeError {
    NodeError::Record { what: WHAT, problem: error.to_string() }
}

/// The hash in the address of a contract.
///
/// # Errors
/// When the text is not the address of a contract.
pub(crate) fn read_contract(what: &'static str, text: &str) -> Result<ContractHash, NodeError> {
    match text.parse() {
        Ok(Address { kind: Kind::Contract, hash }) => Ok(hash),
        _ => Err(NodeError::malformed(what, text, "the address KT1… of a contract")),
    }
}

impl From<Refusal> for NodeError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}
