//! The model's rules of a deposit, and of how one that is held is paid back.

use crate::calls::{Call, outbox};
use crate::outcome::{CodeAndValues, MessageIndex};
use crate::parsed::{Ask, Deposit};
use crate::state::{Held, Model, PendingMessage, QueueOwner};
use crate::wire::person;
use crate::workload::{Contract, Receiver, Route, Source};

/// Bytes: the longest message that layer 1 takes.
const OUTBOX_BYTES: usize = 4_096;

/// The longest content that is credited, in bytes of Micheline.
const CONTENT_BYTES: usize = 2_000;

impl Model {
    /// Credits a deposit, or says why it is held.
    pub fn deposit(&mut self, deposit: &Deposit) -> Result<CodeAndValues, CodeAndValues> {
        let Deposit { to, ticket, amount, wrong_at, .. } = *deposit;
        if let Some(at) = wrong_at {
            return Err((200, at as u64, 0));
        }
        let Receiver::Account(number) = to else { return Err((201, 0, 0)) };
        let Ok(amount) = u64::try_from(amount) else { return Err((202, 0, 0)) };
        let content = ticket.content().len();
        if content > CONTENT_BYTES {
            return Err((203, content as u64, 0));
        }
        if amount == 0 {
            return Err((4, 0, 0));
        }
        let supply = self.supplies.get(&ticket).copied().unwrap_or_default();
        let on_rollup = supply.on_rollup + u128::from(amount);
        if let (Err(_), Ok(before)) = (u64::try_from(on_rollup), u64::try_from(supply.on_rollup)) {
            return Err((8, before, amount));
        }
        let address = person(number).address().0;
        let account = self.account(address);
        if !self.tickets.contains(&ticket) {
            self.tickets.push(ticket);
        }
        let supply = self.supplies.entry(ticket).or_default();
        supply.on_rollup = on_rollup;
        supply.deposited += u128::from(amount);
        self.set_balance(address, ticket, self.balance(address, ticket) + amount);
        Ok((100, account as u64, amount))
    }

    /// Keeps a deposit, and pays it back at once where the configuration says how.
    pub fn hold(
        &mut self,
        reason: CodeAndValues,
        message_index: MessageIndex,
        bytes: &[u8],
        deposit: &Deposit,
    ) {
        let Deposit { ticket, amount, wrong_at, by, .. } = *deposit;
        let ticket = wrong_at.is_none().then_some((ticket, amount));
        let mut held =
            Held { reason, message_index, bytes: bytes.to_vec(), by, ticket, paid_back: false };
        if let Some((ticket, amount)) = ticket
            && self.exits
            && ticket.minted_by() == Contract::Mint
        {
            held.paid_back = self.pay_back(by, Call::refund(ticket, amount, by.source));
        }
        self.held.push(held);
    }

    /// Pays a held deposit back to whoever asks, if it is theirs.
    pub fn reclaim(
        &mut self,
        number: u64,
        is_theirs: impl Fn(Route) -> bool,
    ) -> Result<CodeAndValues, CodeAndValues> {
        let message_index = usize::try_from(number).unwrap_or(usize::MAX);
        let Some(held) = self.held.get(message_index) else { return Err((400, number, 0)) };
        if !is_theirs(held.by) {
            return Err((402, number, 0));
        }
        if held.paid_back {
            return Err((401, number, 0));
        }
        let Some((ticket, amount)) = held.ticket else { return Err((403, number, 0)) };
        let by = held.by;
        if !self.pay_back(by, Call::to_the_vault(ticket, None, amount)) {
            return Err((403, number, 0));
        }
        self.held[message_index].paid_back = true;
        Ok((103, number, 0))
    }

    /// A request that is signed.
    pub fn signed_request(&mut self, ask: &Ask) -> Result<CodeAndValues, CodeAndValues> {
        match ask.wrong {
            Some(reason) => Err(reason),
            None => self.reclaim(ask.number, |made| made.source == Source::Tz4(ask.of)),
        }
    }

    /// Lets a call wait for the outbox, if layer 1 takes one so long.
    fn pay_back(&mut self, to: Route, call: Call) -> bool {
        let calls = vec![call];
        let fits = outbox(&calls).len() <= OUTBOX_BYTES;
        if fits {
            self.enqueue(QueueOwner::Depositor(to), PendingMessage { calls, of_supply: false });
        }
        fits
    }
}
