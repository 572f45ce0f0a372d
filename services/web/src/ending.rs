//! When a server ends, for those who wait for it.

use tokio::sync::watch;

/// The end of a server, which comes once.
#[derive(Clone, Debug)]
pub(crate) struct Ending(pub(crate) watch::Receiver<bool>);

impl Ending {
    /// Waits for the end.
    pub(crate) async fn ended(mut self) {
        // It fails when whoever would say so has gone.
        let _ = self.0.wait_for(|ending| *ending).await;
    }

    /// Whether it has come.
    pub(crate) fn has_come(&self) -> bool {
        *self.0.borrow()
    }
}
