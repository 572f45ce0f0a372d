//! The folder of one rollup's records of payments: a file for each, numbered in the order in which they
//! were sent.
//!
//! A file is made under a random name, is on the disk as a whole, and then gets its own: whatever
//! happens in between, a name leads to a whole record or to none, and to nothing that somebody else has put
//! there. The names of records that are over say so, and only those of the same file are read again.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use encoding::{Hash32, RollupAddress};
use files::Readers;
use layer1::plain::grouped;

use super::Payments;
use crate::cosigned::{CosignedBatches, CosignedLog, InBatch};
use crate::error::{io_words, one_line};
use crate::limits::MAX_PAYMENTS_BYTES;

/// Why records cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PaymentsError {
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file that nobody here has written.
    #[error("{}: not a record of payments: {problem}", path.display())]
    Malformed {
        /// Which.
        path: PathBuf,
        /// What is wrong.
        problem: String,
    },
}

/// The records of one rollup.
#[derive(Clone, Debug)]
pub struct PaymentStore {
    folder: PathBuf,
}

/// A record that is on the disk.
#[derive(Debug)]
pub struct StoredPayments {
    /// What is in it.
    pub payments: Payments,
    number: u64,
    path: PathBuf,
}

impl StoredPayments {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Held while records are looked at and added: nobody else does then. Released when it is dropped.
#[derive(Debug)]
pub struct StoreLock(#[expect(dead_code, reason = "the file is open as long as it is held")] File);

impl PaymentStore {
    /// Those of a rollup in a folder, neither of which need be there yet.
    #[must_use]
    pub fn new(folder: &Path, rollup: &RollupAddress) -> Self {
        PaymentStore { folder: folder.join(rollup.to_string()) }
    }

    /// Puts the places of transactions in batches that are about to be signed on the disk.
    ///
    /// # Errors
    /// When the system refuses. Then the batch is not to be signed.
    pub fn add_cosigned(&self, places: &[(Hash32, InBatch)]) -> Result<(), PaymentsError> {
        self.make_folder()?;
        let log = CosignedLog::in_folder(&self.folder);
        log.add(places).map_err(failing("write", log.path()))
    }

    /// Reads the places of transactions in batches that were signed.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn read_cosigned(&self, into: &CosignedBatches) -> Result<(), PaymentsError> {
        let log = CosignedLog::in_folder(&self.folder);
        log.read(into).map_err(failing("read", log.path()))
    }

    /// Waits until nobody else looks at records or adds any. The folder is made, for its owner alone
    /// (0700).
    ///
    /// # Errors
    /// When the system refuses.
    pub fn lock(&self) -> Result<StoreLock, PaymentsError> {
        self.make_folder()?;
        let path = self.folder.join("lock");
        let file = files::append(&path, Readers::Owner).map_err(failing("write", &path))?;
        file.lock().map_err(failing("lock", &path))?;
        Ok(StoreLock(file))
    }

    fn make_folder(&self) -> Result<(), PaymentsError> {
        files::own_folder(&self.folder).map_err(failing("make", &self.folder))
    }

    /// The records that are not over, and those of a file or of rows with that digest, in the order in
    /// which they were sent.
    ///
    /// # Errors
    /// When one cannot be read, or is not one of ours.
    pub fn read(&self, digest: &Hash32) -> Result<Vec<StoredPayments>, PaymentsError> {
        let digest = Name::digest(digest);
        let wanted = self.names()?.into_iter();
        let wanted = wanted.filter(|(name, _)| !name.is_over || name.digest == digest);
        wanted.map(|(name, path)| kept(name.number, path)).collect()
    }

    /// All records, in the order in which they were sent.
    ///
    /// # Errors
    /// When one cannot be read, or is not one of ours.
    pub fn all(&self) -> Result<Vec<StoredPayments>, PaymentsError> {
        self.names()?.into_iter().map(|(name, path)| kept(name.number, path)).collect()
    }

    /// Reads a record anew: somebody else may have gone on with it.
    ///
    /// # Errors
    /// When it is gone, cannot be read, or is not one of ours.
    pub fn reread(
        &self,
        known: &StoredPayments,
        _: &StoreLock,
    ) -> Result<StoredPayments, PaymentsError> {
        let found = self.names()?.into_iter().find(|(name, _)| name.number == known.number);
        kept(known.number, found.map_or_else(|| known.path.clone(), |(_, path)| path))
    }

    /// The files of records, in the order of their numbers.
    fn names(&self) -> Result<Vec<(Name, PathBuf)>, PaymentsError> {
        let names = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            names => names.map_err(failing("read", &self.folder))?,
        };
        let mut found: Vec<(Name, PathBuf)> = Vec::new();
        for entry in names {
            let entry = entry.map_err(failing("read", &self.folder))?;
            if let Some(name) = Name::read(&entry.file_name()) {
                found.push((name, entry.path()));
            }
        }
        // Of two of one number, a crash has left the one that is not over.
        let order = |(name, _): &(Name, PathBuf)| (name.number, !name.is_over);
        found.sort_by_key(order);
        found.dedup_by_key(|(name, _)| name.number);
        Ok(found)
    }

