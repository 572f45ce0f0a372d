//! A folder that nobody but the user can write to, or look into: for files that are trusted because of that.

use std::io;
use std::path::Path;

/// A folder that belongs to the user alone, and stays open. What is read and written by way of it is in that folder,
/// whatever becomes of its path.
#[derive(Debug)]
pub struct OwnFolder {
    #[cfg(unix)]
    folder: rustix::fd::OwnedFd,
}

/// Where there are no owners and modes, nothing can be trusted because of them.
#[cfg(not(unix))]
impl OwnFolder {
    /// Fails, always.
    ///
    /// # Errors
    /// `Unsupported`.
    pub fn open(_path: &Path) -> io::Result<Self> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Fails, always.
    ///
    /// # Errors
    /// `Unsupported`.
    pub fn read(&self, _name: &str) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Fails, always.
    ///
    /// # Errors
    /// `Unsupported`.
    pub fn write(&self, _name: &str, _bytes: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Fails, always.
    ///
    /// # Errors
    /// `Unsupported`.
    pub fn keep_newest(&self, _most: usize) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(unix)]
mod unix {
    use super::{OwnFolder, Path, io};
    use rustix::fd::OwnedFd;
    use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, RawMode};
    use rustix::fs::{fstat, openat, renameat, statat, unlinkat};
    use rustix::process::geteuid;
    use std::fs::File;
    use std::io::{Read, Write};

    /// What others may do with a file or folder.
    const OTHERS: RawMode = 0o077;
    /// What makes others able to write.
    const OTHERS_WRITE: RawMode = 0o022;

    impl OwnFolder {
        /// Opens a folder; makes it, and those above it, if it is not there.
        ///
        /// # Errors
        /// `PermissionDenied` when it belongs to somebody else, or others may do anything with it; others when it is a
        /// link or no folder, or the system refuses.
        pub fn open(path: &Path) -> io::Result<Self> {
            crate::own_folder(path)?;
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let folder = openat(CWD, path, flags, Mode::empty())?;
            require_own(&folder, FileType::Directory, OTHERS)?;
            Ok(Self { folder })
        }

        /// Reads a file whole.
        ///
        /// # Errors
        /// `PermissionDenied` when it belongs to somebody else, or others may write it; others when it is a link or no
        /// file, or the system refuses.
        pub fn read(&self, name: &str) -> io::Result<Vec<u8>> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            let file = openat(&self.folder, name, flags, Mode::empty())?;
            require_own(&file, FileType::RegularFile, OTHERS_WRITE)?;
            let mut bytes = Vec::new();
            File::from(file).read_to_end(&mut bytes)?;
            Ok(bytes)
        }

