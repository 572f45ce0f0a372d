//! New files, as every tool here makes them: under a random name that nobody else has, beside their
//! place, and put there whole.
//!
//! Whoever can write to the folder may have put a link where a file is going to be, or where its draft
//! would be if that had a name to be guessed. Nothing here writes through one: a draft is made only
//! where nothing is, and a link in the file's place is replaced itself, not what it leads to.

mod held;
mod own;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

pub use tempfile::TempDir;
use tempfile::{Builder, NamedTempFile};

pub use held::{HELD_TIME, open_unless_held};
pub use own::OwnFolder;

/// Who may read a new file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Its owner alone (0600).
    Owner,
    /// Whoever the process lets read its files (0666, less its umask).
    All,
}

/// A file that is being made. It goes away if it is never put in its place.
#[derive(Debug)]
pub struct Draft {
    file: NamedTempFile,
    target: PathBuf,
}

impl Draft {
    /// An empty file beside the place where it is going to be.
    ///
    /// # Errors
    /// When the folder is not there, or the system refuses.
    pub fn new(target: &Path, readers: Readers) -> io::Result<Self> {
        let mut prefix = std::ffi::OsString::from(".");
        prefix.push(target.file_name().ok_or(io::ErrorKind::InvalidFilename)?);
        prefix.push(".");
        let mut builder = Builder::new();
        // Whoever has it open goes on at its end.
        builder.prefix(&prefix).suffix(".new").append(true);
        #[cfg(unix)]
        builder.permissions(mode(target, readers));
        let file = builder.tempfile_in(folder_of(target))?;
        Ok(Self { file, target: target.to_owned() })
    }

    /// Where it is made.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// What is written to, at its end.
    pub fn file(&mut self) -> &mut File {
        self.file.as_file_mut()
    }

    /// Puts it in its place, whatever file or link is there. It is on the disk when this returns.
    ///
    /// # Errors
    /// When the system refuses. Then what is in the place stays.
    pub fn put(self) -> io::Result<File> {
        self.file.as_file().sync_all()?;
        let file = self.file.persist(&self.target).map_err(|error| error.error)?;
        sync_folder_of(&self.target)?;
        Ok(file)
    }

    /// Puts it in its place, if nothing is there.
    ///
    /// # Errors
    /// `AlreadyExists` when something is there, a link that leads nowhere too; others when the system
    /// refuses.
    pub fn put_new(self) -> io::Result<File> {
        self.file.as_file().sync_all()?;
        let file = self.file.persist_noclobber(&self.target).map_err(|error| error.error)?;
        sync_folder_of(&self.target)?;
        Ok(file)
    }
}

/// Writes a file whole, in the place of any that is there. A device or a pipe is written to.
///
/// # Errors
/// When the system refuses. Then a file that was there is as it was.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    if is_device(path) {
        return OpenOptions::new().write(true).open(path)?.write_all(bytes);
    }
    let mut draft = Draft::new(path, readers)?;
    draft.file().write_all(bytes)?;
    draft.put().map(|_| ())
}

/// Writes a whole new file; the path must not exist.
///
/// # Errors
/// `AlreadyExists` when something is there; others when the system refuses.
pub fn create(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    if path.symlink_metadata().is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    let mut draft = Draft::new(path, readers)?;
    draft.file().write_all(bytes)?;
    draft.put_new().map(|_| ())
}

/// Opens a file to read it and to add to its end; makes it if there is none. A link is not followed.
///
/// # Errors
/// When it is a link, or the system refuses.
pub fn append(path: &Path, readers: Readers) -> io::Result<File> {
    match create(path, &[], readers) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => created?,
    }
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW.bits();
        options.custom_flags(i32::from_ne_bytes(flags.to_ne_bytes()));
    }
    options.open(path)
}

/// Makes a folder, and those above it that are not there, for their owner alone (0700). One that is there stays as it is.
///
/// # Errors
/// When the system refuses.
pub fn own_folder(folder: &Path) -> io::Result<()> {
    // The parent of a bare name is empty, and that folder is always there.
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// A new folder among the system's temporary ones, for its owner alone; it goes away with all that is in
/// it when this is dropped.
///
/// # Errors
/// When the system refuses.
pub fn scratch() -> io::Result<TempDir> {
    Builder::new().prefix("toru-").tempdir()
}

fn folder_of(target: &Path) -> &Path {
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// The name is on the disk when its folder is.
fn sync_folder_of(target: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder_of(target))?.sync_all() } else { Ok(()) }
}

/// Those of a file that is there stay as they are.
#[cfg(unix)]
fn mode(target: &Path, readers: Readers) -> fs::Permissions {
    use std::os::unix::fs::PermissionsExt;
    let there = fs::symlink_metadata(target).ok().filter(fs::Metadata::is_file);
    match (there, readers) {
        (Some(there), _) => there.permissions(),
        (None, Readers::Owner) => fs::Permissions::from_mode(0o600),
        (None, Readers::All) => fs::Permissions::from_mode(0o666),
    }
}

/// Whether a path is a device or a pipe, or one of the links to them that the system keeps in `/dev`,
/// such as `/dev/stdout`.
#[cfg(unix)]
fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = fs::symlink_metadata(path).map(|found| found.file_type());
    let device = kind.is_ok_and(|kind| kind.is_char_device() || kind.is_fifo());
    device || path.starts_with("/dev") && !path.starts_with("/dev/shm")
}

#[cfg(not(unix))]
fn is_device(_: &Path) -> bool {
    false
}