    /// Adds a record. It is on the disk when this returns.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, payments: Payments, _: &StoreLock) -> Result<StoredPayments, PaymentsError> {
        let last = self.names()?.last().map_or(0, |(name, _)| name.number);
        let number = last.saturating_add(1);
        let path = self.put(&payments, number)?;
        Ok(StoredPayments { payments, number, path })
    }

    /// Writes a record anew in its place. It is on the disk when this returns. What is written has to be
    /// made of what [`Self::reread`] has read under the same lock.
    ///
    /// # Errors
    /// When the system refuses. Then the record is there as it was before.
    pub fn update(&self, kept: &mut StoredPayments, _: &StoreLock) -> Result<(), PaymentsError> {
        let path = self.put(&kept.payments, kept.number)?;
        if path != kept.path {
            // If it stays, it is passed over.
            let _ = fs::remove_file(&kept.path);
            kept.path = path;
        }
        Ok(())
    }

    /// Writes a record; whoever does so holds the lock, so that drafts that are there are of processes that
    /// were killed.
    fn put(&self, payments: &Payments, number: u64) -> Result<PathBuf, PaymentsError> {
        for entry in fs::read_dir(&self.folder).map_err(failing("read", &self.folder))? {
            let entry = entry.map_err(failing("read", &self.folder))?;
            if is_draft(&entry.file_name()) {
                let _ = fs::remove_file(entry.path());
            }
        }
        let text = payments.to_json();
        let digest = Name::digest(&payments.digest());
        let name = Name { number, digest, is_over: payments.is_over() };
        let path = self.folder.join(name.text());
        files::replace(&path, text.as_bytes(), Readers::Owner).map_err(failing("write", &path))?;
        Ok(path)
    }
}

fn kept(number: u64, path: PathBuf) -> Result<StoredPayments, PaymentsError> {
    Ok(StoredPayments { payments: read(&path)?, number, path })
}

fn read(path: &Path) -> Result<Payments, PaymentsError> {
    let malformed = |problem: &str| PaymentsError::Malformed {
        path: path.to_owned(),
        problem: one_line(problem),
    };
    let file = File::open(path).map_err(failing("read", path))?;
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are more.
    file.take(MAX_PAYMENTS_BYTES + 1).read_to_end(&mut bytes).map_err(failing("read", path))?;
    if u64::try_from(bytes.len()).is_ok_and(|len| len > MAX_PAYMENTS_BYTES) {
        return Err(malformed(&format!("more than {} bytes", grouped(MAX_PAYMENTS_BYTES))));
    }
    Payments::from_json(&bytes).map_err(|problem| malformed(&problem))
}

fn failing(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> PaymentsError + use<> {
    let path = path.to_owned();
    move |source| PaymentsError::Io { action, path, source }
}

/// Whether that is the name of a record that is being written.
fn is_draft(name: &OsStr) -> bool {
    let name = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".new"));
    // The name of the record comes first, then what is random.
    let record = name.and_then(|name| name.rsplit_once('.'));
    record.is_some_and(|(record, _)| Name::read(OsStr::new(record)).is_some())
}

/// What a file is called: `000012-0123456789abcdef.json`, or `….done.json` if it is over.
struct Name {
    number: u64,
    digest: String,
    is_over: bool,
}

impl Name {
    /// The beginning of a digest: enough to pass over nearly all others.
    fn digest(digest: &Hash32) -> String {
        digest.to_string().chars().take(16).collect()
    }

    fn text(&self) -> String {
        let Name { number, digest, is_over } = self;
        let over = if *is_over { ".done" } else { "" };
        format!("{number:06}-{digest}{over}.json")
    }

    fn read(name: &OsStr) -> Option<Self> {
        let name = name.to_str()?.strip_suffix(".json")?;
        let (name, is_over) = match name.strip_suffix(".done") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let (number, digest) = name.split_once('-')?;
        let is_hex = digest.len() == 16 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let number = number.parse().ok()?;
        is_hex.then(|| Name { number, digest: digest.to_owned(), is_over })
    }
}
