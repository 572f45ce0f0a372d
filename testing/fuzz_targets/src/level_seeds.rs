//! Good levels, from which damaged ones are made.

use encoding::{Entrypoint, Kt1Address, Source};
use inbox::deposit::encode_bytes;
use inbox::envelope::{framed_reclaim, framed_v1, transfer_message};
use inbox::reclaim::{Request, Signed};
use inbox::upgrade::{UpgradeCommand, hash_of_page, pages as pages_of};

use crate::levels::{HEADER, HELPER, US};
use crate::v2;
use kit::upgrading::{order as order_by, page_messages};
use kit::{Person, batch, deposit, pay, sign, ticket, tx, withdraw};

/// An input of these messages.
fn input(header: [u8; HEADER], messages: &[Vec<u8>]) -> Vec<u8> {
    let mut data = header.to_vec();
    for message in messages {
        data.extend(u16::try_from(message.len()).unwrap_or(u16::MAX).to_be_bytes());
        data.extend(message);
    }
    data
}

/// A deposit of this many gold to nobody, made by Alice through a contract.
fn stray(amount: i64) -> Vec<u8> {
    let payload = inbox::deposit::encode("nobody", &ticket("gold"), &amount.into());
    transfer_message(&payload, &HELPER, &alice(), &US)
}

fn alice() -> Source {
    Source { curve: 3, hash: Person::new(1).address().0 }
}

fn request(number: u64) -> Request {
    let entrypoint = Entrypoint::new(b"take").unwrap();
    Request { number, destination: Kt1Address([0x44; 20]), entrypoint, receiver: None }
}

fn ask(number: u64, source: &Source) -> Vec<u8> {
    transfer_message(&encode_bytes(&request(number).to_bytes()), &HELPER, source, &US)
}

/// Somebody's signed request for a held deposit.
pub fn signed(number: u64, by: &Person) -> Signed {
    let request = request(number);
    let signature = by.sign_pop(&request.signed_bytes(&US));
    Signed { request, key: by.key(), signature }
}

fn ask_signed(number: u64, by: &Person) -> Vec<u8> {
    framed_reclaim(&US, &signed(number, by).encode())
}

/// Requests for held deposits: by the contract and by the signer, twice, by somebody else, with an
/// unknown number, and for a deposit without a ticket.
fn about_held() -> Vec<Vec<u8>> {
    let (person, stranger) = (Person::new(1), Person::new(2));
    let unit = transfer_message(b"\x03\x0b", &HELPER, &alice(), &US);
    let other = Source { curve: 0, ..alice() };
    vec![
        stray(5),
        stray(-7),
        unit,
        ask(0, &other),
        ask(0, &alice()),
        ask(0, &alice()),
        ask_signed(1, &stranger),
        ask_signed(1, &person),
        ask_signed(1, &person),
        ask(2, &alice()),
        ask(9, &alice()),
    ]
}

/// An upgrade that its administrator orders, to a kernel of two pages, with a page too many; and one
/// that is called off.
fn upgrade() -> Vec<Vec<u8>> {
    let kernel = [b"\0asm\x01\0\0\0", &[7; 5_000][..]].concat();
    let pages = page_messages(&US, &kernel);
    let order = |order| order_by(&US, &HELPER, order);
    let announce = order(UpgradeCommand::Announce(hash_of_page(&pages_of(&kernel)[0])));
    let mut messages = vec![announce];
    messages.extend(pages.iter().cloned());
    messages.extend([
        pages[0].clone(),
        order(UpgradeCommand::Cancel),
        order(UpgradeCommand::Cancel),
    ]);
    messages
}

/// Good levels: a story, a framed batch of two signers, each message of the story alone.
pub fn seeds() -> Vec<Vec<u8>> {
    let (alice, bob) = (Person::new(1), Person::new(2));
    let contents = vec![pay(&bob, "gold", 30), withdraw("gold", 5)];
    let payment = batch(vec![(tx(vec![alice.does(0, contents)]), vec![&alice])]);
    let both = tx(vec![
        alice.does_by_address(1, vec![pay(&bob, "gold", 1)]),
        bob.does(0, vec![pay(&alice, "gold", 2)]),
    ]);
    let both = framed_v1(&US, &sign(vec![(both, vec![&alice, &bob])]).encode());
    let credit = deposit(&US, &bob, "gold", 11);
    let mut held = credit.clone();
    if let Some(at) = held.windows(3).position(|window| window == b"tz4") {
        held[at] = b'!';
    }
    let story = vec![credit.clone(), payment.clone(), held.clone(), both.clone()];
    let mut seeds: Vec<Vec<u8>> =
        (0..8).map(|at| input([0, at * 30, at, at, 0, 0, 0, 0], &story)).collect();
    seeds.extend([credit, payment, held, both].map(|message| input([0; HEADER], &[message])));
    let held = about_held();
    // Without an exit and with one, from calls on in which the host may fail.
    seeds.extend((0..8).map(|at| input([0, at * 36, at, at, at % 2, 0, 0, 0], &held)));
    seeds.extend(held.into_iter().map(|message| input([0; HEADER], &[message])));
    let upgrade = upgrade();
    seeds.extend((0..8).map(|at| input([0, at * 12, at, at, 0, 0, 0, 0], &upgrade)));
    let compact = v2::messages();
    seeds.extend((0..8).map(|at| input([0, at * 36, at, at, 0, 0, 0, 0], &compact)));
    seeds.extend(compact.into_iter().map(|message| input([0; HEADER], &[message])));
    seeds
}
