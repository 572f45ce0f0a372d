//! Why a hash has no result: a message that is refused whole leaves none under the hashes in it.

use encoding::{Hash32, Level, MessageId};
use tx_kernel::results::{MessageResult, Outcome};

use crate::error::StateError;
use crate::follow::{Found, Settlement, status_at_head};
use crate::inboxes::{Search, Whereabouts};
use crate::patience::Patience;
use crate::session::Session;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MissingResult {
    /// The kernel refused the message that had it.
    RefusedWhole(MessageId, Outcome),
    /// A level has its message, and the kernel says nothing of it: it put the message off.
    PutOff,
    /// It waits in the node's queue for a level.
    Queued,
    /// It waits for no level, and is in none from this one on.
    Nowhere {
        /// The first level that was looked at.
        since: Level,
    },
    /// The node had it, and has it no more.
    Gone {
        /// The first level that was looked at.
        since: Level,
    },
    /// The node does not show what is in levels.
    Unknown,
}

/// How the waiting for a result ended.
#[derive(Debug)]
pub enum Waited {
    /// With the result, and how far it is settled: as far as it was to be, or it was not applied.
    Result(Found, Settlement),
    /// Nothing more will come of it.
    Missing(MissingResult),
    /// There was no more time.
    Timeout,
    /// There was no more time, and the node had not answered last.
    Away(StateError),
}

impl Session {
    /// Why there is no result of a hash.
    ///
    /// # Errors
    /// When the node does not tell.
    pub fn missing_result(&self, hash: &Hash32) -> Result<MissingResult, StateError> {
        let mut search = Search::new(vec![*hash]);
        Ok(match search.look(self.node())?.first() {
            Some(Whereabouts::InLevel(carried, Some(MessageResult::Refused(outcome)))) => {
                MissingResult::RefusedWhole(carried.message, *outcome)
            }
            Some(Whereabouts::InLevel(..)) => MissingResult::PutOff,
            Some(Whereabouts::Queued) => MissingResult::Queued,
            Some(Whereabouts::Nowhere { since }) => MissingResult::Nowhere { since: *since },
            Some(Whereabouts::Unknown) | None => MissingResult::Unknown,
        })
    }

    /// Waits until a result is settled so far, or nothing more can come of it.
    ///
    /// # Errors
    /// When the node does not tell where the message is.
    pub fn wait_for(
        &self,
        hash: &Hash32,
        settlement: Settlement,
        patience: &Patience<'_>,
    ) -> Result<Waited, StateError> {
        let mut search = Search::new(vec![*hash]);
        loop {
            match status_at_head(self.node(), hash) {
                // What is refused for now may apply later, but what was sent has had its turn.
                Ok(Some((found, reached)))
                    if reached >= settlement || found.failure().is_some() =>
                {
                    return Ok(Waited::Result(found, reached));
                }
                Ok(Some(_)) => {}
                Ok(None) => {
                    if let Some(why) = self.is_lost(&mut search, hash)? {
                        return Ok(Waited::Missing(why));
                    }
                }
                // A node that is away is asked again as long as there is time.
                Err(error) if patience.is_over() => return Ok(Waited::Away(error)),
                Err(_) => {}
            }
            if patience.is_over() {
                return Ok(Waited::Timeout);
            }
            patience.pause();
        }
    }

    /// Why nothing more can come of what has no result yet; none if it still can.
    fn is_lost(
        &self,
        search: &mut Search,
        hash: &Hash32,
    ) -> Result<Option<MissingResult>, StateError> {
        let why = match search.look(self.node())?.first().cloned() {
            Some(Whereabouts::InLevel(carried, Some(MessageResult::Refused(outcome)))) => {
                MissingResult::RefusedWhole(carried.message, outcome)
            }
            Some(Whereabouts::Nowhere { since }) if search.is_gone(0, self.is_sandbox()) => {
                MissingResult::Gone { since }
            }
            _ => return Ok(None),
        };
        // Its result may have come while it was looked for.
        Ok(match status_at_head(self.node(), hash)? {
            Some(_) => None,
            None => Some(why),
        })
    }
}
