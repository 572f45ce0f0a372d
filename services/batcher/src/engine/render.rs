//! What the engine knows, in the shapes of the API.

use batcher_api::limits::{EXPIRY_GRID, MAX_VALID_LEVELS, OPEN_BATCHES, TRANSACTIONS_PER_REQUEST};
use batcher_api::{
    AccountCounter, BatchAnswer, BatchStage, Fee, OpenBatchSummary, OpenBatchesAnswer, OutcomeText,
    Quote, QuoteLimits, Record, Settled, Stage, TicketText,
};
use encoding::{Hash32, Level, MessageId};
use inbox::v2::decode_transaction;
use tx_kernel::results::Outcome;
use wallet::expiry::VALID_LEVELS;

use super::Engine;
use crate::error::{Refused, StartError};
use crate::journal::{KeptBatch, KeptEnding, KeptProgress, KeptTransaction};
use crate::mempool::away;
use crate::pool::{Away, Ending, Entry, Spot, Status};
use crate::recovery;
use crate::rounds::{OpenBatch, Progress};

/// The result of an operation as the API has it.
pub(crate) fn outcome(outcome: &Outcome) -> OutcomeText {
    let values = explain::outcome::values_in_decimal(outcome);
    OutcomeText {
        code: outcome.code.name().to_owned(),
        number: outcome.code.number(),
        values: values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        reason: explain::outcome::sentence(outcome),
    }
}

impl Engine {
    /// A transaction's record: one that is pending, or one that the journal has.
    pub(super) fn record(&self, hash: &Hash32) -> Result<Option<Record>, StartError> {
        if let Some(entry) = self.mempool.as_ref().and_then(|mempool| mempool.entry(hash)) {
            return Ok(Some(self.record_of(entry)));
        }
        let kept = self.parts.journal.transaction(hash)?;
        Ok(kept.map(|(kept, ending)| self.old_record(hash, &kept, ending)))
    }

    /// The record of a transaction that is pending, or not final yet.
    pub(super) fn record_of(&self, entry: &Entry) -> Record {
        let account = |signer: &crate::admission::Signer| AccountCounter {
            account: signer.account.to_string(),
            counter: signer.counter.to_string(),
        };
        let mut record = Record::queued(
            &entry.hash(),
            entry.tx.signers.iter().map(account).collect(),
            entry.tx.expires,
            entry.received,
            entry.promised,
            (*entry.receipt).clone(),
        );
        record.why.clone_from(&entry.why);
        match &entry.status {
            Status::AwaitsCounter { account, counter, .. } => {
                record.waits_for = Some(AccountCounter {
                    account: account.to_string(),
                    counter: counter.to_string(),
                });
            }
            Status::Ready | Status::Failing { .. } | Status::Stale { .. } => {}
            Status::InBatch { batch, number } => {
                if let Some(batch) = self.mempool.as_ref().and_then(|mempool| mempool.batch(*batch))
                {
                    in_batch(&mut record, batch, *number);
                }
            }
            Status::Ended(ending) => self.ended(&mut record, ending),
        }
        record
    }

    /// The record of a transaction that only the journal has.
    fn old_record(
        &self,
        hash: &Hash32,
        kept: &KeptTransaction,
        ending: Option<KeptEnding>,
    ) -> Record {
        let bytes = hex::decode(&kept.submitted.transaction).unwrap_or_default();
        let transaction = decode_transaction(&bytes).ok();
        let operations = transaction.map(|transaction| transaction.operations).unwrap_or_default();
        let accounts = kept.submitted.signatures.iter().zip(&operations);
        let accounts = accounts.map(|(signature, operation)| AccountCounter {
            account: signature.account.clone(),
            counter: operation.counter.to_string(),
        });
        let mut record = Record::queued(
            hash,
            accounts.collect(),
            Level(kept.expires),
            Level(kept.received),
            Level(kept.promised),
            kept.receipt.clone(),
        );
        if let Some(KeptEnding { ending, why, .. }) = ending {
            record.why = why;
            self.ended(&mut record, &ending);
        }
        record
    }

