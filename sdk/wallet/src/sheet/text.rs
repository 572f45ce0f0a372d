//! The text of a file that a spreadsheet wrote: its encoding, its lines, what separates its fields.

use std::borrow::Cow;

use super::mistake::Mistake;

/// A file's text, without a mark of its encoding.
pub(super) struct Text<'b> {
    text: Cow<'b, str>,
    /// Where each line begins.
    starts: Vec<usize>,
}

impl<'b> Text<'b> {
    /// UTF-8, or UTF-16 that says so. The rest is refused by its name.
    pub fn decode(bytes: &'b [u8]) -> Result<Self, Mistake> {
        const AS_UTF_8: &str = "save the file as UTF-8";
        let refused = |what: &str| Err(Mistake::new(1, &format!("the file is {what}: {AS_UTF_8}")));
        let text = match bytes {
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return refused("UTF-32"),
            [0xff, 0xfe, rest @ ..] => Cow::Owned(utf_16(rest, u16::from_le_bytes)?),
            [0xfe, 0xff, rest @ ..] => Cow::Owned(utf_16(rest, u16::from_be_bytes)?),
            _ => {
                let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
                if bytes.contains(&0) {
                    return refused("UTF-16 without a byte order mark, or no text");
                }
                match std::str::from_utf8(bytes) {
                    Ok(text) => Cow::Borrowed(text),
                    Err(error) => {
                        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
                        let line = starts(before).len();
                        let problem = format!("not UTF-8, perhaps Latin-1: {AS_UTF_8}");
                        let line = u64::try_from(line).unwrap_or(u64::MAX);
                        return Err(Mistake::new(line, &problem));
                    }
                }
            }
        };
        let starts = starts(text.as_bytes());
        Ok(Text { text, starts })
    }

    /// The text from a byte on.
    pub fn from(&self, byte: usize) -> &str {
        self.text.get(byte..).unwrap_or_default()
    }

    /// The line, from 1, of what begins at a byte or after the ends of lines that are there: a reader of
    /// CSV counts those to what comes after them.
    pub fn line(&self, byte: usize) -> u64 {
        let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n');
        let rest = self.text.as_bytes().get(byte..).unwrap_or_default();
        let byte = byte.saturating_add(rest.iter().take_while(|byte| is_end(byte)).count());
        let line = self.starts.partition_point(|start| *start <= byte);
        u64::try_from(line).unwrap_or(u64::MAX)
    }

    /// What separates fields, and from which byte on there are any: some spreadsheets say it in a line of
    /// its own, `sep=;`.
    pub fn separator(&self) -> Result<(u8, usize), Mistake> {
        let blank = |c: char| c.is_whitespace() && c != '\t';
        let start = self.text.len() - self.text.trim_start_matches(blank).len();
        let titles = self.from(start).split(['\r', '\n']).next().unwrap_or_default();
        if let Some(said) = titles.trim_matches('"').strip_prefix("sep=") {
            let after = start.saturating_add(titles.len());
            return match said.as_bytes() {
                [byte @ (b',' | b';' | b'\t')] => Ok((*byte, after)),
                _ => Err(unknown(self.line(start), said)),
            };
        }
        let is_title = |field: &str| {
            let field = field.trim().trim_matches('"');
            ["to", "amount", "ticket"].iter().any(|title| title.eq_ignore_ascii_case(field))
        };
        let titles_by = |mark: char| titles.split(mark).filter(|field| is_title(field)).count();
        for (mark, byte) in [(',', b','), (';', b';'), ('\t', b'\t')] {
            if titles_by(mark) > 1 {
                return Ok((byte, start));
            }
        }
        match ['|', ':', ' '].into_iter().find(|mark| titles_by(*mark) > 1) {
            Some(mark) => Err(unknown(self.line(start), &mark.to_string())),
            None => Ok((b',', start)),
        }
    }
}

fn unknown(line: u64, mark: &str) -> Mistake {
    let mark: String = mark.chars().take(10).collect();
    let problem = format!("fields separated by {mark:?} (expected a comma, a semicolon or a tab)");
    Mistake::new(line, &problem)
}

/// Where each line of a text begins: after `\n`, `\r` or both.
fn starts(text: &[u8]) -> Vec<usize> {
    let ends = text.iter().enumerate().filter(|(at, byte)| match byte {
        b'\n' => true,
        b'\r' => text.get(at + 1) != Some(&b'\n'),
        _ => false,
    });
    [0].into_iter().chain(ends.map(|(at, _)| at + 1)).collect()
}

fn utf_16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, Mistake> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let mut line = 1;
    let mut text = String::with_capacity(pairs.len());
    for c in char::decode_utf16(units) {
        let c = c.map_err(|_| Mistake::new(line, "the file says it is UTF-16, and is not"))?;
        line += u64::from(c == '\n');
        text.push(c);
    }
    match rest {
        [] => Ok(text),
        _ => Err(Mistake::new(line, "the file says it is UTF-16, and ends in half a character")),
    }
}
