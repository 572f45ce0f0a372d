//! Which engine runs a kernel's WASM: what the command line says about it, and what this toru has.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use pvm::{Engine, EngineKind, EngineOptions, NotBuilt};

use crate::error::Failure;
use crate::key::cache_folder;

/// What runs the WASM of a kernel.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct EngineArgs {
    /// What runs the kernel's WASM [default: the fastest that this toru has; toru --version lists them]
    ///
    /// All engines come to the same state, results and counts. toru state verify compares them.
    #[arg(long, value_enum, env = "TORU_ENGINE")]
    pub engine: Option<EngineName>,
}

/// An engine by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// An interpreter, which every toru has
    Wasmi,
    /// A compiler, several times as fast, which a toru built by `make fast` has
    Wasmtime,
}

impl From<EngineName> for EngineKind {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Wasmi => Self::Wasmi,
            EngineName::Wasmtime => Self::Wasmtime,
        }
    }
}

/// What runs WASM in each command that takes [`EngineArgs`], as text for `toru --version`: the version, and the engines.
#[cfg(feature = "fast")]
pub const VERSION_WITH_ENGINES: &str =
    concat!(env!("CARGO_PKG_VERSION"), "\nengines: wasmi, wasmtime");
/// What runs WASM in each command that takes [`EngineArgs`], as text for `toru --version`: the version, and the engines.
#[cfg(not(feature = "fast"))]
pub const VERSION_WITH_ENGINES: &str = concat!(env!("CARGO_PKG_VERSION"), "\nengines: wasmi");

impl EngineArgs {
    /// Which engine that is.
    #[must_use]
    pub fn kind(self) -> EngineKind {
        self.engine.map_or(EngineKind::fastest(), EngineKind::from)
    }

    /// The engine, with its default limit of memory.
    ///
    /// # Errors
    /// When this toru was built without it.
    pub fn engine(self) -> Result<Box<dyn Engine>, Failure> {
        self.with_memory_limit(EngineOptions::default().memory_limit)
    }

    /// The engine, with a limit for the bytes of a run's memory and tables.
    ///
    /// # Errors
    /// When this toru was built without it.
    pub fn with_memory_limit(self, memory_limit: usize) -> Result<Box<dyn Engine>, Failure> {
        let options = EngineOptions { memory_limit, folder: folder(), ..EngineOptions::default() };
        match self.engine {
            None => Ok(pvm::default_engine(&options)),
            Some(name) => EngineKind::from(name).engine(&options).map_err(not_built),
        }
    }

    /// What the environment says, for commands whose own `--engine` says something else.
    ///
    /// # Errors
    /// When it names no engine.
    pub fn of_environment() -> Result<Self, Failure> {
        let Some(name) = std::env::var_os("TORU_ENGINE").filter(|name| !name.is_empty()) else {
            return Ok(Self::default());
        };
        let name = name.to_string_lossy();
        let engine = EngineName::from_str(&name, false).map_err(|_| {
            Failure::usage(
                format!("TORU_ENGINE: there is no engine {:?}", &*name),
                "the engines are wasmi and wasmtime",
            )
        })?;
        Ok(Self { engine: Some(engine) })
    }
}

/// Where compiled modules are kept; nowhere, if the environment names no folder.
fn folder() -> Option<PathBuf> {
    cache_folder().map(|cache| cache.join("engine"))
}

fn not_built(NotBuilt(kind): NotBuilt) -> Failure {
    Failure::usage(
        format!("--engine {kind}: this toru was built without that engine"),
        "`make fast` builds a toru that has it, in a few minutes more; wasmi comes to the same",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_names_the_engines_of_this_build() {
        let built = EngineKind::ALL.into_iter().filter(|kind| kind.is_built());
        let names: Vec<_> = built.map(EngineKind::name).collect();
        let engines = format!("\nengines: {}", names.join(", "));
        assert!(VERSION_WITH_ENGINES.ends_with(&engines), "{VERSION_WITH_ENGINES}");
    }

    #[test]
    fn each_engine_has_one_name() {
        for name in EngineName::value_variants() {
            let value = name.to_possible_value().unwrap();
            assert_eq!(value.get_name(), EngineKind::from(*name).name());
        }
        assert_eq!(EngineName::value_variants().len(), EngineKind::ALL.len());
    }
}
