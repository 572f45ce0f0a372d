//! What the engine answers.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::{
    AccountAnswer, ApiError, Code, Simulated, SimulationAnswer, SubmissionAnswer, SubmissionResult,
    TicketBalance, View,
};
use encoding::{Amount, Hash32, TicketIndex, Tz4Address};
use inbox::v2::Transaction;
use tokio::sync::mpsc::Receiver;

use super::command::AccountViews;
use super::{Command, Engine, Next, Reply};
use crate::admission::Checked;
use crate::error::{Refused, StartError};
use crate::events::{Event, Subscription};
use crate::limits::TRANSACTIONS_SHOWN;
use crate::metrics::add;
use crate::pool::{AccountState, Away, Sims};

impl Engine {
    /// Does what it is asked. Answers that tell of what is to be kept wait until it is.
    pub(super) fn command(
        &mut self,
        command: Command,
        sims: &mut Sims<'_>,
    ) -> Result<Option<Next>, StartError> {
        match command {
            Command::Admit(items, reply) => self.admit(items, reply, sims),
            Command::Sign(id, signatures, from, reply) => {
                self.sign(&id, signatures, from, reply);
            }
            Command::Proven(proven) => self.proven(proven),
            Command::Record(hash, reply) => {
                let unknown = || {
                    let message = format!("no transaction {hash} is on record");
                    Refused::new(Code::UnknownTransaction, message)
                };
                let record = self.record(&hash)?;
                let _ = reply.send(record.ok_or_else(unknown));
            }
            Command::Batches(reply) => {
                let _ = reply.send(Ok(self.open_batches()));
            }
            Command::Batch(id, reply) => {
                let unknown =
                    || Refused::new(Code::UnknownBatch, format!("no batch {id} is on record"));
                let batch = self.batch_answer(&id)?;
                let _ = reply.send(batch.ok_or_else(unknown));
            }
            Command::Account(account, views, reply) => {
                let _ = reply.send(self.account(&account, &views, sims));
            }
            Command::Simulate(transactions, reply) => {
                let _ = reply.send(self.simulate(transactions, sims));
            }
            Command::Quote(reply) => {
                let _ = reply.send(self.quote());
            }
            Command::Subscribe(subscription, from, reply) => {
                if self.subscribers.as_ref().is_some_and(|all| all.is_full(&from)) {
                    self.sweep();
                }
                let cosigns = match subscription.cosign {
                    true => subscription.accounts.clone(),
                    false => Vec::new(),
                };
                let answer = self.subscribe(subscription, from);
                if answer.is_ok() {
                    let now = self.parts.clock.now();
                    let accounts: BTreeSet<_> = cosigns.into_iter().collect();
                    if let Some(mempool) = &mut self.mempool {
                        accounts.iter().for_each(|account| mempool.presence(*account, true, now));
                    }
                }
                let _ = reply.send(answer);
            }
            Command::Sealed(sealing) => {
                let now = self.parts.clock.now();
                if let Some(mempool) = &mut self.mempool {
                    mempool.sealed(*sealing, now);
                }
            }
            Command::Report(report) => return self.report(report, sims),
            Command::Stop => return Ok(Some(Next::Stop)),
        }
        Ok(None)
    }

    fn admit(&mut self, items: Vec<Checked>, reply: Reply<SubmissionAnswer>, sims: &mut Sims<'_>) {
        let now = self.parts.clock.now();
        let mut results: Vec<(Option<Hash32>, Option<ApiError>)> = Vec::with_capacity(items.len());
        for item in items {
            add(&self.parts.counters.submitted, 1);
            let result = match item {
                Checked::Unreadable(error) => (None, Some(error)),
                Checked::Refused(hash, error) => (Some(hash), Some(error)),
                Checked::Good(offered) => {
                    let hash = offered.tx.hash;
                    // One that was final long ago is not taken in again: its counter has been used.
                    let taken = match &mut self.mempool {
                        Some(mempool) => mempool.accept(offered, now, sims),
                        None => Err(Refused::busy("it is starting")),
                    };
                    (Some(hash), taken.err().map(|refused| refused.error))
                }
            };
            results.push(result);
        }
        self.answers.push(Box::new(move |engine| {
            let results = results.into_iter().map(|(hash, error)| engine.result(hash, error));
            let _ = reply.send(Ok(SubmissionAnswer { results: results.collect() }));
        }));
    }

    /// What became of a submitted transaction: whatever was wrong with it now, one that is on record is told.
    fn result(&self, hash: Option<Hash32>, error: Option<ApiError>) -> SubmissionResult {
        let record = hash.and_then(|hash| self.record(&hash).ok().flatten());
        let error = match (&record, error) {
            (Some(_), _) => None,
            (None, Some(error)) => Some(error),
            (None, None) => Some(ApiError::new(Code::Busy, "the transaction was not kept")),
        };
        if error.is_some() {
            add(&self.parts.counters.refused, 1);
        }
        SubmissionResult { hash: hash.map(|hash| hash.to_string()), record, error }
    }

    fn account(
        &self,
        account: &Tz4Address,
        views: &AccountViews,
        sims: &mut Sims<'_>,
    ) -> Result<AccountAnswer, Refused> {
        let pending = sims.pending.view(account).map_err(|error| crate::mempool::away(&error))?;
        let next = views.head.0.saturating_add(1);
        let records = self.mempool.as_ref().map(|mempool| {
            let entries = mempool.of_account(account).take(TRANSACTIONS_SHOWN);
            entries.map(|entry| self.record_of(entry)).collect()
        });
        Ok(AccountAnswer {
            account: account.to_string(),
            index: views.finalized.1.index.map(|index| index.0),
            final_: view(views.finalized.0, &views.finalized.1),
            head: view(views.head.0, &views.head.1),
            pending: view(next, &pending),
            transactions: records.unwrap_or_default(),
        })
    }

    fn simulate(
        &mut self,
        transactions: Vec<Result<(Hash32, Transaction), ApiError>>,
        sims: &mut Sims<'_>,
    ) -> Result<SimulationAnswer, Refused> {
        let read: Vec<Transaction> =
            transactions.iter().flatten().map(|(_, transaction)| transaction.clone()).collect();
        let away = |error: Away| crate::mempool::away(&error);
        let mut outcomes = sims.pending.try_all(&read).map_err(away)?.into_iter();
        let results = transactions.into_iter().map(|one| match one {
            Err(error) => Simulated { hash: None, outcomes: Vec::new(), error: Some(error) },
            Ok((hash, _)) => Simulated {
                hash: Some(hash.to_string()),
                outcomes: outcomes
                    .next()
                    .unwrap_or_default()
                    .iter()
                    .map(super::render::outcome)
                    .collect(),
                error: None,
            },
        });
        Ok(SimulationAnswer { results: results.collect() })
    }

    fn subscribe(
        &mut self,
        subscription: Subscription,
        from: IpAddr,
    ) -> Result<Receiver<Arc<Event>>, Refused> {
        let Some(mut subscribers) = self.subscribers.take() else { return Err(Refused::ending()) };
        let answer =
            subscribers.subscribe(subscription, from, &mut |what, about| self.say(what, about));
        self.subscribers = Some(subscribers);
        answer
    }
}

fn view(level: i32, state: &AccountState) -> View {
    let balance = |(ticket, amount): &(TicketIndex, Amount)| TicketBalance {
        ticket: ticket.0,
        amount: amount.to_string(),
    };
    View {
        level,
        counter: state.counter.to_string(),
        balances: state.balances.iter().map(balance).collect(),
    }
}
