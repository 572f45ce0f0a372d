//! Follows transactions that a batcher has accepted, and signs the batches that they are in.
//!
//! What the batcher tells decides nothing here but when to look: whether a transaction was applied is asked of a
//! rollup node afterwards. A batcher that is silent is asked again, as long as there is patience.

use std::time::{Duration, Instant};

use batcher_api::{CoSigned, OfferEvent, Record, Stage};
use encoding::Hash32;

use super::cosign::CoSigner;
use super::error::BatcherError;
use super::http::Batcher;
use super::offer::{CheckedOffer, OfferProblem};
use super::stream::{Event, Events, Heard};
use crate::limits::{RECORD_PAUSE, REFUSED_OFFERS, SENDING_TIME};
use crate::patience::Patience;

/// How often it is looked whether somebody has interrupted the waiting.
const TICK: Duration = Duration::from_millis(100);

/// Something that happened meanwhile.
#[derive(Debug)]
pub enum News<'a> {
    /// A transaction has come further, or back.
    Stage(&'a Record),
    /// A batch was signed.
    Signed(Hash32),
    /// A batch was signed, and the batcher did not take that.
    NotTaken(&'a OfferEvent, String),
    /// A batch was not signed, as it is not what was meant.
    Refused(&'a OfferEvent, &'a OfferProblem),
    /// Something came that cannot be read.
    Unreadable(String),
    /// The batcher does not answer.
    Away(&'a BatcherError),
}

/// Why the waiting is over.
#[derive(Debug)]
pub enum StayEnd {
    /// All have come as far as they were to, or to an end.
    Reached,
    /// There was no more time.
    Timeout,
    /// Somebody interrupted it.
    Interrupted,
    /// There was no more time, and the batcher had not answered last.
    Away(BatcherError),
}

/// How far transactions have come.
#[derive(Debug)]
pub struct Stayed {
    /// What the batcher said of each last, in their order; nothing of those of which it said nothing.
    pub records: Vec<Option<Record>>,
    /// Why the waiting is over.
    pub end: StayEnd,
    /// Offers that were not signed, as they are not what was meant.
    pub refused: Vec<(OfferEvent, OfferProblem)>,
}

impl Batcher {
    /// How long it takes at most until a transaction that is accepted now is handed to a node: two rounds, and time
    /// for the rest.
    #[must_use]
    pub fn sending_time(&self) -> Duration {
        let quote = self.quote();
        let round = quote.round_ms.saturating_add(quote.window_ms).saturating_mul(2);
        let all = Duration::from_millis(round.saturating_add(quote.max_wait_ms));
        // What it says is its word.
        all.min(SENDING_TIME).saturating_add(SENDING_TIME)
    }

    /// Waits until the batcher says that all transactions have come so far, or to an end. Meanwhile the batches that
    /// they are in are signed, if there is somebody to sign them and these are exactly what is meant. `record` has it on
    /// the disk before a signature is given away ([`crate::pay`] does that): the results are kept under the batch then.
    #[expect(
        clippy::too_many_arguments,
        reason = "what is followed, by whom, how long, and who is told"
    )]
    pub fn stay(
        &self,
        hashes: &[Hash32],
        events: Option<&Events>,
        cosigners: &[CoSigner<'_>],
        until: Stage,
        patience: &Patience<'_>,
        record: &mut dyn FnMut(&CheckedOffer) -> Result<(), String>,
        tell: &mut dyn FnMut(&News<'_>),
    ) -> Stayed {
        let mut stay = Staying {
            batcher: self,
            cosigners,
            hashes,
            records: vec![None; hashes.len()],
            refused: Vec::new(),
            away: None,
            record,
            tell,
        };
        let mut asked: Option<Instant> = None;
        loop {
            if asked.is_none_or(|asked| asked.elapsed() >= RECORD_PAUSE) {
                stay.ask(until);
                asked = Some(Instant::now());
            }
            if stay.is_there(until) {
                return stay.over(StayEnd::Reached);
            }
            if patience.is_interrupted() {
                return stay.over(StayEnd::Interrupted);
            }
            if patience.is_over() {
                let end = stay.away.take().map_or(StayEnd::Timeout, StayEnd::Away);
                return stay.over(end);
            }
            match events.map(|events| events.next_within(TICK)) {
                None => std::thread::sleep(TICK),
                Some(None) => {}
                Some(Some(Heard::Open)) => asked = None,
                Some(Some(Heard::Broken(error))) => {
                    (stay.tell)(&News::Away(&error));
                    stay.away = Some(error);
                }
                Some(Some(Heard::Unreadable(problem))) => {
                    (stay.tell)(&News::Unreadable(problem));
                    asked = None;
                }
                Some(Some(Heard::Event(Event::Offer(offer)))) => stay.sign(offer),
                Some(Some(Heard::Event(Event::Transaction(record)))) => stay.heard(*record),
                Some(Some(Heard::Event(Event::Missed(_)))) => asked = None,
                Some(Some(Heard::Event(Event::Level(_)))) => {}
            }
        }
    }
}

struct Staying<'a, 'k, 't> {
    batcher: &'a Batcher,
    cosigners: &'a [CoSigner<'k>],
    hashes: &'a [Hash32],
    records: Vec<Option<Record>>,
    refused: Vec<(OfferEvent, OfferProblem)>,
    /// Why the batcher did not answer last.
    away: Option<BatcherError>,
    record: &'t mut dyn FnMut(&CheckedOffer) -> Result<(), String>,
    tell: &'t mut dyn FnMut(&News<'_>),
}

