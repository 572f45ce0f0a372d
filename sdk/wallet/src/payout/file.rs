//! The text of a plan's file: JSON that people and programs read by the line, a row of the plan on each.

use std::io;

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// Levels of nesting that are spread over lines; what is below them stands on one.
const SPREAD: usize = 3;

/// JSON with a line for each field and each row.
///
/// # Errors
/// When it is nothing that JSON could say.
pub(super) fn text(value: &impl Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut bytes, Lines::default()))?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Where in the nesting it is.
#[derive(Default)]
struct Lines {
    depth: usize,
    /// Whether there is anything in what is being written.
    has_value: bool,
}

impl Lines {
    fn line<W: ?Sized + io::Write>(&self, writer: &mut W) -> io::Result<()> {
        if self.depth > SPREAD {
            return Ok(());
        }
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(b" "))
    }

    fn begin<W: ?Sized + io::Write>(&mut self, writer: &mut W, mark: &[u8]) -> io::Result<()> {
        self.depth += 1;
        self.has_value = false;
        writer.write_all(mark)
    }

    fn end<W: ?Sized + io::Write>(&mut self, writer: &mut W, mark: &[u8]) -> io::Result<()> {
        let is_spread = self.depth <= SPREAD;
        self.depth -= 1;
        if self.has_value && is_spread {
            self.line(writer)?;
        }
        self.has_value = true;
        writer.write_all(mark)
    }

    fn next<W: ?Sized + io::Write>(&self, writer: &mut W, first: bool) -> io::Result<()> {
        if !first {
            writer.write_all(if self.depth > SPREAD { b", " } else { b"," })?;
        }
        self.line(writer)
    }
}

impl Formatter for Lines {
    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"[")
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.begin(writer, b"{")
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.end(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.has_value = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_row_is_a_line() {
        let value = json!({"a": {"rows": [{"x": 1, "y": [1, 2]}, {"x": 2}], "z": []}, "b": 1});
        let text = String::from_utf8(super::text(&value).unwrap()).unwrap();
        let expected = "{\n \"a\": {\n  \"rows\": [\n   {\"x\": 1, \"y\": [1, 2]},\n   {\"x\": 2}\n  ],\n  \
                        \"z\": []\n },\n \"b\": 1\n}\n";
        assert_eq!(text, expected);
    }
}
