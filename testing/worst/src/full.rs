//! What a level has in it that spends all that it can.

/// A level that has spent its budgets.
#[derive(Debug, Default)]
pub struct Full {
    /// Its messages.
    pub messages: Vec<Vec<u8>>,
    /// Signings, or keys where nobody signs.
    pub parts: usize,
    /// Transfers in it.
    pub transfers: usize,
}
