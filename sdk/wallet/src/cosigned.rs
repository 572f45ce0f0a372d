//! Which batches a transaction was signed in. The result of a transaction whose signers have signed the batch is
//! kept under the digest of the batch, and nothing is kept under its own hash: whoever looks for that alone takes a
//! payment that was made for one that was not, and pays it again.
//!
//! So the batch is on the disk before its signature is given away, in the folder of the records of payments.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use encoding::Hash32;
use files::Readers;
use serde::{Deserialize, Serialize};

/// The file, in the folder of a rollup's records of payments.
const FILE: &str = "cosigned.jsonl";

/// Where a transaction is in a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InBatch {
    /// The digest of the batch.
    pub batch: Hash32,
    /// The number of the transaction in it.
    pub number: u32,
}

/// The batches that transactions were signed in, by the hashes of these: as far as it is known in this process. All
/// copies are the same.
#[derive(Clone, Debug, Default)]
pub struct CosignedBatches(Arc<RwLock<HashMap<Hash32, Vec<InBatch>>>>);

impl CosignedBatches {
    /// Adds one.
    pub fn add(&self, transaction: Hash32, place: InBatch) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let places = all.entry(transaction).or_default();
        if !places.contains(&place) {
            places.push(place);
        }
    }

    /// Those of a transaction.
    #[must_use]
    pub fn of(&self, transaction: &Hash32) -> Vec<InBatch> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(transaction).cloned().unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    transaction: String,
    batch: String,
    number: u32,
}

/// The batches on the disk: a line of JSON for each.
#[derive(Clone, Debug)]
pub(crate) struct CosignedLog(PathBuf);

impl CosignedLog {
    /// That of the folder of a rollup's records.
    pub fn in_folder(folder: &Path) -> Self {
        CosignedLog(folder.join(FILE))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds batches. They are on the disk when this returns.
    pub fn add(&self, all: &[(Hash32, InBatch)]) -> io::Result<()> {
        let mut file = files::append(&self.0, Readers::Owner)?;
        file.lock()?;
        let mut text = String::new();
        for (transaction, place) in all {
            let line = Line {
                transaction: transaction.to_string(),
                batch: place.batch.to_string(),
                number: place.number,
            };
            // There is nothing in it that JSON could not say. A line that a crash has cut off before it ends there.
            text.push('\n');
            text.push_str(&serde_json::to_string(&line).unwrap_or_default());
            text.push('\n');
        }
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// Reads all of them. A line that a crash has cut off is of a signature that nobody was given. What is damaged in
    /// another way is passed over: the batch is looked for in the inboxes then.
    pub fn read(&self, into: &CosignedBatches) -> io::Result<()> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            file => file?,
        };
        for line in BufReader::new(file).split(b'\n') {
            let Ok(line) = serde_json::from_slice::<Line>(&line?) else { continue };
            if let (Some(transaction), Some(batch)) = (hash(&line.transaction), hash(&line.batch)) {
                into.add(transaction, InBatch { batch, number: line.number });
            }
        }
        Ok(())
    }
}

fn hash(text: &str) -> Option<Hash32> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).ok().map(|()| Hash32(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_signed_is_known_the_next_time_whatever_a_crash_has_cut_off() {
        let folder = std::env::temp_dir().join(format!("toru-cosigned-{}", std::process::id()));
        let log = CosignedLog::in_folder(&folder);
        let place = |number| InBatch { batch: Hash32([9; 32]), number };
        let (one, two) = (Hash32([1; 32]), Hash32([2; 32]));
        log.read(&CosignedBatches::default()).unwrap();
        fs::create_dir_all(&folder).unwrap();
        log.add(&[(one, place(3)), (two, place(4))]).unwrap();
        let mut file = files::append(log.path(), Readers::Owner).unwrap();
        // Bytes that are no text are damage too.
        file.write_all(b"\xff\xfe\n{\"transaction\": \"").unwrap();
        log.add(&[(one, place(5))]).unwrap();
        let known = CosignedBatches::default();
        log.read(&known).unwrap();
        log.read(&known).unwrap();
        assert_eq!(known.of(&one), [place(3), place(5)]);
        assert_eq!(known.clone().of(&two), [place(4)]);
        assert!(known.of(&Hash32([3; 32])).is_empty());
        fs::remove_dir_all(&folder).unwrap();
    }
}
