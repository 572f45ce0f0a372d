//! What a batcher says of a transaction of which no level has a result.

use batcher_api::batch_of_content;
use encoding::Hash32;
use serde_json::json;
use wallet::batcher::Batcher;
use wallet::batcher::receipt::{KeptReceipt, ReceiptLog};
use wallet::cosigned::InBatch;

use super::super::error::via::ViaError;
use super::super::folders;
use super::super::session::Session;
use super::words::stage_words;
use super::{LAYER1, NODE};
use crate::error::{Failure, shown_path};
use crate::ui::{Output, json_line};

/// The batcher that may know a transaction, with its receipt if there is one, and where that is kept.
type KnownBatcher = (Option<String>, Option<KeptReceipt>, Option<ReceiptLog>);

impl Session<'_> {
    /// Learns in which batch a transaction is, from a batcher that has it. What a batcher says is held against the
    /// content of the batch: another transaction's result is not taken for this one's.
    pub fn learn_place(&self, hash: &Hash32) -> Result<(), Failure> {
        let (Some(url), ..) = self.batcher_of(hash)? else { return Ok(()) };
        let rollup = self.wallet.rollup();
        let place = || {
            let batcher = Batcher::connect(&url, rollup).ok()?;
            let record = batcher.record(hash).ok()?;
            let (mut id, number) = ([0; 32], record.transaction?);
            hex::decode_to_slice(record.batch?, &mut id).ok()?;
            let id = Hash32(id);
            let content = hex::decode(batcher.batch(&id).ok()?.content).ok()?;
            let batch = batch_of_content(&content, &id, rollup).ok()?;
            let at = usize::try_from(number).ok().filter(|at| *at < batch.transactions())?;
            let own = batch.signing_payload_of_transaction(at, rollup)?;
            (own.digest == *hash).then_some(InBatch { batch: id, number })
        };
        if let Some(place) = place() {
            self.wallet.node().cosigned().add(*hash, place);
        }
        Ok(())
    }

    fn batcher_of(&self, hash: &Hash32) -> Result<KnownBatcher, Failure> {
        let folder = folders::payments_folder(&folders::usual_payments()).ok();
        let log = folder.map(|folder| ReceiptLog::in_folder(&folder, self.wallet.rollup()));
        let receipt = log.as_ref().map(|log| log.find(hash)).transpose()?.flatten();
        let named = std::env::var("TORU_BATCHER").ok();
        let named = named.filter(|text| ![NODE, LAYER1, ""].contains(&text.as_str()));
        let sandbox = self.wallet.is_sandbox().then(|| self.wallet.node().endpoint().to_owned());
        let url = receipt.as_ref().map(|one| one.batcher.clone()).or(named).or(sandbox);
        Ok((url, receipt, log))
    }

    /// What is to be said of a transaction that a batcher has: the one that gave a receipt for it, the one that is
    /// meant by `TORU_BATCHER`, or that of the sandbox. None if no batcher knows it.
    pub fn at_batcher(&self, hash: &Hash32) -> Result<Option<Output>, Failure> {
        let (url, receipt, log) = self.batcher_of(hash)?;
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
