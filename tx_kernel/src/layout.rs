//! Where the kernel keeps what, in durable storage.
//!
//! | path | what |
//! |---|---|
//! | `/toru/config/…` | what the installer set; the kernel only reads it |
//! | `/toru/state/…` | the committed state: ledger, results, outbox queue, held deposits, cursors |
//! | `/toru/work/…` | a copy of it that is being written; moved over it in one step, or left |
//! | `/toru/inbox/…` | what was taken from the inbox and not yet finished |
//! | `/toru/hand` | which of that is being worked on |
//! | `/toru/level` | the level, and what it has used of its budgets |
//! | `/toru/verification` | how far the verification of a batch has come |
//! | `/toru/migration/…` | the state of an older kernel, on its way to this one's layout |
//! | `/toru/previous/…` | the kernel of before the last upgrade |

use deposit::RefundTo;
use encoding::limits::{DEFERRED_BATCHES, ENTRYPOINT_BYTES, PRICE_CLASSES, STORE_IO_BYTES};
use encoding::{Entrypoint, Kt1Address, Level, VerificationGas};
use host::{Host, HostError, RawRollupCore, Subtree};

/// The flag that makes the PVM run the kernel again in the same level, trap or no trap.
pub const REBOOT: &str = "/kernel/env/reboot";
/// One byte, `01`: v1 batches are accepted. Set by the installer.
pub const ACCEPT_V1: &str = "/toru/config/accept_v1";
/// The address of the contract that may order upgrades, its 20 bytes. Set by the installer.
pub const ADMINISTRATOR: &str = "/toru/config/administrator";
/// Levels between the last page of a new kernel and its installation, a `u32`. Set by the installer.
pub const UPGRADE_DELAY: &str = "/toru/config/upgrade_delay";
/// Levels of which the results are summed up in one root, a `u32` from 1 to
/// [`encoding::limits::LEVELS_PER_WINDOW`]. Without it no root is written. Set by the installer.
pub const RECEIPTS_EVERY: &str = "/toru/config/receipts_every";
/// The committed state.
pub const STATE: &str = "/toru/state";
/// The results, below the committed state.
pub const RESULTS: &str = "/toru/state/results";
/// The working copy.
pub const WORK: &str = "/toru/work";
/// The batch whose verification goes on in the next run.
pub(crate) const VERIFICATION: &str = "/toru/verification";
/// Messages that were ingested beside a state that only a newer kernel can read.
pub(crate) const PARKED: &str = "/toru/inbox/parked";
const PARKED_FOLDER: &str = "/toru/inbox/parked/";
/// How many of them have been put where they belong.
pub(crate) const UNPARKED: &str = "/toru/inbox/unparked";
/// The message being worked on.
pub(crate) const IN_PROGRESS: &str = "/toru/hand";

const LEVEL: &str = "/toru/level";
const VERSION: &str = "/version";
const CURSORS: &str = "/cursors";
const DEFERRED: &str = "/deferred";
/// The same below the committed state: they are read in every run.
const STATE_VERSION: &str = "/toru/state/version";
const STATE_CURSORS: &str = "/toru/state/cursors";
const STATE_DEFERRED: &str = "/toru/state/deferred";

/// The version of this layout: what this kernel is made for.
pub const LAYOUT_VERSION: u32 = 1;

/// The queues of ingested messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum InboxQueue {
    /// Calls by contracts.
    Deposits,
    /// Signed batches.
    Batches,
    /// Either, ingested beside a state that only a newer kernel can read.
    Parked,
}

impl InboxQueue {
    pub(crate) fn tag(self) -> u8 {
        match self {
            InboxQueue::Deposits => 0,
            InboxQueue::Batches => 1,
            InboxQueue::Parked => 2,
        }
    }

    /// Where the message of this number is kept.
    pub(crate) fn path(self, number: u64) -> String {
        let folder = match self {
            InboxQueue::Deposits => "/toru/inbox/deposits/",
            InboxQueue::Batches => "/toru/inbox/batches/",
            InboxQueue::Parked => PARKED_FOLDER,
        };
        host::numbered(folder, number)
    }
}

/// Whether the state's layout is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    Ours,
    /// Written by an older kernel, of this version: it is migrated before anything is done with it.
    Older(u32),
    /// Written by a newer kernel, or one that we know no way from: nothing of it may be touched.
    Newer,
}

