//! What a kind of vectors is.

use crate::difference::Differences;
use serde_json::Value;

/// What came of a vector.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// What the vector is called.
    pub name: String,
    /// Where the embedded PVM differs. Equal, if nowhere.
    pub differences: Differences,
    /// What of it was not looked at, and why.
    pub unchecked: Vec<String>,
}

/// A kind of vectors: knows its own, and plays them one after another, in the order of the file.
pub trait Kind {
    /// What the kind is called.
    fn name(&self) -> &'static str;

    /// Whether a vector is of this kind.
    fn takes(&self, vector: &Value) -> bool;

    /// Plays a vector.
    ///
    /// # Errors
    /// When it is malformed; the text says how.
    fn play(&mut self, vector: &Value) -> Result<Verdict, String>;
}

/// Whether a vector says itself that it is of some kind.
pub(crate) fn is_called(vector: &Value, kind: &str) -> bool {
    vector.get("kind").and_then(Value::as_str) == Some(kind)
}
