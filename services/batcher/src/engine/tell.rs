//! What subscribers are told of: offers, stages, levels.

use std::sync::Arc;

use batcher_api::OfferEvent;
use encoding::{Hash32, Tz4Address};

use super::Engine;
use crate::events::{Gone, Happening, Subscribers};
use crate::rounds::Progress;

impl Engine {
    pub(super) fn tell_offer(&mut self, number: u64) {
        let Some(batch) = self.mempool.as_ref().and_then(|mempool| mempool.batch(number)) else {
            return;
        };
        let asked = Arc::new(batch.asked.clone());
        self.tell(Happening::Offer(number, asked));
    }

    pub(super) fn tell_transaction(&mut self, hash: &Hash32) {
        let Some(entry) = self.mempool.as_ref().and_then(|mempool| mempool.entry(hash)) else {
            return;
        };
        let accounts: Vec<Tz4Address> =
            entry.tx.signers.iter().map(|signer| signer.account).collect();
        self.tell(Happening::Transaction(*hash, accounts));
    }

    pub(super) fn tell(&mut self, what: Happening) {
        let Some(mut subscribers) = self.subscribers.take() else { return };
        subscribers.tell(what, &mut |what, about| self.say(what, about));
        self.subscribers = Some(subscribers);
    }

    /// Sends subscribers what they were told.
    pub(super) fn send(&mut self) {
        let gone = self.subscribers.as_mut().map(Subscribers::send).unwrap_or_default();
        self.gone(gone);
    }

    /// Forgets subscribers that are gone.
    pub(super) fn sweep(&mut self) {
        let gone = self.subscribers.as_mut().map(Subscribers::sweep).unwrap_or_default();
        self.gone(gone);
    }

    /// What is told of something to those who follow these accounts.
    pub(super) fn say(&self, what: &Happening, about: &[Tz4Address]) -> Option<Arc<str>> {
        let text = match what {
            Happening::Level(data) => return Some(Arc::clone(data)),
            Happening::Transaction(hash, _) => {
                serde_json::to_string(&self.record(hash).ok()??).ok()?
            }
            Happening::Offer(number, _) => {
                let batch = self.mempool.as_ref()?.batch(*number)?;
                if batch.progress != Progress::Offered {
                    return None;
                }
                let now = self.parts.clock.now();
                let event = OfferEvent {
                    batch: batch.id.to_string(),
                    content: hex::encode(&batch.content),
                    deadline_ms: batch.closes.0,
                    closes_in_ms: batch.closes.0.saturating_sub(now.0),
                    accounts: about.iter().map(ToString::to_string).collect(),
                };
                serde_json::to_string(&event).ok()?
            }
        };
        Some(text.into())
    }

    /// Subscribers are gone: their accounts are not asked to sign any more.
    pub(super) fn gone(&mut self, gone: Vec<Gone>) {
        let now = self.parts.clock.now();
        let Some(mempool) = &mut self.mempool else { return };
        for account in gone.into_iter().flat_map(|gone| gone.accounts) {
            mempool.presence(account, false, now);
        }
    }
}
