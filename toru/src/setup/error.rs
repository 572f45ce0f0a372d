//! What is wrong with a setup file.

use layer1::hex_text::HexError;
use layer1::plain::quoted;

/// The longest path of the PVM, in bytes.
pub(super) const PATH_BYTES_MAX: usize = 240;

/// What is wrong with a setup file. Instructions count from 0.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SetupError {
    /// Not YAML or JSON, or not of the right shape.
    #[error("not a setup file: {0}")]
    Syntax(String),
    /// An instruction without content.
    #[error("instruction {0}: expected \"set\", \"move\" or \"reveal\"")]
    Empty(usize),
    /// Two instructions in one.
    #[error("instruction {0}: expected one of \"set\", \"move\" and \"reveal\", found more")]
    Several(usize),
    /// A path beside an instruction that has its own, or none beside one that has not.
    #[error("instruction {0}: \"to\" goes beside \"reveal\", and has to be there")]
    To(usize),
    /// An instruction that means nothing here.
    #[error("instruction {0}: \"{1}\" exists only in an installer kernel (expected \"set\")")]
    InstallerOnly(usize, &'static str),
    /// The value is not hex.
    #[error("instruction {0}: \"value\": {1}")]
    Value(usize, HexError),
    /// The hash is not hex.
    #[error("instruction {0}: \"reveal\": {1}")]
    Hash(usize, HexError),
    /// The hash is not as long as they are.
    #[error("instruction {0}: \"reveal\": {1} bytes (expected the 33 of a preimage's hash)")]
    HashLength(usize, usize),
    /// The path is invalid.
    #[error("instruction {instruction}: \"{field}\": {} {problem}", quoted(path))]
    Path {
        /// Which instruction.
        instruction: usize,
        /// Which of its fields.
        field: &'static str,
        /// The path.
        path: String,
        /// Why it is invalid.
        problem: PathError,
    },
}

impl SetupError {
    /// What to do, where the error does not already say it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Syntax(_) | Self::Empty(_) => {
                Some(r#"a setup file: {"instructions": [{"set": {"value": "01", "to": "/path"}}]}"#)
            }
            Self::InstallerOnly(..) => Some("toru kernel install --setup takes it"),
            Self::To(_) | Self::Several(_) => Some(
                r#"[{"set": {"value": "01", "to": "/a"}}, {"move": {"from": "/a", "to": "/b"}}, {"reveal": "00…", "to": "/c"}]"#,
            ),
            _ => None,
        }
    }
}

/// Why a text is no path that a setup may write.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Too long.
    #[error("has {0} bytes (expected at most {PATH_BYTES_MAX})")]
    Length(usize),
    /// Not of the form `/step/step`.
    #[error("is no path (expected /step/step…, steps of A-Z a-z 0-9 . _ -)")]
    Form,
    /// The PVM keeps it for itself.
    #[error("is read-only (expected a path outside /readonly)")]
    ReadOnly,
}
