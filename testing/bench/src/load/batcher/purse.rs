//! What the members of a crowd have: keys, accounts, and transfers that each has signed for itself beforehand.

use std::thread;

use bls::{PublicKey, SecretKey};
use encoding::{
    AccountIndex, Amount, Counter, Kt1Address, Level, Ticket, TicketContent, TicketIndex,
    Tz4Address,
};
use inbox::v2::{Name, TicketName, Transfer};
use pvm::Durable;

use crate::people;
use crate::wasm::ROLLUP;

/// What each account has at first.
const BALANCE: u64 = 1_000_000;
/// The last level of all transfers: as far away as a batcher takes it.
pub(super) const EXPIRES: Level = Level(14_340);

/// An account, and what it is going to pay.
pub(super) struct Purse {
    pub index: AccountIndex,
    pub address: Tz4Address,
    /// In the order of their counters.
    pub transfers: Vec<SignedTransfer>,
}

/// A transfer that its payer has signed.
pub(super) struct SignedTransfer {
    pub transfer: Transfer,
    /// The digest that was signed, in hex.
    pub hash: String,
    /// The body that submits it.
    pub body: String,
}

/// Everybody's.
pub(super) struct Purses {
    pub all: Vec<Purse>,
    keys: Vec<PublicKey>,
}

/// The ticket that is paid with.
fn gold() -> Ticket {
    Ticket { ticketer: Kt1Address([1; 20]), content: TicketContent::String(b"gold".to_vec()) }
}

impl Purses {
    /// So many accounts with so many transfers each. That takes a while: each is signed.
    pub(super) fn new(accounts: u32, transfers: usize) -> Result<Self, String> {
        let keys = people::keys(usize::try_from(accounts).unwrap_or(usize::MAX))?;
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let share = keys.len().div_ceil(threads).max(1);
        let all = thread::scope(|scope| {
            let parts: Vec<_> = (0..)
                .step_by(share)
                .zip(keys.chunks(share))
                .map(|(first, keys)| scope.spawn(move || part(first, keys, accounts, transfers)))
                .collect();
            let parts =
                parts.into_iter().map(|part| part.join().map_err(|_| "a thread panicked")?);
            parts.collect::<Result<Vec<_>, String>>()
        })?;
        Ok(Self { all: all.into_iter().flatten().collect(), keys })
    }

    /// A ledger in which they have something to pay with.
    pub(super) fn state(&self) -> Result<Durable, String> {
        let mut durable = Durable::default();
        let addresses = self.all.iter().map(|purse| purse.address);
        ::crowd::fill_accounts(&mut durable, addresses, &gold(), Amount::new(BALANCE))
            .map_err(|error| error.to_string())?;
        let points = self.all.iter().map(|purse| purse.index).zip(&self.keys);
        let points: Vec<_> = points.map(|(index, key)| (index, key.to_stored())).collect();
        ::crowd::prove(&mut durable, &points).map_err(|error| error.to_string())?;
        Ok(durable)
    }
}

fn part(
    first: usize,
    keys: &[PublicKey],
    accounts: u32,
    transfers: usize,
) -> Result<Vec<Purse>, String> {
    (first..).zip(keys).map(|(number, key)| purse(number, key, accounts, transfers)).collect()
}

fn purse(number: usize, key: &PublicKey, accounts: u32, transfers: usize) -> Result<Purse, String> {
    let secret = people::secret(number)?;
    let index = u32::try_from(number).map_err(|error| error.to_string())?;
    let (address, text) = (key.address(), keys::public_key_text(key));
    let transfers = (0..transfers)
        .map(|counter| signed(&secret, index, counter, accounts, &address, &text))
        .collect();
    Ok(Purse { index: AccountIndex(index), address, transfers })
}

fn signed(
    secret: &SecretKey,
    index: u32,
    counter: usize,
    accounts: u32,
    address: &Tz4Address,
    key: &str,
) -> SignedTransfer {
    let counter = u64::try_from(counter).unwrap_or(u64::MAX);
    // Everybody pays somebody else, in no order that helps.
    let step = 1 + (u64::from(index) * 7_919 + counter * 104_729) % u64::from(accounts - 1);
    let to = (u64::from(index) + step) % u64::from(accounts);
    let transfer = Transfer {
        signer: AccountIndex(index),
        counter: Counter::new(counter),
        to: Name::Index(AccountIndex(u32::try_from(to).unwrap_or(0))),
        amount: Amount::new(1 + (u64::from(index) + counter) % 99),
    };
    let own = transfer.to_transaction(&TicketName::Index(TicketIndex(0)), Some(EXPIRES));
    let payload = own.signing_payload(&ROLLUP);
    let signature = hex::encode(client::sign(secret, &payload).to_compressed());
    let body = format!(
        "{{\"transactions\":[{{\"transaction\":\"{}\",\"signatures\":[{{\"account\":\"{address}\",\
         \"key\":\"{key}\",\"signature\":\"{signature}\"}}]}}]}}",
        hex::encode(own.encode())
    );
    SignedTransfer { transfer, hash: payload.digest.to_string(), body }
}
