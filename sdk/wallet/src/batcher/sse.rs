//! Server-sent events, line by line, and no more of them than is bounded.

use layer1::plain::grouped;
use std::io::{self, BufRead};

use crate::limits::MAX_EVENT_BYTES;

/// An event as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SentEvent {
    /// Its number.
    pub id: Option<u64>,
    /// Its kind.
    pub event: String,
    /// What it says.
    pub data: String,
}

/// Why no event can be read.
#[derive(Debug, thiserror::Error)]
pub enum SseError {
    /// The connection broke, or was silent for too long.
    #[error("{}", crate::error::io_words(.0))]
    Io(#[from] io::Error),
    /// More than any event has.
    #[error("an event of more than {} bytes", grouped(MAX_EVENT_BYTES))]
    TooLong,
    /// Bytes that are no text.
    #[error("an event that is not UTF-8")]
    NotText,
}

/// Reads events from a body.
#[derive(Debug)]
pub struct SseReader<R> {
    from: R,
}

impl<R: BufRead> SseReader<R> {
    /// From the beginning of a body.
    pub fn new(from: R) -> Self {
        SseReader { from }
    }

    /// The next event; none at the end. Comments are passed over, and events without data.
    ///
    /// # Errors
    /// When the connection breaks, or something else is sent than events.
    pub fn next_event(&mut self) -> Result<Option<SentEvent>, SseError> {
        let mut event = SentEvent::default();
        let mut left = MAX_EVENT_BYTES;
        loop {
            let Some(line) = self.line(left)? else { return Ok(None) };
            left = left.saturating_sub(line.len() + 1);
            let line = std::str::from_utf8(&line).map_err(|_| SseError::NotText)?;
            if line.is_empty() {
                if !event.data.is_empty() {
                    return Ok(Some(event));
                }
                // Whatever stood without data was no event; comments keep a connection open for ever.
                event = SentEvent::default();
                left = MAX_EVENT_BYTES;
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "id" => event.id = value.parse().ok(),
                "event" => value.clone_into(&mut event.event),
                "data" => {
                    if !event.data.is_empty() {
                        event.data.push('\n');
                    }
                    event.data.push_str(value);
                }
                // A comment, or a field that means nothing here.
                _ => {}
            }
        }
    }

    /// A line without its end; none where the body ends, whatever stands before that.
    fn line(&mut self, most: usize) -> Result<Option<Vec<u8>>, SseError> {
        let mut line = Vec::new();
        loop {
            let bytes = match self.from.fill_buf() {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                bytes => bytes?,
            };
            if bytes.is_empty() {
                return Ok(None);
            }
            let (some, is_end) = match bytes.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at, true),
                None => (bytes.len(), false),
            };
            if line.len() + some > most {
                return Err(SseError::TooLong);
            }
            line.extend_from_slice(bytes.get(..some).unwrap_or_default());
            self.from.consume(some + usize::from(is_end));
            if is_end {
                if line.last() == Some(&b'\r') {
                    line.pop();
                }
                return Ok(Some(line));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::BufReader;

    #[test]
    fn events_in_all_their_shapes() {
        let text = ": hello\n\nid: 7\nevent: offer\ndata: {\"a\":\ndata: 1}\n\nid:8\r\nevent:level\r\ndata:x\r\n\r\n\
                    event: nothing\n\nretry: 5\ndata: last\n\ndata: cut off";
        // Whatever the pieces are in which it comes.
        for piece in [1, 3, 1_000] {
            let mut reader = SseReader::new(BufReader::with_capacity(piece, text.as_bytes()));
            let mut next = || reader.next_event().unwrap();
            let event = |id, event: &str, data: &str| {
                Some(SentEvent { id, event: event.into(), data: data.into() })
            };
            assert_eq!(next(), event(Some(7), "offer", "{\"a\":\n1}"));
            assert_eq!(next(), event(Some(8), "level", "x"));
            assert_eq!(next(), event(None, "", "last"));
            assert_eq!(next(), None);
        }
    }

    #[test]
    fn a_line_without_end_is_not_read_to_its_end() {
        let endless = BufReader::new(io::repeat(b'x'));
        let error = SseReader::new(endless).next_event().unwrap_err();
        assert!(matches!(error, SseError::TooLong), "{error}");
        let mut many = "data: x\n".repeat(MAX_EVENT_BYTES / 8 + 1);
        many.push('\n');
        let error = SseReader::new(many.as_bytes()).next_event().unwrap_err();
        assert!(matches!(error, SseError::TooLong), "{error}");
        let error = SseReader::new(&b"data: \xff\n\n"[..]).next_event().unwrap_err();
        assert!(matches!(error, SseError::NotText), "{error}");
    }
}
