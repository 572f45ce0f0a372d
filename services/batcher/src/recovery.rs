//! After a start: what the journal has is put back into the mempool. Nothing is sent before the node has said what
//! became of what was sealed or sent; and what was sealed is sent as the same bytes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use batcher_api::{Receipt, SignedTransaction};
use encoding::{Hash32, Level, MessageId, RollupAddress, Tz4Address};
use inbox::v2::{Batch, IndividuallySigned};
use wallet::inboxes::batch_in;

use crate::admission::Verified;
use crate::error::StartError;
use crate::journal::{Contents, Journal, KeptBatch, KeptProgress, KeptTransaction};
use crate::mempool::Restored;
use crate::moment::Moment;
use crate::pool::{Entry, QueueKind, Status};
use crate::rounds::{GivenSignatures, OpenBatch, Progress, Signing};

/// The row of a transaction.
pub(crate) fn kept_transaction(entry: &Entry) -> KeptTransaction {
    KeptTransaction {
        submitted: (*entry.tx.submitted).clone(),
        expires: entry.tx.expires.0,
        received: entry.received.0,
        promised: entry.promised.0,
        receipt: Receipt::clone(&entry.receipt),
        since: entry.since.0,
    }
}

/// The row of a batch, once it is sealed.
pub(crate) fn kept_batch(number: u64, batch: &OpenBatch) -> Option<KeptBatch> {
    let message = hex::encode(batch.message.as_ref()?);
    let progress = match batch.progress {
        Progress::Offered | Progress::Closing | Progress::Sealed | Progress::Injecting => {
            KeptProgress::Sealed
        }
        Progress::Sent { since } => KeptProgress::Sent(since.0),
        Progress::Included(message) => KeptProgress::Sent(message.level.0),
        Progress::Accepted(message) => KeptProgress::Accepted(message.level.0, message.index),
        Progress::Refused(message) => KeptProgress::Refused(message.level.0, message.index),
    };
    Some(KeptBatch {
        number,
        message,
        transactions: batch.transactions.iter().map(ToString::to_string).collect(),
        individual: batch.individual.clone(),
        progress,
        message_id: batch.message_id.clone(),
    })
}

/// The message of a row, and the batch in it.
pub(crate) fn read_message(kept: &KeptBatch, rollup: &RollupAddress) -> Option<(Vec<u8>, Batch)> {
    let message = hex::decode(&kept.message).ok()?;
    let batch = batch_in(&message, rollup)?;
    Some((message, batch))
}

/// What a journal has that has not come to its end.
pub(crate) fn restore(journal: &Journal, rollup: &RollupAddress) -> Result<Restored, StartError> {
    read(journal, journal.contents()?, rollup)
}

/// What was final, and is not any more as the chain has gone back to this level.
pub(crate) fn reopen(
    journal: &Journal,
    rollup: &RollupAddress,
    common: Level,
) -> Result<Restored, StartError> {
    read(journal, journal.reopen(common)?, rollup)
}

/// What was read once can be read again. If it cannot, the batcher does not start: nothing that was accepted is passed
/// over in silence.
fn read(
    journal: &Journal,
    contents: Contents,
    rollup: &RollupAddress,
) -> Result<Restored, StartError> {
    let mut restored = Restored::default();
    let mut accounts: HashMap<Hash32, Vec<Tz4Address>> = HashMap::new();
    for (hash, kept, ending) in contents.transactions {
        let signed = SignedTransaction::read(&kept.submitted, rollup);
        let signed =
            signed.map_err(|error| journal.damaged(&format!("transaction {hash}: {error}")))?;
        let signers = signed.signers.iter().map(|signer| signer.account).collect();
        accounts.insert(hash, signers);
        let expires = Level(kept.expires);
        let tx = Arc::new(Verified::new(&signed, expires, Arc::new(kept.submitted)));
        let (status, why) = match ending {
            Some(ended) => (Status::Ended(ended.ending), ended.why),
            None => (Status::Ready, None),
        };
        restored.entries.push(Entry {
            tx,
            received: Level(kept.received),
            promised: Level(kept.promised),
            receipt: Arc::new(kept.receipt),
            since: Moment(kept.since),
            status,
            order: 0,
            queue: QueueKind::default(),
            why,
            refusals: 0,
            unsealable: false,
            was_sealed: true,
        });
    }
    for (id, kept) in contents.batches {
        let read = read_message(&kept, rollup);
        let (message, batch) =
            read.ok_or_else(|| journal.damaged(&format!("batch {id} has no message of a batch")))?;
        restored.batches.push(open_batch(id, &kept, message, batch, &accounts));
    }
    Ok(restored)
}

