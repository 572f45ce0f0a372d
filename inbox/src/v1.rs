//! Wire format v1: the layout of the original BLS transaction kernel, byte for byte.
//!
//! A batch is `transactions ‖ aggregate signature`; every list is a `u32` byte length and its
//! items. Keys and tickets stand there in full. Decoding is canonical: what decodes is what
//! encodes to the same bytes.

use encoding::{
    Amount, Counter, Entrypoint, Hash32, Kt1Address, Malformed, Parsed, Ticket, TicketContent,
    Tz4Address, blake2b_256, expect, fail, read, whole,
};

const SIGNER_KEY: u8 = 0x00;
const SIGNER_ADDRESS: u8 = 0x01;
const WITHDRAW: u8 = 0x00;
const TRANSFER: u8 = 0x01;
/// Bytes: the aggregate signature at the end of a batch.
pub const SIGNATURE_BYTES: usize = 96;

/// Bytes: the least that one (signer, transaction) pair takes: two lengths, an address, a counter.
pub const LEAST_PART_BYTES: usize = 4 + 1 + 20 + 8 + 4;

/// Bytes: the least that such a pair takes if it shows the signer's key.
pub const LEAST_KEYED_PART_BYTES: usize = LEAST_PART_BYTES + 28;

/// A list of transactions under one aggregate signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// In the order in which they are applied. At least one.
    pub transactions: Vec<Transaction>,
    /// Over all pairs of a signer and a transaction, compressed.
    pub signature: [u8; SIGNATURE_BYTES],
}

/// Operations of different signers that apply together or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// At least one.
    pub operations: Vec<Operation>,
}

/// What one signer does in a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Who.
    pub signer: Signer,
    /// The signer's next counter.
    pub counter: Counter,
    /// Applied in order; may be empty.
    pub contents: Vec<Content>,
}

/// How a batch names a signer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signer {
    /// By the compressed public key.
    Key([u8; 48]),
    /// By address; the key has been in an earlier transaction.
    Address(Tz4Address),
}

/// One movement of tickets out of the signer's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// To another account.
    Transfer {
        /// The receiver.
        to: Tz4Address,
        /// Which ticket.
        ticket: Ticket,
        /// How much.
        amount: Amount,
    },
    /// To a contract on layer 1.
    Withdraw {
        /// The contract.
        to: Kt1Address,
        /// Which ticket.
        ticket: Ticket,
        /// How much.
        amount: Amount,
        /// Which of its entrypoints.
        entrypoint: Entrypoint,
    },
}

impl Signer {
    /// The signer's account.
    pub fn address(&self) -> Tz4Address {
        match self {
            Signer::Key(key) => Tz4Address::of_public_key(key),
            Signer::Address(address) => *address,
        }
    }
}

impl Operation {
    /// The name under which the result of this operation is kept: a hash of signer, counter and
    /// contents. It does not depend on how the signer is named, or on the transaction around it:
    /// with one counter, at most one of them ever applies.
    pub fn hash(&self) -> Hash32 {
        let mut contents = Vec::new();
        self.contents.iter().for_each(|content| write_content(content, &mut contents));
        let counter = self.counter.get().to_be_bytes();
        blake2b_256(&[b"toru operation v1", &self.signer.address().0, &counter, &contents])
    }
}

impl Transaction {
    /// What each signer signs after their own public key: the transaction with its length.
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_sized(&mut bytes, |out| {
            for operation in &self.operations {
                match &operation.signer {
                    Signer::Key(key) => {
                        out.push(SIGNER_KEY);
                        out.extend_from_slice(key);
                    }
                    Signer::Address(address) => {
                        out.push(SIGNER_ADDRESS);
                        out.extend_from_slice(&address.0);
                    }
                }
                out.extend_from_slice(&operation.counter.get().to_be_bytes());
                write_sized(out, |out| {
                    operation.contents.iter().for_each(|content| write_content(content, out));
                });
            }
        });
        bytes
    }
}

impl Batch {
    /// The batch as it stands after the version byte.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_sized(&mut bytes, |out| {
            self.transactions.iter().for_each(|tx| out.extend_from_slice(&tx.signed_bytes()));
        });
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads what stands after the version byte.
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub fn decode(body: &[u8]) -> Result<Batch, Malformed> {
        whole(body, |input| {
            let (rest, transactions) = sized_list(input, "a transaction", transaction)?;
            if transactions.is_empty() {
                return fail(input, "at least one transaction");
            }
            let (rest, signature) =
                expect("96 bytes of signature", read::take(SIGNATURE_BYTES))(rest)?;
            match signature.try_into() {
                Ok(signature) => Ok((rest, Batch { transactions, signature })),
                Err(_) => fail(rest, "96 bytes of signature"),
            }
        })
    }

    /// The number of (signer, transaction) pairs: what its verification costs.
    pub fn parts(&self) -> usize {
        self.transactions.iter().map(|tx| tx.operations.len()).sum()
    }
}

