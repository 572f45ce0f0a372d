//! Gives transactions to a batcher, keeps its receipts, and stays with them until a node has them.

use std::time::Duration;

use batcher_api::{Record, Stage};
use encoding::Hash32;
use serde_json::{Value, json};
use wallet::batcher::Posted;
use wallet::batcher::cosign::CoSigner;
use wallet::batcher::receipt::ReceiptLog;
use wallet::batcher::stay::{StayEnd, Stayed};
use wallet::batcher::stream::Events;
use wallet::patience::Patience;
use wallet::payments::PaymentStore;
use wallet::transaction::Signable;

use super::super::error::result::ResultError;
use super::super::error::via::{ViaError, told};
use super::super::folders;
use super::super::interrupt::patience;
use super::super::session::Session;
use super::ThroughBatcher;
use super::words::Narrator;
use crate::cli::groups::{PaymentsArgs, SendingArgs};
use crate::error::Failure;

/// How long a batcher is asked again where nothing is waited for.
const POSTING_TIME: Duration = Duration::from_secs(5);

/// How something is given to a batcher.
pub(in crate::wallet) struct Posting<'a> {
    /// Where receipts are kept: beside the records of payments.
    pub records: &'a PaymentsArgs,
    /// How it is sent.
    pub args: &'a SendingArgs,
    /// Who signs the batches, and where it is recorded before that.
    pub cosigner: Option<(CoSigner<'a>, &'a PaymentStore)>,
    /// What to do if the batcher does not send it.
    pub hint: String,
}

impl Session<'_> {
    /// Gives transactions to a batcher, and stays until it has given them to a node. What it said goes into the
    /// report, whatever becomes of them.
    pub fn post(
        &self,
        through: &ThroughBatcher,
        signed: &[Signable],
        posting: Posting<'_>,
        report: &mut Value,
    ) -> Result<(), Failure> {
        if signed.is_empty() {
            return Ok(());
        }
        let Posting { records, args, cosigner, hint } = posting;
        let batcher = &through.batcher;
        report["batcher"] = json!({"url": batcher.url(), "records": [], "not_signed": []});
        let mut registered = Vec::new();
        for account in signed.iter().flat_map(Signable::signers) {
            if !registered.contains(&account) && self.wallet.is_registered_for_good(&account)? {
                registered.push(account);
            }
        }
        // The batcher counts on whoever listens before they post.
        let (cosigner, store) = cosigner.unzip();
        let account = cosigner.as_ref().map(|one| one.meant().account());
        let events = account.map(|account| Events::subscribe(batcher, &[account], true));
        if let Some(events) = &events {
            let _ = events.wait_open();
        }
        let time = if args.wait.wait.is_some() { args.wait.time() } else { POSTING_TIME };
        let patience_to_post: Patience<'_> = patience(self.wallet.node(), time);
        let posted = batcher.post(signed, &registered, &patience_to_post)?;
        self.keep_receipts(&posted, records)?;
        refused(&posted, &hint)?;

        let hashes: Vec<Hash32> = signed.iter().map(Signable::hash).collect();
        let first = hashes.first().map(ToString::to_string).unwrap_or_default();
        let mut narrator = Narrator::new(self, hashes.len());
        let cosigners: Vec<CoSigner<'_>> = cosigner.into_iter().collect();
        if !through.cosign && args.wait.wait.is_none() {
            // Nobody stays: what was accepted is said, and that is all.
            let accepted = posted.iter().filter_map(|one| one.answer.as_ref().ok());
            let records: Vec<Option<Record>> =
                accepted.map(|one| Some(one.record.clone())).collect();
            for record in records.iter().flatten() {
                narrator.say(&wallet::batcher::stay::News::Stage(record));
            }
            report["batcher"]["records"] = json!(records);
            return Ok(());
        }
        let time = args.wait.time().min(batcher.sending_time());
        let mut tell = |news: &wallet::batcher::stay::News<'_>| narrator.say(news);
        let stayed = batcher.stay(
            &hashes,
            events.as_ref(),
            &cosigners,
            Stage::Sent,
            &patience(self.wallet.node(), time),
            &mut |offer| match store {
                Some(store) => {
                    let recorded = self.wallet.record_cosigned(store, offer);
                    recorded.map_err(|error| error.to_string())
                }
                None => Err("there is no record of payments".to_owned()),
            },
            &mut tell,
        );
        report["batcher"]["records"] = json!(stayed.records);
        report["batcher"]["not_signed"] = stayed
            .refused
            .iter()
            .map(|(offer, problem)| {
                json!({"batch": layer1::plain::one_line(&offer.batch), "problem": problem.to_string()})
            })
            .collect();
        ended(stayed, &first, hint, args.wait.wait.is_some())
    }

    /// Keeps the receipts that are good, and tells of those that are not.
    fn keep_receipts(&self, posted: &[Posted], records: &PaymentsArgs) -> Result<(), Failure> {
        let folder = folders::payments_folder(records)?;
        let mut good = Vec::new();
        for one in posted {
            let Ok(accepted) = &one.answer else { continue };
            match &accepted.receipt {
                Ok(receipt) => good.push(receipt.clone()),
                Err(problem) => self.ui.tell(&format!(
                    "WARNING: the batcher's receipt of {} is worth nothing: {problem}\n",
                    one.hash
                )),
            }
        }
        Ok(ReceiptLog::in_folder(&folder, self.wallet.rollup()).add(&good)?)
    }
}

/// Fails if one was refused: the first of them.
fn refused(posted: &[Posted], hint: &str) -> Result<(), Failure> {
    let refused = posted.iter().find_map(|one| Some((one.hash, one.answer.as_ref().err()?)));
    let Some((hash, error)) = refused else { return Ok(()) };
    let (message, code) = told(error);
    let (hash, hint) = (hash.to_string(), hint.to_owned());
    Err(ViaError::Refused { hash, message, code, hint }.into())
}

/// What is to be said when nobody stays any longer. Where a result is waited for, a batcher that has become silent
/// does not end that: a node is asked for it.
fn ended(stayed: Stayed, first: &str, hint: String, waits: bool) -> Result<(), Failure> {
    let asks = format!("toru tx show {first} says how far it is");
    let dead = stayed.records.iter().flatten().find(|one| one.stage >= Stage::Dropped);
    if let Some(record) = dead {
        let why = record.why.as_ref().map(|why| {
            let (message, code) = told(why);
            format!(": {message} ({code})")
        });
        return Err(ViaError::GivenUp {
            hash: layer1::plain::one_line(&record.hash),
            stage: record.stage.word(),
            why: why.unwrap_or_default(),
            hint,
        }
        .into());
    }
    match stayed.end {
        StayEnd::Interrupted => {
            let interrupted: Failure = ResultError::Interrupted(None).into();
            Err(interrupted.with_hint(asks))
        }
        StayEnd::Away(error) if !waits => {
            let problem = format!("{error}; it had accepted {first}");
            Err(ResultError::Away { problem, hint: format!("{asks}; {hint}") }.into())
        }
        // It may still be applied; without a stage to wait for, that is all there is to say.
        StayEnd::Reached | StayEnd::Timeout | StayEnd::Away(_) => Ok(()),
    }
}
