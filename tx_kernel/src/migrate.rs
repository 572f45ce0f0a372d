//! Migrations: a kernel that finds the state of an older one turns it into its own, step by step,
//! over as many runs and levels as it takes.
//!
//! | path | value |
//! |---|---|
//! | `/toru/migration/state` | a copy of the state, being rewritten; moved over it at the end |
//! | `/toru/migration/at` | the version it has come to u32, the step in which it is u64, attempts u32 |
//!
//! Until the end the old state is as it was. Messages are ingested meanwhile and worked off afterwards.
//! If a step is cut off again and again, the kernel of before the upgrade is put back, over the old
//! state: it goes on as if nothing had happened.

use encoding::limits::{MIGRATION_ATTEMPTS, MIGRATION_STEPS_PER_RUN};
use host::{Host, HostError, RawRollupCore, Subtree};

use crate::layout::{self, LAYOUT_VERSION, Layout, STATE};
use crate::upgrade::{INSTALLED, PREVIOUS};

const MIGRATION: &str = "/toru/migration";
const COPY: &str = "/toru/migration/state";
const AT: &str = "/toru/migration/at";

/// One step of a migration, on the copy of the state: it is handed 0 first, and then what it returned
/// last, until that is `None`. A step may be done twice, if a run is cut off after it: the second time
/// must come to the same.
pub type Step<H> = fn(&Subtree<'_, H>, u64) -> Result<Option<u64>, HostError>;

/// What a kernel is made for: a layout of the state, and how it is reached from older ones.
pub struct Release<'m, H: RawRollupCore> {
    /// The version of the layout.
    pub version: u32,
    /// The last of these leads to `version`, each from the version before.
    pub migrations: &'m [Step<H>],
}

impl<'m, H: RawRollupCore + 'm> Release<'m, H> {
    /// This kernel: there has been no other layout yet.
    pub const THIS: Self = Release { version: LAYOUT_VERSION, migrations: &[] };

    /// The migration that leads away from a version.
    pub(crate) fn from(&self, version: u32) -> Option<Step<H>> {
        let behind = usize::try_from(self.version.checked_sub(version)?).ok()?;
        self.migrations.get(self.migrations.len().checked_sub(behind)?).copied()
    }
}

/// Makes sure there is a state, and says whether it is one we can read.
pub(crate) fn open<H: RawRollupCore>(
    host: &H,
    release: &Release<'_, H>,
) -> Result<Layout, HostError> {
    match layout::version(host)? {
        None => {
            layout::write_version(&Subtree::new(host, STATE), release.version)?;
            Ok(Layout::Ours)
        }
        Some(version) if version == release.version => Ok(Layout::Ours),
        Some(version) if release.from(version).is_some() => Ok(Layout::Older(version)),
        Some(_) => Ok(Layout::Newer),
    }
}

/// How far a migration has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct MigrationProgress {
    version: u32,
    step: u64,
    attempts: u32,
}

impl MigrationProgress {
    fn read<H: RawRollupCore>(host: &H) -> Result<Option<MigrationProgress>, HostError> {
        let Some(record) = host.read_record::<16>(AT, AT)? else { return Ok(None) };
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = record;
        Ok(Some(MigrationProgress {
            version: u32::from_be_bytes([a, b, c, d]),
            step: u64::from_be_bytes([e, f, g, h, i, j, k, l]),
            attempts: u32::from_be_bytes([m, n, o, p]),
        }))
    }

    fn write<H: RawRollupCore>(&self, host: &H) -> Result<(), HostError> {
        let MigrationProgress { version, step, attempts } = self;
        let (version, attempts) = (version.to_be_bytes(), attempts.to_be_bytes());
        host.write_at(AT, 0, &[&version[..], &step.to_be_bytes(), &attempts].concat())
    }
}

/// Goes on with the migration of a state of version `from`. A reboot is to follow: either there is
/// more to do, or the state is ready for its kernel.
pub(crate) fn go_on<H: RawRollupCore>(
    host: &H,
    release: &Release<'_, H>,
    from: u32,
) -> Result<(), HostError> {
    if !host.has(COPY)? {
        // What an earlier migration may have left.
        host.delete(MIGRATION)?;
        host.copy(STATE, COPY)?;
    }
    let start = MigrationProgress { version: from, step: 0, attempts: 0 };
    let mut progress = MigrationProgress::read(host)?.unwrap_or(start);
    if progress.attempts >= MIGRATION_ATTEMPTS && host.has(PREVIOUS)? {
        host.debug("toru: the migration fails; the kernel of before it is put back\n");
        host.copy(PREVIOUS, INSTALLED)?;
        return host.delete(MIGRATION);
    }
    let before = progress.attempts;
    progress.attempts = before.saturating_add(1);
    progress.write(host)?;
    progress.attempts = 0;

    let copy = Subtree::new(host, COPY);
    for _ in 0..MIGRATION_STEPS_PER_RUN {
        let Some(step) = release.from(progress.version) else { break };
        match step(&copy, progress.step)? {
            Some(next) => progress.step = next,
            None => {
                progress.version = progress.version.saturating_add(1);
                progress.step = 0;
            }
        }
        progress.write(host)?;
    }
    if progress.version == release.version {
        layout::write_version(&copy, release.version)?;
        host.rename(COPY, STATE)?;
        return host.delete(MIGRATION);
    }
    Ok(())
}
