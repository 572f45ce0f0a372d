//! Work is bought by the byte: a flood of cheap messages that ask for much pushes out nobody who pays more
//! for what they ask. Played from the inbox, with random points for signatures.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use bls::{SecretKey, Suite};
use client::Builder;
use encoding::RollupAddress;
use encoding::limits::{
    DEFERRED_BATCHES, GAS_PER_LEVEL, GAS_PER_MESSAGE, INBOX_MESSAGE_BYTES,
    INDIVIDUAL_SIGNATURES_PER_BATCH,
};
use inbox::envelope::framed_v2;
use inbox::v2::{Batch, IndividuallySigned};
use kit::upgrading::{COUNCIL, announce, page_messages};
use kit::v2::{How, account, operation, row, seal, ticket_index, together, transfers};
use kit::{Person, Twin, deposit};
use tx_kernel::layout::{ADMINISTRATOR, UPGRADE_DELAY};
use tx_kernel::price::Price;
use tx_kernel::results::ResultCode;

/// People whom an attacker may name: their accounts are known, their keys are not.
const VICTIMS: u32 = 120;

/// A rollup on which so many accounts have a key and some gold.
fn funded() -> (Twin, Vec<Person>) {
    let mut twin = Twin::native_only();
    let rollup = twin.rollup();
    let people: Vec<Person> = (0..120).map(Person::new).collect();
    let mut messages: Vec<_> =
        people.iter().map(|one| deposit(&rollup, one, "gold", 100)).collect();
    for some in people.chunks(20) {
        let batch = some.iter().fold(Builder::new(), |b, one| b.registration(one.registers()));
        messages.push(framed_v2(&rollup, &batch.build().encode()));
    }
    twin.run_level(&messages);
    (twin, people)
}

/// A point that is nobody's signature of anything.
fn random_point(seed: u8) -> [u8; 96] {
    let key = SecretKey::derive(&[seed; 32]).unwrap();
    key.sign(Suite::Pop, b"nothing").to_compressed()
}

/// As many units for as few bytes as there are: rows of accounts that are there, each of which is said to
/// have signed for itself.
fn unsigned_work(rollup: &RollupAddress, seed: u8) -> Vec<u8> {
    let ticket = ticket_index(0);
    let rows = INDIVIDUAL_SIGNATURES_PER_BATCH.min(VICTIMS);
    let batch = (0..rows).fold(Builder::new(), |batch, signer| {
        batch.transfer(&ticket, None, row(signer, 0, account(0), u64::from(seed) + 1))
    });
    let (late, signature) = (IndividuallySigned::Everybody, Some(random_point(seed)));
    framed_v2(rollup, &Batch { individually_signed: late, signature, ..batch.build() }.encode())
}

/// A flood that asks for several levels' work.
fn flood(rollup: &RollupAddress) -> Vec<Vec<u8>> {
    (0..24).map(|seed| unsigned_work(rollup, seed)).collect()
}

#[test]
fn a_flood_of_unsigned_work_pushes_out_no_honest_payment() {
    let (mut twin, people) = funded();
    let rollup = twin.rollup();
    let flood = flood(&rollup);
    let bytes: usize = flood.iter().map(Vec::len).sum();
    assert!(bytes < 24_000, "{bytes} bytes");

    // Honest people come last: one alone, two in a swap, one who registers.
    let pays = |signer: u32| {
        let move_one = transfers(0, &[(account(119), 1)]);
        together(vec![operation(account(signer), 0, vec![move_one])])
    };
    let alone = Builder::new().transaction(pays(110)).build();
    let swap = together(vec![
        operation(account(111), 0, vec![transfers(0, &[(account(112), 2)])]),
        operation(account(112), 0, vec![transfers(0, &[(account(111), 3)])]),
    ]);
    let swap = Builder::new().transaction(swap).build();
    let newcomer = Person::new(500);
    let register = Builder::new().registration(newcomer.registers()).build();
    let mut messages = flood.clone();
    messages.push(seal(&alone, &rollup, &[How::Own(&people[110])]));
    messages.push(seal(&swap, &rollup, &[How::Own(&people[111]), How::Own(&people[112])]));
    messages.push(framed_v2(&rollup, &register.encode()));
    let level = twin.run_level(&messages);
    for number in 24..27 {
        assert_eq!(twin.message_code(level.level, number), ResultCode::BatchAccepted, "{number}");
    }
    assert_eq!(twin.counter(&people[110]), 1);

    // The same flood in every level: nobody is busy, nobody waits.
    for counter in 1..4 {
        let mut messages = flood.clone();
        let one = together(vec![operation(account(110), counter, vec![])]);
        let batch = Builder::new().transaction(one).build();
        messages.push(seal(&batch, &rollup, &[How::Own(&people[110])]));
        let level = twin.run_level(&messages);
        assert_eq!(twin.message_code(level.level, 24), ResultCode::BatchAccepted);
    }
}

