//! People who pay through a batcher, and sign what it offers.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use batcher_api::{CoSignature, OfferEvent, OperationSigner, SignedTransaction, batch_of_content};
use bls::{SecretKey, Signature};
use encoding::{
    AccountIndex, Amount, Counter, Hash32, Level, RollupAddress, TicketIndex, Tz4Address,
};
use inbox::v2::{Batch, Name, TicketName, Transfer};
use layer1::address::{Address, Role};
use serde_json::{Value, json};
use toru::dev::Account;

use super::events::Events;
use super::http::call;
use super::wait::PATIENCE;

/// The rollup of every sandbox.
pub const ROLLUP: RollupAddress = RollupAddress([0; 20]);
/// Between two tries to open a stream.
const PAUSE: Duration = Duration::from_millis(50);

/// The body that submits transactions.
pub fn submission(transactions: &[SignedTransaction]) -> Value {
    let all: Vec<_> = transactions.iter().map(SignedTransaction::to_submitted).collect();
    json!({"transactions": all})
}

/// The body that gives signatures of a batch.
pub fn co_signatures(signatures: &[(Tz4Address, Signature)]) -> Value {
    let one = |(account, signature): &(Tz4Address, Signature)| CoSignature {
        account: account.to_string(),
        signature: hex::encode(signature.to_compressed()),
    };
    json!({"signatures": signatures.iter().map(one).collect::<Vec<_>>()})
}

/// Somebody with an account.
pub struct Payer {
    pub secret: SecretKey,
    pub address: Tz4Address,
    /// The index, if it is to be used.
    pub index: Option<u32>,
}

impl Payer {
    /// One of those that every sandbox begins with, named by index.
    pub fn dev(number: u32) -> Self {
        let account = Account::new(number).unwrap();
        let secret = keys::read_secret(&account.text).unwrap().key().clone();
        Self { secret, address: account.address, index: Some(number) }
    }

    /// A payment of the demo ticket, signed by itself, with a proof of possession.
    pub fn pays(
        &self,
        counter: u64,
        to: Tz4Address,
        amount: u64,
        expires: Level,
    ) -> SignedTransaction {
        let transfer = Transfer {
            signer: AccountIndex(self.index.unwrap()),
            counter: Counter::new(counter),
            to: Name::Address(to),
            amount: Amount::new(amount),
        };
        let ticket = TicketName::Index(TicketIndex(0));
        let transaction = transfer.to_transaction(&ticket, Some(expires));
        let payload = transaction.signing_payload(&ROLLUP);
        let signature = client::sign(&self.secret, &payload);
        let signer = OperationSigner {
            account: self.address,
            key: self.secret.public_key(),
            counter: transfer.counter,
            name: Name::Index(transfer.signer),
            signature,
            proof: Some(self.secret.prove_possession()),
        };
        SignedTransaction { transaction, payload, signers: vec![signer] }
    }
}

/// A batch that is offered to accounts of a stream.
pub struct Offer {
    pub id: Hash32,
    pub batch: Batch,
    pub accounts: Vec<Tz4Address>,
}

impl Offer {
    pub fn read(event: &Value) -> Self {
        let offer: OfferEvent = serde_json::from_value(event.clone()).unwrap();
        let id = Hash32(hex::decode(&offer.batch).unwrap().try_into().unwrap());
        let content = hex::decode(&offer.content).unwrap();
        let batch = batch_of_content(&content, &id, &ROLLUP).unwrap();
        let account = |text: &String| {
            let address = Address::parse_as(Role::Account, text).unwrap();
            Tz4Address(address.hash)
        };
        Self { id, batch, accounts: offer.accounts.iter().map(account).collect() }
    }

    /// An honest signature of it.
    pub fn signed_by(&self, payer: &Payer) -> (Tz4Address, Signature) {
        (payer.address, client::sign(&payer.secret, &self.batch.signing_payload(&ROLLUP)))
    }
}

/// Somebody who listens to the offers for some accounts, over streams that are opened again when they end.
pub struct Listener {
    stop: Arc<AtomicBool>,
}

impl Listener {
    /// Whatever is offered is handed to `answer`, on a thread that goes on until the listener is dropped. When this
    /// returns, it listens: who is not heard of is not asked.
    pub fn start(
        endpoint: &str,
        accounts: &[Tz4Address],
        mut answer: impl FnMut(&str, Offer) + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let accounts = accounts.iter().map(|one| format!("account={one}&"));
        let path = format!("/v1/events?{}cosign=true", accounts.collect::<String>());
        let (endpoint, stopped) = (endpoint.to_owned(), Arc::clone(&stop));
        let (opens, opened) = channel();
        thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let stream = Events::try_open(&endpoint, &path, "");
                let Some(events) = stream.ok().filter(|events| events.status() == "200") else {
                    thread::sleep(PAUSE);
                    continue;
                };
                // It is waited for once.
                let _ = opens.send(());
                for event in events.each().take_while(|_| !stopped.load(Ordering::SeqCst)) {
                    if event.name == "offer" {
                        answer(&endpoint, Offer::read(&event.data));
                    }
                }
            }
        });
        opened.recv_timeout(PATIENCE).expect("a stream of events");
        Self { stop }
    }

    /// One that signs honestly whatever asks for these accounts.
    pub fn honest(endpoint: &str, payers: Vec<Payer>) -> Self {
        let accounts: Vec<_> = payers.iter().map(|payer| payer.address).collect();
        Self::start(endpoint, &accounts, move |endpoint, offer| {
            let asked = payers.iter().filter(|payer| offer.accounts.contains(&payer.address));
            let signatures: Vec<_> = asked.map(|payer| offer.signed_by(payer)).collect();
            let path = format!("/v1/batches/{}/signatures", offer.id);
            // A batch may be closed by now, and a batcher may have gone.
            let _ = call(endpoint, "POST", &path, Some(&co_signatures(&signatures)));
        })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
    }
}
