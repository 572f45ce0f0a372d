//! The checks of submitted transactions, on the verifiers' threads: nothing here changes anything or waits.

use std::sync::Arc;

use batcher_api::{
    Acceptance, ApiError, Code, SignedTransaction, SubmissionError, SubmittedTransaction,
};
use bls::{Message, Suite, verify_each};
use ed25519_dalek::SigningKey;
use encoding::{AccountIndex, Hash32, Level, TicketIndex, Tz4Address};
use inbox::v2::{Action, Name, TicketName, Transaction};
use tx_kernel::simulation::InTurn;

use super::fees::{self, Indexes};
use super::{KeyCache, Verified, bounds};
use crate::chain::{BlockState, Known, TipStates};
use crate::limits::NODE_AWAY_AFTER;
use crate::mempool::Offered;
use crate::metrics::{Counters, add};
use crate::moment::Clock;
use crate::options::FeeTerms;
use crate::pool::Away;

/// What the checks of a transaction came to.
pub(crate) enum Checked {
    /// It may be taken in.
    Good(Offered),
    /// It is refused, unless it is on record already.
    Refused(Hash32, ApiError),
    /// It could not be read.
    Unreadable(ApiError),
}

/// What the checks need to know.
pub(crate) struct Checks {
    pub(crate) known: Arc<Known>,
    pub(crate) fees: Option<FeeTerms>,
    pub(crate) promised_levels: u32,
    pub(crate) key: SigningKey,
    pub(crate) keys: KeyCache,
    pub(crate) counters: Arc<Counters>,
    pub(crate) clock: Clock,
}

/// A transaction that was read, or why it could not be.
pub(crate) type Read = Result<Signed, ApiError>;

/// A transaction that was read, and whether its signatures are good.
pub(crate) struct Signed {
    transaction: SignedTransaction,
    submitted: Arc<SubmittedTransaction>,
    is_good: bool,
}

impl Signed {
    /// Its hash.
    pub(crate) fn hash(&self) -> Hash32 {
        self.transaction.hash()
    }
}

impl Checks {
    /// Reads transactions. Their signatures are verified together, each for itself.
    pub(crate) fn read(&self, items: Vec<SubmittedTransaction>) -> Vec<Read> {
        let Some(rollup) = self.known.rollup() else {
            return items.iter().map(|_| Err(self.away("it has not answered yet"))).collect();
        };
        let read_key = &|text: &str| self.keys.read(text);
        let read: Vec<Result<SignedTransaction, SubmissionError>> = items
            .iter()
            .map(|item| SignedTransaction::read_with(item, &rollup, read_key))
            .collect();
        let good = self.verify(&read);
        let all = items.into_iter().zip(read).zip(good);
        let one = |((item, read), is_good): ((SubmittedTransaction, Result<_, _>), bool)| {
            let transaction = read.map_err(|error: SubmissionError| error.to_api())?;
            Ok(Signed { transaction, submitted: Arc::new(item), is_good })
        };
        all.map(one).collect()
    }

    /// Holds a transaction against the state.
    pub(crate) fn check(&self, signed: &Signed, tip: &TipStates) -> Checked {
        match self.offered(signed, tip) {
            Ok(offered) => Checked::Good(offered),
            Err(error) => Checked::Refused(signed.hash(), error),
        }
    }

    /// The states at the head, unless the node has been silent for too long.
    pub(crate) fn tip(&self) -> Result<TipStates, ApiError> {
        let (answered, problem) = self.known.answered();
        let silent = self.clock.now().since(answered);
        match self.known.tip() {
            Some(tip) if silent <= NODE_AWAY_AFTER => Ok(tip),
            _ => Err(self.away(&problem.unwrap_or_else(|| "it has not answered yet".to_owned()))),
        }
    }

    fn away(&self, problem: &str) -> ApiError {
        ApiError::new(Code::NodeAway, format!("the rollup node is away: {problem}"))
    }

    /// For each transaction, whether all its signatures and proofs are good, each by itself.
    fn verify(&self, all: &[Result<SignedTransaction, SubmissionError>]) -> Vec<bool> {
        let messages: Vec<Vec<u8>> = all
            .iter()
            .map(|signed| signed.as_ref().map(|one| one.payload.to_sign()).unwrap_or_default())
            .collect();
        let mut signed = Vec::new();
        let mut owners = Vec::new();
        for (at, (one, message)) in all.iter().zip(&messages).enumerate() {
            let Ok(one) = one else { continue };
            for signer in &one.signers {
                let (key, signature) = (signer.key, signer.signature);
                signed.push(bls::Signed { key, message: Suite::Pop.message(message), signature });
                owners.push(at);
                if let Some(signature) = signer.proof {
                    signed.push(bls::Signed { key, message: Message::Possession, signature });
                    owners.push(at);
                }
            }
        }
        let mut seed = [0; 32];
        let results = match getrandom::fill(&mut seed) {
            Ok(()) => verify_each(&signed, &seed),
            // Without random numbers each is verified alone.
            Err(_) => signed
                .iter()
                .map(|one| match one.message {
                    Message::Possession => one.key.verify_possession(&one.signature),
                    Message::Pop(bytes) => one.key.verify(Suite::Pop, bytes, &one.signature),
                    Message::Aug(bytes) => one.key.verify(Suite::Aug, bytes, &one.signature),
                })
                .collect(),
        };
        let mut good = vec![true; all.len()];
        for (owner, is_good) in owners.into_iter().zip(results) {
            if let Some(good) = good.get_mut(owner) {
                *good &= is_good;
            }
        }
        add(&self.counters.wrong_signatures, good.iter().filter(|good| !**good).count());
        good
    }

