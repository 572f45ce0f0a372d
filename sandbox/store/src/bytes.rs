//! Writing and reading records: big-endian numbers, and bytes behind their length.

use thiserror::Error;

/// A record that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a record of {record} does not hold {expected}")]
pub(crate) struct BadRecord {
    /// What the record is about.
    pub(crate) record: &'static str,
    /// What was looked for in it.
    pub(crate) expected: &'static str,
}

/// Appends bytes behind their length.
pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// Appends something that may not be there, behind a byte that says whether it is.
pub(crate) fn put_option<T>(out: &mut Vec<u8>, value: Option<T>, put: fn(&mut Vec<u8>, T)) {
    out.push(value.is_some().into());
    if let Some(value) = value {
        put(out, value);
    }
}

/// Reads a record from its begin to its end.
pub(crate) struct Reader<'a> {
    record: &'static str,
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// A reader of a record about something.
    pub(crate) fn new(record: &'static str, bytes: &'a [u8]) -> Self {
        Self { record, rest: bytes }
    }

    /// What the record should hold and does not.
    pub(crate) fn wrong(&self, expected: &'static str) -> BadRecord {
        BadRecord { record: self.record, expected }
    }

    /// The next bytes, as many as there should be.
    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], BadRecord> {
        let (first, rest) = self.rest.split_first_chunk().ok_or_else(|| self.wrong(what))?;
        self.rest = rest;
        Ok(*first)
    }

    /// A byte.
    pub(crate) fn byte(&mut self, what: &'static str) -> Result<u8, BadRecord> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// A number.
    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, BadRecord> {
        self.array(what).map(u32::from_be_bytes)
    }

    /// A number.
    pub(crate) fn u64(&mut self, what: &'static str) -> Result<u64, BadRecord> {
        self.array(what).map(u64::from_be_bytes)
    }

    /// A level.
    pub(crate) fn i32(&mut self, what: &'static str) -> Result<i32, BadRecord> {
        self.array(what).map(i32::from_be_bytes)
    }

    /// A byte that is 0 or 1.
    pub(crate) fn flag(&mut self, what: &'static str) -> Result<bool, BadRecord> {
        match self.byte(what)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.wrong(what)),
        }
    }

    /// Bytes behind their length.
    pub(crate) fn bytes(&mut self, what: &'static str) -> Result<&'a [u8], BadRecord> {
        let len = usize::try_from(self.u32(what)?).map_err(|_| self.wrong(what))?;
        let (bytes, rest) = self.rest.split_at_checked(len).ok_or_else(|| self.wrong(what))?;
        self.rest = rest;
        Ok(bytes)
    }

    /// Text behind its length.
    pub(crate) fn text(&mut self, what: &'static str) -> Result<&'a str, BadRecord> {
        let bytes = self.bytes(what)?;
        std::str::from_utf8(bytes).map_err(|_| self.wrong(what))
    }

    /// Whether there is nothing more.
    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// There must be nothing more.
    pub(crate) fn end(self) -> Result<(), BadRecord> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.wrong("its end")) }
    }
}
