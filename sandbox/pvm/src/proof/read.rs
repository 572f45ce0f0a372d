//! Reading a proof: bytes to what they show of a tree. Only the forms that honest nodes write are read.

use super::{MAX_OUTPUT_PROOF_BYTES, MAX_PROOF_NESTING};
use thiserror::Error;

/// A hash.
pub(super) type Hash = [u8; 32];

/// Bytes that are no proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ProofError {
    /// Longer than any operation that could hold it.
    #[error("the proof is {bytes} bytes long, at most {MAX_OUTPUT_PROOF_BYTES} are allowed")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It ends within something.
    #[error("the proof ends at byte {at}, in {what}")]
    Truncated {
        /// Where.
        at: usize,
        /// In what.
        what: &'static str,
    },
    /// Something else than what has to be there.
    #[error("byte {at} of the proof does not begin {what}")]
    Unexpected {
        /// Where.
        at: usize,
        /// What has to be there.
        what: &'static str,
    },
    /// Its parts nest further than those of any state do.
    #[error("byte {at} of the proof is nested more than {MAX_PROOF_NESTING} deep")]
    TooDeep {
        /// Where.
        at: usize,
    },
    /// It goes on after its end.
    #[error("the proof ends before byte {at}, and there are more bytes")]
    Trailing {
        /// Where.
        at: usize,
    },
}

