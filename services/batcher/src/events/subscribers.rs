//! Who is told what: each event goes to the subscribers of its accounts alone. A subscriber that is too slow is cut off.

#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::{EventKind, MissedEvent};
use encoding::{Hash32, Tz4Address};
use layer1::plain::grouped;
use tokio::sync::mpsc::{self, Receiver, Sender};

use super::{Event, Subscription};
use crate::error::Refused;
use crate::limits::{KEPT_EVENTS, SUBSCRIBER_QUEUE, SUBSCRIBERS};
use crate::metrics::{Counters, add, set};
use crate::moment::Moment;

/// Something that happened. What is told of it is made when somebody is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    /// There is a new head: all are told, in this JSON.
    Level(Arc<str>),
    /// A transaction has come further: its accounts are told.
    Transaction(Hash32, Vec<Tz4Address>),
    /// A batch is offered: those of these accounts who sign are told.
    Offer(u64, Arc<BTreeSet<Tz4Address>>),
}

impl Happening {
    fn kind(&self) -> EventKind {
        match self {
            Happening::Level(_) => EventKind::Level,
            Happening::Transaction(..) => EventKind::Transaction,
            Happening::Offer(..) => EventKind::Offer,
        }
    }
}

/// Says what is told of something to those who follow these accounts; nothing if it is over.
type Say<'a> = &'a mut dyn FnMut(&Happening, &[Tz4Address]) -> Option<Arc<str>>;

struct Subscriber {
    accounts: BTreeSet<Tz4Address>,
    cosign: bool,
    from: IpAddr,
    sender: Sender<Arc<Event>>,
    /// What it is told next.
    waiting: Vec<Arc<Event>>,
}

impl Subscriber {
    /// Those of its accounts that something is about; `None` if it is not told.
    fn about(&self, what: &Happening) -> Option<Vec<Tz4Address>> {
        let mine = |all: &mut dyn Iterator<Item = &Tz4Address>| -> Option<Vec<Tz4Address>> {
            let mine: Vec<_> = all.filter(|one| self.accounts.contains(*one)).copied().collect();
            (!mine.is_empty()).then_some(mine)
        };
        match what {
            Happening::Level(_) => Some(Vec::new()),
            Happening::Transaction(_, accounts) => mine(&mut accounts.iter()),
            // Whichever of the two is shorter is gone through.
            Happening::Offer(_, asked) if self.cosign && asked.len() < self.accounts.len() => {
                mine(&mut asked.iter())
            }
            Happening::Offer(_, asked) if self.cosign => {
                let all = self.accounts.iter().filter(|one| asked.contains(*one)).copied();
                let all: Vec<_> = all.collect();
                (!all.is_empty()).then_some(all)
            }
            Happening::Offer(..) => None,
        }
    }
}

/// All subscribers, and the events that are kept for those who come back.
pub(crate) struct Subscribers {
    next_event: u64,
    kept: VecDeque<(u64, Happening)>,
    next: u64,
    all: HashMap<u64, Subscriber>,
    by_account: HashMap<Tz4Address, Vec<u64>>,
    by_address: HashMap<IpAddr, u32>,
    /// Those for whom something waits.
    told: Vec<u64>,
    per_address: u32,
    counters: Arc<Counters>,
}

