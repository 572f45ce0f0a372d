//! Gives messages to a node's batcher.

use crate::error::RpcError;
use crate::limits::MESSAGES_PER_REQUEST;
use crate::patience::Patience;
use crate::session::Session;

impl Session {
    /// Gives external messages, with their tags, to the node's batcher. As long as there is patience, a
    /// node that is away is asked again: whatever it has taken twice, the kernel applies once. Returns the
    /// batcher's name for each message.
    ///
    /// # Errors
    /// When the node does not take them. It may have taken some.
    pub fn deliver(
        &self,
        messages: &[Vec<u8>],
        patience: &Patience<'_>,
    ) -> Result<Vec<String>, RpcError> {
        // The batcher puts the tag of an external message before what it is given.
        let payloads: Vec<Vec<u8>> =
            messages.iter().map(|message| message.get(1..).unwrap_or_default().to_vec()).collect();
        let mut ids = Vec::with_capacity(payloads.len());
        for some in payloads.chunks(MESSAGES_PER_REQUEST) {
            loop {
                match self.node().inject(some) {
                    Ok(new) => break ids.extend(new),
                    Err(RpcError::Connection { .. })
                        if !patience.is_over() && !patience.is_interrupted() =>
                    {
                        patience.pause();
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(ids)
    }
}
