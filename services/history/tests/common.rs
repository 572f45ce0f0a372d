//! An index over a rollup node in this process, and the batches of people who use it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use client::{Assembly, registration, sign};
use encoding::{AccountIndex, Amount, Counter, Entrypoint, Layer1Address, TicketIndex};
use history::{HistoryError, Options, Page, Reader, Running, start};
use inbox::envelope::framed_v2;
use inbox::v2::{
    Action, Batch, IndividuallySigned, Memo, Name, Operation, TicketName, Transaction,
};
use tempfile::TempDir;
use wallet::rpc::Node;

use crate::octez::{Octez, ROLLUP, account, secret, ticket};

/// How long anything is waited for. It ends a test that hangs; on a slow machine, all that works is done by then.
const LONG: Duration = Duration::from_secs(300);

/// An index over a node.
pub struct World {
    pub octez: Octez,
    pub folder: TempDir,
    pub running: Option<Running>,
}

impl World {
    /// Over a node on which people 1 to 4 hold 1,000 gold each: their accounts have the indexes 0 to 3.
    pub fn new() -> Self {
        let world = Self::over(Octez::start());
        world.fund();
        world
    }

    /// Over a node that is there.
    pub fn over(octez: Octez) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut world = World { octez, folder, running: None };
        world.start();
        world
    }

    pub fn fund(&self) {
        for person in 1..=4 {
            self.octez.deposit(account(person), &ticket("gold"), 1_000);
        }
        self.octez.bake(1);
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("history.sqlite")
    }

    /// Starts the index, again over the same file.
    pub fn start(&mut self) {
        let node = Node::new(&self.octez.endpoint).unwrap();
        self.running = Some(start(Options::new(self.file()), node).unwrap());
    }

    /// Ends it in the middle of whatever it does.
    pub fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
            running.join().unwrap();
        }
    }

    /// The file of another index over the same node, which is built at once.
    pub fn anew(&self) -> PathBuf {
        let file = self.folder.path().join("anew.sqlite");
        let node = Node::new(&self.octez.endpoint).unwrap();
        let head = node.block("head").unwrap();
        let running = start(Options::new(file.clone()), node).unwrap();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
        running.stop();
        running.join().unwrap();
        file
    }

    pub fn running(&self) -> &Running {
        self.running.as_ref().unwrap()
    }

    /// Waits until the index has the node's head, and the stages of withdrawals at it.
    pub fn sync(&self) {
        let head = Node::new(&self.octez.endpoint).unwrap().block("head").unwrap();
        let running = self.running();
        running.handle().look();
        until(|| (running.status().settled.as_ref() == Some(&head)).then_some(()));
        assert_eq!(running.changes().borrow().head, Some(head));
    }

    /// Makes a level, and waits until the index has it.
    pub fn bake(&self) {
        self.octez.bake(1);
        self.sync();
    }

    pub fn ask<T>(&self, ask: impl FnOnce(&Reader<'_>) -> Result<T, HistoryError>) -> T {
        self.running().readers().read(ask).unwrap()
    }

    /// What somebody has of gold, as the index knows it.
    pub fn gold(&self, person: u8) -> u64 {
        self.ask(|reader| {
            let Some(account) = reader.account(&account(person))? else { return Ok(0) };
            let balances = reader.balances(account.row, Page::first(0))?.rows;
            let of = balances.iter().find(|one| one.ticket.ticket == ticket("gold"));
            Ok(of.map_or(0, |one| one.amount.get()))
        })
    }

    /// A batch waits for the next level.
    pub fn send(&self, batch: &Batch) {
        self.octez.send(&payload(batch));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop();
            let _ = running.join();
        }
    }
}

/// Waits until there is something.
pub fn until<T>(look: impl Fn() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(begin.elapsed() < LONG, "it takes too long");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A batch as a message without its tag.
pub fn payload(batch: &Batch) -> Vec<u8> {
    framed_v2(&ROLLUP, &batch.encode())[1..].to_vec()
}

/// The account of a person who was funded, by its index.
pub fn index(person: u8) -> Name {
    Name::Index(AccountIndex(u32::from(person) - 1))
}

pub fn gold() -> TicketName {
    TicketName::Index(TicketIndex(0))
}

pub fn transfers(ticket: TicketName, to: &[(Name, u64)]) -> Action {
    Action::Transfers { ticket, to: to.iter().map(|(to, n)| (*to, Amount::new(*n))).collect() }
}

pub fn withdrawal(amount: u64, receiver: Option<Layer1Address>) -> Action {
    Action::Withdraw {
        ticket: gold(),
        to: ticket("gold").ticketer,
        entrypoint: Entrypoint::new(b"burn").unwrap(),
        receiver,
        amount: Amount::new(amount),
    }
}

pub fn operation(
    signer: Name,
    counter: u64,
    memo: Option<&str>,
    actions: Vec<Action>,
) -> Operation {
    let memo = memo.map(|text| Memo::Bytes(text.as_bytes().to_vec()));
    Operation { signer, counter: Counter::new(counter), memo, actions }
}

pub fn transaction(operations: Vec<Operation>) -> Transaction {
    Transaction { expires: None, operations }
}

/// A payment of gold by index.
pub fn pays(from: u8, counter: u64, to: Name, amount: u64) -> Transaction {
    let action = transfers(gold(), &[(to, amount)]);
    transaction(vec![operation(index(from), counter, None, vec![action])])
}

/// A batch of transactions, which registers people, signed by its signers as one or each for itself.
pub fn batch(transactions: Vec<Transaction>, registers: &[u8], together: bool) -> Batch {
    let batch = Batch {
        expires: None,
        registrations: registers.iter().map(|person| registration(&secret(*person))).collect(),
        transfer_groups: Vec::new(),
        transactions,
        individually_signed: IndividuallySigned::Nobody,
        signature: None,
    };
    sealed(&batch, registers, together)
}

/// Signs a batch. Whoever is named by index is that person; by registration, one of those.
pub fn sealed(batch: &Batch, registers: &[u8], together: bool) -> Batch {
    let mut assembly = Assembly::new(batch.clone(), ROLLUP);
    for (number, signing) in batch.each_signing().enumerate() {
        let person = match signing.signer {
            Name::Index(index) => u8::try_from(index.0 + 1).unwrap(),
            Name::Registration(at) => registers[usize::try_from(at).unwrap()],
            Name::Address(address) => (1..=20).find(|n| account(*n) == address).unwrap(),
        };
        if together {
            let signature = sign(&secret(person), &assembly.signing_payload());
            assembly.batch_signature(number, signature);
        } else {
            let own = batch.signing_payload_of_transaction(signing.transaction, &ROLLUP).unwrap();
            assembly.individual_signature(number, sign(&secret(person), &own));
        }
    }
    assembly.sealed().unwrap()
}

/// Registers people 1 to 4, so that they can sign batches.
pub fn registers() -> Batch {
    batch(Vec::new(), &[1, 2, 3, 4], true)
}
