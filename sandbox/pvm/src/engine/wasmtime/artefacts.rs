//! Compiled modules in a folder, for later processes.
//!
//! # Why it is safe to run what is in a file
//!
//! A compiled module is machine code: whoever writes one can do whatever this process can. So a file is taken only if
//! nobody but the user can have written it. The folder belongs to the user, and nobody else may enter it (0700). It is
//! opened once, and the file is opened in it, through no link. The file belongs to the user too, and nobody else may
//! write it. What is asked is the folder and the file that are open, so that nothing can be put in their place between
//! the question and the reading. Somebody who can write to such a folder is the user or the administrator, and needs no
//! such file to run code.
//!
//! A file also begins with a hash of its name and of all that follows. So a file that is damaged, cut off, or another
//! one under this name is not taken. The name has the hash of the module, as it was instrumented, and the version of the
//! engine. The engine itself refuses code that was made with other settings, or for another processor. Whatever is not
//! taken is compiled anew.

use super::limits::ARTEFACTS_MAX;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Digest};
use files::OwnFolder;
use std::io;
use std::path::Path;
use wasmtime::{Engine, Module};

/// What every file begins with. A file of another form is not taken.
const MAGIC: &[u8; 16] = b"toru artefact 1\n";

/// The version of wasmtime that the workspace pins; `wasmtime_is_the_version_that_names_say` compares them.
pub(super) const WASMTIME_VERSION: &str = "48.0.8";

/// Compiled modules in a folder.
#[derive(Debug)]
pub struct Artefacts {
    folder: OwnFolder,
}

/// The name of a file.
pub(super) struct Name(String);

impl Name {
    /// That of a module with this hash.
    pub(super) fn of(hash: &[u8; 32]) -> Self {
        Self(format!("{}-wasmtime-{WASMTIME_VERSION}.bin", hex::encode(hash)))
    }

    fn digest(&self, code: &[u8]) -> [u8; 32] {
        let mut digest = Blake2b::<U32>::new();
        digest.update(MAGIC);
        digest.update(self.0.as_bytes());
        digest.update(code);
        digest.finalize().into()
    }
}

impl Artefacts {
    /// Those in a folder, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made, or others than the user may enter it.
    pub fn open(folder: &Path) -> io::Result<Self> {
        OwnFolder::open(folder).map(|folder| Self { folder })
    }

    /// A module that is kept.
    pub(super) fn module(&self, engine: &Engine, name: &Name) -> Option<Module> {
        let bytes = self.folder.read(&name.0).ok()?;
        let (digest, code) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<32>()?;
        if *digest != name.digest(code) {
            return None;
        }
        // SAFETY: `code` was written by `keep`, out of `Module::serialize`, by the same user: nobody else can have
        // written the file (see the head of this file), and it is whole, as its hash says.
        unsafe { Module::deserialize(engine, code) }.ok()
    }

    /// Keeps a module. Where that is not possible it is compiled again the next time.
    pub(super) fn keep(&self, name: &Name, module: &Module) {
        let Ok(code) = module.serialize() else { return };
        let bytes = [MAGIC.as_slice(), &name.digest(&code), &code].concat();
        if self.folder.write(&name.0, &bytes).is_ok() {
            // One more that stays harms nobody.
            let _ = self.folder.keep_newest(ARTEFACTS_MAX);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WASM: &[u8] = b"\0asm\x01\0\0\0";

    fn kept() -> (tempfile::TempDir, Artefacts, Engine, Name) {
        let scratch = files::scratch().unwrap();
        let artefacts = Artefacts::open(&scratch.path().join("engine")).unwrap();
        let engine = Engine::default();
        let name = Name::of(&[7; 32]);
        assert!(artefacts.module(&engine, &name).is_none(), "nothing is kept yet");
        artefacts.keep(&name, &Module::new(&engine, WASM).unwrap());
        assert!(artefacts.module(&engine, &name).is_some());
        (scratch, artefacts, engine, name)
    }

    #[test]
    fn wasmtime_is_the_version_that_names_say() {
        let manifest = include_str!("../../../../../Cargo.toml");
        assert!(manifest.contains(&format!("wasmtime = {{ version = \"={WASMTIME_VERSION}\"")));
    }

    #[test]
    fn a_byte_that_differs_anywhere_makes_a_file_useless() {
        let (scratch, artefacts, engine, name) = kept();
        let path = scratch.path().join("engine").join(&name.0);
        let whole = std::fs::read(&path).unwrap();
        let last = whole.len() - 1;
        for at in [0, 15, 16, 47, 48, 49, last / 2, last] {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            std::fs::write(&path, &damaged).unwrap();
            assert!(artefacts.module(&engine, &name).is_none(), "byte {at}");
        }
        for len in [0, 16, 48, last] {
            std::fs::write(&path, &whole[..len]).unwrap();
            assert!(artefacts.module(&engine, &name).is_none(), "{len} bytes");
        }
        std::fs::write(&path, &whole).unwrap();
        assert!(artefacts.module(&engine, &name).is_some());
    }

    #[test]
    fn a_file_under_another_name_is_not_taken() {
        let (scratch, artefacts, engine, name) = kept();
        let other = Name::of(&[8; 32]);
        let folder = scratch.path().join("engine");
        std::fs::rename(folder.join(&name.0), folder.join(&other.0)).unwrap();
        assert!(artefacts.module(&engine, &other).is_none());
    }

    #[test]
    fn code_of_an_engine_with_other_settings_is_not_taken() {
        let (_scratch, artefacts, _, name) = kept();
        let mut config = wasmtime::Config::new();
        config.epoch_interruption(true);
        assert!(artefacts.module(&Engine::new(&config).unwrap(), &name).is_none());
    }
}
