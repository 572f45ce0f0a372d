//! What a signer of a large batch would download: the figures of docs/protocol.md, and a batch cut in that way.

use client::Builder;
use encoding::{AccountIndex, Amount, Counter, Level, TicketIndex, write};
use inbox::v2::{Name, TicketName, Transfer};

/// Bytes: all that a signer downloads.
const DOWNLOAD: usize = 16_384;
/// Bytes: the batch.
const BATCH: usize = 360_000;
/// Transfers.
const TRANSFERS: u32 = 45_000;
/// Transfer groups, at most.
const GROUPS: usize = 4;
/// Bytes: a chunk, at most.
const CHUNK: usize = 2_048;
/// Bytes: a chunk in the directory, by its first signer and its hash.
const ENTRY: usize = 4 + 32;
/// Bytes: flags, expiry and the number of groups.
const HEAD: usize = 1 + 4 + 1;
/// Bytes: a group in the head, by its expiry, its ticket and the numbers of its transfers and chunks.
const GROUP_IN_HEAD: usize = 5 + 5 + 5 + 2;

/// A transfer as it stands in a batch, `next` being the index after that of the one before it.
fn row(transfer: &Transfer, next: u32) -> Vec<u8> {
    let mut out = Vec::new();
    write::varint(u64::from(transfer.signer.0 - next), &mut out);
    write::varint(transfer.counter.get(), &mut out);
    match transfer.to {
        Name::Index(index) => write::varint(u64::from(index.0) + 2, &mut out),
        Name::Address(address) => {
            write::varint(0, &mut out);
            out.extend_from_slice(&address.0);
        }
        Name::Registration(_) => panic!("a large batch registers nobody"),
    }
    write::amount(transfer.amount, &mut out);
    out
}

#[test]
fn the_figures_of_the_document() {
    let longest = Transfer {
        signer: AccountIndex(u32::MAX),
        counter: Counter::new(u64::MAX),
        to: Name::Address(encoding::Tz4Address([0xff; 20])),
        amount: Amount::new(u64::MAX),
    };
    let longest = row(&longest, 0).len();
    assert_eq!(longest, 48);
    let full = CHUNK - longest + 1;
    assert_eq!(full, 2_001);
    let head = HEAD + GROUPS * GROUP_IN_HEAD;
    let entries = BATCH / full + GROUPS;
    let chunks = GROUPS * CHUNK;
    assert_eq!((head, entries, entries * ENTRY, chunks), (74, 183, 6_588, 8_192));
    assert_eq!(head + entries * ENTRY + chunks, 14_854);
    assert!(head + entries * ENTRY + chunks <= DOWNLOAD);
}

/// A chunk of a group.
struct Chunk {
    first: u32,
    last: u32,
    signers: Vec<u32>,
    bytes: usize,
}

#[test]
fn a_batch_of_45_000_transfers_is_cut_into_chunks_that_show_each_signer_their_place() {
    let ticket = TicketName::Index(TicketIndex(3));
    // Numbers that look random, among a million accounts. Some accounts sign several times.
    let mut seed = 1u32;
    let mut below = |bound: u32| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 8) % bound
    };
    let mut builder = Builder::new().expires(Level(1_000_000));
    let mut counters = std::collections::BTreeMap::<u32, u64>::new();
    for _ in 0..TRANSFERS {
        let mut signer = below(1 << 20);
        // There are four groups, so nobody has more transfers than that.
        while counters.get(&signer).is_some_and(|signed| *signed == 4) {
            signer = below(1 << 20);
        }
        let counter = counters.entry(signer).or_default();
        let transfer = Transfer {
            signer: AccountIndex(signer),
            counter: Counter::new(*counter),
            to: Name::Index(AccountIndex(below(1 << 20))),
            amount: Amount::new(u64::from(below(2_000))),
        };
        *counter += 1;
        builder = builder.transfer(&ticket, Some(Level(1_000_000)), transfer);
    }
    let batch = builder.build();
    assert!(batch.transfer_groups.len() <= GROUPS, "{}", batch.transfer_groups.len());
    let encoded = batch.encode().len();
    assert!(encoded <= BATCH, "{encoded}");

    let mut head = HEAD;
    let mut all = Vec::new();
    for group in &batch.transfer_groups {
        head += GROUP_IN_HEAD;
        let mut chunks: Vec<Chunk> = Vec::new();
        let mut next = 0;
        for transfer in &group.transfers {
            let signer = transfer.signer.0;
            let bytes = row(transfer, next).len();
            next = signer + 1;
            match chunks.last_mut().filter(|chunk| chunk.bytes + bytes <= CHUNK) {
                Some(chunk) => {
                    (chunk.last, chunk.bytes) = (signer, chunk.bytes + bytes);
                    chunk.signers.push(signer);
                }
                None => {
                    chunks.push(Chunk { first: signer, last: signer, signers: vec![signer], bytes })
                }
            }
        }
        all.push(chunks);
    }
    // The bytes of the chunks are those of the batch, but for a few that stand in the head.
    let bytes: usize = all.iter().flatten().map(|chunk| chunk.bytes).sum();
    assert!(encoded - bytes <= head, "{encoded} {bytes}");

    let directory = all.iter().flatten().count() * ENTRY;
    let largest = |chunks: &Vec<Chunk>| chunks.iter().map(|chunk| chunk.bytes).max().unwrap_or(0);
    let download = head + directory + all.iter().map(largest).sum::<usize>();
    println!("{encoded} bytes; head {head}, directory {directory}; {download} downloaded");
    assert!(download <= DOWNLOAD, "{download}");

    // The chunk in which an index would be is the only one of its group that can have it.
    for index in (0..1 << 20).step_by(97).chain(counters.keys().copied().step_by(11)) {
        for (chunks, group) in all.iter().zip(&batch.transfer_groups) {
            let place = chunks.partition_point(|chunk| chunk.first <= index);
            let shown = place.checked_sub(1).and_then(|place| chunks.get(place));
            let times = |signers: &[u32]| signers.iter().filter(|one| **one == index).count();
            let seen = shown.map_or(0, |chunk| times(&chunk.signers));
            let there = group.transfers.binary_search_by_key(&index, |one| one.signer.0).is_ok();
            assert_eq!(seen, usize::from(there), "{index}");
            assert!(shown.is_none_or(|chunk| chunk.first <= index));
            assert!(chunks.get(place).is_none_or(|next| next.first > index));
        }
    }
    let in_order = |two: &[Chunk]| two[0].last < two[1].first;
    assert!(all.iter().all(|chunks| chunks.windows(2).all(in_order)));
}
