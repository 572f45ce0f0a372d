//! The records of the store: what never changes, the machine between levels, what is told about a
//! level.

use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use pvm::{Durable, Identity, InfoPerLevel, LevelReport, MachineState, Pvm, Snapshot, Status};

use crate::bytes::{BadRecord, Reader, put_bytes, put_option};
use crate::registers::{self, Kept};

/// The machine between two levels, without its durable storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Machine {
    /// The level to be played next; not the least there is.
    next_level: Option<i32>,
    last_level: i32,
    status: Status,
    /// What the next level would say about its predecessor.
    pub(crate) info: InfoPerLevel,
    /// What else is known of the state. It comes at the end of each record, as old ones have none.
    pub(crate) kept: Option<Kept>,
}

impl Machine {
    /// That of a PVM. `None` if there is no level before its next one.
    pub(crate) fn of(pvm: &Pvm) -> Option<Self> {
        let state = pvm.snapshot();
        let next_level = state.next_level();
        (next_level != Some(i32::MIN)).then(|| Self {
            next_level,
            last_level: state.last_level(),
            status: state.status().clone(),
            info: pvm.info_per_level(),
            kept: Kept::of(&state),
        })
    }

    /// The level to be played next.
    pub(crate) fn next_level(&self) -> Option<i32> {
        self.next_level
    }

    /// The level at whose end the machine is.
    pub(crate) fn at_end_of(&self) -> i32 {
        // `of` and `decode` let no machine pass whose next level has none before it.
        self.next_level.map_or(i32::MAX, |next| next.saturating_sub(1))
    }

    /// The hash of the state, if it is known.
    pub(crate) fn state_hash(&self) -> Option<[u8; 32]> {
        self.known_state().map(|known| known.hash)
    }

    /// What a commitment says of the state, if it is known.
    pub(crate) fn known_state(&self) -> Option<KnownState> {
        let kept = self.kept?;
        Some(KnownState { hash: kept.state_hash?, tick: kept.registers.tick })
    }

    /// Whether the kernel still runs.
    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    /// As the PVM takes it.
    pub(crate) fn with(&self, durable: Durable, state: Option<MachineState>) -> Snapshot {
        Snapshot::new(durable, self.next_level, self.last_level, self.status.clone())
            .with_machine(state)
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        put_option(out, self.next_level, |out, level| out.extend(level.to_be_bytes()));
        out.extend(self.last_level.to_be_bytes());
        let reason = match &self.status {
            Status::Running => None,
            Status::Stuck(reason) => Some(reason.as_bytes()),
        };
        put_option(out, reason, put_bytes);
        out.extend(self.info.predecessor_timestamp.to_be_bytes());
        out.extend(self.info.predecessor);
    }

    pub(crate) fn decode(from: &mut Reader<'_>) -> Result<Self, BadRecord> {
        let next_level = match from.flag("whether there is a next level")? {
            true => Some(from.i32("the next level")?),
            false => None,
        };
        if next_level == Some(i32::MIN) {
            return Err(from.wrong("a level that has one before it"));
        }
        let last_level = from.i32("the last level")?;
        let status = match from.flag("the status")? {
            true => Status::Stuck(from.text("why it is stuck")?.to_owned()),
            false => Status::Running,
        };
        let predecessor_timestamp = i64::from_be_bytes(from.array("a time")?);
        let info = InfoPerLevel { predecessor_timestamp, predecessor: from.array("a block")? };
        Ok(Self { next_level, last_level, status, info, kept: None })
    }

    /// The whole record of a machine.
    pub(crate) fn record(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        registers::put(&mut out, self.kept);
        out
    }

    /// From its whole record.
    pub(crate) fn of_record(bytes: &[u8]) -> Result<Self, BadRecord> {
        let mut from = Reader::new("the machine", bytes);
        let machine = Self::decode(&mut from)?;
        let kept = registers::read(&mut from)?;
        from.end()?;
        Ok(Self { kept, ..machine })
    }
}

/// Appends what never changes.
pub(crate) fn encode_identity(identity: &Identity) -> Vec<u8> {
    let mut out = identity.rollup.to_vec();
    out.extend(identity.origination_level.to_be_bytes());
    out.push(identity.fixed_kernel.into());
    out
}

