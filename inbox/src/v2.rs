//! Wire format v2: indexes instead of keys and tickets, one signature that holds two kinds of them.
//!
//! A batch is `flags ‖ expiry ‖ registrations ‖ transfer_groups ‖ transactions ‖ bitmap ‖ signature`; what
//! the flags do not announce is not there. [`read`](Batch::decode) and [`write`](Batch::encode) are
//! each other's inverse on the byte: there is one byte string per batch. [`signed`] has what the
//! signers sign, [`mine`] what a batch would make one of them do. `docs/protocol.md` has the layout.

use std::borrow::Cow;

use encoding::{
    AccountIndex, Amount, Counter, Entrypoint, Hash32, Kt1Address, Layer1Address, Level, Ticket,
    TicketIndex, Tz4Address,
};

pub mod code;
pub mod mine;
mod read;
pub mod signed;
mod write;

pub use mine::{Intent, Me};
pub use read::decode_transaction;

/// Bytes: the aggregate signature.
pub const SIGNATURE_BYTES: usize = 96;
/// Bytes of a batch's last level, where it has one.
pub const LAST_LEVEL_BYTES: usize = size_of::<i32>();
/// Bytes: a registration, which is a key and its proof of possession.
pub const REGISTRATION_BYTES: usize = 48 + 96;
/// Bytes: the longest memo that is text.
pub const MEMO_BYTES: usize = 64;

/// What the first byte of a batch announces.
pub mod flag {
    /// A last level.
    pub const EXPIRES: u8 = 0x01;
    /// Registrations.
    pub const REGISTRATIONS: u8 = 0x02;
    /// Transactions of one transfer.
    pub const TRANSFER_GROUPS: u8 = 0x04;
    /// Other transactions.
    pub const TRANSACTIONS: u8 = 0x08;
    /// A bitmap of those who signed their own transaction.
    pub const SOME_INDIVIDUAL: u8 = 0x10;
    /// That everybody signed their own transaction.
    pub const ALL_INDIVIDUAL: u8 = 0x20;
    /// What is not part of what is signed: who signed how.
    pub const INDIVIDUAL: u8 = SOME_INDIVIDUAL | ALL_INDIVIDUAL;
}

/// Registrations and transactions under one aggregate signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// The last level in which it may be applied.
    pub expires: Option<Level>,
    /// Keys that are to become accounts, applied first.
    pub registrations: Vec<Registration>,
    /// One-transfer transactions, applied next, group by group.
    pub transfer_groups: Vec<TransferGroup>,
    /// All others, applied last.
    pub transactions: Vec<Transaction>,
    /// Who signed their own transaction instead of the batch.
    pub individually_signed: IndividuallySigned,
    /// The aggregate signature; `None` if nobody signs, in a batch of registrations alone.
    pub signature: Option<[u8; SIGNATURE_BYTES]>,
}

/// A key that is to become an account, with the proof that its owner has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registration {
    /// The compressed public key.
    pub key: [u8; 48],
    /// Its proof of possession, as Octez and Taquito make it.
    pub proof: [u8; 96],
}

/// How a batch names an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// By its place in the rollup's registry.
    Index(AccountIndex),
    /// By its address.
    Address(Tz4Address),
    /// By its place among the batch's own registrations.
    Registration(u32),
}

/// How a batch names a ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketName {
    /// By its place in the rollup's registry.
    Index(TicketIndex),
    /// In full.
    Full(Ticket),
}

/// Transactions of one transfer each, all of one expiry and one ticket, their signers in increasing order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferGroup {
    /// The last level in which its transfers may be applied. It is part of what their signers sign.
    pub expires: Option<Level>,
    /// The ticket.
    pub ticket: TicketName,
    /// At least one; no signer twice.
    pub transfers: Vec<Transfer>,
}

/// A transaction of one transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Whose.
    pub signer: AccountIndex,
    /// The signer's next counter.
    pub counter: Counter,
    /// The receiver.
    pub to: Name,
    /// How much.
    pub amount: Amount,
}

/// Operations of different signers that apply together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// The last level in which it may be applied.
    pub expires: Option<Level>,
    /// At least one.
    pub operations: Vec<Operation>,
}

/// What one signer does in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who.
    pub signer: Name,
    /// The signer's next counter.
    pub counter: Counter,
    /// A remark, kept in the result.
    pub memo: Option<Memo>,
    /// Applied in order; may be empty.
    pub actions: Vec<Action>,
}

/// A remark about an operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Memo {
    /// 1 to [`MEMO_BYTES`] bytes of any kind.
    Bytes(Vec<u8>),
    /// The hash of something kept elsewhere.
    Hash(Hash32),
}

