//! The word of a batcher that it has taken a transaction, as it is checked and kept: with it, anybody can be shown
//! that a batcher has dropped what it accepted.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::path::{Path, PathBuf};

use batcher_api::{Acceptance, Receipt, ReceiptError, Record};
use encoding::{Hash32, Level, RollupAddress};
use files::Readers;
use serde::{Deserialize, Serialize};

use super::http::Batcher;
use crate::error::{io_words, one_line};

/// The file, in the folder of a rollup's records of payments.
const FILE: &str = "receipts.jsonl";

/// A receipt that is good, with all that it takes to check it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptReceipt {
    /// Of which transaction.
    pub hash: String,
    /// Who gave it.
    pub batcher: String,
    /// On which rollup.
    pub rollup: String,
    /// The head's level when it was accepted.
    pub received: i32,
    /// The level by which it is in an inbox.
    pub promised: i32,
    /// `edpk…`: the batcher's key.
    pub key: String,
    /// The signature, in hex.
    pub signature: String,
}

/// Why a receipt is worth nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptProblem {
    /// It is not signed as it should be.
    #[error(transparent)]
    Signature(#[from] ReceiptError),
    /// It promises a level that was over, or none.
    #[error("the receipt of level {received} promises level {promised}")]
    Levels {
        /// When it was accepted.
        received: i32,
        /// What is promised.
        promised: i32,
    },
}

/// Why receipts cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptLogError {
    /// The system refuses.
    #[error("cannot {action} {}: {}", path.display(), io_words(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A line that nobody here has written.
    #[error("{}, line {line}: not a receipt: {problem}", path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Where.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

impl KeptReceipt {
    /// The receipt of a record, if it is the batcher's for that transaction.
    ///
    /// # Errors
    /// When it is not.
    pub fn of(batcher: &Batcher, hash: &Hash32, record: &Record) -> Result<Self, ReceiptProblem> {
        let Record { received, promised, receipt, .. } = record;
        let (received, promised) = (*received, *promised);
        if received < 0 || promised < received {
            return Err(ReceiptProblem::Levels { received, promised });
        }
        let acceptance = Acceptance {
            rollup: *batcher.rollup(),
            hash: *hash,
            received: Level(received),
            promised: Level(promised),
        };
        batcher.key().check(&acceptance, receipt)?;
        let Receipt { key, signature } = receipt.clone();
        Ok(KeptReceipt {
            hash: hash.to_string(),
            batcher: batcher.url().to_owned(),
            rollup: batcher.rollup().to_string(),
            received,
            promised,
            key,
            signature,
        })
    }
}

/// The receipts of a rollup's transactions: a line of JSON for each.
#[derive(Clone, Debug)]
pub struct ReceiptLog(PathBuf);

impl ReceiptLog {
    /// Those of a rollup in the folder of its payments, neither of which need be there yet.
    #[must_use]
    pub fn in_folder(folder: &Path, rollup: &RollupAddress) -> Self {
        ReceiptLog(folder.join(rollup.to_string()).join(FILE))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Adds receipts. They are on the disk when this returns.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn add(&self, receipts: &[KeptReceipt]) -> Result<(), ReceiptLogError> {
        if receipts.is_empty() {
            return Ok(());
        }
        if let Some(folder) = self.0.parent() {
            files::own_folder(folder).map_err(failing("make", folder))?;
        }
        let mut file = files::append(&self.0, Readers::Owner).map_err(failing("write", &self.0))?;
        file.lock().map_err(failing("lock", &self.0))?;
        let mut text = String::new();
        for one in receipts {
            // There is nothing in it that JSON could not say.
            text.push_str(&serde_json::to_string(one).unwrap_or_default());
            text.push('\n');
        }
        let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_data());
        written.map_err(failing("write", &self.0))
    }

    /// The last receipt of a transaction, if there is one. A line that was cut off by a crash at the end is passed
    /// over.
    ///
    /// # Errors
    /// When the file cannot be read, or has something else in it.
    pub fn find(&self, hash: &Hash32) -> Result<Option<KeptReceipt>, ReceiptLogError> {
        let file = match File::open(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(failing("read", &self.0))?,
        };
        let wanted = hash.to_string();
        let mut found = None;
        let mut wrong = None;
        for (number, line) in BufReader::new(file).lines().enumerate() {
            if let Some(error) = wrong.take() {
                return Err(error);
            }
            let line = line.map_err(failing("read", &self.0))?;
            match serde_json::from_str::<KeptReceipt>(&line) {
                Ok(one) if one.hash == wanted => found = Some(one),
                Ok(_) => {}
                Err(error) => {
                    wrong = Some(ReceiptLogError::Malformed {
                        path: self.0.clone(),
                        line: number + 1,
                        problem: one_line(&error.to_string()),
                    });
                }
            }
        }
        Ok(found)
    }
}

fn failing(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReceiptLogError + use<> {
    let path = path.to_owned();
    move |source| ReceiptLogError::Io { action, path, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn receipts_stay_and_a_line_that_was_cut_off_hurts_none() {
        let folder = std::env::temp_dir().join(format!("toru-receipts-{}", std::process::id()));
        let log = ReceiptLog::in_folder(&folder, &RollupAddress([1; 20]));
        let receipt = |hash: Hash32, promised| KeptReceipt {
            hash: hash.to_string(),
            batcher: "http://b".into(),
            rollup: RollupAddress([1; 20]).to_string(),
            received: 1,
            promised,
            key: "edpk".into(),
            signature: "00".into(),
        };
        let (one, two) = (Hash32([1; 32]), Hash32([2; 32]));
        assert!(log.find(&one).unwrap().is_none());
        log.add(&[receipt(one, 5), receipt(two, 6)]).unwrap();
        log.add(&[receipt(one, 7)]).unwrap();
        assert_eq!(log.find(&one).unwrap().unwrap().promised, 7);
        assert_eq!(log.find(&two).unwrap().unwrap().promised, 6);
        assert!(log.find(&Hash32([3; 32])).unwrap().is_none());

        let mut file = files::append(log.path(), Readers::Owner).unwrap();
        file.write_all(b"{\"hash\": \"").unwrap();
        assert_eq!(log.find(&two).unwrap().unwrap().promised, 6);
        file.write_all(b"\n{}\n").unwrap();
        let error = log.find(&two).unwrap_err();
        assert!(matches!(error, ReceiptLogError::Malformed { line: 4, .. }), "{error}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
