//! Whether a batch that is offered to be signed is what was meant: exactly that, or it is not signed.
//!
//! Whoever signs a batch agrees to everything in it that is under their account. So each transaction there has to be
//! one that the signer has already signed for itself: the same hash, which covers the counter, who is paid, of what,
//! how much, the remark and the last level. Nothing more may be there, under whatever name.
//!
//! *Names.* A batch may name an account by its index. An account whose index is not known can be named so without
//! seeing it. So a batch is signed only by an account whose index is final, and known here: every other index is
//! somebody else's then. An account that is new signs its own transactions, and no batch.
//!
//! *Twice.* The same transaction may be in two batches, both signed. It carries one counter, so that it is applied
//! once. Two different transactions with one counter are not signed here in the first place.
//!
//! *Time.* Each transaction has its own last level, which is part of what was signed; how long the batch itself can
//! be applied changes nothing for it. A transaction without a last level would be as good as the batch, so it is
//! only signed in a batch that ends.

use batcher_api::{OfferError, OfferEvent, batch_of_content};
use encoding::{AccountIndex, Counter, Hash32, Level, RollupAddress, Tz4Address};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Batch, Me, Name, Transaction};
use layer1::plain::grouped;

use super::difference::{Difference, Part, differences};
use crate::cosigned::InBatch;
use crate::limits::MAX_OFFER_BYTES;
use crate::transaction::Signable;

/// Why an offer is not signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferProblem {
    /// Its parts are not of their form.
    #[error("its {0} is malformed")]
    Field(&'static str),
    /// It is longer than any batch.
    #[error("it has {} bytes, and a batch has at most {}", grouped(.0), grouped(MAX_OFFER_BYTES))]
    TooLong(usize),
    /// Its content cannot be read, or is that of another batch: one of another rollup, perhaps.
    #[error(transparent)]
    Content(#[from] OfferError),
    /// The account has no index that is known here.
    #[error("the index of {0} is not final yet, so that it could be named by it unseen")]
    NoIndex(Tz4Address),
    /// There is nothing to sign in it.
    #[error("{0} signs nothing in it")]
    NothingOfMine(Tz4Address),
    /// It has a transaction that was not meant.
    #[error("transaction {number} in it is not one that was sent: {}", told(differences))]
    NotMeant {
        /// Its number in the batch.
        number: usize,
        /// In what it differs from the one with the same counter.
        differences: Vec<Difference>,
    },
    /// It has a transaction with a counter for which nothing was sent.
    #[error("transaction {number} in it uses counter {counter}, and nothing was sent with that")]
    OtherCounter {
        /// Its number in the batch.
        number: usize,
        /// The counter.
        counter: Counter,
    },
    /// It has the same transaction more than once.
    #[error("transaction {hash} is in it more than once")]
    Twice {
        /// Which.
        hash: Hash32,
    },
    /// A transaction that never expires, in a batch that never expires.
    #[error("transaction {hash} has no last level, and neither has the batch")]
    NoEnd {
        /// Which.
        hash: Hash32,
    },
}

fn told(differences: &[Difference]) -> String {
    let words: Vec<String> = differences.iter().map(ToString::to_string).collect();
    words.join(", ")
}

/// What an account means to sign.
#[derive(Clone, Debug)]
pub struct Meant {
    rollup: RollupAddress,
    account: Tz4Address,
    index: Option<AccountIndex>,
    transactions: Vec<(Hash32, Transaction)>,
}

/// An offer that is what was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedOffer {
    /// The batch's digest, which is its id.
    pub batch: Hash32,
    /// What agrees to it.
    pub payload: SigningPayload,
    /// The transactions of the account in it, by their hashes.
    pub transactions: Vec<Hash32>,
    /// Their numbers in the batch, in the same order: their results are kept under these.
    pub numbers: Vec<u32>,
}

impl CheckedOffer {
    /// Where each transaction of the account is in the batch.
    #[must_use]
    pub fn places(&self) -> Vec<(Hash32, InBatch)> {
        let all = self.transactions.iter().zip(&self.numbers);
        all.map(|(hash, number)| (*hash, InBatch { batch: self.batch, number: *number })).collect()
    }
}

impl Meant {
    /// Nothing so far. The index is the one that a final level has: [`crate::indexes`].
    #[must_use]
    pub fn new(rollup: RollupAddress, account: Tz4Address, index: Option<AccountIndex>) -> Self {
        Meant { rollup, account, index, transactions: Vec::new() }
    }

