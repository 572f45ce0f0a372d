//! What a batcher says of a transaction of which no level has a result.

use encoding::Hash32;
use serde_json::json;
use wallet::batcher::Batcher;
use wallet::batcher::receipt::ReceiptLog;

use super::super::error::via::ViaError;
use super::super::folders;
use super::super::session::Session;
use super::words::stage_words;
use super::{LAYER1, NODE};
use crate::error::{Failure, shown_path};
use crate::ui::{Output, json_line};

impl Session<'_> {
    /// What is to be said of a transaction that a batcher has: the one that gave a receipt for it, the one that is
    /// meant by `TORU_BATCHER`, or that of the sandbox. None if no batcher knows it.
    pub fn at_batcher(&self, hash: &Hash32) -> Result<Option<Output>, Failure> {
        let folder = folders::payments_folder(&folders::usual_payments()).ok();
        let log = folder.map(|folder| ReceiptLog::in_folder(&folder, self.wallet.rollup()));
        let receipt = log.as_ref().map(|log| log.find(hash)).transpose()?.flatten();
        let named = std::env::var("TORU_BATCHER").ok();
        let named = named.filter(|text| ![NODE, LAYER1, ""].contains(&text.as_str()));
        let sandbox = self.wallet.is_sandbox().then(|| self.wallet.node().endpoint().to_owned());
        let url = receipt.as_ref().map(|one| one.batcher.clone()).or(named).or(sandbox);
        let Some(url) = url else { return Ok(None) };
        let record =
            Batcher::connect(&url, self.wallet.rollup()).and_then(|batcher| batcher.record(hash));
        let (hash, head) = (hash.to_string(), self.wallet.node().level("head")?);
        let is_late = receipt.as_ref().is_some_and(|one| one.promised < head.0);
        let failure: Failure = match (&record, receipt, log) {
            (record, Some(receipt), Some(log)) if is_late => {
                let stage = match record {
                    Ok(record) => stage_words(record),
                    Err(error) => error.to_string(),
                };
                let (promised, receipts) = (receipt.promised, shown_path(log.path()));
                ViaError::NotKept { hash: hash.clone(), url, promised, stage, receipts }.into()
            }
            (Ok(record), ..) => {
                ViaError::AtBatcher { hash: hash.clone(), url, stage: stage_words(record) }.into()
            }
            (Err(error), Some(receipt), _) => {
                let stage = format!("accepted in level {}; {error}", receipt.received);
                ViaError::AtBatcher { hash: hash.clone(), url, stage }.into()
            }
            (Err(_), None, _) => return Ok(None),
        };
        let text = match self.ui.is_json() {
            true => json_line(&json!({"hash": hash, "batcher": record.ok()}))?,
            false => String::new(),
        };
        Ok(Some(Output { text, refused: Some(failure) }))
    }
}
