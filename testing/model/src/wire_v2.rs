//! Wire format v2 as bytes, written from docs/protocol.md and not from the codecs.

use std::cell::RefCell;
use std::collections::HashMap;

use bls::{Signature, Suite};
use encoding::blake2b_256;

use crate::wire::{Address, ENTRYPOINT, person};
use crate::workload::{Contract, Kind, Paid};

/// An account as it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    Index(u32),
    Address(Address),
    Registration(u32),
}

/// A ticket as it is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Token {
    Index(u32),
    Full(Kind),
}

/// What an operation moves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    Pay(Token, Vec<(Name, u64)>),
    Withdraw(Token, Option<Paid>, u64),
}

/// An operation of a v2 batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    pub signer: Name,
    pub counter: u64,
    pub memo: Option<Vec<u8>>,
    pub moves: Vec<Move>,
    pub individually_signed: bool,
}

/// A transaction of a v2 batch. A row has one operation of one payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    pub is_row: bool,
    pub expires: Option<i32>,
    pub operations: Vec<Operation>,
}

/// A number of seven bits a byte, the lowest first.
pub fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn count(count: usize) -> Vec<u8> {
    varint(count as u64)
}

/// Eleven bits of mantissa and five of a power of ten; or `001f` and the number.
pub fn amount(amount: u64) -> Vec<u8> {
    let (mut mantissa, mut power) = (amount, 0u16);
    while mantissa > 0 && mantissa.is_multiple_of(10) {
        mantissa /= 10;
        power += 1;
    }
    match u16::try_from(mantissa) {
        Ok(short) if short < 2_048 => (short << 5 | power).to_be_bytes().to_vec(),
        _ => [&[0, 0x1f][..], &varint(amount)].concat(),
    }
}

fn name(name: Name) -> Vec<u8> {
    match name {
        Name::Address(address) => [&[0][..], &address].concat(),
        Name::Registration(registration) => [vec![1], varint(registration.into())].concat(),
        Name::Index(index) => varint(u64::from(index) + 2),
    }
}

fn token(token: Token) -> Vec<u8> {
    match token {
        Token::Index(index) => varint(u64::from(index) + 1),
        Token::Full(kind) => {
            let content = kind.content();
            let pair = u8::from(kind == Kind::Token);
            [&[0][..], &kind.ticketer(), &[pair], &count(content.len()), &content].concat()
        }
    }
}

fn level(level: i32) -> Vec<u8> {
    level.to_be_bytes().to_vec()
}

/// The last level of a transaction or of a run, if there is one.
fn expiry(last: Option<i32>) -> Vec<u8> {
    last.map_or_else(|| vec![0], |last| [vec![1], level(last)].concat())
}

fn one_move(one: &Move) -> Vec<u8> {
    match one {
        Move::Pay(what, to) => {
            let to = to.iter().flat_map(|(to, n)| [name(*to), amount(*n)].concat());
            [vec![0], token(*what), count(to_len(one)), to.collect()].concat()
        }
        Move::Withdraw(what, paid, n) => {
            let length = u8::try_from(ENTRYPOINT.len()).unwrap_or(0);
            let to = [&Contract::Vault.hash()[..], &[length], ENTRYPOINT.as_bytes()].concat();
            let kind = if paid.is_some() { 2 } else { 1 };
            let paid = paid.map_or_else(Vec::new, Paid::bytes);
            [vec![kind], token(*what), to, paid, amount(*n)].concat()
        }
    }
}

fn to_len(one: &Move) -> usize {
    match one {
        Move::Pay(_, to) => to.len(),
        Move::Withdraw(..) => 0,
    }
}

/// A transaction as it stands in a batch.
pub fn transaction(transaction: &Transaction) -> Vec<u8> {
    let mut bytes = expiry(transaction.expires);
    bytes.extend(count(transaction.operations.len()));
    for operation in &transaction.operations {
        bytes.extend([name(operation.signer), varint(operation.counter)].concat());
        match &operation.memo {
            None => bytes.push(0),
            Some(memo) => {
                bytes.extend([1, u8::try_from(memo.len()).unwrap_or(u8::MAX)]);
                bytes.extend(memo);
            }
        }
        bytes.extend(count(operation.moves.len()));
        bytes.extend(operation.moves.iter().flat_map(one_move));
    }
    bytes
}

/// What the rows of a run share: the last level and the ticket.
type Shared = (Option<i32>, Token);

