//! Reading a file of vectors.

use crate::limits::FILE_BYTES_MAX;
use flate2::read::MultiGzDecoder;
use serde_json::Value;
use std::io::{self, Read};
use thiserror::Error;

/// What a gzipped file begins with.
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Why a file has no vectors in it.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It cannot be unpacked.
    #[error("it begins as a gzipped file and cannot be unpacked: {0}")]
    Gzip(#[source] io::Error),
    /// It is too large.
    #[error("unpacked, it has more than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// A line is no JSON object.
    #[error("line {line} is no JSON object: {problem}")]
    Line {
        /// Which line, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// The objects of a file, gzipped or not, with the numbers of their lines.
///
/// # Errors
/// When it cannot be unpacked, or a line is no JSON object.
pub fn read(bytes: &[u8]) -> Result<Vec<(usize, Value)>, ReadError> {
    let mut text = Vec::new();
    let limit = FILE_BYTES_MAX + 1;
    if bytes.starts_with(&GZIP_MAGIC) {
        let unpacked = MultiGzDecoder::new(bytes).take(limit).read_to_end(&mut text);
        unpacked.map_err(ReadError::Gzip)?;
    } else {
        text.extend_from_slice(bytes);
    }
    if u64::try_from(text.len()).map_or(true, |size| size >= limit) {
        return Err(ReadError::TooLarge);
    }
    let mut lines = Vec::new();
    for (line, text) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        if text.trim_ascii().is_empty() {
            continue;
        }
        let wrong = |problem: String| ReadError::Line { line, problem };
        let value: Value =
            serde_json::from_slice(text).map_err(|error| wrong(error.to_string()))?;
        if !value.is_object() {
            return Err(wrong("it is another value".to_owned()));
        }
        lines.push((line, value));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzipped(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_file_may_be_gzipped() {
        let text = "{\"a\": 1}\n\n{\"b\": 2}\n";
        let plain = read(text.as_bytes()).unwrap();
        assert_eq!(plain.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(read(&gzipped(text)).unwrap(), plain);
        assert!(read(b"").unwrap().is_empty());
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let whole = gzipped("{\"a\": 1}\n");
        for end in 2..whole.len() {
            assert!(matches!(read(&whole[..end]), Err(ReadError::Gzip(_))), "{end}");
        }
        for wrong in ["{}\n[1]", "{}\n{", "{}\nnull", "{}\n{} {}"] {
            let found = read(wrong.as_bytes());
            assert!(matches!(found, Err(ReadError::Line { line: 2, .. })), "{wrong}");
        }
    }
}
