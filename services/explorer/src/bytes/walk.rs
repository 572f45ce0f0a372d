//! Reads bytes from the beginning on, and notes each field.

use encoding::Parsed;

/// A field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// Where it begins.
    pub at: usize,
    /// How many bytes it has.
    pub length: usize,
    /// What it is.
    pub name: String,
    /// What it says.
    pub says: String,
    /// The number of the transaction that it belongs to, if it belongs to one.
    pub transaction: Option<u32>,
}

/// Reads from the beginning on, and notes each field.
pub(super) struct Walk<'a> {
    all: &'a [u8],
    at: usize,
    pub(super) transaction: Option<u32>,
    pub(super) fields: Vec<Field>,
}

/// The message ends, or goes on, otherwise than it should. What was read until then stands.
pub(super) struct Unreadable;

impl<'a> Walk<'a> {
    pub(super) const fn new(all: &'a [u8]) -> Self {
        Walk { all, at: 0, transaction: None, fields: Vec::new() }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    /// Reads a field, and notes what it says.
    pub(super) fn field<T>(
        &mut self,
        name: impl Into<String>,
        read: impl FnOnce(&'a [u8]) -> Parsed<'a, T>,
        says: impl FnOnce(&T) -> String,
    ) -> Result<T, Unreadable> {
        let rest = self.rest();
        let (after, value) = read(rest).map_err(|_| Unreadable)?;
        let length = rest.len().saturating_sub(after.len());
        self.note(name.into(), length, says(&value));
        Ok(value)
    }

    /// Notes so many bytes without looking at them.
    pub(super) fn some(&mut self, name: &str, length: usize, says: &str) -> Result<(), Unreadable> {
        if length > self.rest().len() {
            return Err(Unreadable);
        }
        self.note(name.to_owned(), length, says.to_owned());
        Ok(())
    }

    fn note(&mut self, name: String, length: usize, says: String) {
        let transaction = self.transaction;
        self.fields.push(Field { at: self.at, length, name, says, transaction });
        self.at = self.at.saturating_add(length);
    }

    /// What is left is one field.
    pub(super) fn remainder(&mut self, name: &str, says: &str) {
        let length = self.rest().len();
        if length > 0 {
            self.transaction = None;
            self.note(name.to_owned(), length, says.to_owned());
        }
    }
}
