//! The pinned tickets of one rollup: no name and no ticket is in it twice.

use encoding::{Kt1Address, Ticket};

use super::error::PinProblem;
use super::pin::Pin;
use super::word::{is_word, looks_like};
use crate::limits::{MAX_DECIMALS, MAX_PINS};

/// Pinned tickets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pins(Vec<Pin>);

impl Pins {
    /// All of them, in the order in which they were pinned.
    #[must_use]
    pub fn entries(&self) -> &[Pin] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is pinned under exactly this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Pin> {
        self.0.iter().find(|pin| pin.name == name)
    }

    /// What is pinned under this name, or under one that is the same to the eye.
    #[must_use]
    pub fn find_alike(&self, name: &str) -> Option<&Pin> {
        self.find(name).or_else(|| self.0.iter().find(|pin| looks_like(&pin.name, name)))
    }

    /// The pin of a ticket.
    #[must_use]
    pub fn of(&self, ticket: &Ticket) -> Option<&Pin> {
        self.0.iter().find(|pin| pin.ticket == *ticket)
    }

    /// Whether a ticket of this ticketer is pinned.
    #[must_use]
    pub fn has_ticketer(&self, ticketer: &Kt1Address) -> bool {
        self.0.iter().any(|pin| pin.ticket.ticketer == *ticketer)
    }

    /// Pins a ticket.
    ///
    /// # Errors
    /// When the name is no word, the name or the ticket is pinned already, or a name looks like it.
    pub fn add(&mut self, pin: Pin) -> Result<(), PinProblem> {
        if !is_word(&pin.name) {
            return Err(PinProblem::Name);
        }
        if pin.decimals > MAX_DECIMALS {
            return Err(PinProblem::Decimals(pin.decimals.into()));
        }
        match (self.find_alike(&pin.name), self.of(&pin.ticket)) {
            (Some(other), _) if *other == pin => return Err(PinProblem::Twice(pin.name)),
            (Some(other), _) if other.name == pin.name => {
                return Err(PinProblem::Differs(pin.name));
            }
            (Some(other), _) => {
                let other = other.name.clone();
                return Err(PinProblem::LooksLike { name: pin.name, other });
            }
            (None, Some(other)) => return Err(PinProblem::SameTicket(other.name.clone())),
            (None, None) if self.0.len() >= MAX_PINS => return Err(PinProblem::TooMany),
            (None, None) => {}
        }
        self.0.push(pin);
        Ok(())
    }

    /// Takes a pin away.
    pub fn remove(&mut self, name: &str) -> Option<Pin> {
        let at = self.0.iter().position(|pin| pin.name == name)?;
        Some(self.0.remove(at))
    }

    /// Takes in others, as far as neither their names nor their tickets are pinned here: what is here
    /// counts before what comes after it.
    pub fn join(&mut self, others: &Pins) {
        for pin in others.entries() {
            // One that is refused is one that is here otherwise.
            let _ = self.add(pin.clone());
        }
    }
}
