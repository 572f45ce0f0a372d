//! Which engines there are, by name, and which of them this build has.

use super::Engine;
use super::compared::ComparedEngine;
use super::limit::MEMORY_LIMIT_DEFAULT_BYTES;
use super::wasmi::WasmiEngine;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use thiserror::Error;

/// An engine that runs WASM. All come to the same; they differ in how long it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EngineKind {
    /// [`WasmiEngine`], an interpreter: in every build.
    Wasmi,
    /// `WasmtimeEngine`, a compiler: in builds with the feature `fast`.
    Wasmtime,
}

/// An engine that this build has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this build has no engine {0}")]
pub struct NotBuilt(pub EngineKind);

/// A name that no engine has.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("there is no engine {0}: the engines are wasmi and wasmtime")]
pub struct UnknownEngine(String);

/// How an engine is set up. The default counts, and has the default limit of memory.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// Whether instructions and ticks are counted.
    pub counted: bool,
    /// Bytes that a run's memory and tables may take.
    pub memory_limit: usize,
    /// The folder that an engine that compiles keeps what it has compiled in, for later processes. One that others
    /// than the user may enter is not used: what is in it is run.
    pub folder: Option<PathBuf>,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self { counted: true, memory_limit: MEMORY_LIMIT_DEFAULT_BYTES, folder: None }
    }
}

impl EngineKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Wasmi, Self::Wasmtime];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Wasmi => "wasmi",
            Self::Wasmtime => "wasmtime",
        }
    }

    /// Whether this build has it.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::Wasmi => true,
            Self::Wasmtime => cfg!(feature = "fast"),
        }
    }

    /// The fastest that this build has.
    #[must_use]
    pub const fn fastest() -> Self {
        if Self::Wasmtime.is_built() { Self::Wasmtime } else { Self::Wasmi }
    }

    /// The engine.
    ///
    /// # Errors
    /// When this build has it not.
    pub fn engine(self, options: &EngineOptions) -> Result<Box<dyn Engine>, NotBuilt> {
        match self {
            Self::Wasmi => Ok(Box::new(wasmi(options))),
            Self::Wasmtime => wasmtime(options).ok_or(NotBuilt(self)),
        }
    }
}

#[cfg(feature = "fast")]
fn wasmtime(options: &EngineOptions) -> Option<Box<dyn Engine>> {
    use super::wasmtime::WasmtimeEngine;
    let engine = match options.counted {
        true => WasmtimeEngine::default(),
        false => WasmtimeEngine::uncounted(),
    };
    let engine = engine.with_memory_limit(options.memory_limit);
    let kept = options.folder.as_ref().map(|folder| engine.clone().with_folder(folder));
    Some(Box::new(kept.and_then(Result::ok).unwrap_or(engine)))
}

#[cfg(not(feature = "fast"))]
fn wasmtime(_options: &EngineOptions) -> Option<Box<dyn Engine>> {
    None
}

/// What runs WASM unless told otherwise: the fastest engine of this build. With the feature `compared`, every run is on
/// both, and must come to the same.
#[must_use]
pub fn default_engine(options: &EngineOptions) -> Box<dyn Engine> {
    let wasmi = || Box::new(wasmi(options));
    match wasmtime(options) {
        None => wasmi(),
        Some(wasmtime) if cfg!(feature = "compared") => {
            Box::new(ComparedEngine::new(wasmi(), wasmtime))
        }
        Some(wasmtime) => wasmtime,
    }
}

fn wasmi(options: &EngineOptions) -> WasmiEngine {
    let engine = match options.counted {
        true => WasmiEngine::default(),
        false => WasmiEngine::uncounted(),
    };
    engine.with_memory_limit(options.memory_limit)
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for EngineKind {
    type Err = UnknownEngine;

    fn from_str(text: &str) -> Result<Self, UnknownEngine> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == text);
        found.ok_or_else(|| UnknownEngine(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_nothing_else() {
        for kind in EngineKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        for wrong in ["", "Wasmi", "wasmer", "wasm"] {
            assert_eq!(wrong.parse::<EngineKind>(), Err(UnknownEngine(wrong.to_owned())));
        }
    }

    #[test]
    fn an_engine_can_be_had_if_it_is_built_and_only_then() {
        for kind in EngineKind::ALL {
            let engine = kind.engine(&EngineOptions::default());
            assert_eq!(engine.err(), (!kind.is_built()).then_some(NotBuilt(kind)));
        }
        assert!(EngineKind::fastest().is_built());
        assert_eq!(NotBuilt(EngineKind::Wasmtime).to_string(), "this build has no engine wasmtime");
    }
}