        /// Writes a file whole, for the user alone, in the place of any that is there.
        ///
        /// # Errors
        /// When the system refuses. Then what is in the place stays.
        pub fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
            // Others of the user's processes write under names of their own.
            let draft = format!("{name}.{}.new", std::process::id());
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::NOFOLLOW;
            let file =
                openat(&self.folder, &draft, flags | OFlags::CLOEXEC, Mode::from_raw_mode(0o600))?;
            let mut file = File::from(file);
            let written = file.write_all(bytes).and_then(|()| file.sync_all());
            let put =
                written.and_then(|()| Ok(renameat(&self.folder, &draft, &self.folder, name)?));
            if put.is_err() {
                // The first error is the one to tell.
                let _ = unlinkat(&self.folder, &draft, AtFlags::empty());
            }
            put
        }

        /// Removes all files but those that were written last.
        ///
        /// # Errors
        /// When the system refuses.
        pub fn keep_newest(&self, most: usize) -> io::Result<()> {
            let mut files = Vec::new();
            for entry in Dir::read_from(&self.folder)? {
                let name = entry?.file_name().to_owned();
                let found = statat(&self.folder, &name, AtFlags::SYMLINK_NOFOLLOW)?;
                if FileType::from_raw_mode(found.st_mode) == FileType::RegularFile {
                    files.push(((found.st_mtime, found.st_mtime_nsec), name));
                }
            }
            files.sort_by(|(a, _), (b, _)| b.cmp(a));
            for (_, name) in files.iter().skip(most) {
                unlinkat(&self.folder, name, AtFlags::empty())?;
            }
            Ok(())
        }
    }

    /// Asks what is open, and not what is at a path now.
    fn require_own(open: &OwnedFd, kind: FileType, forbidden: RawMode) -> io::Result<()> {
        let found = fstat(open)?;
        let is_own = found.st_uid == geteuid().as_raw() && found.st_mode & forbidden == 0;
        match FileType::from_raw_mode(found.st_mode) == kind && is_own {
            true => Ok(()),
            false => Err(io::ErrorKind::PermissionDenied.into()),
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn own() -> (tempfile::TempDir, std::path::PathBuf, OwnFolder) {
        let scratch = crate::scratch().unwrap();
        let path = scratch.path().join("a").join("b");
        let folder = OwnFolder::open(&path).unwrap();
        (scratch, path, folder)
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn what_is_written_is_read() {
        let (_scratch, path, folder) = own();
        folder.write("x", b"one").unwrap();
        folder.write("x", b"other").unwrap();
        assert_eq!(folder.read("x").unwrap(), b"other");
        assert_eq!(fs::metadata(path.join("x")).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&path).unwrap().count(), 1, "no draft stays");
        assert_eq!(folder.read("y").unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_folder_that_others_may_enter_is_refused() {
        let (_scratch, path, _) = own();
        for mode in [0o701, 0o710, 0o750, 0o755, 0o777] {
            set_mode(&path, mode);
            let refused = OwnFolder::open(&path).unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{mode:o}");
        }
        set_mode(&path, 0o700);
        assert!(OwnFolder::open(&path).is_ok());
    }

    #[test]
    fn links_are_not_followed() {
        let (scratch, path, folder) = own();
        symlink(&path, scratch.path().join("link")).unwrap();
        assert!(OwnFolder::open(&scratch.path().join("link")).is_err());
        folder.write("x", b"one").unwrap();
        symlink(path.join("x"), path.join("y")).unwrap();
        assert!(folder.read("y").is_err());
        folder.write("y", b"two").unwrap();
        assert_eq!(folder.read("x").unwrap(), b"one", "the link is replaced");
    }

    #[test]
    fn a_file_that_others_may_write_is_refused() {
        let (_scratch, path, folder) = own();
        folder.write("x", b"one").unwrap();
        for mode in [0o602, 0o620, 0o666] {
            set_mode(&path.join("x"), mode);
            let refused = folder.read("x").unwrap_err();
            assert_eq!(refused.kind(), io::ErrorKind::PermissionDenied, "{mode:o}");
        }
        set_mode(&path.join("x"), 0o644);
        assert!(folder.read("x").is_ok());
        fs::create_dir(path.join("folder")).unwrap();
        assert!(folder.read("folder").is_err());
    }

    #[test]
    fn the_folder_is_the_one_that_was_opened() {
        let (scratch, path, folder) = own();
        folder.write("x", b"one").unwrap();
        fs::rename(&path, scratch.path().join("elsewhere")).unwrap();
        fs::create_dir(&path).unwrap();
        fs::write(path.join("x"), "another").unwrap();
        assert_eq!(folder.read("x").unwrap(), b"one");
    }

    #[test]
    fn the_newest_files_are_kept() {
        let (_scratch, path, folder) = own();
        for (age, name) in ["d", "c", "b", "a"].into_iter().enumerate() {
            folder.write(name, b"").unwrap();
            let time = std::time::SystemTime::UNIX_EPOCH
                + std::time::Duration::from_secs(100 - age as u64);
            fs::File::options()
                .write(true)
                .open(path.join(name))
                .unwrap()
                .set_modified(time)
                .unwrap();
        }
        folder.keep_newest(2).unwrap();
        assert!(folder.read("d").is_ok() && folder.read("c").is_ok());
        assert!(folder.read("b").is_err() && folder.read("a").is_err());
    }
}