/// A row, the index after that of the row before it being `next`; and its own index.
fn row(row: &Transaction, next: u32) -> Option<(Shared, u32, Vec<u8>)> {
    let [Operation { signer: Name::Index(signer), counter, moves, .. }] = &row.operations[..]
    else {
        return None;
    };
    let [Move::Pay(what, to)] = &moves[..] else { return None };
    let [(to, n)] = to[..] else { return None };
    let gap = varint(u64::from(signer.saturating_sub(next)));
    let shared = (row.expires, *what);
    Some((shared, *signer, [gap, varint(*counter), name(to), amount(n)].concat()))
}

fn runs(transactions: &[Transaction]) -> Vec<u8> {
    // What its rows share, the last signer, how many rows, their bytes.
    let mut runs: Vec<(Shared, u32, usize, Vec<u8>)> = Vec::new();
    for transaction in transactions.iter().filter(|one| one.is_row) {
        let (Some((shared, signer, first)), last) = (row(transaction, 0), runs.last_mut()) else {
            continue;
        };
        match last {
            Some((of_run, before, rows, bytes)) if *of_run == shared && *before < signer => {
                let (_, _, later) = row(transaction, *before + 1).unwrap_or((shared, 0, vec![]));
                (*before, *rows) = (signer, *rows + 1);
                bytes.extend(later);
            }
            _ => runs.push((shared, signer, 1, first)),
        }
    }
    if runs.is_empty() {
        return Vec::new();
    }
    let bytes = runs.iter().flat_map(|((expires, what), _, rows, bytes)| {
        [expiry(*expires), token(*what), count(*rows), bytes.clone()].concat()
    });
    [count(runs.len()), bytes.collect()].concat()
}

/// The part of a batch that is signed, with no flag for who signs individually.
pub fn content(
    expires: Option<i32>,
    registrations: &[([u8; 48], [u8; 96])],
    transactions: &[Transaction],
) -> Vec<u8> {
    let mut flags = 0;
    let mut bytes = Vec::new();
    if let Some(last) = expires {
        flags |= 1;
        bytes.extend(level(last));
    }
    if !registrations.is_empty() {
        flags |= 2;
        bytes.extend(count(registrations.len()));
        bytes.extend(registrations.iter().flat_map(|(key, proof)| [&key[..], proof].concat()));
    }
    let runs = runs(transactions);
    if !runs.is_empty() {
        flags |= 4;
        bytes.extend(runs);
    }
    let others: Vec<_> = transactions.iter().filter(|one| !one.is_row).collect();
    if !others.is_empty() {
        flags |= 8;
        bytes.extend(count(others.len()));
        bytes.extend(others.iter().flat_map(|one| transaction(one)));
    }
    [vec![flags], bytes].concat()
}

/// The bitmap of who signs individually and its flag.
pub fn bitmap(individually_signed: &[bool]) -> (u8, Vec<u8>) {
    match individually_signed.iter().filter(|one| **one).count() {
        0 => (0, Vec::new()),
        all if all == individually_signed.len() => (0x20, Vec::new()),
        _ => {
            let byte = |bits: &[bool]| (0..).zip(bits).map(|(at, bit)| u8::from(*bit) << at).sum();
            (0x10, individually_signed.chunks(8).map(byte).collect())
        }
    }
}

/// What is signed: a tag and the digest of that tag, the rollup and some bytes.
pub fn signing_payload(tag: &str, rollup: [u8; 20], bytes: &[u8]) -> ([u8; 32], Vec<u8>) {
    let digest = blake2b_256(&[tag.as_bytes(), &rollup, bytes]).0;
    (digest, [tag.as_bytes(), &digest].concat())
}

/// Somebody's signature of today's wallets, made once for each text.
pub fn signature(of: u8, text: &[u8]) -> Signature {
    thread_local! {
        static MADE: RefCell<HashMap<(u8, Vec<u8>), Signature>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        if made.len() > 50_000 {
            made.clear();
        }
        let key = (of, text.to_vec());
        *made.entry(key).or_insert_with(|| person(of).secret().sign(Suite::Pop, text))
    })
}

/// Somebody's proof of possession, made once.
pub fn proof(of: u8) -> [u8; 96] {
    thread_local! {
        static MADE: RefCell<HashMap<u8, [u8; 96]>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        let make = || person(of).secret().prove_possession().to_compressed();
        *made.entry(of).or_insert_with(make)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_the_protocol() {
        assert_eq!(varint(300), [0xac, 2]);
        assert_eq!(amount(12_500_000), [0x0f, 0xa5]);
        assert_eq!(amount(0), [0, 0]);
        assert_eq!(amount(2_048), [0, 0x1f, 0x80, 0x10]);
    }
}