/// A `u32` byte length and items up to exactly that many bytes.
fn sized_list<'a, T>(
    input: &'a [u8],
    what: &'static str,
    mut item: impl FnMut(&'a [u8]) -> Parsed<'a, T>,
) -> Parsed<'a, Vec<T>> {
    let (after, mut rest) = read::sized(input)?;
    let mut items = Vec::new();
    while !rest.is_empty() {
        let before = rest.len();
        let (next, value) = item(rest)?;
        if next.len() >= before {
            return fail(rest, what);
        }
        items.push(value);
        rest = next;
    }
    Ok((after, items))
}

fn transaction(input: &[u8]) -> Parsed<'_, Transaction> {
    let (rest, operations) = sized_list(input, "an operation", operation)?;
    if operations.is_empty() {
        return fail(input, "at least one operation");
    }
    Ok((rest, Transaction { operations }))
}

fn operation(input: &[u8]) -> Parsed<'_, Operation> {
    let (rest, signer) = signer(input)?;
    let (after, counter) = expect("a counter of 8 bytes", read::be_i64)(rest)?;
    let Ok(counter) = u64::try_from(counter) else {
        return fail(rest, "a counter that is not negative");
    };
    let (after, contents) = sized_list(after, "a content", content)?;
    Ok((after, Operation { signer, counter: Counter::new(counter), contents }))
}

fn signer(input: &[u8]) -> Parsed<'_, Signer> {
    const WHAT: &str = "a signer: 00 and a 48-byte key, or 01 and a 20-byte address";
    let (rest, kind) = expect(WHAT, read::byte)(input)?;
    match kind {
        SIGNER_KEY => {
            let (rest, key) = expect("a 48-byte public key", read::take(48))(rest)?;
            key.try_into().map_or_else(|_| fail(input, WHAT), |key| Ok((rest, Signer::Key(key))))
        }
        SIGNER_ADDRESS => read::tz4_20(rest).map(|(rest, tz4)| (rest, Signer::Address(tz4))),
        _ => fail(input, WHAT),
    }
}

fn content(input: &[u8]) -> Parsed<'_, Content> {
    const WHAT: &str = "a content: 00 withdraw or 01 transfer";
    let (rest, kind) = expect(WHAT, read::byte)(input)?;
    match kind {
        WITHDRAW => {
            let (rest, to) = read::kt1_20(rest)?;
            let (rest, (ticket, amount)) = read::ticket_string(rest)?;
            let (after, name) = read::sized(rest)?;
            let Some(entrypoint) = Entrypoint::new(name) else {
                return fail(rest, "an entrypoint: at most 31 letters, digits or _ . % @");
            };
            Ok((after, Content::Withdraw { to, ticket, amount, entrypoint }))
        }
        TRANSFER => {
            let (rest, to) = read::tz4_20(rest)?;
            let (rest, (ticket, amount)) = read::ticket_string(rest)?;
            Ok((rest, Content::Transfer { to, ticket, amount }))
        }
        _ => fail(input, WHAT),
    }
}

fn write_content(content: &Content, out: &mut Vec<u8>) {
    match content {
        Content::Withdraw { to, ticket, amount, entrypoint } => {
            out.push(WITHDRAW);
            out.extend_from_slice(&to.0);
            out.extend_from_slice(&ticket.to_micheline(*amount));
            write_sized(out, |out| out.extend_from_slice(entrypoint.as_bytes()));
        }
        Content::Transfer { to, ticket, amount } => {
            out.push(TRANSFER);
            out.extend_from_slice(&to.0);
            out.extend_from_slice(&ticket.to_micheline(*amount));
        }
    }
}

fn write_sized(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write(out);
    // A client that writes 4 GiB gets a batch that nobody accepts.
    let length = u32::try_from(out.len() - at - 4).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

/// A ticket of text content: the only kind that v1 can name.
pub fn text_ticket(ticketer: Kt1Address, text: &str) -> Ticket {
    Ticket { ticketer, content: TicketContent::String(text.as_bytes().to_vec()) }
}
