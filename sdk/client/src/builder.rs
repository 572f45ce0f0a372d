//! From what people want to the batch that takes the least room.

use std::collections::BTreeMap;

use encoding::{AccountIndex, Level};
use inbox::v2::{Batch, Late, Registration, Row, Run, TicketName, Transaction};

/// A batch under construction: nobody has signed it.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    expires: Option<Level>,
    registrations: Vec<Registration>,
    rows: Vec<(TicketName, Row)>,
    transactions: Vec<Transaction>,
}

impl Builder {
    /// With nothing in it.
    pub fn new() -> Self {
        Builder::default()
    }

    /// It is refused after this level.
    #[must_use]
    pub fn expires(mut self, level: Level) -> Self {
        self.expires = Some(level);
        self
    }

    /// Makes an account of a key. Places count from 0.
    #[must_use]
    pub fn registration(mut self, registration: Registration) -> Self {
        self.registrations.push(registration);
        self
    }

    /// A transaction of one transfer.
    #[must_use]
    pub fn row(mut self, ticket: &TicketName, row: Row) -> Self {
        self.rows.push((ticket.clone(), row));
        self
    }

    /// A transaction of any kind.
    #[must_use]
    pub fn transaction(mut self, transaction: Transaction) -> Self {
        self.transactions.push(transaction);
        self
    }

    /// The batch. Rows are put into runs: a signer's rows in the order of their counters, each in a
    /// run after the one before it, and as few runs as that allows.
    pub fn build(self) -> Batch {
        let Builder { expires, registrations, mut rows, transactions } = self;
        rows.sort_by_key(|(_, row)| (row.signer, row.counter));
        let mut rounds: Vec<Vec<Run>> = Vec::new();
        let mut seen: BTreeMap<AccountIndex, usize> = BTreeMap::new();
        for (ticket, row) in rows {
            let round = seen.entry(row.signer).or_default();
            if rounds.len() <= *round {
                rounds.push(Vec::new());
            }
            if let Some(runs) = rounds.get_mut(*round) {
                match runs.iter_mut().find(|run| run.ticket == ticket) {
                    Some(run) => run.rows.push(row),
                    None => runs.push(Run { ticket, rows: vec![row] }),
                }
            }
            *round += 1;
        }
        let runs = rounds.into_iter().flatten().collect();
        Batch { expires, registrations, runs, transactions, late: Late::Nobody, signature: None }
    }
}
