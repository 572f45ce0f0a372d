//! What the rollup of a sandbox owes, by the kernel's own view of its state.

use std::collections::BTreeMap;

use encoding::TicketContent;
use layer1::michelson::{decode, parse};
use layer1::plain::one_line;
use mockup::{Ticket, tickets_of_message};
use node::{Owed, Owing};
use num_bigint::{BigInt, BigUint};
use pvm::{Durable, NativeHost, TooDeep};
use store::{Store, StoreError};
use tx_kernel::view::{self, OwedRows};

/// What is owed by the state that was looked at last. Only what differs from one state to the next is read.
#[derive(Default)]
pub(super) struct KernelOwing {
    last: Durable,
    rows: OwedRows,
    owed: BTreeMap<Ticket, Owed>,
}

impl Owing for KernelOwing {
    fn look(&mut self, durable: &Durable) -> Result<(), String> {
        let mut changed = Vec::new();
        let too_deep = |error: TooDeep| error.to_string();
        self.last
            .diff(durable, |row| {
                if OwedRows::counts(row.path) && changed.last().is_none_or(|last| last != row.path)
                {
                    changed.push(row.path.to_owned());
                }
                Ok(())
            })
            .map_err(too_deep)?;
        let host = NativeHost::over(durable.clone());
        for path in changed {
            self.rows.read(&host, &path).map_err(|error| error.to_string())?;
        }
        self.last = durable.clone();
        let owed = self.rows.owed(&host).map_err(|error| error.to_string())?;
        let of = |(ticket, owed)| Some((on_layer1(ticket)?, amounts(owed)));
        self.owed = owed.iter().filter_map(of).collect();
        Ok(())
    }

    fn owed(&self) -> BTreeMap<Ticket, Owed> {
        self.owed.clone()
    }
}

/// A ticket as layer 1 knows it.
fn on_layer1(ticket: &encoding::Ticket) -> Option<Ticket> {
    let of = match ticket.content {
        TicketContent::String(_) => "string",
        TicketContent::NatBytes(..) => "pair nat (option bytes)",
    };
    let content = decode(&ticket.content.to_micheline()).ok()?;
    Some(Ticket::new(ticket.ticketer.0, &parse(of).ok()?, content))
}

fn amounts(owed: &view::Owed) -> Owed {
    // No amount that layer 1 sends is negative.
    let amount = |number: &BigInt| number.to_biguint().unwrap_or_default();
    Owed {
        on_rollup: amount(&owed.on_rollup),
        held: amount(&owed.held),
        refunds: amount(&owed.refunds),
        collected: amount(&owed.collected),
    }
}

/// The tickets that a rollup has which was played without this layer 1: what it owes, and what is in its
/// outboxes.
///
/// # Errors
/// When its state cannot be read, in words.
pub(super) fn found(store: &Store) -> Result<Vec<(Ticket, BigUint)>, String> {
    let mut owing = KernelOwing::default();
    owing.look(store.durable())?;
    let mut all: BTreeMap<Ticket, BigUint> = BTreeMap::new();
    for (ticket, Owed { on_rollup, held, refunds, collected }) in owing.owed {
        *all.entry(ticket).or_default() += on_rollup + held + refunds + collected;
    }
    let unreadable = |error: StoreError| one_line(&error.to_string());
    for summary in store.levels(..).map_err(unreadable)? {
        if summary.outbox > 0 {
            for message in store.outbox(summary.level).map_err(unreadable)? {
                for (ticket, amount) in tickets_of_message(&message) {
                    *all.entry(ticket).or_default() += amount;
                }
            }
        }
    }
    Ok(all.into_iter().filter(|(_, amount)| *amount != BigUint::ZERO).collect())
}
