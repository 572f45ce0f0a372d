//! What waits in a node's queue for an account: anybody can put a message there that names it, so that
//! only what its key has signed is its own.

use bls::{KeySum, Part, PublicKey, Signature, Suite, aggregate_verify};
use encoding::AccountIndex;
use inbox::v2::{Batch, Name};

use crate::error::StateError;
use crate::inboxes::batch_in;
use crate::limits::QUEUE_CHECKS;
use crate::state::{Account, RollupState};

/// Messages in a queue that name an account and would use a counter of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// Whether one is signed by all whom it names: a level will take it.
    pub signed: bool,
    /// How many are not: the kernel refuses them.
    pub unsigned: usize,
}

/// What waits for an account among messages without their tags. Of those that are not signed, at most
/// [`QUEUE_CHECKS`] are looked at: whoever fills a queue with more gets no more work for it.
///
/// # Errors
/// When the node does not tell what keys the account and others have.
pub fn named(
    state: &RollupState<'_>,
    waiting: &[Vec<u8>],
    account: &Account,
) -> Result<Named, StateError> {
    let mut named = Named::default();
    for payload in waiting {
        let message = [&[1], payload.as_slice()].concat();
        let Some(batch) = batch_in(&message, state.rollup()) else { continue };
        let is_theirs = |name: Name| match name {
            Name::Index(index) => account.index == Some(index),
            name => batch.address_of(name) == Some(account.address),
        };
        // One whose counter is behind changes nothing any more.
        let mut signings = batch.each_signing();
        if !signings.any(|one| is_theirs(one.signer) && one.counter >= account.counter) {
            continue;
        }
        if named.unsigned < QUEUE_CHECKS && is_signed(state, &batch)? {
            named.signed = true;
            return Ok(named);
        }
        named.unsigned += 1;
    }
    Ok(named)
}

/// Whether all whom a batch names have signed it, with keys that the rollup has or the batch registers.
fn is_signed(state: &RollupState<'_>, batch: &Batch) -> Result<bool, StateError> {
    let signature = batch.signature.and_then(|bytes| Signature::from_compressed(&bytes).ok());
    let Some(signature) = signature else { return Ok(false) };
    let mut registered = Vec::with_capacity(batch.registrations.len());
    for one in &batch.registrations {
        let key = PublicKey::from_compressed(&one.key).ok();
        let proof = Signature::from_compressed(&one.proof).ok();
        match key.zip(proof).filter(|(key, proof)| key.verify_possession(proof)) {
            Some((key, _)) => registered.push(key),
            None => return Ok(false),
        }
    }
    let whole = batch.signing_payload(state.rollup()).to_sign();
    let mut own: Vec<(PublicKey, Vec<u8>)> = Vec::new();
    let (mut all, mut some) = (KeySum::new(), false);
    for (signing, is_late) in batch.each_signing().zip(batch.each_individually_signed()) {
        let Some(key) = key_of(state, batch, &registered, signing.signer)? else {
            return Ok(false);
        };
        if is_late {
            let signing_payload =
                batch.signing_payload_of_transaction(signing.transaction, state.rollup());
            own.push((
                key,
                signing_payload.map_or_else(Vec::new, |signing_payload| signing_payload.to_sign()),
            ));
        } else {
            all.add(&key);
            some = true;
        }
    }
    let mut parts: Vec<Part<'_>> = own
        .iter()
        .map(|(key, bytes)| Part { key: *key, message: Suite::Pop.message(bytes) })
        .collect();
    if some {
        let Some(key) = all.key() else { return Ok(false) };
        parts.push(Part { key, message: Suite::Pop.message(&whole) });
    }
    Ok(aggregate_verify(&parts, &signature))
}

/// The proven key of a signer, if there is one.
fn key_of(
    state: &RollupState<'_>,
    batch: &Batch,
    registered: &[PublicKey],
    name: Name,
) -> Result<Option<PublicKey>, StateError> {
    let address = match name {
        Name::Index(index) => return stored(state, index),
        name => batch.address_of(name),
    };
    let Some(address) = address else { return Ok(None) };
    if let Some(index) = state.index(&address)?
        && let Some(key) = stored(state, index)?
    {
        return Ok(Some(key));
    }
    Ok(registered.iter().find(|key| key.address() == address).copied())
}

fn stored(state: &RollupState<'_>, index: AccountIndex) -> Result<Option<PublicKey>, StateError> {
    let key = state.ledger(|ledger| match ledger.has_account(index) {
        true => ledger.key(index),
        false => Ok(None),
    })?;
    let proven = key.filter(|key| key.proven);
    Ok(proven.and_then(|key| PublicKey::from_stored(&key.point).ok()))
}
