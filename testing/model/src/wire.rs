//! Workloads as bytes: every layout of docs/protocol.md, written from it and not from the codecs.

use std::cell::RefCell;
use std::collections::HashMap;

use bls::Signature;
use encoding::blake2b_256;

use crate::workload::{Content, Contract, Damage, Kind, Named};
use kit::Person;

/// An account's address.
pub type Address = [u8; 20];

/// Our rollup's address, and another one's.
pub const US: [u8; 20] = pvm::DEBUGGER_ROLLUP;
pub const THEM: [u8; 20] = [2; 20];
/// The entrypoint that withdrawals go to.
pub const ENTRYPOINT: &str = "burn";

thread_local! {
    static PEOPLE: RefCell<HashMap<u8, Person>> = RefCell::default();
}

/// A person by number; the numbers are few, so that everybody is met again. In scenarios it is the
/// one called `p` and that number.
pub fn person(number: u8) -> Person {
    PEOPLE.with_borrow_mut(|people| {
        people.entry(number).or_insert_with(|| Person::called(&format!("p{number}"))).clone()
    })
}

/// The number of somebody who has been met.
pub fn number_of(address: [u8; 20]) -> Option<u8> {
    PEOPLE.with_borrow(|people| {
        people.iter().find(|(_, one)| one.address().0 == address).map(|(number, _)| *number)
    })
}

/// Somebody's signature, made once for each text: making them is most of the work.
pub fn signature(of: u8, text: &[u8]) -> Signature {
    thread_local! {
        static MADE: RefCell<HashMap<(u8, Vec<u8>), Signature>> = RefCell::default();
    }
    MADE.with_borrow_mut(|made| {
        if made.len() > 50_000 {
            made.clear();
        }
        *made.entry((of, text.to_vec())).or_insert_with(|| person(of).sign_bytes(text))
    })
}

pub fn u32_of(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

pub fn sized(bytes: &[u8]) -> Vec<u8> {
    [&u32_of(bytes.len())[..], bytes].concat()
}

/// A Micheline integer: six bits and a sign in the first byte, seven in each that follows.
pub fn int(number: i128) -> Vec<u8> {
    let mut rest = number.unsigned_abs();
    let low = |rest: u128, mask: u128| u8::try_from(rest & mask).unwrap_or(0);
    let mut bytes = vec![0, low(rest, 0x3f) | if number < 0 { 0x40 } else { 0 }];
    rest >>= 6;
    while rest > 0 {
        *bytes.last_mut().unwrap_or(&mut 0) |= 0x80;
        bytes.push(low(rest, 0x7f));
        rest >>= 7;
    }
    bytes
}

impl Kind {
    /// The hash of its ticketer.
    pub fn ticketer(self) -> [u8; 20] {
        self.minted_by().hash()
    }

    /// Its ticketer.
    pub fn minted_by(self) -> Contract {
        if self == Kind::FoolsGold { Contract::Forger } else { Contract::Mint }
    }

    /// Its content as Micheline: what its length is counted in.
    pub fn content(self) -> Vec<u8> {
        let string = |text: &[u8]| [&[1][..], &sized(text)].concat();
        match self {
            Kind::Gold | Kind::FoolsGold => string(b"gold"),
            Kind::Blank => string(b""),
            Kind::Longest => string(&[b'x'; 1_995]),
            Kind::TooLong => string(&[b'x'; 1_996]),
            Kind::Token => [&[7, 7][..], &int(7), &[5, 9, 10, 0, 0, 0, 1, 1]].concat(),
        }
    }

    /// `Pair ticketer (Pair content amount)`.
    pub fn with_amount(self, amount: i128) -> Vec<u8> {
        let head = [&[7, 7, 0x0a, 0, 0, 0, 22, 1][..], &self.ticketer(), &[0, 7, 7]].concat();
        [head, self.content(), int(amount)].concat()
    }
}

/// How an operation names its signer: the field, and the account that it comes to.
pub fn signer(number: u8, named: Named) -> (Vec<u8>, [u8; 20]) {
    let by_key = |key: [u8; 48]| {
        let address = encoding::Tz4Address::of_public_key(&key).0;
        ([&[0][..], &key].concat(), address)
    };
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    match named {
        Named::ByKey => by_key(person(number).key()),
        Named::ByAddress => {
            let address = person(number).address().0;
            ([&[1][..], &address].concat(), address)
        }
        Named::ByNonsense(byte) => by_key([byte; 48]),
        Named::ByIdentity => by_key(identity),
    }
}

/// A content.
pub fn content(content: Content) -> Vec<u8> {
    match content {
        Content::Pay(to, ticket, amount) => {
            [&[1][..], &person(to).address().0, &ticket.with_amount(amount.into())].concat()
        }
        Content::Withdraw(ticket, amount) => {
            let ticket = ticket.with_amount(amount.into());
            [&[0][..], &Contract::Vault.hash(), &ticket, &sized(ENTRYPOINT.as_bytes())].concat()
        }
    }
}

/// An operation's name among the results.
pub fn operation_hash(address: [u8; 20], counter: u64, contents: &[Content]) -> [u8; 32] {
    let contents: Vec<u8> = contents.iter().flat_map(|one| content(*one)).collect();
    blake2b_256(&[b"toru operation v1", &address, &counter.to_be_bytes(), &contents]).0
}

/// A transaction, its length included: what each signer signs after their key.
pub fn transaction(operations: &[(Vec<u8>, u64, Vec<Content>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (signer, counter, contents) in operations {
        let contents: Vec<u8> = contents.iter().flat_map(|one| content(*one)).collect();
        bytes.extend([&signer[..], &counter.to_be_bytes(), &sized(&contents)].concat());
    }
    sized(&bytes)
}

/// What stands after the version byte of a batch, and where it is malformed, if it is.
pub fn batch(
    transactions: &[Vec<u8>],
    signature: [u8; 96],
    damage: Damage,
) -> (Vec<u8>, Option<usize>) {
    let mut list = transactions.concat();
    // Where the first operation's counter begins in the list: after the transaction's length and
    // the signer. The body has the list's own length before it.
    let counter = list.get(4).map(|tag| 4 + if *tag == 0 { 49 } else { 21 });
    let content = |at: usize| list.get(at + 8..at + 12).filter(|length| **length != [0; 4]);
    let first_content = counter.filter(|at| content(*at).is_some()).map(|at| at + 12);
    let mut wrong_at = None;
    match damage {
        Damage::NoTransactions => {
            list.clear();
            wrong_at = Some(0);
        }
        Damage::NoOperations => {
            list.splice(0..0, [0; 4]);
            wrong_at = Some(4);
        }
        Damage::NegativeCounter => {
            if let Some(at) = counter {
                list[at] |= 0x80;
                wrong_at = Some(at + 4);
            }
        }
        Damage::UnknownContent => {
            if let Some(at) = first_content {
                list[at] = 2;
                wrong_at = Some(at + 4);
            }
        }
        Damage::Sound | Damage::Longer | Damage::Shorter => {}
    }
    let mut body = [&sized(&list)[..], &signature].concat();
    match damage {
        Damage::Longer => {
            body.push(0);
            wrong_at = Some(body.len() - 1);
        }
        Damage::Shorter => {
            wrong_at = Some(body.len() - 96);
            body.pop();
        }
        _ => {}
    }
    (body, wrong_at)
}
