//! Every kind of bad input that a v2 batch can have is refused with its reason, and is in the fuzz
//! corpus: `TORU_WRITE_CORPUS=1` writes the files anew.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use std::fs;
use std::path::PathBuf;

use client::Builder;
use encoding::{Amount, Entrypoint, Kt1Address, Layer1Address, RollupAddress, Source};
use inbox::envelope::framed_v2;
use inbox::v2::{Action, Batch, IndividuallySigned, Name, Registration};
use kit::v2::{How, account, operation, row, sealed, ticket_index, together, transfers};
use kit::{LevelOutcome, Person, Twin, deposit};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};

const US: RollupAddress = RollupAddress(pvm::DEBUGGER_ROLLUP);

/// What becomes of a batch, or of the operation that its first result line is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Is {
    Refused(ResultCode, u64),
    Failed(ResultCode, u64),
}

/// A batch that is bad.
struct Bad {
    name: &'static str,
    body: Vec<u8>,
    is: Is,
}

/// Two people with gold whose keys are registered, accounts 0 and 1.
fn rollup() -> (Twin, [Person; 2]) {
    let mut twin = Twin::new();
    let people = [Person::new(0), Person::new(1)];
    let address = twin.rollup();
    let mut messages: Vec<_> =
        people.iter().map(|person| deposit(&address, person, "gold", 100)).collect();
    let keys = people.iter().map(Person::registers).fold(Builder::new(), Builder::registration);
    messages.push(framed_v2(&address, &keys.build().encode()));
    twin.run_level(&messages);
    (twin, people)
}

/// Both pay each other, with the counters that are next: signed by both, or one of them late.
fn rows(amount: u64, late: bool) -> Batch {
    let people = [Person::new(0), Person::new(1)];
    let batch = Builder::new()
        .transfer(&ticket_index(0), None, row(0, 0, account(1), amount))
        .transfer(&ticket_index(0), None, row(1, 0, account(0), amount))
        .build();
    let second = if late { How::Own(&people[1]) } else { How::Batch(&people[1]) };
    sealed(&batch, &US, &[How::Batch(&people[0]), second])
}

/// One operation of the first person's, signed.
fn one(row: inbox::v2::Transfer, ticket: u32) -> Vec<u8> {
    let batch = Builder::new().transfer(&ticket_index(ticket), None, row).build();
    sealed(&batch, &US, &[How::Batch(&Person::new(0))]).encode()
}

/// The bytes with some of them, from a place on, replaced.
fn spliced(bytes: &[u8], at: usize, length: usize, by: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes.splice(at..at + length, by.iter().copied());
    bytes
}

/// 48 or 96 bytes in the form of a compressed point that repeat a pattern. In Ethereum's test vectors
/// these are points of the curve that are not in the subgroup; with another end they are no points.
fn pattern(length: usize, end: u8) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef].into_iter().cycle().take(length).collect();
    bytes[0] |= 0x80;
    bytes[length - 1] = end;
    bytes
}

fn identity(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    bytes[0] = 0xc0;
    bytes
}

/// `flags 01 group 00 expiry 01 ticket 02 rows`, then rows of five bytes: gap, counter, receiver, amount.
const EXPIRY: usize = 2;
const FIRST_ROW: usize = 5;
const ROW: usize = 5;

