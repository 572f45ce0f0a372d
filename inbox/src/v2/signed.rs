//! What is signed: the digest of a batch, or that of one's own transaction.
//!
//! Both begin with a tag that says what kind of signing payload it is, and take in the rollup: a signature
//! for one is nothing for another. The tags begin with a letter; layer 1's own watermarks are small
//! numbers.

use encoding::{Hash32, RollupAddress, blake2b_256};

use super::{Batch, IndividuallySigned, Transaction, flag};

const BATCH: &[u8] = b"toru batch v2";
const TRANSACTION: &[u8] = b"toru transaction v2";

/// A digest with its tag: the bytes that a key signs, in the suite with proofs of possession.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SigningPayload {
    tag: &'static [u8],
    /// The digest: results are kept under it.
    pub digest: Hash32,
}

impl SigningPayload {
    fn new(tag: &'static [u8], rollup: &RollupAddress, parts: [&[u8]; 2]) -> Self {
        let [first, second] = parts;
        SigningPayload { tag, digest: blake2b_256(&[tag, &rollup.0, first, second]) }
    }

    /// The bytes to sign.
    pub fn to_sign(&self) -> Vec<u8> {
        [self.tag, &self.digest.0].concat()
    }
}

impl Batch {
    /// What is claimed by those who sign the batch: all of it but who signed how, and the signature.
    pub fn signing_payload(&self, rollup: &RollupAddress) -> SigningPayload {
        SigningPayload::new(BATCH, rollup, [&self.signed_part(0), &[]])
    }

    /// The same, from the bytes that decoded to this batch.
    pub fn signing_payload_of_bytes(&self, body: &[u8], rollup: &RollupAddress) -> SigningPayload {
        let bitmap = match self.individually_signed {
            IndividuallySigned::Some(_) => self.signings().div_ceil(8),
            IndividuallySigned::Nobody | IndividuallySigned::Everybody => 0,
        };
        let tail = bitmap + self.signature.map_or(0, |signature| signature.len());
        let signed = body.len().checked_sub(tail).and_then(|length| body.get(..length));
        match signed.and_then(<[u8]>::split_first) {
            Some((flags, rest)) => {
                SigningPayload::new(BATCH, rollup, [&[flags & !flag::INDIVIDUAL], rest])
            }
            // Not the bytes of this batch.
            None => self.signing_payload(rollup),
        }
    }

    /// What is claimed by those who sign the transaction of this number for themselves.
    pub fn signing_payload_of_transaction(
        &self,
        number: usize,
        rollup: &RollupAddress,
    ) -> Option<SigningPayload> {
        let transaction = self.transaction(number)?;
        Some(SigningPayload::new(TRANSACTION, rollup, [&self.standalone(&transaction), &[]]))
    }
}

impl Transaction {
    /// What its signers sign, wherever it is put into a batch.
    pub fn signing_payload(&self, rollup: &RollupAddress) -> SigningPayload {
        SigningPayload::new(TRANSACTION, rollup, [&self.encode(), &[]])
    }
}
