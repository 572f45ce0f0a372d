//! Roots of results: the kernel adds up the results of some levels in a Merkle tree, and writes its root
//! into the outbox. With it anybody can show a result to somebody who trusts layer 1 alone.
//!
//! | path under the state | value |
//! |---|---|
//! | `/receipts` | the window that is open: number u64, first level i32, number of leaves u64, peaks of 32 bytes |
//! | `/results/<generation>/leaves/<window>` | the leaves of a window, 32 bytes each |
//! | `/results/<generation>/roots/<window>` | what was written into the outbox: first level i32, last level i32, number of leaves u64, root |
//!
//! A *window* is a number of levels, as the configuration says. The generation is that of its first level.
//! Each record of a result is a leaf under its path within the generation, such as `batch/<digest>`. A
//! record that is written again is another leaf. A window without results has no root.

pub mod mountains;

use encoding::limits::{LEAVES_PER_WINDOW, LEVELS_PER_WINDOW};
use encoding::{Hash32, Level};
use host::{Host, HostError, RawRollupCore, Subtree};
use outbox::ResultsRoot;

use crate::layout::{RECEIPTS_EVERY, STATE, WORK};
use crate::results;
use mountains::Mountains;

/// The window that is open, for those who read the state from outside.
pub mod open_window {
    use encoding::Level;

    /// Where it is, under the state.
    pub const PATH: &str = "/receipts";

    /// The level of its first result, if it has one.
    pub fn first(record: &[u8]) -> Option<Level> {
        let window = super::Window::from_bytes(record)?;
        (window.mountains.leaves() > 0).then_some(window.first)
    }
}

const WINDOW: &str = open_window::PATH;
/// Bytes of a leaf.
const LEAF_BYTES: u64 = 32;

/// The results that no root has been written of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Window {
    number: u64,
    /// The level of its first leaf, if it has one.
    first: Level,
    mountains: Mountains,
}

impl Window {
    fn read<H: RawRollupCore>(state: &Subtree<'_, H>) -> Result<Self, HostError> {
        let bytes = state.read(WINDOW)?;
        if bytes.is_empty() {
            return Ok(Window::default());
        }
        Self::from_bytes(&bytes).ok_or(HostError::Corrupt(WINDOW))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (number, rest) = bytes.split_first_chunk()?;
        let (first, rest) = rest.split_first_chunk()?;
        Some(Window {
            number: u64::from_be_bytes(*number),
            first: Level(i32::from_be_bytes(*first)),
            mountains: Mountains::read(rest)?,
        })
    }

    fn write<H: RawRollupCore>(&self, work: &Subtree<'_, H>) -> Result<(), HostError> {
        let mut bytes = self.number.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.first.0.to_be_bytes());
        self.mountains.write(&mut bytes);
        work.delete(WINDOW)?;
        work.write(WINDOW, &bytes)
    }

    fn next(&self) -> Self {
        Window { number: self.number.saturating_add(1), ..Window::default() }
    }
}

/// How many levels a window has, if the configuration asks for roots. A number that is not from 1 to
/// [`LEVELS_PER_WINDOW`] asks for none.
pub(crate) fn every<H: RawRollupCore>(host: &H) -> Result<Option<i32>, HostError> {
    let bytes = host.read_at(RECEIPTS_EVERY, 0, 5)?;
    let every = <[u8; 4]>::try_from(bytes).map(i32::from_be_bytes);
    Ok(every.ok().filter(|levels| (1..=LEVELS_PER_WINDOW).contains(levels)))
}

/// Adds records of results to the window, each with its path, while they are written into the working copy.
pub(crate) fn add<'r, H: RawRollupCore>(
    work: &Subtree<'_, H>,
    level: Level,
    records: impl Iterator<Item = &'r (String, Vec<u8>)>,
) -> Result<(), HostError> {
    if every(work.host())?.is_none() {
        return Ok(());
    }
    let mut window = Window::read(work)?;
    if window.mountains.leaves() > 0 && !results::is_kept(window.first, level) {
        // Its leaves go with their generation.
        window = window.next();
    }
    let mut at = window.mountains.leaves();
    let mut leaves = Vec::new();
    for (path, record) in records {
        if window.mountains.leaves() == 0 {
            window.first = level;
        }
        let leaf = mountains::leaf(results::within_generation(path), record);
        window.mountains.append(leaf);
        leaves.extend_from_slice(&leaf.0);
    }
    if leaves.is_empty() {
        return Ok(());
    }
    let path = results::leaves_path(window.first, window.number);
    at = at.saturating_mul(LEAF_BYTES);
    let offset = usize::try_from(at).map_err(|_| HostError::Corrupt(WINDOW))?;
    work.write_at(&path, offset, &leaves)?;
    window.write(work)
}

/// Writes the root of the window into the outbox, if its last level is over.
pub(crate) fn seal<H: RawRollupCore>(host: &H, level: Level) -> Result<(), HostError> {
    let window = Window::read(&Subtree::new(host, STATE))?;
    let leaves = window.mountains.leaves();
    if leaves == 0 {
        return Ok(());
    }
    let Some(every) = every(host)? else { return Ok(()) };
    let levels = i64::from(level.0) - i64::from(window.first.0) + 1;
    if levels < every.into() && leaves < LEAVES_PER_WINDOW {
        return Ok(());
    }
    let root = ResultsRoot {
        window: window.number,
        first: window.first,
        last: level,
        leaves,
        root: window.mountains.root(),
    };
    host.copy(STATE, WORK)?;
    let work = Subtree::new(host, WORK);
    work.write(&results::root_path(window.first, window.number), &record(&root))?;
    window.next().write(&work)?;
    match host.output(&root.encode()) {
        Ok(()) => host.rename(WORK, STATE),
        Err(HostError::OutboxFull) => host.delete(WORK),
        Err(error) => Err(error),
    }
}

/// What is kept of a root.
fn record(root: &ResultsRoot) -> Vec<u8> {
    let mut bytes = root.first.0.to_be_bytes().to_vec();
    bytes.extend_from_slice(&root.last.0.to_be_bytes());
    bytes.extend_from_slice(&root.leaves.to_be_bytes());
    bytes.extend_from_slice(&root.root.0);
    bytes
}

/// Reads what is kept of the root of a window.
pub fn kept(window: u64, bytes: &[u8]) -> Option<ResultsRoot> {
    let (first, rest) = bytes.split_first_chunk()?;
    let (last, rest) = rest.split_first_chunk()?;
    let (leaves, rest) = rest.split_first_chunk()?;
    Some(ResultsRoot {
        window,
        first: Level(i32::from_be_bytes(*first)),
        last: Level(i32::from_be_bytes(*last)),
        leaves: u64::from_be_bytes(*leaves),
        root: Hash32(rest.try_into().ok()?),
    })
}
