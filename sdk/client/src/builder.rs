//! From what people want to the batch that takes the least room.

use std::collections::BTreeMap;

use encoding::{AccountIndex, Level};
use inbox::v2::{
    Batch, IndividuallySigned, Registration, TicketName, Transaction, Transfer, TransferGroup,
};

/// A batch under construction: nobody has signed it.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    expires: Option<Level>,
    registrations: Vec<Registration>,
    transfers: Vec<(TicketName, Transfer)>,
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
    pub fn transfer(mut self, ticket: &TicketName, transfer: Transfer) -> Self {
        self.transfers.push((ticket.clone(), transfer));
        self
    }

    /// A transaction of any kind.
    #[must_use]
    pub fn transaction(mut self, transaction: Transaction) -> Self {
        self.transactions.push(transaction);
        self
    }

    /// The batch. Rows are put into transfer_groups: a signer's transfers in the order of their counters, each in a
    /// group after the one before it, and as few transfer_groups as that allows.
    pub fn build(self) -> Batch {
        let Builder { expires, registrations, mut transfers, transactions } = self;
        transfers.sort_by_key(|(_, transfer)| (transfer.signer, transfer.counter));
        let mut rounds: Vec<Vec<TransferGroup>> = Vec::new();
        let mut seen: BTreeMap<AccountIndex, usize> = BTreeMap::new();
        for (ticket, transfer) in transfers {
            let round = seen.entry(transfer.signer).or_default();
            if rounds.len() <= *round {
                rounds.push(Vec::new());
            }
            if let Some(transfer_groups) = rounds.get_mut(*round) {
                match transfer_groups.iter_mut().find(|group| group.ticket == ticket) {
                    Some(group) => group.transfers.push(transfer),
                    None => {
                        transfer_groups.push(TransferGroup { ticket, transfers: vec![transfer] })
                    }
                }
            }
            *round += 1;
        }
        let transfer_groups = rounds.into_iter().flatten().collect();
        Batch {
            expires,
            registrations,
            transfer_groups,
            transactions,
            individually_signed: IndividuallySigned::Nobody,
            signature: None,
        }
    }
}
