//! Large levels: that all of them is there. What it took is printed, and no test fails on a time.

use std::time::Instant;

use encoding::{AccountIndex, Amount, Counter, Tz4Address};
use history::{Filter, Page};
use inbox::v2::{Batch, IndividuallySigned, Name, Transfer, TransferGroup};

use crate::common::{World, batch, gold, index, pays, registers, sealed};
use crate::octez::{account, ticket};

/// A full level of full messages, as many rows as a message has room for.
#[test]
fn a_level_of_127_batches_of_448_transfers() {
    const BATCHES: u64 = 127;
    const ROWS: u64 = 448;
    const RECEIVERS: u32 = 2_000;
    // Spread over all of them.
    let to = |number: u64| {
        let at = u32::try_from(number * 7_919 % u64::from(RECEIVERS)).unwrap();
        Name::Index(AccountIndex(4 + at))
    };
    let world = World::new();
    world.send(&registers());
    for number in 0..RECEIVERS {
        let mut address = [9; 20];
        address[..4].copy_from_slice(&number.to_be_bytes());
        world.octez.deposit(Tz4Address(address), &ticket("gold"), 1);
    }
    world.bake();
    for number in 0..BATCHES {
        // One signer has one row in a group, so that each group has the four.
        let groups = (0..ROWS / 4).map(|at| {
            let row = |signer: u8| Transfer {
                signer: AccountIndex(u32::from(signer) - 1),
                counter: Counter::new(number * ROWS / 4 + at),
                to: to(number * ROWS + at * 4 + u64::from(signer)),
                amount: Amount::new(1),
            };
            TransferGroup { expires: None, ticket: gold(), transfers: (1..=4).map(row).collect() }
        });
        let unsigned = Batch {
            expires: None,
            registrations: Vec::new(),
            transfer_groups: groups.collect(),
            transactions: Vec::new(),
            individually_signed: IndividuallySigned::Nobody,
            signature: None,
        };
        world.send(&sealed(&unsigned, &[], true));
    }
    for person in 1..=4 {
        world.octez.deposit(account(person), &ticket("gold"), 20_000);
    }
    world.octez.bake(1);
    let begin = Instant::now();
    world.sync();
    println!("{} transfers of one level took {:?}", BATCHES * ROWS, begin.elapsed());
    let size = |suffix: &str| {
        let file = format!("{}{suffix}", world.file().display());
        std::fs::metadata(file).map_or(0, |file| file.len())
    };
    println!("the file has {} bytes, and {} to be put into it", size(""), size("-wal"));
    world.ask(|reader| {
        let level = reader.levels(Page::first(1))?.rows.remove(0);
        assert_eq!((level.messages, level.transfers), (BATCHES + 4, BATCHES * ROWS));
        assert_eq!(level.cosigned, BATCHES * ROWS);
        assert_eq!(reader.status()?.alarms, 0);
        assert_eq!(reader.moves(Filter::default(), Page::first(9))?.rows.len(), 9);
        Ok(())
    });
    let begin = Instant::now();
    world.octez.revert(2);
    world.sync();
    println!("taking it back took {:?}", begin.elapsed());
    assert_eq!(world.gold(1), 1_000);
}

/// Transactions that their signers signed for themselves: a level settles some, the others wait or are refused.
#[test]
fn a_level_of_10_000_transactions_that_are_signed_for_themselves() {
    const BATCHES: u64 = 100;
    const EACH: u64 = 100;
    let world = World::new();
    world.send(&registers());
    world.bake();
    for number in 0..BATCHES {
        let counters = number * EACH..(number + 1) * EACH;
        let all = counters.map(|counter| pays(1, counter, index(2), 0));
        world.send(&batch(all.collect(), &[], false));
    }
    world.octez.bake(1);
    let begin = Instant::now();
    world.sync();
    println!("{} transactions of one level took {:?}", BATCHES * EACH, begin.elapsed());
    let level = world.ask(|reader| Ok(reader.levels(Page::first(1))?.rows.remove(0)));
    assert_eq!(level.messages, BATCHES);
    world.octez.bake(1);
    let begin = Instant::now();
    world.sync();
    println!("a level that settles what waits took {:?}", begin.elapsed());
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        Ok(())
    });
}

/// How many empty levels are indexed in a second.
#[test]
fn catching_up() {
    const LEVELS: u32 = 1_000;
    let mut world = World::new();
    world.stop();
    world.octez.bake(LEVELS);
    let begin = Instant::now();
    world.start();
    world.sync();
    println!("{LEVELS} empty levels took {:?}", begin.elapsed());
    let status = world.ask(|reader| reader.status());
    assert_eq!(status.last.map(|level| level.level.0), i32::try_from(LEVELS + 1).ok());
}