/// The version of the stored layout, if there is a state.
pub(crate) fn version<H: RawRollupCore>(host: &H) -> Result<Option<u32>, HostError> {
    let stored = host.read_record(STATE_VERSION, VERSION)?;
    Ok(stored.map(u32::from_be_bytes))
}

/// Where a part of a held deposit is, under the state.
pub(crate) fn held_path(number: u64, part: &str) -> String {
    format!("/held/{number}/{part}")
}

/// The path and the value that say of which version a state is: for states that are made up.
pub fn version_value() -> (String, [u8; 4]) {
    (STATE_VERSION.to_owned(), LAYOUT_VERSION.to_be_bytes())
}

/// Says of which version a state is.
pub(crate) fn write_version<H: RawRollupCore>(
    state: &Subtree<'_, H>,
    version: u32,
) -> Result<(), HostError> {
    state.write(VERSION, &version.to_be_bytes())
}

/// Whether a contract is the one that may order upgrades.
pub(crate) fn is_administrator<H: RawRollupCore>(
    host: &H,
    contract: &Kt1Address,
) -> Result<bool, HostError> {
    Ok(host.read_at(ADMINISTRATOR, 0, contract.0.len() + 1)? == contract.0)
}

/// The configured delay of upgrades, in levels; `None` if it is no `u32`, or beyond all levels.
pub(crate) fn upgrade_delay<H: RawRollupCore>(host: &H) -> Result<Option<i32>, HostError> {
    let bytes = host.read_at(UPGRADE_DELAY, 0, 5)?;
    Ok(<[u8; 4]>::try_from(bytes).ok().and_then(|b| i32::try_from(u32::from_be_bytes(b)).ok()))
}

/// The exit of a ticketer, through which what cannot be credited goes back, if one is configured, and
/// whom it pays. A name that no entrypoint can have is not an exit.
pub(crate) fn exit_of<H: RawRollupCore>(
    host: &H,
    ticketer: &Kt1Address,
) -> Result<Option<(Entrypoint, RefundTo)>, HostError> {
    let path = exit_path(ticketer);
    if !host.has(&path)? {
        return Ok(None);
    }
    let Some(entrypoint) = Entrypoint::new(&host.read_at(&path, 0, ENTRYPOINT_BYTES + 1)?) else {
        return Ok(None);
    };
    let to_sender = host.read_at(&refund_to_sender_path(ticketer), 0, 2)? == [1];
    let refund_to = if to_sender { RefundTo::Sender } else { RefundTo::Source };
    Ok(Some((entrypoint, refund_to)))
}

/// Where the configuration names the exit of a ticketer: an entrypoint that takes
/// `pair address (ticket …)` and gives the address what the ticket stands for.
pub fn exit_path(ticketer: &Kt1Address) -> String {
    of_ticketer("/toru/config/exits/", ticketer)
}

/// Where the configuration says, by one byte `01`, that refunds of a ticketer's tickets are paid to the
/// contract that sent the deposit. Anything else, or nothing: to whoever signed the operation.
pub fn refund_to_sender_path(ticketer: &Kt1Address) -> String {
    of_ticketer("/toru/config/refund_to_sender/", ticketer)
}

fn of_ticketer(folder: &str, ticketer: &Kt1Address) -> String {
    ticketer.0.iter().fold(folder.to_owned(), |path, byte| format!("{path}{byte:02x}"))
}

/// Whether the configuration lets v1 batches in.
pub(crate) fn accepts_v1<H: RawRollupCore>(host: &H) -> Result<bool, HostError> {
    Ok(host.read_at(ACCEPT_V1, 0, 2)? == [1])
}

/// A batch that waits for a later level, as its own could not afford it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deferred {
    pub number: u64,
    /// What verifying it was seen to cost.
    pub gas: VerificationGas,
    /// The class of its price.
    pub class: u8,
}

/// Bytes: number u64, gas u32, class u8.
const DEFERRED_BYTES: usize = 13;
const _: () = assert!(DEFERRED_BATCHES * DEFERRED_BYTES <= STORE_IO_BYTES);

/// How far the queues have been worked off. Part of the state, so that a message and what it did
/// are done in one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursors {
    /// How many commits there have been.
    pub steps: u64,
    /// The first deposit not yet finished.
    pub deposits: u64,
    /// The first batch that is neither finished nor deferred.
    pub batches: u64,
    /// How many deposits have ever been held.
    pub held: u64,
    /// The batches that wait for a later level, oldest first.
    pub deferred: Vec<Deferred>,
}

