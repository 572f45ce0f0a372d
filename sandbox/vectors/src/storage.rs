//! Comparing durable storages.

use crate::difference::Differences;
use crate::limits::SPARSE_BYTES_MAX;
use pvm::Durable;
use std::collections::BTreeMap;

/// The values of a storage by path.
pub(crate) type Values = BTreeMap<String, Stored>;

/// The bytes of a chunk of a value.
pub(crate) const CHUNK_BYTES: usize = 512;

/// A value, as a vector has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// All of it.
    Whole(Vec<u8>),
    /// Its length, and those of its chunks that were ever written, by index. The rest is zeros.
    Sparse { length: usize, chunks: BTreeMap<usize, Vec<u8>> },
}

impl Stored {
    fn len(&self) -> usize {
        match self {
            Self::Whole(bytes) => bytes.len(),
            Self::Sparse { length, .. } => *length,
        }
    }

    /// The parts to be compared, with their offsets. What a large value has beside its chunks is not.
    fn parts(&self) -> Vec<(usize, Vec<u8>)> {
        match self {
            Self::Whole(bytes) => vec![(0, bytes.clone())],
            Self::Sparse { length, chunks } if *length <= SPARSE_BYTES_MAX => {
                let count = length.div_ceil(CHUNK_BYTES);
                let zeros = vec![0; CHUNK_BYTES];
                let chunk = |index| chunks.get(&index).unwrap_or(&zeros).clone();
                let mut bytes: Vec<u8> = (0..count).flat_map(chunk).collect();
                bytes.truncate(*length);
                vec![(0, bytes)]
            }
            Self::Sparse { length, chunks } => {
                let part = |(index, chunk): (&usize, &Vec<u8>)| {
                    let offset = index.saturating_mul(CHUNK_BYTES);
                    let bytes = chunk.get(..length.saturating_sub(offset)).unwrap_or(chunk);
                    (offset, bytes.to_vec())
                };
                chunks.iter().map(part).collect()
            }
        }
    }
}

/// Notes where a storage has other values than the reference.
pub(crate) fn compare(reference: &Values, found: &Durable, differences: &mut Differences) {
    let sizes: BTreeMap<String, usize> = found.sizes().collect();
    for (path, value) in reference {
        let Some(&size) = sizes.get(path) else {
            differences.add(format!("the value {path}"), format!("{} bytes", value.len()), "none");
            continue;
        };
        differences.compare(&format!("the bytes of the value {path}"), &value.len(), &size);
        for (offset, part) in value.parts() {
            let other = found.get_range(path, offset, part.len()).unwrap_or_default();
            if other != part {
                let at = part.iter().zip(&other).take_while(|(a, b)| a == b).count();
                let from = |bytes: &[u8]| hex::encode(bytes.get(at..).unwrap_or_default());
                let what = format!("the value {path}, from byte {}", offset + at);
                differences.add(what, from(&part), from(&other));
            }
        }
    }
    for (path, size) in sizes.iter().filter(|(path, _)| !reference.contains_key(*path)) {
        differences.add(format!("the value {path}"), "none", format!("{size} bytes"));
    }
}

/// Notes where outboxes differ.
pub(crate) fn compare_outbox(
    reference: &[Vec<u8>],
    found: &[Vec<u8>],
    differences: &mut Differences,
) {
    differences.compare("messages in the outbox", &reference.len(), &found.len());
    for (index, (reference, found)) in reference.iter().zip(found).enumerate() {
        let what = format!("message {index} of the outbox");
        differences.compare(&what, &hex::encode(reference), &hex::encode(found));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(reference: &[(&str, Stored)]) -> Vec<String> {
        let mut durable = Durable::default();
        durable.set("/a", b"abc").unwrap();
        durable.set("/zeros", &[0; 2_000]).unwrap();
        let reference =
            reference.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
        let mut differences = Differences::default();
        compare(&reference, &durable, &mut differences);
        differences.iter().map(ToString::to_string).collect()
    }

    fn sparse(length: usize, chunks: &[(usize, u8)]) -> Stored {
        let chunks = chunks.iter().map(|(index, byte)| (*index, vec![*byte; CHUNK_BYTES]));
        Stored::Sparse { length, chunks: chunks.collect() }
    }

    #[test]
    fn every_kind_of_difference_is_told() {
        let a = ("/a", Stored::Whole(b"abc".to_vec()));
        let equal = told(&[a.clone(), ("/zeros", sparse(2_000, &[(3, 0)]))]);
        assert!(equal.is_empty(), "{equal:?}");
        for (wrong, says) in [
            (sparse(2_001, &[]), "the bytes of the value /zeros: 2001"),
            (sparse(2_000, &[(1, 7)]), "the value /zeros, from byte 512: 0707"),
            (Stored::Whole(vec![1; 2_000]), "the value /zeros, from byte 0: 0101"),
        ] {
            let told = told(&[a.clone(), ("/zeros", wrong)]);
            assert!(told.iter().any(|text| text.starts_with(says)), "{told:?}");
        }
        assert!(told(std::slice::from_ref(&a))[0].starts_with("the value /zeros: none"));
        let zeros = ("/zeros", sparse(2_000, &[]));
        assert!(told(&[a, zeros, ("/b", sparse(1, &[]))])[0].starts_with("the value /b: 1 bytes"));
    }
}