/// Reads what never changes.
pub(crate) fn decode_identity(bytes: &[u8]) -> Result<Identity, BadRecord> {
    let mut from = Reader::new("the rollup", bytes);
    let rollup = from.array("an address")?;
    let origination_level = from.i32("the origination level")?;
    let fixed_kernel = from.flag("the kind of kernel")?;
    from.end()?;
    Ok(Identity { rollup, origination_level, fixed_kernel })
}

/// What a commitment says of a state. It is not known of one that is stuck for good, nor of one that was kept
/// before hashes were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownState {
    /// Its hash.
    pub hash: [u8; 32],
    /// The ticks since the origination.
    pub tick: u64,
}

/// What is told about a level that was played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelSummary {
    /// Its number.
    pub level: i32,
    /// Calls of `kernel_run`.
    pub runs: u32,
    /// Executed WASM instructions; `None` where nothing counts them.
    pub instructions: Option<u64>,
    /// Executed host calls.
    pub host_calls: u64,
    /// Messages of the inbox beside the protocol's own.
    pub messages: u32,
    /// Blake2b-256 over these messages, each behind its length, a big-endian `u32`.
    pub inbox: [u8; 32],
    /// Messages that no run has read.
    pub unread: u32,
    /// Messages of the outbox.
    pub outbox: u32,
    /// Whether the last run trapped, or the kernel cannot run any more.
    pub stuck: bool,
    /// Whether the PVM ended the level because of too many reboots.
    pub forced_yield: bool,
    /// The state after it, if it is known.
    pub state: Option<KnownState>,
}

fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

/// What [`LevelSummary::inbox`] is of a level with these messages.
#[must_use]
pub fn inbox_hash(messages: &[Vec<u8>]) -> [u8; 32] {
    let mut inbox = Blake2b::<U32>::new();
    for message in messages {
        inbox.update(count(message.len()).to_be_bytes());
        inbox.update(message);
    }
    inbox.finalize().into()
}

impl LevelSummary {
    /// That of a level which led to this state.
    #[must_use]
    pub fn of(report: &LevelReport, messages: &[Vec<u8>], state: Option<KnownState>) -> Self {
        Self {
            level: report.level,
            runs: count(report.runs.len()),
            instructions: report.instructions(),
            host_calls: report.host_call_count(),
            messages: count(messages.len()),
            inbox: inbox_hash(messages),
            unread: count(report.unread),
            outbox: count(report.outbox.len()),
            stuck: report.stuck || report.status != Status::Running,
            forced_yield: report.forced_yield,
            state,
        }
    }
}

/// The record of a level: the machine before it, and the summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LevelRecord {
    /// The machine before it.
    pub(crate) before: Machine,
    /// What is told about it. The hash of the state after it is in the next record, or in that of the
    /// machine after the last level.
    pub(crate) summary: LevelSummary,
}

impl LevelRecord {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.before.encode(&mut out);
        let summary = &self.summary;
        out.extend(summary.runs.to_be_bytes());
        put_option(&mut out, summary.instructions, |out, count| out.extend(count.to_be_bytes()));
        out.extend(summary.host_calls.to_be_bytes());
        out.extend(summary.messages.to_be_bytes());
        out.extend(summary.inbox);
        out.extend(summary.unread.to_be_bytes());
        out.extend(summary.outbox.to_be_bytes());
        out.push(summary.stuck.into());
        out.push(summary.forced_yield.into());
        registers::put(&mut out, self.before.kept);
        out
    }

    pub(crate) fn decode(level: i32, bytes: &[u8]) -> Result<Self, BadRecord> {
        let mut from = Reader::new("a level", bytes);
        let before = Machine::decode(&mut from)?;
        let runs = from.u32("the runs")?;
        let instructions = match from.flag("whether instructions were counted")? {
            true => Some(from.u64("the instructions")?),
            false => None,
        };
        let summary = LevelSummary {
            level,
            runs,
            instructions,
            host_calls: from.u64("the host calls")?,
            messages: from.u32("the messages")?,
            inbox: from.array("the hash of the inbox")?,
            unread: from.u32("the messages not read")?,
            outbox: from.u32("the messages of the outbox")?,
            stuck: from.flag("whether it trapped")?,
            forced_yield: from.flag("whether it was ended")?,
            state: None,
        };
        let before = Machine { kept: registers::read(&mut from)?, ..before };
        from.end()?;
        Ok(Self { before, summary })
    }
}