    fn ended(&self, record: &mut Record, ending: &Ending) {
        match ending {
            Ending::Expired => record.stage = Stage::Expired,
            Ending::Dropped => record.stage = Stage::Dropped,
            Ending::Result { settled, spot, outcomes } => {
                let Spot { level, index, number, batch, message, cosigned } = spot;
                record.result = Some(*settled);
                record.batch.clone_from(batch);
                record.message.clone_from(message);
                record.cosigned = batch.as_ref().map(|_| *cosigned);
                record.level = Some(*level);
                record.index = Some(*index);
                record.transaction = Some(*number);
                record.outcomes = outcomes.each().map(|one| outcome(&one)).collect();
                let tip = self.mempool.as_ref().and_then(|mempool| mempool.tip());
                let finalized = tip.map_or(Level(0), |tip| tip.finalized);
                let cemented = self.tip.as_ref().map_or(Level(0), |tip| tip.cemented);
                record.stage = match settled {
                    _ if *level <= cemented.0 => Stage::Cemented,
                    _ if *level <= finalized.0 => Stage::Final,
                    Settled::Applied => Stage::Applied,
                    Settled::Failed => Stage::Failed,
                };
            }
        }
    }

    /// A batch: one that is open, or one that the journal has.
    pub(super) fn batch_answer(&self, id: &Hash32) -> Result<Option<BatchAnswer>, StartError> {
        if let Some(batch) = self.mempool.as_ref().and_then(|mempool| mempool.batch_of(id)) {
            return Ok(Some(open_answer(batch)));
        }
        let kept = self.parts.journal.batch(id)?;
        Ok(kept.and_then(|kept| self.old_batch(id, &kept)))
    }

    /// The batches that have no final result yet, the first of them.
    pub(super) fn open_batches(&self) -> OpenBatchesAnswer {
        let Some(mempool) = &self.mempool else {
            return OpenBatchesAnswer { pending: 0, count: 0, batches: Vec::new() };
        };
        let batches = mempool.batches().take(OPEN_BATCHES).map(|(_, batch)| summary(batch));
        OpenBatchesAnswer {
            pending: count(mempool.in_no_batch()),
            count: count(mempool.batches().count()),
            batches: batches.collect(),
        }
    }

    fn old_batch(&self, id: &Hash32, kept: &KeptBatch) -> Option<BatchAnswer> {
        let rollup = self.parts.known.rollup()?;
        let (message, batch) = recovery::read_message(kept, &rollup)?;
        let mut unsigned = batch.clone();
        unsigned.individually_signed = inbox::v2::IndividuallySigned::Nobody;
        unsigned.signature = None;
        let (stage, place) = match kept.progress {
            KeptProgress::Sealed => (BatchStage::Sealed, None),
            KeptProgress::Sent(_) => (BatchStage::Sent, None),
            KeptProgress::Accepted(level, index) => (BatchStage::Accepted, Some((level, index))),
            KeptProgress::Refused(level, index) => (BatchStage::Dropped, Some((level, index))),
        };
        let signers = count(batch.signings());
        let individual = count(kept.individual.len());
        Some(BatchAnswer {
            id: id.to_string(),
            stage,
            content: hex::encode(unsigned.encode()),
            deadline_ms: None,
            signers,
            signed: signers.saturating_sub(individual),
            individual,
            transactions: kept.transactions.clone(),
            bytes: Some(count(message.len())),
            message: kept.message_id.clone(),
            level: place.map(|(level, _)| level),
            index: place.map(|(_, index)| index),
        })
    }