impl Cursors {
    pub(crate) fn read<H: RawRollupCore>(host: &H) -> Result<Cursors, HostError> {
        let mut cursors = Cursors::default();
        if let Some(bytes) = host.read_record::<32>(STATE_CURSORS, CURSORS)?
            && let ([steps, deposits, batches, held], []) = bytes.as_chunks::<8>()
        {
            cursors.steps = u64::from_be_bytes(*steps);
            cursors.deposits = u64::from_be_bytes(*deposits);
            cursors.batches = u64::from_be_bytes(*batches);
            cursors.held = u64::from_be_bytes(*held);
        }
        for record in host.read(STATE_DEFERRED)?.chunks(DEFERRED_BYTES) {
            let [a, b, c, d, e, f, g, h, i, j, k, l, class] = *record else {
                return Err(HostError::Corrupt(DEFERRED));
            };
            cursors.deferred.push(Deferred {
                number: u64::from_be_bytes([a, b, c, d, e, f, g, h]),
                gas: VerificationGas::new(u32::from_be_bytes([i, j, k, l])),
                class,
            });
        }
        Ok(cursors)
    }

    /// Writes the cursors into the working copy; `before` is what stands there.
    pub(crate) fn write<H: RawRollupCore>(
        &self,
        host: &H,
        before: &Cursors,
    ) -> Result<(), HostError> {
        let words = [self.steps, self.deposits, self.batches, self.held];
        host.write_at(&[WORK, CURSORS].concat(), 0, &words.map(u64::to_be_bytes).concat())?;
        if self.deferred != before.deferred {
            let path = [WORK, DEFERRED].concat();
            let mut records = Vec::new();
            for Deferred { number, gas, class } in &self.deferred {
                records.extend_from_slice(&number.to_be_bytes());
                records.extend_from_slice(&gas.get().to_be_bytes());
                records.push(*class);
            }
            host.delete(&path)?;
            host.write_at(&path, 0, &records)?;
        }
        Ok(())
    }
}

/// The level that is being played, what it has used of its budget, and what it is still asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LevelUse {
    pub level: Level,
    /// The gas that it has spent.
    pub spent: VerificationGas,
    /// Messages of this level that were for other rollups, or for nobody we know.
    pub not_ours: u32,
    /// Gas, by price class: what messages ask for that were collected and whose turn is to come.
    pub demand: [VerificationGas; PRICE_CLASSES],
}

/// Bytes: level, spent, not ours, and each class of the demand, four bytes each.
const LEVEL_BYTES: usize = 4 * (3 + PRICE_CLASSES);

impl LevelUse {
    pub(crate) fn read<H: RawRollupCore>(host: &H) -> Result<Option<LevelUse>, HostError> {
        // It is read before anything that knows of layouts: what another kernel has put there is never an
        // error. Its level comes first in all of them; what is missing has not been used.
        let bytes = host.read_at(LEVEL, 0, LEVEL_BYTES)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let mut words = bytes.as_chunks::<4>().0.iter().copied();
        let mut word = || words.next().unwrap_or_default();
        let level = Level(i32::from_be_bytes(word()));
        let [spent, not_ours] = [word(), word()].map(u32::from_be_bytes);
        let spent = VerificationGas::new(spent);
        let demand = std::array::from_fn(|_| VerificationGas::new(u32::from_be_bytes(word())));
        Ok(Some(LevelUse { level, spent, not_ours, demand }))
    }

    pub(crate) fn write<H: RawRollupCore>(&self, host: &H) -> Result<(), HostError> {
        let LevelUse { level, spent, not_ours, demand } = self;
        let mut words = [[0; 4]; LEVEL_BYTES / 4];
        let [of_level, of_spent, of_not_ours, of_demand @ ..] = &mut words;
        *of_level = level.0.to_be_bytes();
        *of_spent = spent.get().to_be_bytes();
        *of_not_ours = not_ours.to_be_bytes();
        for (to, gas) in of_demand.iter_mut().zip(demand) {
            *to = gas.get().to_be_bytes();
        }
        host.write_at(LEVEL, 0, words.as_flattened())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_committed_state_are_below_it() {
        for (path, relative) in
            [(STATE_VERSION, VERSION), (STATE_CURSORS, CURSORS), (STATE_DEFERRED, DEFERRED)]
        {
            assert_eq!(path, [STATE, relative].concat());
        }
    }
}
