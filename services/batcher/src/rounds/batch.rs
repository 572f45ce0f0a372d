//! A batch of this batcher, from the offer to its result.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use batcher_api::BatchStage;
use bls::Signature;
use encoding::{Hash32, Level, MessageId, Tz4Address};
use inbox::v2::Batch;

use super::{Given, GivenSignatures};
use crate::moment::Moment;

/// A batch.
#[derive(Debug)]
pub(crate) struct OpenBatch {
    /// Its digest.
    pub id: Hash32,
    /// Without signatures.
    pub batch: Arc<Batch>,
    /// What its signers sign, encoded.
    pub content: Arc<[u8]>,
    /// Its transactions, by their numbers.
    pub transactions: Vec<Hash32>,
    /// Its signings, by their numbers.
    pub signings: Vec<Signing>,
    /// Who is asked to sign it.
    pub asked: BTreeSet<Tz4Address>,
    /// Whether it is the second round of its transactions.
    pub second: bool,
    /// When it takes no more signatures, as it stands.
    pub closes: Moment,
    /// Signatures that were given.
    pub given: GivenSignatures,
    /// How many of those who are asked have given one that is right, or may be.
    pub answered: usize,
    /// How many of those who are asked have given one that was verified.
    pub right: usize,
    /// Whether signatures are being verified, so that a quorum is one of right ones.
    pub is_proving: bool,
    /// How far it has come.
    pub progress: Progress,
    /// The message, once it is sealed.
    pub message: Option<Arc<[u8]>>,
    /// Individual signings, once it is sealed.
    pub individual: Vec<u32>,
    /// The transactions that these are of.
    pub individual_transactions: BTreeSet<u32>,
    /// The node's id of the message.
    pub message_id: Option<String>,
    /// How often the node was given the message, and when again at the earliest.
    pub attempts: u32,
    /// When the node may be given the message at the earliest.
    pub not_before: Moment,
}

/// A signing of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Signing {
    /// The number of its transaction.
    pub transaction: u32,
    /// The operation.
    pub operation: u32,
    /// Who signs.
    pub account: Tz4Address,
}

/// How far a batch has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Progress {
    /// It takes signatures.
    Offered,
    /// It takes no more, and those it has are being checked.
    Closing,
    /// Its message is made.
    Sealed,
    /// The node is being given the message.
    Injecting,
    /// The node has the message.
    Sent {
        /// The head when it was given.
        since: Level,
    },
    /// It is in an inbox, and has no result yet.
    Included(MessageId),
    /// It has a result.
    Accepted(MessageId),
    /// The kernel has refused it whole, and its transactions went elsewhere.
    Refused(MessageId),
}

impl OpenBatch {
    /// Its stage as it is told.
    pub(crate) fn stage(&self) -> BatchStage {
        match self.progress {
            Progress::Offered | Progress::Closing => BatchStage::Offered,
            Progress::Sealed | Progress::Injecting => BatchStage::Sealed,
            Progress::Sent { .. } => BatchStage::Sent,
            Progress::Included(_) => BatchStage::Included,
            Progress::Accepted(_) => BatchStage::Accepted,
            Progress::Refused(_) => BatchStage::Dropped,
        }
    }

    /// Keeps a signature that may be right.
    pub(crate) fn keep(&mut self, account: Tz4Address, given: Given) {
        if self.given.keep(account, given) && self.asked.contains(&account) {
            self.answered += 1;
        }
    }

    /// An account's signature is this one. Returns those who have sent others in its name.
    pub(crate) fn is_right(&mut self, account: Tz4Address, signature: Signature) -> Vec<IpAddr> {
        let (had, was_right) = (self.given.has(&account), self.given.has_right(&account));
        if self.asked.contains(&account) {
            self.answered += usize::from(!had);
            self.right += usize::from(!was_right);
        }
        self.given.is_right(account, signature)
    }

    /// A signature in an account's name is wrong.
    pub(crate) fn is_wrong(&mut self, account: &Tz4Address, signature: &Signature) {
        let had = self.given.has(account);
        self.given.is_wrong(account, signature);
        if had && !self.given.has(account) && self.asked.contains(account) {
            self.answered -= 1;
        }
    }

    /// Signings by their accounts.
    pub(crate) fn signings_of(&self, account: &Tz4Address) -> usize {
        self.signings.iter().filter(|signing| signing.account == *account).count()
    }

    /// How many signings have no signature of the batch that is right, or may be.
    pub(crate) fn without_signature(&self) -> usize {
        self.signings.iter().filter(|signing| !self.given.has(&signing.account)).count()
    }

    /// Whether all signers of a transaction signed the batch. Not known before it is sealed.
    pub(crate) fn is_cosigned(&self, transaction: u32) -> Option<bool> {
        self.message.as_ref()?;
        Some(!self.individual_transactions.contains(&transaction))
    }

    /// It is sealed.
    pub(crate) fn seal(&mut self, message: Arc<[u8]>, individual: Vec<u32>) {
        let transaction = |signing: &u32| {
            let at = usize::try_from(*signing).ok()?;
            Some(self.signings.get(at)?.transaction)
        };
        self.individual_transactions = individual.iter().filter_map(transaction).collect();
        self.individual = individual;
        self.message = Some(message);
        self.progress = Progress::Sealed;
    }
}
