//! What stands in a scenario file for a message.

/// What a message is in a scenario.
pub enum Entry {
    /// A sentence, and who signs it if that is somebody else.
    Sentence(String, Option<String>),
    /// Keys with their values; the first one says what it is.
    Keys(Vec<(&'static str, String)>),
    /// A batch: for each transaction its operations, and who signs it where not its signers do.
    Batch {
        transactions: Vec<(Vec<String>, Option<Vec<String>>)>,
        options: Vec<(&'static str, String)>,
    },
    /// A v2 batch.
    V2(V2Entry),
}

/// A v2 batch in words.
pub struct V2Entry {
    /// Its registrations.
    pub registrations: Vec<String>,
    /// Its transactions, in order.
    pub transactions: Vec<TransactionEntry>,
    /// What stands beside it.
    pub options: Vec<(&'static str, String)>,
}

/// A transaction in words.
pub struct TransactionEntry {
    /// Whether it is a row.
    pub is_row: bool,
    /// Its operations.
    pub operations: Vec<String>,
    /// Its last level.
    pub expires: Option<i32>,
    /// Who signs individually in it.
    pub individually_signed: Vec<String>,
    /// Who signs it, if that is not each of its signers.
    pub signed_by: Option<Vec<String>>,
}