fn open_batch(
    id: Hash32,
    kept: &KeptBatch,
    message: Vec<u8>,
    mut batch: Batch,
    accounts: &HashMap<Hash32, Vec<Tz4Address>>,
) -> OpenBatch {
    batch.individually_signed = IndividuallySigned::Nobody;
    batch.signature = None;
    let hash = |text: &String| {
        let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        Hash32(bytes.unwrap_or_default())
    };
    let transactions: Vec<Hash32> = kept.transactions.iter().map(hash).collect();
    let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let signings = batch.each_signing().map(|one| {
        let of = transactions.get(one.transaction).and_then(|hash| accounts.get(hash));
        Signing {
            transaction: number(one.transaction),
            operation: number(one.operation),
            account: of.and_then(|of| of.get(one.operation)).copied().unwrap_or_default(),
        }
    });
    let signings = signings.collect();
    let progress = match kept.progress {
        KeptProgress::Sealed => Progress::Sealed,
        KeptProgress::Sent(level) => Progress::Sent { since: Level(level) },
        KeptProgress::Accepted(level, index) => {
            Progress::Accepted(MessageId { level: Level(level), index })
        }
        KeptProgress::Refused(level, index) => {
            Progress::Refused(MessageId { level: Level(level), index })
        }
    };
    let mut open = OpenBatch {
        id,
        content: batch.encode().into(),
        batch: Arc::new(batch),
        transactions,
        signings,
        asked: BTreeSet::new(),
        second: false,
        closes: Moment::default(),
        given: GivenSignatures::default(),
        answered: 0,
        right: 0,
        is_proving: false,
        progress,
        message: None,
        individual: Vec::new(),
        individual_transactions: BTreeSet::new(),
        message_id: kept.message_id.clone(),
        attempts: 0,
        not_before: Moment::default(),
    };
    open.seal(message.into(), kept.individual.clone());
    open.progress = progress;
    open
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Write;

    /// Whether a batcher starts over a journal that has this.
    fn starts(write: Write) -> Result<(), StartError> {
        let folder = tempfile::tempdir().unwrap();
        let journal = Journal::open(&folder.path().join("journal.redb")).unwrap();
        journal.commit(&[write], None).unwrap();
        restore(&journal, &RollupAddress([5; 20])).map(drop)
    }

    #[test]
    fn nothing_that_was_accepted_is_passed_over_as_it_cannot_be_read() {
        let kept = KeptTransaction {
            submitted: batcher_api::SubmittedTransaction::default(),
            expires: 100,
            received: 1,
            promised: 11,
            receipt: Receipt { key: String::new(), signature: String::new() },
            since: 0,
        };
        let batch = KeptBatch {
            number: 1,
            message: "01".to_owned(),
            transactions: Vec::new(),
            individual: Vec::new(),
            progress: KeptProgress::Sealed,
            message_id: None,
        };
        for write in [Write::Accepted(Hash32([1; 32]), kept), Write::Batch(Hash32([2; 32]), batch)]
        {
            let error = starts(write).unwrap_err();
            assert!(matches!(error, StartError::Foreign { .. }), "{error}");
        }
    }
}