impl Staying<'_, '_, '_> {
    fn over(self, end: StayEnd) -> Stayed {
        Stayed { records: self.records, end, refused: self.refused }
    }

    fn is_there(&self, until: Stage) -> bool {
        self.records.iter().all(|one| one.as_ref().is_some_and(|one| one.stage >= until))
    }

    /// Asks how far those are that have not come so far.
    fn ask(&mut self, until: Stage) {
        let is_open = |one: &Option<Record>| one.as_ref().is_none_or(|one| one.stage < until);
        let open = self.hashes.iter().zip(&self.records).filter(|(_, one)| is_open(one));
        let open: Vec<Hash32> = open.map(|(hash, _)| *hash).collect();
        for hash in open {
            match self.batcher.record(&hash) {
                Ok(record) => {
                    self.away = None;
                    self.heard(record);
                }
                // One that does not answer is not asked for all others too.
                Err(error) => {
                    (self.tell)(&News::Away(&error));
                    self.away = Some(error);
                    return;
                }
            }
        }
    }

    fn heard(&mut self, record: Record) {
        let mine = self.hashes.iter().position(|hash| hash.to_string() == record.hash);
        let Some(place) = mine.and_then(|at| self.records.get_mut(at)) else { return };
        let is_news = place
            .as_ref()
            .is_none_or(|before| (before.stage, &before.batch) != (record.stage, &record.batch));
        let record = place.insert(record);
        if is_news {
            (self.tell)(&News::Stage(record));
        }
    }

    /// Signs an offer for everybody who is asked, is here, and means exactly what is in it.
    fn sign(&mut self, offer: OfferEvent) {
        let mut signatures = Vec::new();
        let mut batch = None;
        let asked = self.cosigners.iter().filter(|one| {
            let account = one.meant().account().to_string();
            one.meant().can_sign() && offer.accounts.contains(&account)
        });
        let mut problem = None;
        for cosigner in asked {
            match cosigner.sign(&offer) {
                Ok(signed) => match (self.record)(&signed.offer) {
                    Ok(()) => {
                        batch = Some(signed.offer.batch);
                        signatures.push(signed.signature);
                    }
                    // What is not on the disk is not given away.
                    Err(problem) => (self.tell)(&News::NotTaken(&offer, problem)),
                },
                Err(found) => problem = Some(found),
            }
        }
        if let Some(batch) = batch {
            match self.batcher.sign(&batch, signatures) {
                Ok(answer) => {
                    let refused =
                        answer.results.into_iter().find_map(|CoSigned { error, .. }| error);
                    match refused {
                        None => (self.tell)(&News::Signed(batch)),
                        Some(error) => (self.tell)(&News::NotTaken(&offer, error.to_string())),
                    }
                }
                Err(error) => (self.tell)(&News::NotTaken(&offer, error.to_string())),
            }
        }
        if let Some(problem) = problem {
            (self.tell)(&News::Refused(&offer, &problem));
            // Whoever sends bad offers without end fills nobody's memory.
            if self.refused.len() < REFUSED_OFFERS {
                self.refused.push((offer, problem));
            }
        }
    }
}