/// What is known of something in the state.
#[derive(Debug)]
pub(super) enum Tree<'a> {
    /// All bytes of contents.
    Contents(&'a [u8]),
    /// The hash of contents.
    HiddenContents(Hash),
    /// The hash of a directory.
    HiddenDirectory(Hash),
    /// A directory.
    Directory(Part<'a>),
}

/// What is known of a directory, or of the children of one whose names' hashes begin alike.
#[derive(Debug)]
pub(super) enum Part<'a> {
    /// The hash.
    Hidden(Hash),
    /// One or two children, in order of their names.
    Listed(Vec<(&'a [u8], Tree<'a>)>),
    /// More, on both sides or one.
    Inode { count: u64, sides: [Option<Box<Part<'a>>>; 2] },
    /// More, which go on together for so many bits.
    Extender { count: u64, bits: Vec<bool>, end: Box<Part<'a>> },
}

impl Part<'_> {
    fn is_one_sided(&self) -> bool {
        match self {
            Self::Inode { sides, .. } => sides.iter().flatten().count() == 1,
            Self::Extender { .. } => true,
            Self::Hidden(_) | Self::Listed(_) => false,
        }
    }
}

/// What a proof begins with: hashes of the states before and after, and the tree.
#[derive(Debug)]
pub(super) struct Header<'a> {
    pub(super) before: Hash,
    pub(super) after: Hash,
    pub(super) tree: Tree<'a>,
}

/// Reads from the begin to the end.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
    nesting: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, ProofError> {
        if bytes.len() > MAX_OUTPUT_PROOF_BYTES {
            return Err(ProofError::TooLong { bytes: bytes.len() });
        }
        Ok(Self { rest: bytes, at: 0, nesting: 0 })
    }

    fn bytes(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], ProofError> {
        let truncated = ProofError::Truncated { at: self.at + self.rest.len(), what };
        let (bytes, rest) = self.rest.split_at_checked(count).ok_or(truncated)?;
        self.rest = rest;
        self.at += count;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], ProofError> {
        self.bytes(N, what)?.try_into().map_err(|_| self.unexpected(what))
    }

    fn byte(&mut self, what: &'static str) -> Result<u8, ProofError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// For a byte that was read just now.
    fn unexpected(&self, what: &'static str) -> ProofError {
        ProofError::Unexpected { at: self.at.saturating_sub(1), what }
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.rest
    }

    /// There must be nothing more.
    pub(super) fn end(self) -> Result<(), ProofError> {
        if self.rest.is_empty() { Ok(()) } else { Err(ProofError::Trailing { at: self.at }) }
    }

    /// A level.
    pub(super) fn level(&mut self) -> Result<i32, ProofError> {
        self.array("the level of an outbox").map(i32::from_be_bytes)
    }

    /// The index of a message.
    pub(super) fn index(&mut self) -> Result<u64, ProofError> {
        let what = "the index of a message";
        let mut index = 0_u64;
        for shift in (0..63).step_by(7) {
            let byte = self.byte(what)?;
            index |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                // The last byte is only zero if it is the only one.
                let is_shortest = byte != 0 || shift == 0;
                return if is_shortest { Ok(index) } else { Err(self.unexpected(what)) };
            }
        }
        Err(self.unexpected(what))
    }

    /// A proof.
    pub(super) fn proof(&mut self) -> Result<Header<'a>, ProofError> {
        for expected in [3, 0, 2] {
            let what = "a proof of a binary tree, 03 00 02";
            if self.byte(what)? != expected {
                return Err(self.unexpected(what));
            }
        }
        let before = self.array("the hash of the state before")?;
        let after = self.array("the hash of the state after")?;
        Ok(Header { before, after, tree: self.tree()? })
    }

    /// Reads something that may have others of its kind in it.
    fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, ProofError>,
    ) -> Result<T, ProofError> {
        if self.nesting >= MAX_PROOF_NESTING {
            return Err(ProofError::TooDeep { at: self.at });
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn tree(&mut self) -> Result<Tree<'a>, ProofError> {
        let what = "contents or a directory";
        Ok(match self.byte(what)? {
            0xc0 => {
                let length = self.byte("a length")?;
                Tree::Contents(self.bytes(length.into(), "contents")?)
            }
            0xc1 => {
                let length = u16::from_be_bytes(self.array("a length")?);
                if length < 0x100 {
                    return Err(self.unexpected("the shortest form of a length"));
                }
                Tree::Contents(self.bytes(length.into(), "contents")?)
            }
            0xc3 => {
                let length = u32::from_be_bytes(self.array("a length")?);
                if length < 0x1_0000 {
                    return Err(self.unexpected("the shortest form of a length"));
                }
                let length = usize::try_from(length).unwrap_or(usize::MAX);
                Tree::Contents(self.bytes(length, "contents")?)
            }
            0xc8 => Tree::HiddenContents(self.array("the hash of contents")?),
            0xd0 => Tree::HiddenDirectory(self.array("the hash of a directory")?),
            tag @ 0x81..=0x82 => Tree::Directory(self.listed(tag)?),
            tag @ 0x00..=0x03 => Tree::Directory(self.inode(tag)?),
            tag @ 0xd8..=0xdb => Tree::Directory(self.extender(tag)?),
            _ => return Err(self.unexpected(what)),
        })
    }

    fn part(&mut self) -> Result<Option<Part<'a>>, ProofError> {
        let what = "a part of a directory";
        Ok(Some(match self.byte(what)? {
            0xe0 => return Ok(None),
            0xc0 => Part::Hidden(self.array("the hash of a part of a directory")?),
            tag @ 0x81..=0x82 => self.listed(tag)?,
            tag @ 0x00..=0x03 => self.inode(tag)?,
            tag @ 0xd0..=0xd3 => self.extender(tag)?,
            _ => return Err(self.unexpected(what)),
        }))
    }

    fn listed(&mut self, tag: u8) -> Result<Part<'a>, ProofError> {
        let mut children: Vec<(&[u8], Tree<'_>)> = Vec::with_capacity(2);
        for _ in 0..(tag & 3) {
            let length = self.byte("the length of a name")?;
            let name = self.bytes(length.into(), "a name")?;
            if children.last().is_some_and(|(before, _)| *before >= name) {
                return Err(self.unexpected("a name after the one before it"));
            }
            children.push((name, self.nested(Self::tree)?));
        }
        Ok(Part::Listed(children))
    }

    /// How many children there are, in the form that the lowest bits of a tag say.
    fn count(&mut self, tag: u8) -> Result<u64, ProofError> {
        let what = "a number of children";
        let (count, least) = match tag & 3 {
            0 => (u64::from(self.byte(what)?), 0),
            1 => (u64::from(u16::from_be_bytes(self.array(what)?)), 0x100),
            2 => {
                let count = i32::from_be_bytes(self.array(what)?);
                (u64::try_from(count).map_err(|_| self.unexpected(what))?, 0x1_0000)
            }
            _ => {
                let count = i64::from_be_bytes(self.array(what)?);
                (u64::try_from(count).map_err(|_| self.unexpected(what))?, 0x8000_0000)
            }
        };
        if count < least {
            Err(self.unexpected("the shortest form of a length"))
        } else {
            Ok(count)
        }
    }

    fn inode(&mut self, tag: u8) -> Result<Part<'a>, ProofError> {
        let count = self.count(tag)?;
        let left = self.nested(Self::part)?.map(Box::new);
        let right = self.nested(Self::part)?.map(Box::new);
        let sides = [left, right];
        let alone = match &sides {
            [None, None] => return Err(self.unexpected("a part that is not empty")),
            [Some(alone), None] | [None, Some(alone)] => Some(alone),
            [Some(_), Some(_)] => None,
        };
        // Several of them are written as an extender.
        if alone.is_some_and(|alone| alone.is_one_sided()) {
            return Err(self.unexpected("parts as nodes write them"));
        }
        Ok(Part::Inode { count, sides })
    }

    fn extender(&mut self, tag: u8) -> Result<Part<'a>, ProofError> {
        let count = self.count(tag)?;
        let length = self.byte("the length of a segment")?;
        let segment = self.bytes(length.into(), "a segment")?;
        let bits = segment.iter().flat_map(|byte| (0..8).map(move |i| byte & (0x80 >> i) != 0));
        let mut bits: Vec<bool> = bits.collect();
        // A one ends it, in its last byte.
        let used = bits.iter().rposition(|bit| *bit).filter(|last| last / 8 + 1 == segment.len());
        let what = "a segment of two bits or more";
        let used = used.filter(|used| *used >= 2).ok_or_else(|| self.unexpected(what))?;
        bits.truncate(used);
        let end = self.nested(Self::part)?.filter(|end| !end.is_one_sided());
        let end = end.ok_or_else(|| self.unexpected("parts as nodes write them"))?;
        Ok(Part::Extender { count, bits, end: Box::new(end) })
    }
}
