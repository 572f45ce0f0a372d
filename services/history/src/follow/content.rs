//! What is in a message, as the kernel's own code reads it, in one form for both wire formats.

use encoding::{
    AccountIndex, Amount, Counter, Entrypoint, Hash32, Kt1Address, Layer1Address, Level,
    RollupAddress, Ticket, Tz4Address,
};
use explain::batch_v2::{memo_text, title};
use explain::message::message as in_words;
use inbox::deposit::{self, Payload};
use inbox::envelope::InternalTransfer;
use inbox::reclaim::{Request, Signed};
use inbox::upgrade::{ANNOUNCE, CANCEL};
use inbox::v2::{Action, Batch, Name, TicketName};
use inbox::{Envelope, MessageKind, envelope, v1};
use layer1::address::{Address, Kind};
use layer1::plain::one_line;
use num_bigint::BigInt;

/// What a message is to this rollup.
#[derive(Debug)]
pub(super) enum Seen {
    /// The protocol's own.
    Protocol,
    /// For others.
    Others,
    /// For this rollup.
    Ours(Content),
}

/// A message for this rollup.
#[derive(Debug)]
pub(super) struct Content {
    /// As `messages.kind` has it.
    pub(super) kind: &'static str,
    /// In words.
    pub(super) text: String,
    /// Of a v2 batch: what those who co-signed it signed.
    pub(super) digest: Option<Hash32>,
    /// The accounts whose keys it registers.
    pub(super) registrations: Vec<Tz4Address>,
    /// What it is to move.
    pub(super) body: Body,
}

/// What a message is to move.
#[derive(Debug)]
pub(super) enum Body {
    /// A batch's transactions.
    Batch(Vec<SentTransaction>),
    /// What a contract has sent.
    Deposit(Box<SentDeposit>),
    /// Nothing.
    Nothing,
}

/// A transaction of a batch.
#[derive(Debug)]
pub(super) struct SentTransaction {
    pub(super) hash: Option<Hash32>,
    pub(super) expires: Option<Level>,
    pub(super) operations: Vec<SentOperation>,
}

/// An operation of it.
#[derive(Debug)]
pub(super) struct SentOperation {
    pub(super) signer: Who,
    pub(super) counter: Counter,
    pub(super) hash: Option<Hash32>,
    pub(super) memo: Option<String>,
    pub(super) individual: bool,
    pub(super) moves: Vec<SentMove>,
}

/// What it moves out of its signer's account.
#[derive(Debug)]
pub(super) struct SentMove {
    pub(super) to: Target,
    pub(super) ticket: TicketName,
    pub(super) amount: Amount,
}

/// An account as a batch names it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Who {
    Index(AccountIndex),
    Address(Tz4Address),
}

/// Where a ticket goes.
#[derive(Debug)]
pub(super) enum Target {
    Account(Who),
    Outside { contract: Kt1Address, entrypoint: Entrypoint, receiver: Option<Layer1Address> },
}

/// A call by a contract that is held if it cannot be credited.
#[derive(Debug)]
pub(super) struct SentDeposit {
    pub(super) sender: String,
    pub(super) source: String,
    /// The ticket, and how much of it, if that can be read.
    pub(super) ticket: Option<(Ticket, BigInt)>,
    /// The account, if it is one.
    pub(super) receiver: Option<Tz4Address>,
}

/// Reads a message.
pub(super) fn seen(raw: &[u8], rollup: &RollupAddress, accepts_v1: bool) -> Seen {
    let words = || {
        let address = Address { kind: Kind::Rollup, hash: rollup.0 };
        in_words(raw, &address, accepts_v1).text
    };
    let plain =
        |kind, body| Content { kind, text: words(), digest: None, registrations: Vec::new(), body };
    Seen::Ours(match envelope(raw, rollup, accepts_v1) {
        Envelope::NotOurs => return Seen::Others,
        Envelope::StartOfLevel
        | Envelope::EndOfLevel
        | Envelope::InfoPerLevel
        | Envelope::ProtocolMigration
        | Envelope::DalAttestedSlots => return Seen::Protocol,
        Envelope::Transfer(call) => {
            let (kind, body) = call_by_contract(&call);
            plain(kind, body)
        }
        Envelope::External { kind: MessageKind::V2, body } => match Batch::decode_padded(body) {
            Ok((batch, _)) => v2(&batch, rollup),
            Err(_) => plain("malformed", Body::Nothing),
        },
        Envelope::External { kind: MessageKind::V1, body } => match v1::Batch::decode(body) {
            Ok(batch) => plain("v1", Body::Batch(batch.transactions.iter().map(of_v1).collect())),
            Err(_) => plain("malformed", Body::Nothing),
        },
        Envelope::External { kind: MessageKind::Reclaim, body } => match Signed::decode(body) {
            Ok(_) => plain("request", Body::Nothing),
            Err(_) => plain("malformed", Body::Nothing),
        },
        Envelope::External { kind: MessageKind::Page, .. } => plain("upgrade", Body::Nothing),
        Envelope::External { kind: MessageKind::Unknown(_), .. } => {
            plain("malformed", Body::Nothing)
        }
    })
}