    fn offered(&self, signed: &Signed, tip: &TipStates) -> Result<Offered, ApiError> {
        let Signed { transaction: signed, submitted, is_good } = signed;
        let Some(rollup) = self.known.rollup() else {
            return Err(self.away("it has not answered yet"));
        };
        if !is_good {
            let message = "a signature or proof of possession of the transaction is wrong";
            return Err(ApiError::new(Code::WrongSignature, message));
        }
        let head = tip.head.block().level;
        let expires = bounds::expiry(&signed.transaction, head)?;
        let mut tx = Verified::new(signed, expires, Arc::clone(submitted));
        let away = |error: Away| self.away(&error.0);
        self.signers(&mut tx, tip)?;
        bounds::size(&tx)?;
        let names = Names { known: &self.known, state: &tip.finalized, fees: self.fees.as_ref() };
        self.indexes(&signed.transaction, &names)?;
        if let Some(terms) = &self.fees {
            fees::check(terms, &signed.transaction, &names).map_err(away)??;
        }
        // What the kernel will read of the state is read here already, so that the engine need not wait for the node.
        // What comes of it is seen when it is taken in.
        let _ = tip.head.read(|host| {
            let mut draft = InTurn::open(host, tip.head.next_level())?;
            draft.apply(&tx.transaction, &tx.registers()).map(|_| ())
        });
        let promised = i32::try_from(self.promised_levels).unwrap_or(i32::MAX);
        // Later than its last level it would be an empty promise.
        let promised = Level(head.0.saturating_add(promised)).min(expires);
        let acceptance = Acceptance { rollup, hash: tx.hash, received: head, promised };
        let receipt = Arc::new(acceptance.sign(&self.key));
        Ok(Offered { tx: Arc::new(tx), received: head, promised, receipt })
    }

    /// Whether the signers are who they say, and registered or able to be.
    fn signers(&self, tx: &mut Verified, tip: &TipStates) -> Result<(), ApiError> {
        let away = |error: Away| self.away(&error.0);
        for operation in 0..tx.signers.len() {
            let name = tx.name_of(operation);
            let Some(signer) = tx.signers.get_mut(operation) else { continue };
            if let Some(Name::Index(index)) = name {
                let account = self.known.address(&tip.finalized, index).map_err(away)?;
                let Some(account) = account else { return Err(not_final("account", index.0)) };
                if account != signer.account {
                    let message = format!(
                        "operation {operation} names account {index}, which is {account}, and {} signs it",
                        signer.account
                    );
                    let error = ApiError::new(Code::NotTheSigner, message);
                    return Err(error.with("index", index.0).with("account", account));
                }
            }
            if tip.head.is_registered(&signer.account).map_err(away)? {
                signer.registration = None;
            } else if signer.registration.is_none() {
                let message = format!(
                    "{} is not registered on the rollup: its proof of possession registers it",
                    signer.account
                );
                let error = ApiError::new(Code::NeedsProof, message);
                return Err(error.with("account", signer.account));
            }
        }
        Ok(())
    }

    /// Whether every index in a transaction is one that nothing takes back.
    fn indexes(&self, transaction: &Transaction, names: &Names<'_>) -> Result<(), ApiError> {
        let away = |error: Away| self.away(&error.0);
        let mut tickets = None;
        for action in transaction.operations.iter().flat_map(|operation| &operation.actions) {
            let (ticket, receivers) = match action {
                Action::Transfers { ticket, to } => (ticket, to.as_slice()),
                Action::Withdraw { ticket, .. } => (ticket, &[][..]),
            };
            if let TicketName::Index(index) = ticket {
                let known = match tickets {
                    Some(known) => known,
                    None => names.state.ledger(|ledger| Ok(ledger.tickets())).map_err(away)?,
                };
                tickets = Some(known);
                if index.0 >= known {
                    return Err(not_final("ticket", index.0));
                }
            }
            for (to, _) in receivers {
                match *to {
                    Name::Index(index) if names.account(index).map_err(away)?.is_none() => {
                        return Err(not_final("account", index.0));
                    }
                    Name::Registration(_) => {
                        let message = "a name by registration means nothing outside of a batch";
                        return Err(ApiError::new(Code::Malformed, message));
                    }
                    Name::Index(_) | Name::Address(_) => {}
                }
            }
        }
        Ok(())
    }
}

fn not_final(what: &str, index: u32) -> ApiError {
    let message = format!(
        "no final level has the {what} of index {index}: name it in full, or wait until it is final"
    );
    ApiError::new(Code::IndexNotFinal, message).with("index", index)
}

/// What indexes mean in the last final level.
struct Names<'a> {
    known: &'a Known,
    state: &'a BlockState,
    fees: Option<&'a FeeTerms>,
}

impl Indexes for Names<'_> {
    fn account(&self, index: AccountIndex) -> Result<Option<Tz4Address>, Away> {
        self.known.address(self.state, index)
    }

    fn ticket(&self, place: usize) -> Result<Option<TicketIndex>, Away> {
        let Some((ticket, _)) = self.fees.and_then(|fees| fees.prices.get(place)) else {
            return Ok(None);
        };
        let hash = ticket.hash();
        self.state.ledger(|ledger| ledger.find_ticket(&hash))
    }
}
