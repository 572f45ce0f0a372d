//! What became of a deposit on the rollup: its message is looked for in the levels after the operation, and the
//! kernel's word on it is read.

use encoding::{Level, MessageId, Ticket};
use inbox::deposit::{Payload, decode};
use inbox::{Envelope, envelope};
use layer1::address::{Address, Kind};
use num_bigint::BigInt;
use tx_kernel::results::{MessageResult, Outcome};
use tx_kernel::view::View;

use super::deposit::Deposit;
use crate::error::StateError;
use crate::follow::Settlement;
use crate::patience::Patience;
use crate::session::Session;
use crate::state::RollupState;

/// What became of a deposit so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// No level has it.
    OnItsWay,
    /// A level has it, and the kernel has not come to it.
    Collected(MessageId),
    /// It is credited, and the level is settled so far.
    Credited(MessageId, Settlement),
    /// It could not be credited, and is held or on its way back.
    Held(MessageId, Outcome),
}

/// Why the waiting is over.
#[derive(Debug)]
pub enum ArrivalEnd {
    /// It has come as far as it was to come, or will not.
    Done,
    /// There was no more time.
    Timeout,
    /// Somebody interrupted it.
    Interrupted,
    /// There was no more time, and the node had not answered last.
    Away(StateError),
}

/// Which message a deposit makes.
#[derive(Clone, Debug)]
pub struct Expected<'d> {
    /// The deposit.
    pub deposit: &'d Deposit,
    /// Its ticket.
    pub ticket: &'d Ticket,
    /// Who signed the operation.
    pub source: Address,
    /// The head before it was made: no level up to this one has it.
    pub since: Level,
}

impl Expected<'_> {
    /// Whether a message of an inbox is this deposit.
    fn is(&self, message: &[u8]) -> bool {
        let Envelope::Transfer(call) = envelope(message, &self.deposit.rollup, false) else {
            return false;
        };
        let Kind::Implicit(curve) = self.source.kind else { return false };
        let is_theirs = (call.source.curve, call.source.hash) == (curve, self.source.hash);
        let receiver = self.deposit.receiver.to_string();
        is_theirs
            && matches!(decode(call.payload), Ok(Payload::Deposit(found))
                if found.receiver == receiver.as_bytes()
                    && found.ticket == *self.ticket
                    && found.amount == BigInt::from(self.deposit.amount))
    }

    /// Looks at the head.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn look(&self, session: &Session) -> Result<Arrival, StateError> {
        // Settled first: a head that comes in between only makes it look less settled than it is.
        let settled = session.node().settled()?;
        let state = session.state()?;
        for level in (self.since.0.saturating_add(1)..=state.block().level.0).map(Level) {
            let Some(inbox) = session.node().inbox(level)? else { continue };
            let mut found = inbox.messages.iter().zip(inbox.first..);
            if let Some((_, index)) = found.find(|(message, _)| self.is(message)) {
                let message = MessageId { level, index };
                let stage = settled.stage(level).unwrap_or(Settlement::Included);
                return result(&state, message, stage);
            }
        }
        Ok(Arrival::OnItsWay)
    }

    /// Looks again and again until it has come to a stage, or will not.
    pub fn wait(
        &self,
        session: &Session,
        stage: Settlement,
        patience: &Patience<'_>,
    ) -> (Arrival, ArrivalEnd) {
        let mut last = Arrival::OnItsWay;
        loop {
            let away = match self.look(session) {
                Ok(arrival) => {
                    last = arrival;
                    match arrival {
                        Arrival::Held(..) => return (arrival, ArrivalEnd::Done),
                        Arrival::Credited(_, reached) if reached >= stage => {
                            return (arrival, ArrivalEnd::Done);
                        }
                        _ => None,
                    }
                }
                Err(error) => Some(error),
            };
            if patience.is_interrupted() {
                return (last, ArrivalEnd::Interrupted);
            }
            if patience.is_over() {
                return (last, away.map_or(ArrivalEnd::Timeout, ArrivalEnd::Away));
            }
            patience.pause();
        }
    }
}

fn result(
    state: &RollupState<'_>,
    message: MessageId,
    stage: Settlement,
) -> Result<Arrival, StateError> {
    let result = state.read(|host| View::new(host).message(message))?;
    Ok(match result {
        None => Arrival::Collected(message),
        Some(MessageResult::Done(_)) => Arrival::Credited(message, stage),
        Some(MessageResult::Held(outcome) | MessageResult::Refused(outcome)) => {
            Arrival::Held(message, outcome)
        }
    })
}
