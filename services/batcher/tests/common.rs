//! A batcher over a rollup node in this process, and people who use it.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use batcher::{Event, Handle, Options, Running, Subscription, start};
use batcher_api::{
    CoSignature, CoSignatures, EventKind, OfferEvent, Record, SignatureText, Stage,
    SubmissionRequest, SubmissionResult, SubmittedTransaction, batch_of_content,
};
use client::{registration, sign, sign_individually};
use encoding::{AccountIndex, Amount, Counter, Hash32, Level, TicketIndex};
use inbox::v2::{Action, Name, Operation, TicketName, Transaction};
use tempfile::TempDir;
use tokio::sync::mpsc::Receiver;
use wallet::rpc::Node;

use crate::octez::{Octez, ROLLUP, account, secret, ticket};

/// Where requests come from.
pub const FROM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// How long anything is waited for. It ends a test that hangs; on a slow machine, all that works is done by then.
const LONG: Duration = Duration::from_secs(300);
/// A round that is long enough for people who sign on a slow machine. One in which all have signed ends sooner.
const LONG_ROUND: Duration = Duration::from_secs(20);

/// A batcher over a node. People 1 to 5 hold 1,000 gold each, and their accounts have the indexes 0 to 4.
pub struct World {
    pub octez: Octez,
    pub folder: TempDir,
    pub running: Option<Running>,
}

/// The last level of what is signed in tests.
pub const LAST: Level = Level(240);