fn of_form() -> Vec<Bad> {
    let good = rows(3, false).encode();
    let some = rows(3, true).encode();
    let bitmap = FIRST_ROW + 2 * ROW;
    let with_place = Builder::new()
        .registration(Person::new(7).registers())
        .transaction(together(vec![operation(
            Name::Registration(0),
            0,
            vec![transfers(0, &[(account(0), 1)])],
        )]))
        .build();
    let with_place = Batch { signature: Some([0; 96]), ..with_place }.encode();
    let withdraws = |receiver| {
        let entrypoint = Entrypoint::new(b"burn").unwrap();
        let (ticket, to, amount) = (ticket_index(0), Kt1Address([4; 20]), Amount::new(1));
        let one = Action::Withdraw { ticket, to, entrypoint, receiver: Some(receiver), amount };
        let transaction = together(vec![operation(account(0), 0, vec![one])]);
        let batch = Builder::new().transaction(transaction).build();
        Batch { signature: Some([0; 96]), ..batch }.encode()
    };
    let paid = withdraws(Layer1Address::Implicit(Source { curve: 0, hash: [7; 20] }));
    let to_contract = withdraws(Layer1Address::Contract(Kt1Address([7; 20])));
    // Behind flags, a count, no expiry, a count, signer, counter, no memo, a count, the kind, ticket,
    // contract and entrypoint.
    let receiver = 10 + 20 + 5;
    // After the flags, a count and the registration: a count, no expiry, a count, and `01 00`.
    let offset = 2 + 144 + 4;
    let bad = |name, body, at: usize| Bad {
        name,
        body,
        is: Is::Refused(ResultCode::Malformed, at as u64),
    };
    let amount = FIRST_ROW + 3;
    vec![
        bad("a byte too long", [&good[..], &[1]].concat(), good.len()),
        bad("padding that ends in a byte", [&good[..], &[0, 0, 1]].concat(), good.len() + 2),
        bad("an expiry that is neither there nor not", spliced(&good, EXPIRY, 1, &[2]), EXPIRY),
        bad(
            "a group with a negative last level",
            spliced(&good, EXPIRY, 1, &[1, 0x80, 0, 0, 0]),
            EXPIRY + 1,
        ),
        bad("a receiver that is a rollup", spliced(&paid, receiver, 1, &[2]), receiver),
        bad("a receiver of a curve that is none", spliced(&paid, receiver + 1, 1, &[5]), receiver),
        bad(
            "a contract with no padding",
            spliced(&to_contract, receiver + 21, 1, &[1]),
            receiver + 21,
        ),
        bad(
            "an amount of 10 that is not 1 and a power",
            spliced(&good, amount, 2, &[0x01, 0x40]),
            amount,
        ),
        bad("an amount of zero with a power", spliced(&good, amount, 2, &[0, 1]), amount),
        bad("an amount with a power of 20", spliced(&good, amount, 2, &[0, 0x34]), amount),
        bad("a short amount in the long form", spliced(&good, amount, 2, &[0, 0x1f, 5]), amount),
        bad(
            "a counter of two bytes that takes one",
            spliced(&good, FIRST_ROW + 1, 1, &[0x80, 0]),
            FIRST_ROW + 1,
        ),
        bad(
            "a counter of more than 64 bits",
            spliced(&good, FIRST_ROW + 1, 1, &[&[0xff; 9][..], &[2]].concat()),
            FIRST_ROW + 1,
        ),
        bad(
            "a gap beyond the last index",
            spliced(&good, FIRST_ROW + ROW, 1, &[0xff, 0xff, 0xff, 0xff, 0x0f]),
            FIRST_ROW + ROW,
        ),
        bad("an index that no registration has", spliced(&with_place, offset, 1, &[1]), offset),
        bad("a bitmap with a bit beyond its end", spliced(&some, bitmap, 1, &[0b110]), bitmap),
        bad("a bitmap of nobody", spliced(&some, bitmap, 1, &[0]), bitmap),
        bad("a bitmap of everybody", spliced(&some, bitmap, 1, &[0b11]), bitmap),
    ]
}

