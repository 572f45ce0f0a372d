//! The upgrade that was announced, as it is kept: the pending upgrade, and the pages that have come.
//!
//! | path | value |
//! |---|---|
//! | `/toru/state/upgrade/plan` | hash of the next page 32, zeros if there is none; bytes so far u32; level of the installation i32 |
//! | `/toru/state/upgrade/kernel` | the pages' bytes so far |

use encoding::{Hash32, Level};
use host::{HostError, RawRollupCore, Subtree};

const PENDING_UPGRADE: &str = "/upgrade/plan";
/// The pages, below the state.
pub(crate) const KERNEL: &str = "/upgrade/kernel";
/// The pending upgrade and its pages, below the state.
pub(crate) const UPGRADE: &str = "/upgrade";
/// Bytes of a stored pending upgrade.
const PENDING_UPGRADE_BYTES: usize = 40;

/// An upgrade that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PendingUpgrade {
    /// The hash of the page that is to come next, `None` once all are there.
    pub next: Option<Hash32>,
    /// How many bytes of the kernel are there.
    pub bytes: u32,
    /// Once all pages are there: at the end of which level it is installed, or of a later one.
    pub due: Level,
}

impl PendingUpgrade {
    /// The upgrade that was announced, if one was and is not yet installed.
    pub(crate) fn read<H: RawRollupCore>(
        state: &Subtree<'_, H>,
    ) -> Result<Option<PendingUpgrade>, HostError> {
        let Some(record) =
            state.read_record::<PENDING_UPGRADE_BYTES>(PENDING_UPGRADE, PENDING_UPGRADE)?
        else {
            return Ok(None);
        };
        let Some((next, [a, b, c, d, e, f, g, h])) = record.split_first_chunk::<32>() else {
            return Err(HostError::Corrupt(PENDING_UPGRADE));
        };
        Ok(Some(PendingUpgrade {
            next: (*next != [0; 32]).then_some(Hash32(*next)),
            bytes: u32::from_be_bytes([*a, *b, *c, *d]),
            due: Level(i32::from_be_bytes([*e, *f, *g, *h])),
        }))
    }

    fn to_bytes(self) -> Vec<u8> {
        let next = self.next.map_or([0; 32], |hash| hash.0);
        [&next[..], &self.bytes.to_be_bytes(), &self.due.0.to_be_bytes()].concat()
    }
}

/// What a message changes about the upgrade: the pending one, and a page more; without one, all pages so far
/// are dropped.
#[derive(Debug)]
pub(crate) struct Change {
    pub pending: Option<PendingUpgrade>,
    pub page: Vec<u8>,
}

impl Change {
    /// Writes it into the working copy.
    pub(crate) fn write<H: RawRollupCore>(&self, work: &Subtree<'_, H>) -> Result<(), HostError> {
        if self.page.is_empty() {
            work.delete(UPGRADE)?;
        }
        let Some(pending) = &self.pending else { return Ok(()) };
        let end = usize::try_from(pending.bytes).unwrap_or(usize::MAX);
        work.write_at(KERNEL, end.saturating_sub(self.page.len()), &self.page)?;
        work.write(PENDING_UPGRADE, &pending.to_bytes())
    }
}
