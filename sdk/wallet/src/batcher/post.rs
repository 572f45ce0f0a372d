//! Submits transactions to a batcher. Doing it again changes nothing: the id of each is its hash.

use std::thread;

use batcher_api::limits::TRANSACTIONS_PER_REQUEST;
use batcher_api::{
    ApiError, Code, Record, SignatureText, SubmissionRequest, SubmissionResult,
    SubmittedTransaction,
};
use encoding::{Hash32, Tz4Address};

use super::error::BatcherError;
use super::http::Batcher;
use super::receipt::{KeptReceipt, ReceiptProblem};
use crate::limits::BATCHER_PAUSE;
use crate::patience::Patience;
use crate::signer::SignerSignature;
use crate::transaction::Signable;

/// A transaction that a batcher has accepted, now or before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// What it knows of it.
    pub record: Record,
    /// Its word that it has taken it, if that is worth anything.
    pub receipt: Result<KeptReceipt, ReceiptProblem>,
}

/// What became of a transaction that was posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Which.
    pub hash: Hash32,
    /// Accepted, or why not.
    pub answer: Result<Box<Accepted>, ApiError>,
}

impl Batcher {
    /// Submits transactions that all their signers have signed, in their order. Of those who are not `registered`,
    /// the proof of possession is sent along. As long as there is patience, a batcher that is away or busy is asked
    /// again.
    ///
    /// # Errors
    /// When somebody has not signed; when the batcher does not answer, refuses a whole request, or its answer is
    /// malformed. It may have taken some.
    pub fn post(
        &self,
        signables: &[Signable],
        registered: &[Tz4Address],
        patience: &Patience<'_>,
    ) -> Result<Vec<Posted>, BatcherError> {
        let submitted = signables.iter().map(|one| submitted(one, registered));
        let mut left: Vec<(usize, SubmittedTransaction)> =
            submitted.collect::<Result<Vec<_>, _>>()?.into_iter().enumerate().collect();
        let most = usize::try_from(self.quote().limits.transactions_per_request);
        let most = most.unwrap_or(usize::MAX).clamp(1, TRANSACTIONS_PER_REQUEST);
        let mut posted: Vec<Option<Posted>> = vec![None; signables.len()];
        loop {
            let mut again = Vec::new();
            for some in left.chunks(most) {
                let transactions = some.iter().map(|(_, one)| one.clone()).collect();
                let request = SubmissionRequest { transactions };
                let answer = self.submit_patiently(&request, patience)?;
                for ((at, one), result) in some.iter().zip(answer) {
                    let Some(sent) = signables.get(*at) else { continue };
                    let result = self.posted(sent, result)?;
                    let is_later = result.answer.as_ref().is_err_and(is_passing);
                    if is_later && !patience.is_over() && !patience.is_interrupted() {
                        again.push((*at, one.clone()));
                    }
                    if let Some(place) = posted.get_mut(*at) {
                        *place = Some(result);
                    }
                }
            }
            if again.is_empty() {
                return Ok(posted.into_iter().flatten().collect());
            }
            left = again;
            thread::sleep(BATCHER_PAUSE);
        }
    }

    /// Sends one request, again as long as that may help.
    fn submit_patiently(
        &self,
        request: &SubmissionRequest,
        patience: &Patience<'_>,
    ) -> Result<Vec<SubmissionResult>, BatcherError> {
        loop {
            let error = match self.submit(request) {
                Ok(answer) => return Ok(answer.results),
                Err(error) => error,
            };
            if !error.is_passing() || patience.is_over() || patience.is_interrupted() {
                return Err(error);
            }
            thread::sleep(match error {
                BatcherError::Refused { after: Some(after), .. } => after,
                _ => BATCHER_PAUSE,
            });
        }
    }

    /// What became of one, if the answer is about it.
    fn posted(&self, sent: &Signable, result: SubmissionResult) -> Result<Posted, BatcherError> {
        const PATH: &str = "/v1/transactions";
        let hash = sent.hash();
        let SubmissionResult { hash: told, record, error } = result;
        if told.is_some_and(|told| told != hash.to_string()) {
            return Err(self.malformed(PATH, "a result of another transaction"));
        }
        let answer = match (record, error) {
            (Some(record), None) if record.hash == hash.to_string() => {
                let receipt = KeptReceipt::of(self, &hash, &record);
                Ok(Box::new(Accepted { record, receipt }))
            }
            (None, Some(error)) => Err(error),
            (Some(_), None) => {
                return Err(self.malformed(PATH, "the record of another transaction"));
            }
            _ => return Err(self.malformed(PATH, "neither a record nor an error")),
        };
        Ok(Posted { hash, answer })
    }
}

/// Whether the same transaction may be accepted later.
fn is_passing(error: &ApiError) -> bool {
    matches!(error.code_of::<Code>(), Some(Code::RateLimited | Code::Busy | Code::NodeAway))
}

/// A transaction as it is submitted.
fn submitted(
    signable: &Signable,
    registered: &[Tz4Address],
) -> Result<SubmittedTransaction, BatcherError> {
    let text = |signed: &SignerSignature| SignatureText {
        account: signed.account().to_string(),
        key: keys::public_key_text(&signed.key),
        signature: hex::encode(signed.signature.to_compressed()),
        proof: (!registered.contains(&signed.account())).then(|| hex::encode(signed.proof)),
    };
    let signatures = signable.signers().into_iter().map(|signer| {
        let missing = || BatcherError::NotSigned { hash: signable.hash(), account: signer };
        signable.signature_of(&signer).map(text).ok_or_else(missing)
    });
    Ok(SubmittedTransaction {
        transaction: hex::encode(signable.transaction().encode()),
        signatures: signatures.collect::<Result<_, _>>()?,
        rollup: Some(signable.rollup().to_string()),
        hash: Some(signable.hash().to_string()),
        ..SubmittedTransaction::default()
    })
}