fn of_points() -> Vec<Bad> {
    let good = rows(3, false).encode();
    let signature = good.len() - 96;
    let signed = |bytes: &[u8]| spliced(&good, signature, 96, bytes);
    // A registration beside a signature that is good: the sum over rows is of what is signed.
    let keyed = |key: Vec<u8>| {
        let people = [Person::new(0)];
        let proof = people[0].registers().proof;
        let batch = Builder::new()
            .registration(Registration { key: key.try_into().unwrap(), proof })
            .transfer(&ticket_index(0), None, row(0, 0, account(1), 1))
            .build();
        sealed(&batch, &US, &[How::Batch(&people[0])]).encode()
    };
    let none = |name, body| Bad { name, body, is: Is::Refused(ResultCode::InvalidSignature, 0) };
    let key = |name, body| Bad { name, body, is: Is::Refused(ResultCode::InvalidPublicKey, 0) };
    vec![
        none("a signature that is the identity", signed(&identity(96))),
        none("a signature that is not on the curve", signed(&pattern(96, 0xe0))),
        none("a signature that is not in the subgroup", signed(&pattern(96, 0xef))),
        key("a key that is the identity", keyed(identity(48))),
        key("a key that is not on the curve", keyed(pattern(48, 0xe0))),
        key("a key that is not in the subgroup", keyed(pattern(48, 0xef))),
    ]
}

fn of_indexes() -> Vec<Bad> {
    let unknown = Builder::new().transfer(&ticket_index(0), None, row(9, 0, account(1), 1)).build();
    let unknown = Batch {
        individually_signed: IndividuallySigned::Nobody,
        signature: Some([0x5a; 96]),
        ..unknown
    }
    .encode();
    let failed = |name, body, code, first| Bad { name, body, is: Is::Failed(code, first) };
    vec![
        Bad {
            name: "a signer that is no account",
            body: unknown,
            is: Is::Refused(ResultCode::UnknownSigner, 0),
        },
        failed(
            "a receiver that is no account",
            one(row(0, 0, account(9), 1), 0),
            ResultCode::UnknownAccount,
            9,
        ),
        failed(
            "a ticket that is none",
            one(row(0, 0, account(1), 1), 9),
            ResultCode::UnknownTicket,
            0,
        ),
    ]
}

fn all() -> Vec<Bad> {
    [of_form(), of_points(), of_indexes()].into_iter().flatten().collect()
}

fn result(twin: &Twin, level: &LevelOutcome, body: &[u8]) -> Is {
    match twin.message(level.level, 0) {
        Some(MessageResult::Refused(reason)) => Is::Refused(reason.code, reason.first),
        Some(MessageResult::Done(_)) => {
            let digest = Batch::decode(body).unwrap().signing_payload(&twin.rollup()).digest;
            let result = twin.view(|view| view.batch(&digest).unwrap()).unwrap();
            let reason = result.lines[0].2.outcome;
            Is::Failed(reason.code, reason.first)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_is_refused_with_its_reason_and_moves_nothing() {
    for Bad { name, body, is } in all() {
        let (mut twin, people) = rollup();
        let message = framed_v2(&twin.rollup(), &body);
        let level = twin.run_level(&[message]);
        assert_eq!(result(&twin, &level, &body), is, "{name}");
        let gold: Vec<u64> = people.iter().map(|person| twin.balance(person, "gold")).collect();
        assert_eq!(gold, [100, 100], "{name}");
        assert_eq!(level.runs, 1, "{name}");
    }
}

#[test]
fn without_what_is_bad_in_them_they_are_good() {
    for batch in [rows(3, false), rows(3, true)] {
        let (mut twin, _) = rollup();
        let level = twin.run_level(&[framed_v2(&US, &batch.encode())]);
        let applied = Outcome::new(ResultCode::BatchAccepted, 2, 0);
        assert_eq!(twin.message(level.level, 0), Some(MessageResult::Done(applied)));
    }
}

fn corpus() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../testing/fuzz_targets/corpus/v2")
}

#[test]
fn the_corpus_has_one_of_each() {
    for Bad { name, body, .. } in all() {
        let path = corpus().join(name.replace(' ', "-"));
        if std::env::var_os("TORU_WRITE_CORPUS").is_some() {
            fs::create_dir_all(corpus()).unwrap();
            fs::write(&path, &body).unwrap();
        }
        assert!(fs::read(&path).unwrap() == body, "{}", path.display());
    }
}