impl Subscribers {
    /// The accounts for which somebody signs batches, once for each stream.
    pub(crate) fn signing(&self) -> impl Iterator<Item = Tz4Address> + '_ {
        let signing = self.all.values().filter(|one| one.cosign);
        signing.flat_map(|one| one.accounts.iter().copied())
    }

    /// Nobody yet. Ids of events are greater than those that a batcher before had given out by this moment.
    pub(crate) fn new(now: Moment, per_address: u32, counters: Arc<Counters>) -> Self {
        Subscribers {
            // More than a thousand events a millisecond were never told.
            next_event: now.0.saturating_mul(1_000).max(1),
            kept: VecDeque::new(),
            next: 0,
            all: HashMap::new(),
            by_account: HashMap::new(),
            by_address: HashMap::new(),
            told: Vec::new(),
            per_address,
            counters,
        }
    }

    /// Whether there is no room for another subscriber, unless some are gone.
    pub(crate) fn is_full(&self, from: &IpAddr) -> bool {
        self.all.len() >= SUBSCRIBERS
            || self.by_address.get(from).copied().unwrap_or(0) >= self.per_address
    }

    /// Another subscriber, with the events that it has missed, as `say` tells them.
    pub(crate) fn subscribe(
        &mut self,
        subscription: Subscription,
        from: IpAddr,
        say: Say<'_>,
    ) -> Result<Receiver<Arc<Event>>, Refused> {
        let streams = self.by_address.get(&from).copied().unwrap_or(0);
        if streams >= self.per_address {
            let message = format!(
                "{from} has {} event streams: at most {}",
                grouped(streams),
                grouped(self.per_address)
            );
            return Err(Refused::new(batcher_api::Code::RateLimited, message).after(1));
        }
        if self.all.len() >= SUBSCRIBERS {
            return Err(Refused::busy("too many event streams"));
        }
        let (sender, receiver) = mpsc::channel(SUBSCRIBER_QUEUE);
        let accounts: BTreeSet<Tz4Address> = subscription.accounts.into_iter().collect();
        let cosign = subscription.cosign;
        let subscriber = Subscriber { accounts, cosign, from, sender, waiting: Vec::new() };
        if let Some(since) = subscription.since {
            self.resume(&subscriber, since, say);
        }
        let number = self.next;
        self.next += 1;
        for account in &subscriber.accounts {
            self.by_account.entry(*account).or_default().push(number);
        }
        *self.by_address.entry(from).or_default() += 1;
        self.all.insert(number, subscriber);
        set(&self.counters.subscribers, self.all.len());
        Ok(receiver)
    }

    /// Tells one who comes back what it has missed, as far as that is kept and it has room.
    fn resume(&self, subscriber: &Subscriber, since: u64, say: Say<'_>) {
        let oldest = self.kept.front().map_or(self.next_event, |(id, _)| *id);
        let first = self.kept.partition_point(|(id, _)| *id <= since);
        let missed: Vec<(u64, &Happening, Vec<Tz4Address>)> = self
            .kept
            .iter()
            .skip(first)
            .filter_map(|(id, what)| subscriber.about(what).map(|about| (*id, what, about)))
            .collect();
        // Half of its queue is for what comes meanwhile.
        let skipped = missed.len().saturating_sub(SUBSCRIBER_QUEUE / 2);
        let lost = match missed.get(skipped) {
            Some((id, ..)) if skipped > 0 => Some(id.saturating_sub(1)),
            _ if since.saturating_add(1) < oldest => Some(oldest.saturating_sub(1)),
            // An id that was never given out: what it stands for is not known.
            _ if since >= self.next_event => Some(self.next_event.saturating_sub(1)),
            _ => None,
        };
        if let Some(to) = lost {
            let missed = MissedEvent { from: since.saturating_add(1).min(to), to };
            let data = serde_json::to_string(&missed).unwrap_or_default();
            let event = Event { id: to, kind: EventKind::Missed, data: data.into() };
            let _ = subscriber.sender.try_send(Arc::new(event));
        }
        for (id, what, about) in missed.iter().skip(skipped) {
            if let Some(data) = say(what, about) {
                let event = Event { id: *id, kind: what.kind(), data };
                let _ = subscriber.sender.try_send(Arc::new(event));
            }
        }
    }

    /// Tells of something, once [`Self::send`] is called.
    pub(crate) fn tell(&mut self, what: Happening, say: Say<'_>) {
        let id = self.next_event;
        self.next_event += 1;
        let numbers: BTreeSet<u64> = match &what {
            Happening::Level(_) => self.all.keys().copied().collect(),
            Happening::Transaction(_, accounts) => self.of(&mut accounts.iter()),
            Happening::Offer(_, asked) => self.of(&mut asked.iter()),
        };
        // Most subscribers of a transaction are told the same.
        let mut said: Option<Arc<Event>> = None;
        for number in numbers {
            let Some(subscriber) = self.all.get_mut(&number) else { continue };
            let Some(about) = subscriber.about(&what) else { continue };
            let event = match (&what, &said) {
                (Happening::Level(_) | Happening::Transaction(..), Some(event)) => {
                    Arc::clone(event)
                }
                _ => {
                    let Some(data) = say(&what, &about) else { continue };
                    let event = Arc::new(Event { id, kind: what.kind(), data });
                    said = Some(Arc::clone(&event));
                    event
                }
            };
            if subscriber.waiting.is_empty() {
                self.told.push(number);
            }
            subscriber.waiting.push(event);
        }
        self.kept.push_back((id, what));
        while self.kept.len() > KEPT_EVENTS {
            self.kept.pop_front();
        }
    }

    /// Sends what was told since the last time: all that one subscriber is told at once, so that it goes over its
    /// connection in one piece. Returns those who are gone, or were cut off as they were too slow.
    pub(crate) fn send(&mut self) -> Vec<Gone> {
        let mut gone = Vec::new();
        for number in std::mem::take(&mut self.told) {
            let Some(subscriber) = self.all.get_mut(&number) else { continue };
            let events = std::mem::take(&mut subscriber.waiting);
            let is_full = match subscriber.sender.try_reserve_many(events.len()) {
                Ok(room) => {
                    room.zip(events).for_each(|(place, event)| place.send(event));
                    continue;
                }
                Err(error) => matches!(error, mpsc::error::TrySendError::Full(())),
            };
            add(&self.counters.cut_off, usize::from(is_full));
            gone.extend(self.remove(number));
        }
        gone
    }

    fn of(&self, accounts: &mut dyn Iterator<Item = &Tz4Address>) -> BTreeSet<u64> {
        accounts.filter_map(|account| self.by_account.get(account)).flatten().copied().collect()
    }

    /// Forgets those who are gone.
    pub(crate) fn sweep(&mut self) -> Vec<Gone> {
        let closed = self.all.iter().filter(|(_, one)| one.sender.is_closed());
        let closed: Vec<u64> = closed.map(|(number, _)| *number).collect();
        closed.into_iter().filter_map(|number| self.remove(number)).collect()
    }

    fn remove(&mut self, number: u64) -> Option<Gone> {
        let subscriber = self.all.remove(&number)?;
        for account in &subscriber.accounts {
            if let Some(numbers) = self.by_account.get_mut(account) {
                numbers.retain(|one| *one != number);
                if numbers.is_empty() {
                    self.by_account.remove(account);
                }
            }
        }
        if let Some(streams) = self.by_address.get_mut(&subscriber.from) {
            *streams = streams.saturating_sub(1);
            if *streams == 0 {
                self.by_address.remove(&subscriber.from);
            }
        }
        set(&self.counters.subscribers, self.all.len());
        let accounts = if subscriber.cosign { subscriber.accounts } else { BTreeSet::new() };
        Some(Gone { accounts })
    }
}

/// A subscriber that is told nothing any more.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gone {
    /// The accounts for which it signed.
    pub(crate) accounts: BTreeSet<Tz4Address>,
}