#[test]
fn no_message_asks_for_more_than_a_quarter_of_a_level() {
    let rollup = RollupAddress([7; 20]);
    let most = unsigned_work(&rollup, 1);
    let price = Price::of_message(&most, &rollup, false).unwrap();
    assert!(
        price.gas.get() <= GAS_PER_MESSAGE.get() && price.gas.get() > GAS_PER_MESSAGE.get() / 2
    );
    let (mut twin, _) = funded();
    let ticket = ticket_index(0);
    let rows = INDIVIDUAL_SIGNATURES_PER_BATCH + 1;
    let batch = (0..rows).fold(Builder::new(), |batch, signer| {
        batch.transfer(&ticket, None, row(signer, 0, account(0), 1))
    });
    let (late, signature) = (IndividuallySigned::Everybody, Some(random_point(1)));
    let message = framed_v2(
        &twin.rollup(),
        &Batch { individually_signed: late, signature, ..batch.build() }.encode(),
    );
    assert_eq!(Price::of_message(&message, &twin.rollup(), false), None);
    let level = twin.run_level(&[message]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::TooManyIndividualSignings);
}

/// A message with zeros at its end, as many as it has room for.
fn padded(mut message: Vec<u8>) -> Vec<u8> {
    message.resize(INBOX_MESSAGE_BYTES, 0);
    message
}

#[test]
fn a_full_message_that_all_sign_is_done_whatever_a_block_holds_beside_it() {
    let (mut twin, people) = funded();
    let rollup = twin.rollup();
    // The dearest that an attacker can send: as many as fit a block, each padded to the highest class.
    let block = 512 << 10;
    let one = |seed: u8| {
        let batch = Builder::new()
            .transaction(together(vec![operation(account(u32::from(seed) % 100), 0, vec![])]))
            .build();
        let (late, signature) = (IndividuallySigned::Everybody, Some(random_point(seed)));
        padded(framed_v2(
            &rollup,
            &Batch { individually_signed: late, signature, ..batch }.encode(),
        ))
    };
    let mut messages: Vec<Vec<u8>> = (0..127).map(one).collect();
    let rows: Vec<u32> = (0..110).collect();
    let ticket = ticket_index(0);
    let batch = rows.iter().fold(Builder::new(), |batch, signer| {
        batch.transfer(&ticket, None, row(*signer, 0, account(119), 1))
    });
    let how: Vec<How<'_>> = people.iter().take(110).map(How::Batch).collect();
    messages.push(padded(seal(&batch.build(), &rollup, &how)));
    assert!(messages.iter().map(Vec::len).sum::<usize>() >= block - INBOX_MESSAGE_BYTES);
    let level = twin.run_level(&messages);
    assert_eq!(twin.message_code(level.level, 127), ResultCode::BatchAccepted);
    assert_eq!(twin.balance(&people[119], "gold"), 210);
}