    /// Whose.
    #[must_use]
    pub fn account(&self) -> Tz4Address {
        self.account
    }

    /// Whether it can sign any batch at all.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        self.index.is_some()
    }

    /// Adds a transaction that the account has signed and sent. Others are not taken: of what nobody has signed,
    /// nothing is meant.
    pub fn add(&mut self, sent: &Signable) {
        let hash = sent.hash();
        let is_signed = *sent.rollup() == self.rollup && sent.signature_of(&self.account).is_some();
        if is_signed && !self.transactions.iter().any(|(other, _)| *other == hash) {
            self.transactions.push((hash, sent.transaction().clone()));
        }
    }

    /// Forgets a transaction that is over.
    pub fn forget(&mut self, hash: &Hash32) {
        self.transactions.retain(|(other, _)| other != hash);
    }

    /// Holds an offer against what is meant.
    ///
    /// # Errors
    /// When anything in it is not meant, or cannot be read. Then it is not to be signed.
    pub fn check(&self, offer: &OfferEvent) -> Result<CheckedOffer, OfferProblem> {
        let mut id = [0; 32];
        hex::decode_to_slice(&offer.batch, &mut id).map_err(|_| OfferProblem::Field("batch"))?;
        let id = Hash32(id);
        if offer.content.len() > MAX_OFFER_BYTES.saturating_mul(2) {
            return Err(OfferProblem::TooLong(offer.content.len().div_ceil(2)));
        }
        let content = hex::decode(&offer.content).map_err(|_| OfferProblem::Field("content"))?;
        let batch = batch_of_content(&content, &id, &self.rollup)?;
        self.check_batch(&batch, id)
    }

    fn check_batch(&self, batch: &Batch, id: Hash32) -> Result<CheckedOffer, OfferProblem> {
        let Some(index) = self.index else { return Err(OfferProblem::NoIndex(self.account)) };
        let me = Me { address: self.account, index: Some(index) };
        // What is marked as signed individually counts too: the mark is not part of what is signed.
        let (intents, payload) = batch.for_signer(&me, &self.rollup);
        let mut transactions = Vec::with_capacity(intents.len());
        let mut numbers = Vec::with_capacity(intents.len());
        for intent in intents {
            let number = intent.transaction;
            let own_form = batch.signing_payload_of_transaction(number, &self.rollup);
            let hash = own_form.map_or(Hash32([0; 32]), |payload| payload.digest);
            let Some((hash, meant)) = self.transactions.iter().find(|(one, _)| *one == hash) else {
                return Err(self.not_meant(number, &intent.what, intent.operation));
            };
            if transactions.contains(hash) {
                return Err(OfferProblem::Twice { hash: *hash });
            }
            let ends: Option<Level> = meant.expires.or(batch.expires);
            if ends.is_none() {
                return Err(OfferProblem::NoEnd { hash: *hash });
            }
            transactions.push(*hash);
            numbers.push(u32::try_from(number).unwrap_or(u32::MAX));
        }
        match transactions.is_empty() {
            true => Err(OfferProblem::NothingOfMine(self.account)),
            false => Ok(CheckedOffer { batch: id, payload, transactions, numbers }),
        }
    }

    /// In what a transaction differs from what is meant.
    fn not_meant(&self, number: usize, found: &Transaction, at: usize) -> OfferProblem {
        let counter = found.operations.get(at).map_or(Counter::FIRST, |one| one.counter);
        let mine = |transaction: &Transaction| {
            transaction.operations.iter().position(|one| match one.signer {
                Name::Address(address) => address == self.account,
                Name::Index(index) => self.index == Some(index),
                Name::Registration(_) => false,
            })
        };
        let with_place =
            self.transactions.iter().filter_map(|(_, one)| mine(one).map(|place| (one, place)));
        let same = with_place.into_iter().find(|(one, place)| {
            one.operations.get(*place).is_some_and(|operation| operation.counter == counter)
        });
        let Some(same) = same else { return OfferProblem::OtherCounter { number, counter } };
        let mut differences = differences((found, at), same);
        if differences.is_empty() {
            // Two encodings of the same do not exist; whatever it is, it has another hash.
            let (found, meant) = ("another hash".to_owned(), "the one that was signed".to_owned());
            differences.push(Difference { part: Part::Actions, found, meant });
        }
        OfferProblem::NotMeant { number, differences }
    }
}
