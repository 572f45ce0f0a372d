//! Packing: full messages, to the byte.

use encoding::Level;
use encoding::limits::{INBOX_MESSAGE_BYTES, ROLLUP_FRAME_BYTES};
use inbox::v2::{LAST_LEVEL_BYTES, SIGNATURE_BYTES};
use proptest::prelude::*;

use super::chain::address;
use super::signatures::payment;
use super::world::World;
use crate::rounds::Size;

const LAST: i32 = 240;

/// Bytes of an open batch's message with room for a bitmap.
fn message_bytes(world: &World, number: u64) -> usize {
    let batch = world.mempool.batch(number).unwrap();
    ROLLUP_FRAME_BYTES + batch.content.len() + batch.signings.len().div_ceil(8) + SIGNATURE_BYTES
}

#[test]
fn a_full_message_goes_at_once_and_has_room_for_its_last_level_and_no_other_transfer() {
    let mut world = World::new();
    for person in 0..2_000 {
        world.mempool.presence(address(person * 3), true, world.now);
    }
    for person in 0..2_000 {
        // In an order that is not that of their indexes.
        let from = (person * 769 % 2_000) * 3;
        world.accept(payment(from, 0, (from + 3) % 6_000, 1, LAST)).unwrap();
    }
    assert!(world.offers.len() >= 3, "{:?}", world.offers);
    for number in world.offers.clone() {
        let bytes = message_bytes(&world, number);
        let with_last_level = bytes + LAST_LEVEL_BYTES;
        assert!(with_last_level <= INBOX_MESSAGE_BYTES, "{bytes}");
        assert!(with_last_level > INBOX_MESSAGE_BYTES - 12, "{bytes}");
        assert!(world.mempool.batch(number).unwrap().transactions.len() > 450);
    }
}

#[test]
fn transactions_are_ordered_so_that_the_kernel_applies_them_all() {
    let mut world = World::new();
    // Account 9 pays all it has to 1, and 1 pays that on: in a group, 1 comes before 9.
    world.accept(payment(9, 0, 1, 100, LAST)).unwrap();
    world.accept(payment(1, 0, 5, 200, LAST)).unwrap();
    world.wait(1_000);
    let firsts: Vec<usize> =
        world.mempool.batches().map(|(_, batch)| batch.transactions.len()).collect();
    assert_eq!(firsts, [1, 1], "the second goes in a batch of its own, after the first");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_size_is_that_of_the_encoding(
        payments in prop::collection::vec((0..3_000_u32, 0..3_000_u32, 1..100_000_u64, 0..3_i32), 1..400)
    ) {
        let mut size = Size::default();
        let mut builder = client::Builder::new();
        let mut counters = std::collections::HashMap::new();
        for (from, to, amount, expires) in payments {
            let counter: &mut u64 = counters.entry(from).or_insert(126);
            let tx = payment(from, *counter, to, amount, 60 * (expires + 1));
            if size.add(&tx).is_none() {
                break;
            }
            *counter += 1;
            let row = tx.row.as_ref().unwrap().row.clone();
            builder = builder.transfer(&row.ticket, row.expires, row.transfer);
        }
        let mut batch = builder.build();
        let bytes = ROLLUP_FRAME_BYTES
            + batch.encode().len()
            + batch.signings().div_ceil(8)
            + SIGNATURE_BYTES;
        prop_assert_eq!(size.bytes(), bytes);
        batch.expires = Some(Level(LAST));
        let with_last_level = batch.encode().len() + batch.signings().div_ceil(8);
        let message = ROLLUP_FRAME_BYTES + with_last_level + SIGNATURE_BYTES;
        prop_assert_eq!(message, bytes + LAST_LEVEL_BYTES);
        prop_assert!(message <= INBOX_MESSAGE_BYTES);
    }
}