#[test]
fn padding_is_part_of_no_digest_and_of_nothing_else() {
    let (mut twin, people) = funded();
    let rollup = twin.rollup();
    let one = together(vec![operation(account(3), 0, vec![transfers(0, &[(account(4), 5)])])]);
    let batch = Builder::new().transaction(one).build();
    let message = seal(&batch, &rollup, &[How::Batch(&people[3])]);
    let wrong = [&message[..], &[0, 0, 7, 0]].concat();
    let level = twin.run_level(&[wrong]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::Malformed);
    let reason = *twin.message(level.level, 0).unwrap().outcome();
    // Offsets are those of the batch, which begins behind tags, address and version.
    assert_eq!(reason.first, message.len() as u64 - 23 + 2);

    let level = twin.run_level(&[padded(message.clone()), message]);
    assert_eq!(twin.message_code(level.level, 0), ResultCode::BatchAccepted);
    assert_eq!(twin.message_code(level.level, 1), ResultCode::AllStale, "it is the same batch");
    let digest = batch.signing_payload(&rollup).digest;
    assert!(twin.view(|view| view.batch(&digest)).unwrap().is_some());
    assert_eq!(twin.balance(&people[4], "gold"), 105);
}

#[test]
fn who_pays_more_takes_the_place_of_one_that_waits() {
    let (mut twin, people) = funded();
    let rollup = twin.rollup();
    // Floods until no more can wait, all of one class.
    let cheap: Vec<Vec<u8>> = (0..=255).map(|seed| unsigned_work(&rollup, seed)).collect();
    let per_level =
        usize::try_from(GAS_PER_LEVEL.get() / (INDIVIDUAL_SIGNATURES_PER_BATCH + 2)).unwrap();
    let full = per_level + DEFERRED_BATCHES;
    let level = twin.run_level(&cheap[..full]);
    let waits = |twin: &Twin, number: usize| {
        twin.message(level.level, u32::try_from(number).unwrap()).is_none()
    };
    assert!(waits(&twin, per_level) && waits(&twin, full - 1));

    // One that is dearer, and that a level full of still dearer ones cannot afford.
    let pays =
        Builder::new().transaction(together(vec![operation(account(110), 0, vec![])])).build();
    let pays = seal(&pays, &rollup, &[How::Own(&people[110])]);
    let dear = |seed: u8| {
        let transaction = together(vec![operation(account(5), 0, vec![])]);
        let batch = Builder::new().transaction(transaction).build();
        let (late, signature) = (IndividuallySigned::Everybody, Some(random_point(seed)));
        padded(framed_v2(
            &rollup,
            &Batch { individually_signed: late, signature, ..batch }.encode(),
        ))
    };
    let mut messages = vec![pays];
    // They leave a unit of the level.
    messages.extend((0..213).map(dear));
    let busy_level = twin.run_level(&messages);
    assert!(!waits(&twin, full - 1), "the last of the cheapest has left");
    assert_eq!(twin.message_code(level.level, u32::try_from(full - 1).unwrap()), ResultCode::Busy);
    assert!(waits(&twin, full - 2), "no other has");
    assert_eq!(twin.message(busy_level.level, 0), None, "it waits");
    let level = twin.run_level(&[]);
    assert!(level.runs > 1);
    assert_eq!(twin.counter(&people[110]), 1, "of those that wait it comes first");
}

#[test]
fn pages_of_an_upgrade_never_wait_and_are_never_busy() {
    let (mut twin, _) = funded();
    let rollup = twin.rollup();
    twin.set(ADMINISTRATOR, &COUNCIL.0);
    twin.set(UPGRADE_DELAY, &1_000_u32.to_be_bytes());
    let kernel = [&b"\0asm\x01\0\0\0"[..], &[0; 9_000]].concat();
    let mut messages = vec![announce(&rollup, &kernel)];
    messages.extend((0..200).map(|seed| unsigned_work(&rollup, seed)));
    let first = messages.len();
    messages.extend(page_messages(&rollup, &kernel));
    let level = twin.run_level(&messages);
    for number in first..messages.len() {
        let number = u32::try_from(number).unwrap();
        assert_eq!(twin.message_code(level.level, number), ResultCode::PageKept, "{number}");
    }
}