    /// What a client has to know before it signs.
    pub(super) fn quote(&self) -> Result<Quote, Refused> {
        let not_yet = || away(&Away("it has not answered yet".to_owned()));
        let rollup = self.parts.known.rollup().ok_or_else(not_yet)?;
        let tip = self.tip.as_ref().ok_or_else(not_yet)?;
        let options = &self.parts.options;
        let level = tip.head.block().level.0;
        let mut fees = Vec::new();
        for (ticket, price) in options.fees.iter().flat_map(|fees| &fees.prices) {
            let hash = ticket.hash();
            let index = tip.finalized.ledger(|ledger| ledger.find_ticket(&hash));
            fees.push(Fee {
                ticket: TicketText {
                    index: index.map_err(|error| away(&error))?.map(|index| index.0),
                    ticketer: ticket.ticketer.to_string(),
                    content: hex::encode(ticket.content.to_micheline()),
                },
                price: price.to_string(),
            });
        }
        let millis =
            |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Ok(Quote {
            rollup: rollup.to_string(),
            level,
            account: options.fees.as_ref().map(|fees| fees.account.to_string()),
            fees,
            expires: on_grid(level),
            round_ms: millis(options.timing.round),
            window_ms: millis(options.timing.window),
            max_wait_ms: millis(options.timing.max_wait),
            promised_levels: options.promised_levels,
            acceptance_key: self.parts.key.to_text(),
            limits: QuoteLimits {
                transactions_per_request: count(TRANSACTIONS_PER_REQUEST),
                pending_per_account: options.pending_per_account,
                gap: options.gap,
                gap_ms: millis(options.gap_time),
                pending: options.pending,
                max_valid_levels: MAX_VALID_LEVELS,
                transactions_per_second: options.transactions_per_second,
                streams_per_address: options.streams_per_address,
            },
        })
    }
}

/// The last level to sign now, rounded up to the grid.
fn on_grid(level: i32) -> i32 {
    let grid = i32::try_from(EXPIRY_GRID).unwrap_or(1);
    let valid = i32::try_from(VALID_LEVELS).unwrap_or(0);
    let last = level.saturating_add(valid).saturating_add(grid - 1);
    last - last.rem_euclid(grid)
}

fn in_batch(record: &mut Record, batch: &OpenBatch, number: u32) {
    record.batch = Some(batch.id.to_string());
    record.transaction = Some(number);
    record.cosigned = batch.is_cosigned(number);
    record.message.clone_from(&batch.message_id);
    record.stage = match batch.progress {
        // While its signatures are checked it may still be given back.
        Progress::Offered | Progress::Closing => {
            record.deadline_ms = Some(batch.closes.0);
            Stage::Offered
        }
        Progress::Sealed | Progress::Injecting => Stage::Sealed,
        Progress::Sent { .. } => Stage::Sent,
        Progress::Included(message) | Progress::Accepted(message) | Progress::Refused(message) => {
            record.level = Some(message.level.0);
            record.index = Some(message.index);
            Stage::Included
        }
    };
}

fn summary(batch: &OpenBatch) -> OpenBatchSummary {
    let length = batch.message.as_ref().map_or(batch.content.len(), |message| message.len());
    OpenBatchSummary {
        id: batch.id.to_string(),
        stage: batch.stage(),
        deadline_ms: deadline(batch),
        transactions: count(batch.transactions.len()),
        signers: count(batch.signings.len()),
        signed: count(signed(batch)),
        bytes: count(length),
        level: place(batch).map(|message| message.level.0),
    }
}

fn open_answer(batch: &OpenBatch) -> BatchAnswer {
    let place = place(batch);
    BatchAnswer {
        id: batch.id.to_string(),
        stage: batch.stage(),
        content: hex::encode(&batch.content),
        deadline_ms: deadline(batch),
        signers: count(batch.signings.len()),
        signed: count(signed(batch)),
        individual: count(batch.individual.len()),
        transactions: batch.transactions.iter().map(ToString::to_string).collect(),
        bytes: batch.message.as_ref().map(|message| count(message.len())),
        message: batch.message_id.clone(),
        level: place.map(|message| message.level.0),
        index: place.map(|message| message.index),
    }
}

fn deadline(batch: &OpenBatch) -> Option<u64> {
    (batch.progress == Progress::Offered).then_some(batch.closes.0)
}

/// The message of a batch that is in a level.
fn place(batch: &OpenBatch) -> Option<MessageId> {
    match batch.progress {
        Progress::Included(message) | Progress::Accepted(message) | Progress::Refused(message) => {
            Some(message)
        }
        _ => None,
    }
}

/// How many signings have a signature of the batch.
fn signed(batch: &OpenBatch) -> usize {
    let without = match batch.message {
        Some(_) => batch.individual.len(),
        None => batch.without_signature(),
    };
    batch.signings.len().saturating_sub(without)
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
