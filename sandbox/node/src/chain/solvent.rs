//! Whether what layer 1 has locked is what the rollup owes.

use super::Chain;
use crate::error::NodeError;
use crate::solvency::TicketTerms;

impl Chain {
    /// The terms of every ticket as they are now, and the first level after which they did not close;
    /// `None` if nobody knows what the rollup owes.
    #[must_use]
    pub fn solvency(&self) -> Option<(Vec<TicketTerms>, Option<i32>)> {
        let solvency = self.solvency.as_ref()?;
        let layer1 = &self.parts.layer1;
        let terms = solvency.terms(layer1.state(), layer1.mockup().sent(self.head()));
        Some((terms, solvency.since()))
    }

    /// What is to be said of terms that do not close, once.
    pub(crate) fn take_alarm(&mut self) -> Option<String> {
        self.solvency.as_mut()?.take_alarm()
    }

    /// Looks at everything anew: at the start, and after going back.
    pub(super) fn restart_solvency(&mut self) -> Result<(), NodeError> {
        let head = self.head();
        let Some(mut solvency) = self.solvency.take() else { return Ok(()) };
        solvency.restart(head);
        for level in self.pending_levels() {
            for (_, message) in self.pending(level)?.messages {
                solvency.left(&message);
            }
        }
        let layer1 = &self.parts.layer1;
        let (state, sent) = (layer1.state(), layer1.mockup().sent(head));
        let durable = self.parts.rollup.pvm().durable();
        if self.store().oldest()? > self.parts.settlement.origination() {
            solvency.read(durable);
            solvency.forget(state, sent);
        }
        solvency.look(head, durable, state, sent);
        self.solvency = Some(solvency);
        Ok(())
    }

    /// Looks at what a level has changed, and left in its outbox.
    pub(super) fn look_at_solvency(&mut self, outbox: &[Vec<u8>]) {
        let head = self.head();
        let Some(solvency) = &mut self.solvency else { return };
        outbox.iter().for_each(|message| solvency.left(message));
        let layer1 = &self.parts.layer1;
        let sent = layer1.mockup().sent(head);
        solvency.look(head, self.parts.rollup.pvm().durable(), layer1.state(), sent);
    }
}
