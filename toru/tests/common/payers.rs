//! A batcher in a process of its own, and people who pay through it and sign what it offers.
#![allow(dead_code, reason = "each test binary uses some of it")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use batcher_api::{
    CoSignature, OfferEvent, OperationSigner, Record, SignedTransaction, Stage, batch_of_content,
};
use bls::{SecretKey, Signature};
use encoding::{
    AccountIndex, Amount, Counter, Hash32, Level, RollupAddress, TicketIndex, Tz4Address,
};
use inbox::v2::{Batch, Name, TicketName, Transfer};
use layer1::address::{Address, Role};
use serde_json::{Value, json};
use toru::dev::Account;

use super::Folder;
use super::http::call;
use super::stream::Events;

/// The rollup of every sandbox.
pub const ROLLUP: RollupAddress = RollupAddress([0; 20]);
/// How long anything is waited for.
const PATIENCE: Duration = Duration::from_secs(90);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// A batcher that runs; killed at the end.
pub struct Batcher {
    pub child: Child,
    pub endpoint: String,
}

impl Batcher {
    /// Starts one over a node, with its data in `b`. It is ready once the indexes of those that a sandbox begins with
    /// are final.
    pub fn start(folder: &Folder, node: &str, options: &[&str]) -> Self {
        let mut child = Self::spawn(folder, node, options);
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let served = |line: String| {
            let (_, rest) = line.split_once("http://")?;
            rest.split([' ', '/']).next().map(str::to_owned)
        };
        let endpoint = lines.map_while(Result::ok).find_map(served).unwrap();
        let batcher = Self { child, endpoint };
        let account = format!("/v1/accounts/{}", Payer::dev(0).address);
        let ready = || batcher.get(&account).1["index"].is_number();
        batcher.until("it is ready", || ready().then_some(()));
        batcher
    }

    /// Starts one that need not be ready.
    pub fn spawn(folder: &Folder, node: &str, options: &[&str]) -> Child {
        let node = format!("http://{}", node.strip_prefix("http://").unwrap_or(node));
        let anywhere: &[&str] =
            if options.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        Command::new(env!("CARGO_BIN_EXE_toru"))
            .args(["batcher", "--endpoint", &node, "--data", "b"])
            .args(anywhere)
            .args(options)
            .current_dir(&folder.0)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    pub fn get(&self, path: &str) -> (u16, Value) {
        match call(&self.endpoint, "GET", path, None) {
            Ok(answer) => (answer.status, answer.body),
            Err(_) => (0, Value::Null),
        }
    }

    pub fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let answer = call(&self.endpoint, "POST", path, Some(body)).unwrap();
        (answer.status, answer.body)
    }

    /// Submits transactions; what is answered to each.
    pub fn submit(&self, transactions: &[SignedTransaction]) -> Vec<Value> {
        let (status, answer) = self.post("/v1/transactions", &submission(transactions));
        assert_eq!(status, 200, "{answer}");
        answer["results"].as_array().unwrap().clone()
    }

    /// Submits one that is accepted.
    pub fn accepted(&self, transaction: &SignedTransaction) -> Record {
        let results = self.submit(std::slice::from_ref(transaction));
        let record = serde_json::from_value(results[0]["record"].clone());
        record.unwrap_or_else(|error| panic!("{error}: {}", results[0]))
    }

    /// Submits one that is refused, with this code.
    pub fn refused(&self, transaction: &SignedTransaction, code: &str) -> Value {
        let results = self.submit(std::slice::from_ref(transaction));
        assert_eq!(results[0]["error"]["code"], code, "{}", results[0]);
        results[0]["error"].clone()
    }

    pub fn record(&self, hash: Hash32) -> Option<Record> {
        let (status, record) = self.get(&format!("/v1/transactions/{hash}"));
        (status == 200).then(|| serde_json::from_value(record).unwrap())
    }

    /// The record once it is so.
    pub fn record_once(&self, hash: Hash32, is: impl Fn(&Record) -> bool) -> Record {
        let what = format!("the record of {hash}");
        self.until(&what, || self.record(hash).filter(|record| is(record)))
    }

    /// The record once it is over.
    pub fn ended(&self, hash: Hash32) -> Record {
        self.record_once(hash, is_over)
    }

    /// The last level to sign with.
    pub fn expires(&self) -> Level {
        let (status, quote) = self.get("/v1/quote");
        assert_eq!(status, 200, "{quote}");
        Level(i32::try_from(quote["expires"].as_i64().unwrap()).unwrap())
    }

    pub fn sign_offer(
        &self,
        batch: Hash32,
        signatures: &[(Tz4Address, Signature)],
    ) -> (u16, Value) {
        self.post(&format!("/v1/batches/{batch}/signatures"), &co_signatures(signatures))
    }

    /// Waits for something.
    pub fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let begin = Instant::now();
        loop {
            if let Some(found) = look() {
                return found;
            }
            assert!(begin.elapsed() < PATIENCE, "{what}");
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Batcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Whether nothing more will become of it, but for commitments.
pub fn is_over(record: &Record) -> bool {
    record.result.is_some() || [Stage::Dropped, Stage::Expired].contains(&record.stage)
}

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
    /// Whatever is offered is handed to `answer`, on a thread that goes on until the listener is dropped.
    pub fn start(
        endpoint: &str,
        accounts: &[Tz4Address],
        mut answer: impl FnMut(&str, Offer) + Send + 'static,
    ) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let accounts = accounts.iter().map(|one| format!("account={one}&"));
        let path = format!("/v1/events?{}cosign=true", accounts.collect::<String>());
        let (endpoint, stopped) = (endpoint.to_owned(), Arc::clone(&stop));
        thread::spawn(move || {
            while !stopped.load(Ordering::SeqCst) {
                let Ok(events) = Events::open(&endpoint, &path) else {
                    thread::sleep(PAUSE);
                    continue;
                };
                for event in events.take_while(|_| !stopped.load(Ordering::SeqCst)) {
                    if event.kind == "offer" {
                        answer(&endpoint, Offer::read(&event.data));
                    }
                }
            }
        });
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
