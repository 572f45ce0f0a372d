//! A trace as a signed batch, and the state that it is to be applied to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use bls::PublicKey;
use client::{Assembly, Builder};
use encoding::{
    AccountIndex, Amount, Counter, Kt1Address, RollupAddress, Ticket, TicketContent, TicketIndex,
};
use inbox::v2::{Batch, IndividuallySigned, Name, TicketName, Transfer};
use pvm::Durable;

use crate::people;
use crate::trace::{BALANCE, Trace};

/// How payers sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each their own transaction.
    Own,
    /// All of them the batch.
    Batch,
    /// One in ten their own transaction, the others the batch.
    Mixed,
}

impl Mode {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Own => "own",
            Mode::Batch => "batch",
            Mode::Mixed => "mixed",
        }
    }

    fn is_late(self, signing: usize) -> bool {
        match self {
            Mode::Own => true,
            Mode::Batch => false,
            Mode::Mixed => signing.is_multiple_of(10),
        }
    }
}

/// The batch of a trace, with nobody's signature. All counters are 0.
fn unsigned(trace: &Trace) -> Batch {
    let gold = TicketName::Index(TicketIndex(0));
    let row = |transfer: &crate::trace::Transfer| Transfer {
        signer: AccountIndex(transfer.from),
        counter: Counter::FIRST,
        to: Name::Index(AccountIndex(transfer.to)),
        amount: Amount::new(transfer.amount),
    };
    let rows = trace.transfers.iter().map(row);
    rows.fold(Builder::new(), |builder, row| builder.transfer(&gold, None, row)).build()
}

/// The batch of a trace, signed: payer number `i` of the trace has the key of that number.
pub fn signed(trace: &Trace, mode: Mode, rollup: &RollupAddress) -> Result<Batch, String> {
    let batch = unsigned(trace);
    let signing_payload = batch.signing_payload(rollup).to_sign();
    if mode == Mode::Batch {
        return signed_by(trace, 0, rollup);
    }
    let mut assembly = Assembly::new(batch, *rollup);
    for signing in 0..trace.transfers.len() {
        let secret = people::secret(signing)?;
        if mode.is_late(signing) {
            let own = assembly.batch().signing_payload_of_transaction(signing, rollup);
            let own = own.ok_or("there is no such transaction")?;
            assembly.individual_signature(signing, client::sign(&secret, &own));
        } else {
            let signature = secret.sign(bls::Suite::Pop, &signing_payload);
            assembly.batch_signature(signing, signature);
        }
    }
    assembly.sealed().map_err(|error| error.to_string())
}

/// The batch of a trace that all payers sign: payer number `i` of it has the key of number
/// `first + i`.
pub fn signed_by(trace: &Trace, first: usize, rollup: &RollupAddress) -> Result<Batch, String> {
    let batch = unsigned(trace);
    let signing_payload = batch.signing_payload(rollup).to_sign();
    let payers = first..first.saturating_add(batch.signings());
    let signature = Some(people::sign_all(payers, &signing_payload)?.to_compressed());
    Ok(Batch { individually_signed: IndividuallySigned::Nobody, signature, ..batch })
}

/// The ticket that is paid with.
fn ticket() -> Ticket {
    Ticket { ticketer: Kt1Address([1; 20]), content: TicketContent::String(b"gold".to_vec()) }
}

/// A ledger of so many accounts, all with the same balance.
///
/// # Errors
/// When there are too many accounts.
pub fn crowd(accounts: u32) -> Result<Durable, String> {
    thread_local! {
        // A million accounts take seconds, and a copy takes nothing.
        static MADE: RefCell<BTreeMap<u32, Durable>> = RefCell::default();
    }
    if let Some(made) = MADE.with_borrow(|made| made.get(&accounts).cloned()) {
        return Ok(made);
    }
    let mut durable = Durable::default();
    crowd::fill(&mut durable, accounts, &ticket(), Amount::new(BALANCE))
        .map_err(|error| error.to_string())?;
    MADE.with_borrow_mut(|made| made.insert(accounts, durable.clone()));
    Ok(durable)
}

/// Gives the payers of a trace their keys.
///
/// # Errors
/// When a payer has no account.
pub fn enrol(durable: &mut Durable, trace: &Trace, keys: &[PublicKey]) -> Result<(), String> {
    let payers = trace.transfers.iter().map(|transfer| AccountIndex(transfer.from));
    let points: Vec<_> = payers.zip(keys.iter().map(PublicKey::to_stored)).collect();
    crowd::prove(durable, &points).map_err(|error| error.to_string())
}
