//! The rules, and what breaks them.

use std::fmt;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// It is a valid module, within the features both of Octez' engines know.
    Valid,
    /// Tables, exports, branches: the limits of the default node's validator.
    Limits,
    /// Imports.
    Imports,
    /// Memory.
    Memory,
    /// `kernel_run`.
    EntryPoint,
    /// Floats.
    NoFloats,
    /// The start function.
    Start,
    /// Names.
    Names,
    /// Custom sections. Not a rule of the PVM, only a waste of bytes: see [`crate::check_stripped`].
    Stripped,
}

impl Rule {
    /// All of them, in the order to show them in.
    pub const ALL: &[Self] = &[
        Self::Valid,
        Self::Limits,
        Self::Imports,
        Self::Memory,
        Self::EntryPoint,
        Self::NoFloats,
        Self::Start,
        Self::Names,
        Self::Stripped,
    ];

    /// The rule in one sentence.
    #[must_use]
    pub const fn statement(self) -> &'static str {
        match self {
            Self::Valid => {
                "The module is valid WebAssembly 1.0 with at most mutable globals, sign \
                 extension, bulk memory, reference types and integer SIMD."
            }
            Self::Limits => {
                "It has at most 100 tables of at most 10,000,000 entries, 100,000 exports, and \
                 131,072 targets in a br_table."
            }
            Self::Imports => {
                "It imports only functions of the PVM, from smart_rollup_core, with their \
                 signatures."
            }
            Self::Memory => "It has exactly one memory, and exports it.",
            Self::EntryPoint => "It exports a function kernel_run without parameters or results.",
            Self::NoFloats => "No type and no instruction is about floats, dead code included.",
            Self::Start => "Its start function, if any, makes no host calls.",
            Self::Names => "No import or export has a name longer than 512 bytes.",
            Self::Stripped => "It carries no names, debug information or producers.",
        }
    }
}

/// A rule that a module breaks, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// What breaks it, with the offset in the file where that helps.
    pub detail: String,
}

impl Violation {
    pub(super) fn new(rule: Rule, detail: impl Into<String>) -> Self {
        Self { rule, detail: detail.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}
