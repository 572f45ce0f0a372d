//! The same phases natively: times of this process, and what goes through the host.

use cpu_time::ThreadTime;
use direct_wasm::direct;

use accounts::Ledger;
use encoding::{AccountIndex, Amount, Level, MessageId, TicketIndex};
use host::{RawRollupCore, StepError, Subtree};
use pvm::{Durable, NativeHost};
use tx_kernel::layout::STATE;

use crate::counting::{CountingHost, Traffic};
use crate::trace::Trace;
use crate::wasm::ROLLUP;

/// Seconds of each phase, the least of several runs: decode, find, load, verify, apply, write_back.
#[derive(Clone, Copy, Debug, Default)]
pub struct Phases {
    /// In the order of [`NAMES`].
    pub seconds: [f64; 6],
    /// What went through the host in each.
    pub traffic: [Traffic; 6],
}

/// The names of the phases.
pub const NAMES: [&str; 6] = ["decode", "find", "load", "verify", "apply", "write_back"];

impl Phases {
    /// All phases together.
    pub fn total(&self) -> f64 {
        self.seconds.iter().sum()
    }

    fn least(&mut self, other: &Phases) {
        for (mine, theirs) in self.seconds.iter_mut().zip(other.seconds) {
            *mine = mine.min(theirs);
        }
    }
}

/// Takes a batch through all phases, `rounds` times over the same state.
pub fn phases(state: &Durable, body: &[u8], rounds: usize) -> Result<Phases, String> {
    let mut least: Option<Phases> = None;
    for _ in 0..rounds {
        let host = NativeHost::over(state.clone());
        let phases = once(&CountingHost::new(&host), body)?;
        match &mut least {
            Some(least) => least.least(&phases),
            None => least = Some(phases),
        }
    }
    least.ok_or_else(|| "no rounds".to_owned())
}

fn once<H: RawRollupCore>(host: &CountingHost<'_, H>, body: &[u8]) -> Result<Phases, String> {
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let refused = |error: tx_kernel::Refusal| match error {
        StepError::Refused(outcome) => format!("the batch was refused: {outcome:?}"),
        StepError::Host(error) => error.to_string(),
    };
    let mut phases = Phases::default();
    let mut clock = (ThreadTime::now(), Traffic::default(), 0usize);
    let mut lap = || {
        let (begun, before, phase) = clock;
        let (now, traffic) = (ThreadTime::now(), host.traffic());
        if let (Some(seconds), Some(went)) =
            (phases.seconds.get_mut(phase), phases.traffic.get_mut(phase))
        {
            *seconds = now.duration_since(begun).as_secs_f64();
            went.calls = traffic.calls - before.calls;
            went.bytes = traffic.bytes - before.bytes;
        }
        clock = (ThreadTime::now(), traffic, phase + 1);
    };
    let decoded = direct::decode(body).map_err(|error| text(&error))?;
    lap();
    let mut found = decoded.find(host, &ROLLUP, Level(0)).map_err(refused)?;
    lap();
    found.load().map_err(|error| text(&error))?;
    lap();
    let checked = found.verify(host).map_err(refused)?;
    lap();
    let message = MessageId { level: Level(0), index: 2 };
    let applied = checked.apply(message).map_err(|error| text(&error))?;
    lap();
    if applied.failed > 0 {
        return Err(format!("{} transfers were not applied", applied.failed));
    }
    applied.write_back().map_err(|error| text(&error))?;
    lap();
    Ok(phases)
}

