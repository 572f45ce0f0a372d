//! What a batcher says of a transaction of which no level has a result.

use batcher_api::batch_of_content;
use encoding::Hash32;
use serde_json::json;
use wallet::batcher::Batcher;
use wallet::batcher::receipt::{KeptReceipt, ReceiptLog};
use wallet::cosigned::InBatch;
use wallet::payments::{PaymentProgress, PaymentStore, StoredPayments};
use wallet::transaction_status::TransactionStatus;

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
        if let Some(place) = self.place_at(&url, hash) {
            self.wallet.node().cosigned().add(*hash, place);
        }
        Ok(())
    }

    /// Asks the batchers that payments were given to in which batches they are, where nobody else knows it. Returns
    /// how far the payments have come.
    pub fn ask_batchers(
        &self,
        store: &PaymentStore,
        stored: &mut StoredPayments,
        progress: PaymentProgress,
    ) -> Result<PaymentProgress, Failure> {
        let all = stored.payments.transactions.iter().zip(&progress.now);
        let unknown = all.filter(|(_, status)| **status == TransactionStatus::Unknown);
        let places: Vec<(Hash32, InBatch)> = unknown
            .filter_map(|(sent, _)| {
                let hash = sent.signable.hash();
                Some((hash, self.place_at(sent.batcher.as_deref()?, &hash)?))
            })
            .collect();
        if places.is_empty() {
            return Ok(progress);
        }
        self.wallet.record_places(store, &places)?;
        Ok(self.wallet.progress(store, stored, None)?)
    }

    /// Where a transaction is, as a batcher says, if the content of the batch says the same.
    fn place_at(&self, url: &str, hash: &Hash32) -> Option<InBatch> {
        let rollup = self.wallet.rollup();
        let batcher = Batcher::connect(url, rollup).ok()?;
        let record = batcher.record(hash).ok()?;
        let (mut id, number) = ([0; 32], record.transaction?);
        hex::decode_to_slice(record.batch?, &mut id).ok()?;
        let id = Hash32(id);
        let content = hex::decode(batcher.batch(&id).ok()?.content).ok()?;
        let batch = batch_of_content(&content, &id, rollup).ok()?;
        let at = usize::try_from(number).ok().filter(|at| *at < batch.transactions())?;
        let own = batch.signing_payload_of_transaction(at, rollup)?;
        (own.digest == *hash).then_some(InBatch { batch: id, number })
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