/// Tickets that leave the signer's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// To other accounts.
    Transfers {
        /// Which ticket.
        ticket: TicketName,
        /// The receivers, at least one, and how much each gets.
        to: Vec<(Name, Amount)>,
    },
    /// To a contract on layer 1.
    Withdraw {
        /// Which ticket.
        ticket: TicketName,
        /// The contract.
        to: Kt1Address,
        /// Which of its entrypoints.
        entrypoint: Entrypoint,
        /// Whom the contract is to pay; with none it is handed a bare ticket, which names nobody.
        receiver: Option<Layer1Address>,
        /// How much.
        amount: Amount,
    },
}

/// Which signings are individual: over the signer's own transaction, not over the batch.
///
/// Signings are numbered in the order of the batch: a transfer is one, a transaction has one for each
/// operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndividuallySigned {
    /// Everybody signed the batch.
    Nobody,
    /// Everybody signed their own transaction.
    Everybody,
    /// These, in increasing order: some, but not all.
    Some(Vec<u32>),
}

/// One signer of one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signing {
    /// The number of the transaction: transfers first, then transactions.
    pub transaction: usize,
    /// The place of the operation in it; 0 for transfers.
    pub operation: usize,
    /// Who.
    pub signer: Name,
    /// The counter it carries.
    pub counter: Counter,
}

impl Batch {
    /// How many transfers there are; transactions are numbered after them.
    pub fn transfers(&self) -> usize {
        self.transfer_groups.iter().map(|group| group.transfers.len()).sum()
    }

    /// How many signings there are.
    pub fn signings(&self) -> usize {
        self.transfers() + self.transactions.iter().map(|tx| tx.operations.len()).sum::<usize>()
    }

    /// How many of them are individual.
    pub fn individual_signings(&self) -> usize {
        match &self.individually_signed {
            IndividuallySigned::Nobody => 0,
            IndividuallySigned::Everybody => self.signings(),
            IndividuallySigned::Some(individual) => individual.len(),
        }
    }

    /// How many transactions there are, transfers included.
    pub fn transactions(&self) -> usize {
        self.transfers() + self.transactions.len()
    }

    /// Every signing, in the order in which [`IndividuallySigned`] numbers them.
    pub fn each_signing(&self) -> impl Iterator<Item = Signing> {
        let transfers = self.transfer_groups.iter().flat_map(|group| &group.transfers);
        let transfers = transfers.map(|one| (0, Name::Index(one.signer), one.counter));
        let transfers = transfers.enumerate();
        let first = self.transfers();
        let operations = self.transactions.iter().enumerate().flat_map(move |(number, one)| {
            let operations = one.operations.iter().enumerate();
            operations.map(move |(at, one)| (first + number, (at, one.signer, one.counter)))
        });
        transfers.chain(operations).map(|(transaction, (operation, signer, counter))| Signing {
            transaction,
            operation,
            signer,
            counter,
        })
    }

    /// For each signing in turn, whether it is individual.
    pub fn each_individually_signed(&self) -> impl Iterator<Item = bool> {
        let (everybody, some) = match &self.individually_signed {
            IndividuallySigned::Nobody => (false, &[][..]),
            IndividuallySigned::Everybody => (true, &[][..]),
            IndividuallySigned::Some(individual) => (false, individual.as_slice()),
        };
        let mut some = some.iter().peekable();
        (0..self.signings()).map(move |signing| {
            let is_it = |number: &&u32| usize::try_from(**number) == Ok(signing);
            everybody || some.next_if(is_it).is_some()
        })
    }

    /// The address that a name stands for, if the batch itself says so.
    pub fn address_of(&self, name: Name) -> Option<Tz4Address> {
        match name {
            Name::Index(_) => None,
            Name::Address(address) => Some(address),
            Name::Registration(number) => {
                let number = usize::try_from(number).ok()?;
                let registration = self.registrations.get(number)?;
                Some(Tz4Address::of_public_key(&registration.key))
            }
        }
    }

    /// The transaction of this number, a transfer in the form of one.
    pub fn transaction(&self, number: usize) -> Option<Cow<'_, Transaction>> {
        let mut first = 0;
        for group in &self.transfer_groups {
            if let Some(transfer) = group.transfers.get(number - first) {
                return Some(Cow::Owned(transfer.to_transaction(&group.ticket, group.expires)));
            }
            first += group.transfers.len();
        }
        self.transactions.get(number - first).map(Cow::Borrowed)
    }
}

impl Transfer {
    /// The same as a transaction of any kind, with the ticket and the expiry of its group.
    pub fn to_transaction(self, ticket: &TicketName, expires: Option<Level>) -> Transaction {
        let actions =
            vec![Action::Transfers { ticket: ticket.clone(), to: vec![(self.to, self.amount)] }];
        let Transfer { signer, counter, .. } = self;
        let operation = Operation { signer: Name::Index(signer), counter, memo: None, actions };
        Transaction { expires, operations: vec![operation] }
    }
}