/// Transfers a second of the ledger alone: counters and balances of a draft that has read what it
/// needs.
pub fn ledger_alone(state: &Durable, trace: &Trace, rounds: usize) -> Result<f64, String> {
    let mut best = 0f64;
    for _ in 0..rounds {
        let host = NativeHost::over(state.clone());
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let touches = trace.transfers.len() * 2;
        let mut ledger =
            Ledger::open_for(Subtree::new(&host, STATE), touches).map_err(|error| text(&error))?;
        let gold = TicketIndex(0);
        for transfer in &trace.transfers {
            let (from, to) = (AccountIndex(transfer.from), AccountIndex(transfer.to));
            ledger.counter_of(from).map_err(|error| text(&error))?;
            ledger.balance(from, gold).map_err(|error| text(&error))?;
            ledger.balance(to, gold).map_err(|error| text(&error))?;
        }
        let begun = ThreadTime::now();
        for transfer in &trace.transfers {
            let (from, to) = (AccountIndex(transfer.from), AccountIndex(transfer.to));
            let first = encoding::Counter::FIRST;
            let counter = ledger.use_counter_if(from, first).map_err(|error| text(&error))?;
            if counter != first {
                return Err("a counter is not the next one".to_owned());
            }
            let to = accounts::Receiver::Index(to);
            let amount = Amount::new(transfer.amount);
            ledger
                .transfer(from, to, accounts::TicketLookup::Known(gold), amount)
                .map_err(|error| text(&error))?;
            ledger.forget_undo();
        }
        best = best.max(rate(trace, begun));
        std::hint::black_box(&ledger);
    }
    Ok(best)
}

/// The floor: one array by index, nothing else.
pub fn array_loop(trace: &Trace, rounds: usize) -> f64 {
    let mut best = 0f64;
    for _ in 0..rounds {
        let accounts = usize::try_from(trace.accounts).unwrap_or(0);
        let mut ledger = vec![(crate::trace::BALANCE, 0u32); accounts];
        let begun = ThreadTime::now();
        let mut refused = 0u32;
        for transfer in &trace.transfers {
            let at = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
            let done = ledger.get_mut(at(transfer.from)).and_then(|(balance, counter)| {
                let left = balance.checked_sub(transfer.amount)?;
                let next = (*counter == 0).then(|| *counter + 1)?;
                (*balance, *counter) = (left, next);
                Some(())
            });
            let done = done.and_then(|()| {
                let (balance, _) = ledger.get_mut(at(transfer.to))?;
                *balance = balance.checked_add(transfer.amount)?;
                Some(())
            });
            refused += u32::from(done.is_none());
        }
        best = best.max(rate(trace, begun));
        std::hint::black_box((&ledger, refused));
    }
    best
}

/// What ledgers by address do: a hash map from 20 bytes to balance and counter.
pub fn hash_map(trace: &Trace, rounds: usize) -> f64 {
    use std::collections::HashMap;
    let address = |index: u32| {
        let mut address = [0xcd; 20];
        address[..4].copy_from_slice(&index.to_be_bytes());
        address
    };
    let mut best = 0f64;
    for _ in 0..rounds {
        let accounts =
            (0..trace.accounts).map(|index| (address(index), (crate::trace::BALANCE, 0u32)));
        let mut ledger: HashMap<[u8; 20], (u64, u32)> = accounts.collect();
        let named: Vec<_> =
            trace.transfers.iter().map(|t| (address(t.from), address(t.to), t.amount)).collect();
        let begun = ThreadTime::now();
        let mut refused = 0u32;
        for (from, to, amount) in &named {
            let done = ledger.get_mut(from).and_then(|(balance, counter)| {
                let left = balance.checked_sub(*amount)?;
                let next = (*counter == 0).then(|| *counter + 1)?;
                (*balance, *counter) = (left, next);
                Some(())
            });
            let done = done.and_then(|()| {
                let (balance, _) = ledger.get_mut(to)?;
                *balance = balance.checked_add(*amount)?;
                Some(())
            });
            refused += u32::from(done.is_none());
        }
        best = best.max(rate(trace, begun));
        std::hint::black_box((&ledger, refused));
    }
    best
}

fn rate(trace: &Trace, begun: ThreadTime) -> f64 {
    trace.transfers.len() as f64 / begun.elapsed().as_secs_f64()
}
