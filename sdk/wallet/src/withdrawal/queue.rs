//! The kernel's queue for the outbox.

use encoding::Payout;
use encoding::limits::OUTBOX_MESSAGES_PER_LEVEL;
use outbox::Message;
use tx_kernel::view::View;

use crate::error::StateError;
use crate::state::RollupState;

/// The kernel's queue for the outbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OutboxQueue {
    messages: Vec<Vec<u8>>,
}

impl OutboxQueue {
    /// What waits in a state.
    ///
    /// # Errors
    /// When the state is not known.
    pub fn read(state: &RollupState<'_>) -> Result<Self, StateError> {
        Ok(OutboxQueue::of(state.read(|host| View::new(host).pending())?))
    }

    /// These messages.
    #[must_use]
    pub fn of(messages: Vec<Vec<u8>>) -> Self {
        OutboxQueue { messages }
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether none do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// How many of them make exactly this call.
    #[must_use]
    pub fn paying(&self, payout: &Payout) -> usize {
        let mut message = Message::new();
        let message = message.push(payout).map(|()| message.encode());
        self.messages.iter().filter(|pending| Ok(*pending) == message.as_ref()).count()
    }

    /// How many levels it takes until so many messages have left, each account in turn.
    #[must_use]
    pub fn levels(&self) -> usize {
        self.len().div_ceil(OUTBOX_MESSAGES_PER_LEVEL)
    }
}
