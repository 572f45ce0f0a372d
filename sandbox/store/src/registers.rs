//! The record of what of a state is neither durable storage nor an outbox, and of its hash. Files of before it
//! was kept have none: then the hash of the state is not known.

use pvm::{MAX_OUTBOXES, Registers, Snapshot};

use crate::bytes::{BadRecord, Reader, put_option};

/// The numbers of a machine, the levels of its oldest and newest outbox, the hash of its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) registers: Registers,
    pub(crate) outboxes: Option<(i32, i32)>,
    /// Not that of a machine that is stuck for good.
    pub(crate) state_hash: Option<[u8; 32]>,
}

impl Kept {
    pub(crate) fn of(state: &Snapshot) -> Option<Self> {
        let machine = state.machine()?;
        Some(Self {
            registers: machine.registers(),
            outboxes: machine.outbox_range(),
            state_hash: state.state_hash().ok(),
        })
    }

    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        let Registers { tick, ticks_per_run, origin_validity, validity, last_input } =
            self.registers;
        out.extend(tick.to_be_bytes());
        out.extend(ticks_per_run.to_be_bytes());
        out.extend(origin_validity.to_be_bytes());
        out.extend(validity.to_be_bytes());
        put_option(out, last_input, |out, (level, index)| {
            out.extend(level.to_be_bytes());
            out.extend(index.to_be_bytes());
        });
        put_option(out, self.outboxes, |out, (first, last)| {
            out.extend(first.to_be_bytes());
            out.extend(last.to_be_bytes());
        });
        put_option(out, self.state_hash, |out, hash| out.extend(hash));
    }

    fn decode(from: &mut Reader<'_>) -> Result<Self, BadRecord> {
        let registers = Registers {
            tick: from.u64("the ticks")?,
            ticks_per_run: from.u64("the ticks of a run")?,
            origin_validity: from.i32("the period of outboxes")?,
            validity: from.i32("the period of outboxes")?,
            last_input: match from.flag("whether there was an input")? {
                true => Some((from.i32("its level")?, from.u64("its index")?)),
                false => None,
            },
        };
        let outboxes = match from.flag("whether there are outboxes")? {
            true => Some((from.i32("the oldest outbox")?, from.i32("the newest outbox")?)),
            false => None,
        };
        let count = outboxes.map_or(1, |(first, last)| i64::from(last) - i64::from(first) + 1);
        let is_range = usize::try_from(count).is_ok_and(|n| (1..=MAX_OUTBOXES).contains(&n));
        if !is_range {
            return Err(from.wrong("a range of levels"));
        }
        let state_hash = match from.flag("whether the hash of the state is known")? {
            true => Some(from.array("the hash of the state")?),
            false => None,
        };
        Ok(Self { registers, outboxes, state_hash })
    }
}

/// Appends it, if it is known.
pub(crate) fn put(out: &mut Vec<u8>, kept: Option<Kept>) {
    put_option(out, kept, |out, kept| kept.encode(out));
}

/// Reads it, if it is there and known.
pub(crate) fn read(from: &mut Reader<'_>) -> Result<Option<Kept>, BadRecord> {
    if from.is_at_end() || !from.flag("whether more is known of the state")? {
        return Ok(None);
    }
    Kept::decode(from).map(Some)
}
