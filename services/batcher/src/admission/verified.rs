//! A transaction whose signatures have been checked, each by itself.

use std::sync::Arc;

use batcher_api::{SignedTransaction, SubmittedTransaction};
use bls::{PublicKey, Signature};
use client::Row;
use encoding::{Counter, Hash32, Level, Tz4Address, write};
use inbox::v2::{Batch, IndividuallySigned, Name, Registration, Transaction, TransferGroup};

/// A signer of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Signer {
    /// The account.
    pub account: Tz4Address,
    /// Its key.
    pub key: PublicKey,
    /// The counter that it uses.
    pub counter: Counter,
    /// Its signature of the transaction.
    pub signature: Signature,
    /// What registers its key, if it gave a proof of possession.
    pub registration: Option<Registration>,
}

/// A transfer of a group, and how long that is.
#[derive(Clone, Debug)]
pub(crate) struct RowForm {
    /// What it is.
    pub row: Row,
    /// The group's expiry and ticket, as they are encoded.
    pub header: Vec<u8>,
    /// Bytes of the transfer but for the gap that names its signer.
    pub body: usize,
}

impl RowForm {
    fn new(row: Row) -> Self {
        let group = TransferGroup {
            expires: row.expires,
            ticket: row.ticket.clone(),
            transfers: vec![row.transfer],
        };
        let batch = Batch {
            expires: None,
            registrations: Vec::new(),
            transfer_groups: vec![group],
            transactions: Vec::new(),
            individually_signed: IndividuallySigned::Nobody,
            signature: None,
        };
        let mut transfer = Vec::new();
        write::varint(row.transfer.signer.0.into(), &mut transfer);
        let gap = transfer.len();
        write::varint(row.transfer.counter.get(), &mut transfer);
        match row.transfer.to {
            Name::Index(index) => {
                write::varint(u64::from(index.0).saturating_add(2), &mut transfer)
            }
            Name::Address(address) => {
                transfer.push(0);
                transfer.extend_from_slice(&address.0);
            }
            Name::Registration(_) => {}
        }
        write::amount(row.transfer.amount, &mut transfer);
        // Before the header are flags and a count of groups, after it the count of transfers: a byte each.
        let encoded = batch.encode();
        let end = encoded.len().saturating_sub(transfer.len() + 1);
        let header = encoded.get(2..end).unwrap_or_default().to_vec();
        RowForm { row, header, body: transfer.len() - gap }
    }
}

/// A transaction that all its signers have signed, and that has room in a message.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    /// Its hash.
    pub hash: Hash32,
    /// What it is.
    pub transaction: Transaction,
    /// Who signed it, in the order of its operations.
    pub signers: Vec<Signer>,
    /// The last level in which it can be applied.
    pub expires: Level,
    /// What it is in a transfer group, if it has room in one.
    pub row: Option<RowForm>,
    /// Bytes of its encoding as a transaction.
    pub bytes: usize,
    /// As it was submitted: what the journal keeps.
    pub submitted: Arc<SubmittedTransaction>,
}

impl Verified {
    /// Of a transaction whose signatures are good.
    pub(crate) fn new(
        signed: &SignedTransaction,
        expires: Level,
        submitted: Arc<SubmittedTransaction>,
    ) -> Self {
        let signer = |one: &batcher_api::OperationSigner| Signer {
            account: one.account,
            key: one.key,
            counter: one.counter,
            signature: one.signature,
            registration: one.registration(),
        };
        Verified {
            hash: signed.hash(),
            signers: signed.signers.iter().map(signer).collect(),
            expires,
            row: Row::of(&signed.transaction).map(RowForm::new),
            bytes: signed.transaction.encode().len(),
            transaction: signed.transaction.clone(),
            submitted,
        }
    }

    /// The accounts that it registers.
    pub(crate) fn registers(&self) -> Vec<Tz4Address> {
        let with_proof = self.signers.iter().filter(|signer| signer.registration.is_some());
        with_proof.map(|signer| signer.account).collect()
    }

    /// The signer of an operation that the transaction names so.
    pub(crate) fn name_of(&self, operation: usize) -> Option<Name> {
        self.transaction.operations.get(operation).map(|operation| operation.signer)
    }
}
