//! Who has signed what in a v2 batch: most signers the batch, some their own transaction, and new keys
//! themselves.

use accounts::{Ledger, StoredKeys};
use bls::Suite;
use encoding::limits::{GAS_PER_BATCH, INDIVIDUAL_SIGNATURES_PER_BATCH, PROOFS_PER_GAS};
use encoding::{AccountIndex, Counter, Level, RollupAddress, VerificationGas};
use host::{HostError, RawRollupCore};
use inbox::v2::signed::SigningPayload;
use inbox::v2::{Batch, Name};

use super::check::{Check, Key, KeyList, Signed, SignerKeys, Signers, Signing};
use super::{Resolved, address_of};
use crate::refusal::Refusal;
use crate::results::{Outcome, ResultCode, as_u64};

/// A batch with what its signers sign.
#[derive(Debug)]
pub struct BatchToVerify {
    /// The batch.
    pub batch: Batch,
    pub(crate) signing_payload: SigningPayload,
    pub(crate) rollup: RollupAddress,
    /// The indexes of the new registrations: the keys of all others are registered already.
    pub(crate) new: Vec<usize>,
}

/// A signer, as the rollup knows them now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Known {
    Account(AccountIndex),
    /// No account yet: the registration of this place makes it.
    New(usize),
}

/// Finds the signers of a batch, and refuses it where that settles it.
///
/// # Errors
/// When the host fails.
#[inline(never)] // Smaller apart: docs/bls.md.
pub fn resolve<'b, H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: Batch,
    body: &'b [u8],
    rollup: &RollupAddress,
    level: Level,
) -> Result<Resolved<'b, BatchToVerify>, Refusal> {
    if let Some(expires) = batch.expires.filter(|expires| *expires < level) {
        return Err(Outcome::levels(ResultCode::BatchExpired, expires, level).into());
    }
    let individual = batch.individual_signings();
    if u32::try_from(individual)
        .map_or(true, |individual| individual > INDIVIDUAL_SIGNATURES_PER_BATCH)
    {
        let most = u64::from(INDIVIDUAL_SIGNATURES_PER_BATCH);
        return Err(
            Outcome::new(ResultCode::TooManyIndividualSignings, as_u64(individual), most).into()
        );
    }
    let signing_payload = batch.signing_payload_of_bytes(body, rollup);
    ledger.expect_message(batch.transfers().saturating_mul(2), &signing_payload.digest);
    let registered = registrations(ledger, &batch)?;
    let Found { known, keys, stored } = keys(ledger, &batch, &registered)?;
    let is_new = |(at, registered): (usize, &Registered)| registered.is_new.then_some(at);
    let new: Vec<usize> = registered.iter().enumerate().filter_map(is_new).collect();
    if new.is_empty() && batch.signings() > 0 && all_stale(ledger, &batch, &known)? {
        return Err(Outcome::plain(ResultCode::AllStale).into());
    }

    let mut signed = vec![signing_payload.to_sign()];
    let mut signings = Vec::new();
    // New keys come first: an invalid key is refused with its registration's index, whoever signs with it.
    let mut signatures: Vec<[u8; 96]> = batch.signature.into_iter().collect();
    for index in &new {
        let Some(registration) = batch.registrations.get(*index) else { continue };
        signatures.push(registration.proof);
        let signers = Signers::One(Key::Given(*index));
        signings.push(Signing { signers, signed: Signed::Possession, subject: *index });
    }
    let all = match individual {
        0 => keys,
        _ => {
            let mut all = KeyList::default();
            let each = batch.each_signing().zip(batch.each_individually_signed()).zip(keys.iter());
            let mut of_transaction = None;
            for ((signing, is_individual), key) in each {
                if !is_individual {
                    all.push(key);
                    continue;
                }
                if of_transaction != Some(signing.transaction) {
                    let payload = batch.signing_payload_of_transaction(signing.transaction, rollup);
                    signed.push(payload.map_or_else(Vec::new, |payload| payload.to_sign()));
                    of_transaction = Some(signing.transaction);
                }
                signings.push(Signing {
                    signers: Signers::One(key),
                    signed: Signed::Bytes(Suite::Pop, signed.len() - 1),
                    subject: signing.transaction,
                });
            }
            all
        }
    };
    if all.len() > 0 {
        let signed = Signed::Bytes(Suite::Pop, 0);
        signings.push(Signing { signers: Signers::All(all), signed, subject: 0 });
    }
    let proofs = u32::try_from(new.len()).unwrap_or(u32::MAX);
    let end = GAS_PER_BATCH.plus(VerificationGas::of_many(proofs, PROOFS_PER_GAS));
    // Which registrations are new depends on the state, and with it the list of signings: one that
    // was begun in another state is begun again.
    let mut made_with = Vec::new();
    // A message has room for far fewer than 2^32 of them. The width is that of no machine: every engine
    // names a half-finished verification alike.
    let number = |index: &usize| u32::try_from(*index).unwrap_or(u32::MAX);
    new.iter().for_each(|index| made_with.extend_from_slice(&number(index).to_be_bytes()));
    let given = batch.registrations.iter().map(|registration| registration.key).collect();
    let keys = SignerKeys { stored, given };
    let check = Check::new([b"v2", body], made_with, signed, keys, signings, signatures, end);
    Ok(Resolved { batch: BatchToVerify { batch, signing_payload, rollup: *rollup, new }, check })
}

/// A registration of the batch, as the rollup knows its key now.
struct Registered {
    known: Known,
    /// Whether it is still to be proven.
    is_new: bool,
}

