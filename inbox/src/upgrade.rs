//! Upgrades of the kernel: what the administrator's contract orders, and the pages of the new
//! kernel, which anyone may send.
//!
//! The pages are a chain: each begins with the hash of the one that follows it, and the order names
//! the hash of the first. So a page is known to be right as soon as it comes, whoever sends it, and
//! nothing has to be revealed: a preimage that is missing would stop the rollup for ever.

use encoding::limits::{INBOX_MESSAGE_BYTES, ROLLUP_FRAME_BYTES};
use encoding::{Hash32, Malformed, Parsed, blake2b_256, fail, read, whole};

/// The first byte of the bytes that order an upgrade.
pub const ANNOUNCE: u8 = 0x01;
/// The first byte of the bytes that call one off.
pub const CANCEL: u8 = 0x02;

/// Bytes: a hash.
const HASH_BYTES: usize = 32;
/// What stands in the last page for the hash of the next.
const NONE: Hash32 = Hash32([0; HASH_BYTES]);

/// Bytes: the most of a kernel that one page holds.
pub const PAGE_DATA_BYTES: usize = INBOX_MESSAGE_BYTES - ROLLUP_FRAME_BYTES - HASH_BYTES;

/// What the administrator's contract sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpgradeCommand {
    /// The kernel whose first page has this hash is to be installed.
    Announce(Hash32),
    /// Whatever was announced is not to be installed.
    Cancel,
}

impl UpgradeCommand {
    /// The bytes that the contract sends.
    pub fn to_bytes(self) -> Vec<u8> {
        match self {
            UpgradeCommand::Announce(first) => [&[ANNOUNCE][..], &first.0].concat(),
            UpgradeCommand::Cancel => vec![CANCEL],
        }
    }

    /// Reads the bytes that a contract sent.
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
    pub fn from_bytes(bytes: &[u8]) -> Result<UpgradeCommand, Malformed> {
        whole(bytes, |input| {
            let (rest, tag) = read::byte(input)?;
            match tag {
                ANNOUNCE => hash(rest).map(|(rest, first)| (rest, UpgradeCommand::Announce(first))),
                CANCEL => Ok((rest, UpgradeCommand::Cancel)),
                _ => fail(input, "01, an upgrade, or 02, to call it off"),
            }
        })
    }
}

/// A page of a new kernel: the body of an external message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The hash of the page that follows, if one does.
    pub next: Option<Hash32>,
    /// The bytes of the kernel on this page: one at least.
    pub data: &'a [u8],
}

impl<'a> Page<'a> {
    /// Reads the body of an external message.
    ///
    /// # Errors
    /// When the bytes are malformed: at which offset, and what was expected there.
    pub fn decode(body: &'a [u8]) -> Result<Page<'a>, Malformed> {
        whole(body, |input| {
            let (data, next) = hash(input)?;
            if data.is_empty() {
                return fail(data, "bytes of a kernel");
            }
            Ok((&data[data.len()..], Page { next: (next != NONE).then_some(next), data }))
        })
    }

    /// The body of the external message.
    pub fn encode(&self) -> Vec<u8> {
        [&self.next.unwrap_or(NONE).0[..], self.data].concat()
    }
}

/// The hash of a page, by which it is announced.
pub fn hash_of_page(body: &[u8]) -> Hash32 {
    blake2b_256(&[body])
}

/// The pages of a kernel in the order in which they are to be sent, each the body of an external
/// message; the hash of the first is what the administrator announces.
pub fn pages(kernel: &[u8]) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    let mut next = None;
    // A page names the next one, so the last is written first.
    for data in kernel.chunks(PAGE_DATA_BYTES).rev() {
        let page = Page { next, data }.encode();
        next = Some(hash_of_page(&page));
        pages.push(page);
    }
    pages.reverse();
    pages
}

fn hash(input: &[u8]) -> Parsed<'_, Hash32> {
    let (rest, bytes) = read::take(HASH_BYTES)(input)?;
    match bytes.try_into() {
        Ok(hash) => Ok((rest, Hash32(hash))),
        Err(_) => fail(input, "a hash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::{Envelope, MessageKind, envelope, framed_page};
    use encoding::RollupAddress;

    #[test]
    fn orders_there_and_back() {
        let announce = UpgradeCommand::Announce(Hash32([7; 32]));
        assert_eq!(hex::encode(announce.to_bytes()), format!("01{}", "07".repeat(32)));
        assert_eq!(UpgradeCommand::from_bytes(&announce.to_bytes()), Ok(announce));
        assert_eq!(UpgradeCommand::from_bytes(&[2]), Ok(UpgradeCommand::Cancel));
        for bytes in [&[][..], &[0], &[1], &[1; 32], &[1; 34], &[2, 0], &[3]] {
            assert!(UpgradeCommand::from_bytes(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn pages_are_a_chain_that_fits_the_inbox() {
        let rollup = RollupAddress([9; 20]);
        for size in [1, PAGE_DATA_BYTES, PAGE_DATA_BYTES + 1, 3 * PAGE_DATA_BYTES] {
            let kernel: Vec<u8> = (0..size).map(|i| (i % 251).to_le_bytes()[0]).collect();
            let pages = pages(&kernel);
            assert_eq!(pages.len(), size.div_ceil(PAGE_DATA_BYTES));
            let mut expected = Some(hash_of_page(&pages[0]));
            let mut whole = Vec::new();
            for body in &pages {
                let message = framed_page(&rollup, body);
                assert!(message.len() <= INBOX_MESSAGE_BYTES, "{}", message.len());
                let batch = Envelope::External { kind: MessageKind::Page, body };
                assert_eq!(envelope(&message, &rollup, false), batch);
                assert_eq!(Some(hash_of_page(body)), expected);
                let page = Page::decode(body).expect("a page");
                assert_eq!(page.encode(), *body);
                whole.extend_from_slice(page.data);
                expected = page.next;
            }
            assert_eq!((whole, expected), (kernel, None));
        }
        assert!(pages(&[]).is_empty());
    }

    #[test]
    fn a_page_without_bytes_is_malformed() {
        for length in 0..=HASH_BYTES {
            assert!(Page::decode(&vec![1; length]).is_err(), "{length}");
        }
    }
}