/// What a contract has sent. Whatever has no other meaning is a deposit that cannot be read, and is held.
fn call_by_contract(call: &InternalTransfer<'_>) -> (&'static str, Body) {
    let source = call.source.to_implicit_22();
    let source = Address::from_contract_bytes(&source)
        .map_or_else(|| hex::encode(source), |address| address.to_string());
    let deposit = |ticket, receiver| {
        let sender = call.sender.to_string();
        Body::Deposit(Box::new(SentDeposit { sender, source, ticket, receiver }))
    };
    match deposit::decode(call.payload) {
        Ok(Payload::Deposit(sent)) => {
            let receiver: String = sent.receiver.iter().map(|byte| char::from(*byte)).collect();
            let receiver = Tz4Address::from_base58(&receiver).ok();
            ("deposit", deposit(Some((sent.ticket, sent.amount)), receiver))
        }
        Ok(Payload::Bytes([ANNOUNCE | CANCEL, ..])) => ("upgrade", Body::Nothing),
        Ok(Payload::Bytes(bytes)) => match Request::from_bytes(bytes) {
            Ok(_) => ("request", Body::Nothing),
            Err(_) => ("bytes", Body::Nothing),
        },
        Err(_) => ("malformed", deposit(None, None)),
    }
}

fn v2(batch: &Batch, rollup: &RollupAddress) -> Content {
    let addresses: Vec<Tz4Address> =
        batch.registrations.iter().map(|one| Tz4Address::of_public_key(&one.key)).collect();
    let who = |name: Name| match name {
        Name::Index(index) => Who::Index(index),
        Name::Address(address) => Who::Address(address),
        // A batch that was decoded has the place.
        Name::Registration(place) => {
            let place = usize::try_from(place).ok();
            Who::Address(place.and_then(|at| addresses.get(at)).copied().unwrap_or_default())
        }
    };
    let mut individual = batch.each_individually_signed();
    let mut transactions = Vec::with_capacity(batch.transactions());
    for number in 0..batch.transactions() {
        let Some(transaction) = batch.transaction(number) else { continue };
        let hash = batch.signing_payload_of_transaction(number, rollup);
        let operations = transaction.operations.iter().map(|operation| SentOperation {
            signer: who(operation.signer),
            counter: operation.counter,
            hash: None,
            memo: operation.memo.as_ref().map(memo_text),
            individual: individual.next() == Some(true),
            moves: operation.actions.iter().flat_map(|action| moves_of(action, &who)).collect(),
        });
        transactions.push(SentTransaction {
            hash: hash.map(|payload| payload.digest),
            expires: transaction.expires,
            operations: operations.collect(),
        });
    }
    drop(individual);
    Content {
        kind: "v2",
        text: title(batch),
        digest: Some(batch.signing_payload(rollup).digest),
        registrations: addresses,
        body: Body::Batch(transactions),
    }
}

fn moves_of(action: &Action, who: &impl Fn(Name) -> Who) -> Vec<SentMove> {
    match action {
        Action::Transfers { ticket, to } => {
            let one = |(to, amount): &(Name, Amount)| SentMove {
                to: Target::Account(who(*to)),
                ticket: ticket.clone(),
                amount: *amount,
            };
            to.iter().map(one).collect()
        }
        Action::Withdraw { ticket, to, entrypoint, receiver, amount } => {
            let (contract, entrypoint) = (*to, entrypoint.clone());
            let to = Target::Outside { contract, entrypoint, receiver: *receiver };
            vec![SentMove { to, ticket: ticket.clone(), amount: *amount }]
        }
    }
}

fn of_v1(transaction: &v1::Transaction) -> SentTransaction {
    let operations = transaction.operations.iter().map(|operation| SentOperation {
        signer: Who::Address(operation.signer.address()),
        counter: operation.counter,
        hash: Some(operation.hash()),
        memo: None,
        individual: true,
        moves: operation.contents.iter().map(move_of_v1).collect(),
    });
    SentTransaction { hash: None, expires: None, operations: operations.collect() }
}

fn move_of_v1(content: &v1::Content) -> SentMove {
    let (to, ticket, amount) = match content {
        v1::Content::Transfer { to, ticket, amount } => {
            (Target::Account(Who::Address(*to)), ticket, amount)
        }
        v1::Content::Withdraw { to, ticket, amount, entrypoint } => {
            let (contract, entrypoint) = (*to, entrypoint.clone());
            (Target::Outside { contract, entrypoint, receiver: None }, ticket, amount)
        }
    };
    SentMove { to, ticket: TicketName::Full(ticket.clone()), amount: *amount }
}

impl Content {
    /// How many transactions it has.
    pub(super) fn transactions(&self) -> usize {
        match &self.body {
            Body::Batch(transactions) => transactions.len(),
            Body::Deposit(_) | Body::Nothing => 0,
        }
    }

    /// A text of strangers' words on one line.
    pub(super) fn line(&self) -> String {
        one_line(&self.text)
    }
}