fn registrations<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
) -> Result<Vec<Registered>, HostError> {
    let mut registered: Vec<Registered> = Vec::with_capacity(batch.registrations.len());
    for (at, registration) in batch.registrations.iter().enumerate() {
        let same = |other: &&inbox::v2::Registration| other.key == registration.key;
        let first = batch.registrations.iter().take(at).position(|other| same(&other));
        let index = ledger.find_index(&address_of(&registration.key))?;
        let key = match index {
            Some(index) => ledger.key(index)?,
            None => None,
        };
        let is_new = first.is_none() && !key.is_some_and(|key| key.proven);
        let known = index.map_or(Known::New(first.unwrap_or(at)), Known::Account);
        registered.push(Registered { known, is_new });
    }
    Ok(registered)
}

/// What is known of each signing.
struct Found {
    /// The account of each operation of a transaction. Transfers have theirs in themselves.
    known: Vec<Known>,
    keys: KeyList,
    stored: StoredKeys,
}

/// The account and the key of each signing.
fn keys<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
    registered: &[Registered],
) -> Result<Found, Refusal> {
    let stored = StoredKeys::with_capacity(batch.signings());
    let mut found = Found { known: Vec::new(), keys: KeyList::default(), stored };
    let mut accounts: Vec<AccountIndex> = Vec::new();
    for group in &batch.transfer_groups {
        let there =
            group.transfers.iter().take_while(|transfer| ledger.has_account(transfer.signer));
        accounts.clear();
        accounts.reserve_exact(group.transfers.len());
        accounts.extend(there.map(|transfer| transfer.signer));
        let first = found.stored.len();
        ledger.append_keys(&accounts, &mut found.stored)?;
        for (index, at) in accounts.iter().zip(first..) {
            if found.stored.is_proven(at) == Some(true) {
                found.keys.push(Key::Stored(at));
                continue;
            }
            match usable(Known::Account(*index), &found.stored, Some(at), registered) {
                Ok(key) => found.keys.push(key),
                Err(code) => {
                    return Err(Outcome::new(code, as_u64(found.keys.len()), 0).into());
                }
            }
        }
        if accounts.len() < group.transfers.len() {
            let at = as_u64(found.keys.len());
            return Err(Outcome::new(ResultCode::UnknownSigner, at, 0).into());
        }
    }
    let transfers = batch.transfers();
    for (number, transaction) in batch.transactions.iter().enumerate() {
        let mut seen: Vec<Known> = Vec::new();
        for (at, operation) in transaction.operations.iter().enumerate() {
            let refuse =
                |code| Err(Outcome::new(code, as_u64(transfers + number), as_u64(at)).into());
            let Some(known) = find(ledger, batch, registered, operation.signer)? else {
                return refuse(ResultCode::UnknownSigner);
            };
            if seen.contains(&known) {
                return refuse(ResultCode::DuplicateSigner);
            }
            seen.push(known);
            let stored = match known {
                Known::Account(index) => {
                    ledger.append_keys(&[index], &mut found.stored)?;
                    found.stored.len().checked_sub(1)
                }
                Known::New(_) => None,
            };
            match usable(known, &found.stored, stored, registered) {
                Ok(key) => {
                    found.known.push(known);
                    found.keys.push(key);
                }
                Err(code) => return refuse(code),
            }
        }
    }
    Ok(found)
}

/// Whom a name means, if the rollup or this batch knows.
fn find<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
    registered: &[Registered],
    name: Name,
) -> Result<Option<Known>, HostError> {
    Ok(match name {
        Name::Index(index) => ledger.has_account(index).then_some(Known::Account(index)),
        Name::Registration(index) => {
            let registered = usize::try_from(index).ok().and_then(|at| registered.get(at));
            registered.map(|registered| registered.known)
        }
        Name::Address(address) => match ledger.find_index(&address)? {
            Some(index) => Some(Known::Account(index)),
            None => {
                let is = |key: &[u8; 48]| address_of(key) == address;
                let at = batch.registrations.iter().position(|registration| is(&registration.key));
                at.map(Known::New)
            }
        },
    })
}

/// The key of a signer, if it is proven or is going to be by this batch. `at` is its place among the stored ones.
fn usable(
    known: Known,
    stored: &StoredKeys,
    at: Option<usize>,
    registered: &[Registered],
) -> Result<Key, ResultCode> {
    let is_proven = at.and_then(|at| stored.is_proven(at));
    if let (Some(true), Some(at)) = (is_proven, at) {
        return Ok(Key::Stored(at));
    }
    match registered.iter().position(|registered| registered.known == known) {
        Some(registration) => Ok(Key::Given(registration)),
        None if is_proven.is_some() => Err(ResultCode::KeyNotRegistered),
        None => Err(ResultCode::UnknownSigner),
    }
}

/// Whether every transaction has a counter that is behind: such a one never becomes the next. `known` are the accounts
/// of operations.
fn all_stale<H: RawRollupCore>(
    ledger: &mut Ledger<'_, H>,
    batch: &Batch,
    known: &[Known],
) -> Result<bool, HostError> {
    for transfer in batch.transfer_groups.iter().flat_map(|group| &group.transfers) {
        if transfer.counter >= ledger.counter_of(transfer.signer)? {
            return Ok(false);
        }
    }
    let mut known = known.iter();
    for transaction in &batch.transactions {
        let mut stale = false;
        for (operation, known) in transaction.operations.iter().zip(known.by_ref()) {
            let expected = match known {
                Known::Account(index) => ledger.counter_of(*index)?,
                Known::New(_) => Counter::FIRST,
            };
            stale |= operation.counter < expected;
        }
        if !stale {
            return Ok(false);
        }
    }
    Ok(true)
}