impl World {
    /// A batcher that soon offers what it is given.
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    /// The same with other options.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        let octez = Octez::start();
        for person in 1..=5 {
            octez.deposit(account(person), &ticket("gold"), 1_000);
        }
        octez.bake(4);
        let folder = tempfile::tempdir().unwrap();
        let mut world = World { octez, folder, running: None };
        world.start(change);
        world
    }

    /// Starts the batcher, again over the same journal.
    pub fn start(&mut self, change: impl FnOnce(&mut Options)) {
        let mut options = Options::new(self.folder.path().join("batcher"));
        options.timing.max_wait = Duration::from_millis(30);
        options.timing.round = LONG_ROUND;
        options.verifiers = 1;
        change(&mut options);
        let running = start(options, Node::new(&self.octez.endpoint).unwrap()).unwrap();
        let handle = running.handle();
        self.running = Some(running);
        until(|| handle.health().ok.then_some(()));
    }

    /// Ends it, as a crash would as far as the disk is concerned.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
            running.join().unwrap();
        }
    }

    pub fn handle(&self) -> Handle {
        self.running.as_ref().unwrap().handle()
    }

    pub fn submit(&self, items: Vec<SubmittedTransaction>) -> Vec<SubmissionResult> {
        let request = SubmissionRequest { transactions: items };
        wait(self.handle().submit(request, FROM)).unwrap().results
    }

    /// Submits one that has to be accepted.
    pub fn accepted(&self, item: SubmittedTransaction) -> Record {
        let result = self.submit(vec![item]).remove(0);
        result.record.unwrap_or_else(|| panic!("{:?}", result.error))
    }

    /// The code with which one is refused.
    pub fn refused(&self, item: SubmittedTransaction) -> String {
        let result = self.submit(vec![item]).remove(0);
        assert_eq!(result.record, None);
        result.error.unwrap().code
    }

    pub fn record(&self, hash: &str) -> Record {
        wait(self.handle().record(hash_of(hash))).unwrap()
    }

    /// Waits until a transaction is in a stage, or beyond.
    pub fn until(&self, hash: &str, stage: Stage) -> Record {
        let mut last = None;
        let begin = Instant::now();
        loop {
            let record = self.record(hash);
            if record.stage >= stage {
                return record;
            }
            assert!(begin.elapsed() < LONG, "still {:?}", last.unwrap());
            last = Some(record);
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Makes levels until a transaction is in a stage, or beyond: one whenever its message is with the node, once the
    /// batcher has heard of the one before. However slow the batcher is, nothing expires.
    pub fn bake_until(&self, hash: &str, stage: Stage) -> Record {
        until(|| {
            let record = self.record(hash);
            if record.stage >= stage {
                return Some(record);
            }
            if record.stage >= Stage::Sent {
                self.bake_heard();
            }
            None
        })
    }

    /// Makes a level, and waits until the batcher has heard of it.
    pub fn bake_heard(&self) {
        let before = self.handle().health().head;
        self.octez.bake(1);
        until(|| (self.handle().health().head > before).then_some(()));
    }

    /// Event streams of people who sign batches.
    pub fn cosigners(&self, people: &[u8]) -> Receiver<Arc<Event>> {
        let accounts = people.iter().map(|person| account(*person)).collect();
        let subscription = Subscription { accounts, cosign: true, since: None };
        wait(self.handle().subscribe(subscription, FROM)).unwrap()
    }

    /// The next offer.
    pub fn offer(&self, events: &mut Receiver<Arc<Event>>) -> OfferEvent {
        loop {
            let event = next(events);
            if event.kind == EventKind::Offer {
                return serde_json::from_str(&event.data).unwrap();
            }
        }
    }

    /// People sign an offer, after looking at it.
    pub fn cosign(&self, offer: &OfferEvent, people: &[u8]) {
        let content = hex::decode(&offer.content).unwrap();
        let batch = batch_of_content(&content, &hash_of(&offer.batch), &ROLLUP).unwrap();
        let payload = batch.signing_payload(&ROLLUP);
        let signature = |person: &u8| CoSignature {
            account: account(*person).to_string(),
            signature: hex::encode(sign(&secret(*person), &payload).to_compressed()),
        };
        let signatures = CoSignatures { signatures: people.iter().map(signature).collect() };
        let answer = wait(self.handle().sign(hash_of(&offer.batch), signatures, FROM)).unwrap();
        for result in answer.results {
            assert_eq!(result.error, None);
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The next event.
pub fn next(events: &mut Receiver<Arc<Event>>) -> Arc<Event> {
    wait(async { tokio::time::timeout(LONG, events.recv()).await }).unwrap().unwrap()
}

/// Waits for something asynchronous.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(future)
}

/// Waits until there is something.
pub fn until<T>(look: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < LONG, "it takes too long");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn hash_of(text: &str) -> Hash32 {
    Hash32(hex::decode(text).unwrap().try_into().unwrap())
}

/// A payment of gold by index, that has room in a transfer group.
pub fn pays(from: u8, counter: u64, to: u8, amount: u64) -> Transaction {
    let index = |person: u8| Name::Index(AccountIndex(u32::from(person) - 1));
    let to = vec![(index(to), Amount::new(amount))];
    let operation = Operation {
        signer: index(from),
        counter: Counter::new(counter),
        memo: None,
        actions: vec![Action::Transfers { ticket: TicketName::Index(TicketIndex(0)), to }],
    };
    Transaction { expires: Some(LAST), operations: vec![operation] }
}

/// A transaction with the signatures of these people, who are registered by it.
pub fn signed(transaction: &Transaction, people: &[u8]) -> SubmittedTransaction {
    let signature = |person: &u8| {
        let key = secret(*person);
        SignatureText {
            account: account(*person).to_string(),
            key: hex::encode(key.public_key().to_compressed()),
            signature: hex::encode(sign_individually(&key, transaction, &ROLLUP).to_compressed()),
            proof: Some(hex::encode(registration(&key).proof)),
        }
    };
    SubmittedTransaction {
        transaction: hex::encode(transaction.encode()),
        signatures: people.iter().map(signature).collect(),
        ..SubmittedTransaction::default()
    }
}

/// A payment of gold that its payer has signed.
pub fn payment(from: u8, counter: u64, to: u8, amount: u64) -> SubmittedTransaction {
    signed(&pays(from, counter, to, amount), &[from])
}
