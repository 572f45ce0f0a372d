//! From signed transactions to messages for an inbox: registrations where they are needed, as many
//! transactions in a message as it holds.

use bls::{PublicKey, SecretKey};
use client::{Assembly, Builder};
use encoding::limits::{INBOX_MESSAGE_BYTES, INDIVIDUAL_SIGNATURES_PER_BATCH};
use encoding::{RollupAddress, Tz4Address};
use inbox::v2::{Batch, Registration};

use crate::error::BundleError;
use crate::signer::SignerSignature;
use crate::transaction::Signable;

/// Puts transactions that their signers have signed into messages, in their order. Who is not
/// `registered` is registered by the first message that has a transaction of theirs.
///
/// # Errors
/// When somebody has not signed, a transaction is for another rollup, or does not fit a message.
pub fn bundle(
    rollup: &RollupAddress,
    transactions: &[Signable],
    registered: &[Tz4Address],
) -> Result<Vec<Vec<u8>>, BundleError> {
    for (number, transaction) in transactions.iter().enumerate() {
        if transaction.rollup() != rollup {
            let (found, expected) = (*transaction.rollup(), *rollup);
            return Err(BundleError::OtherRollup { number, found, expected });
        }
        if let Some(account) = transaction.missing().first() {
            return Err(BundleError::NotSigned { number, account: *account });
        }
    }
    let mut registered = registered.to_vec();
    let mut messages = Vec::new();
    let mut rest = transactions;
    let mut before = 0;
    while !rest.is_empty() {
        let (count, message) = fullest(rollup, rest, &registered)
            .map_err(|bytes| BundleError::TooLong { number: before, bytes })?;
        registered.extend(rest.iter().take(count).flat_map(Signable::signers));
        messages.push(message);
        rest = rest.get(count..).unwrap_or_default();
        before += count;
    }
    Ok(messages)
}

/// How many messages transactions of one signer make, before they are signed: their signatures are as long
/// as any.
///
/// # Errors
/// As for [`bundle`].
pub fn messages(
    rollup: &RollupAddress,
    transactions: &[Signable],
    registered: &[Tz4Address],
    key: &PublicKey,
) -> Result<usize, BundleError> {
    let Some(first) = transactions.first() else { return Ok(0) };
    // Somebody's signature of something: only its length is looked at.
    let Ok(nobody) = SecretKey::derive(&[1; 32]) else { return Ok(transactions.len()) };
    let signature = client::sign(&nobody, &first.signing_payload());
    let signed = SignerSignature { key: *key, proof: [0; 96], signature };
    let stand_ins = transactions.iter().map(|one| one.with_stand_in(signed));
    bundle(rollup, &stand_ins.collect::<Vec<_>>(), registered).map(|messages| messages.len())
}

/// The message of the most transactions from the front that fit one, and how many these are.
/// Otherwise how long the first alone would be.
fn fullest(
    rollup: &RollupAddress,
    transactions: &[Signable],
    registered: &[Tz4Address],
) -> Result<(usize, Vec<u8>), usize> {
    let most = usize::try_from(INDIVIDUAL_SIGNATURES_PER_BATCH).unwrap_or(usize::MAX);
    let made =
        |count: usize| message(rollup, transactions.get(..count).unwrap_or_default(), registered);
    let fits = |(count, message): &(usize, Vec<u8>)| {
        let parts: usize = transactions.iter().take(*count).map(|one| one.signers().len()).sum();
        message.len() <= INBOX_MESSAGE_BYTES && parts <= most
    };
    // More are never shorter: the most that fit are found by halving.
    let (mut good, mut low, mut bad) = (None, 0, transactions.len() + 1);
    while low + 1 < bad {
        let count = low.midpoint(bad);
        let made = (count, made(count));
        if fits(&made) {
            low = count;
            good = Some(made);
        } else {
            bad = count;
        }
    }
    good.ok_or_else(|| made(1).len())
}

/// One message.
fn message(
    rollup: &RollupAddress,
    transactions: &[Signable],
    registered: &[Tz4Address],
) -> Vec<u8> {
    let mut builder = Builder::new();
    let mut new: Vec<Tz4Address> = Vec::new();
    for signed in transactions.iter().flat_map(Signable::signed) {
        let account = signed.account();
        if !registered.contains(&account) && !new.contains(&account) {
            new.push(account);
            builder = builder.registration(signed.registration());
        }
    }
    for one in transactions {
        builder = builder.transaction(one.transaction().clone());
    }
    let mut assembly = Assembly::new(builder.build(), *rollup);
    let signers = transactions.iter().flat_map(|one| {
        one.signers().into_iter().map(|signer| one.signature_of(&signer).map(|s| s.signature))
    });
    for (signing, signature) in signers.enumerate() {
        if let Some(signature) = signature {
            assembly.individual_signature(signing, signature);
        }
    }
    // Everybody has signed: that was looked at before.
    assembly.message().unwrap_or_default()
}

/// A batch of the same transactions that stands for the signed one in plans: it has no signature, and
/// registers keys without proofs.
#[must_use]
pub fn unsigned(transactions: &[Signable], new: &[[u8; 48]]) -> Batch {
    let mut builder = Builder::new();
    for key in new {
        builder = builder.registration(Registration { key: *key, proof: [0; 96] });
    }
    for one in transactions {
        builder = builder.transaction(one.transaction().clone());
    }
    Batch { signature: Some([0; 96]), ..builder.build() }
}
