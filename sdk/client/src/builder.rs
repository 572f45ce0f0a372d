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
    transfers: Vec<(GroupKey, Transfer)>,
    transactions: Vec<Transaction>,
}

/// What the transfers of a group share.
#[derive(Clone, Debug, PartialEq, Eq)]
struct GroupKey {
    expires: Option<Level>,
    ticket: TicketName,
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

    /// A transaction of one transfer, and the last level in which it may be applied.
    #[must_use]
    pub fn transfer(
        mut self,
        ticket: &TicketName,
        expires: Option<Level>,
        transfer: Transfer,
    ) -> Self {
        self.transfers.push((GroupKey { expires, ticket: ticket.clone() }, transfer));
        self
    }

    /// A transaction of any kind.
    #[must_use]
    pub fn transaction(mut self, transaction: Transaction) -> Self {
        self.transactions.push(transaction);
        self
    }

    /// The batch. Transfers are put into groups of one ticket and one expiry: a signer's transfers in the order of
    /// their counters, each in a group after the one before it, and as few groups as that allows.
    pub fn build(self) -> Batch {
        let Builder { expires, registrations, mut transfers, transactions } = self;
        transfers.sort_by_key(|(_, transfer)| (transfer.signer, transfer.counter));
        let mut rounds: Vec<Vec<TransferGroup>> = Vec::new();
        let mut seen: BTreeMap<AccountIndex, usize> = BTreeMap::new();
        for (key, transfer) in transfers {
            let round = seen.entry(transfer.signer).or_default();
            if rounds.len() <= *round {
                rounds.push(Vec::new());
            }
            if let Some(groups) = rounds.get_mut(*round) {
                let is_of = |group: &TransferGroup| {
                    group.expires == key.expires && group.ticket == key.ticket
                };
                match groups.iter_mut().find(|group| is_of(group)) {
                    Some(group) => group.transfers.push(transfer),
                    None => {
                        let GroupKey { expires, ticket } = key;
                        groups.push(TransferGroup { expires, ticket, transfers: vec![transfer] });
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
