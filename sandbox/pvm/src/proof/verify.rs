//! Checking a proof, as layer 1 does: that its hash is that of the state, and that what it shows is an
//! outbox with the message.

use super::read::{Hash, Part, ProofError, Reader, Tree};
use super::rules::{of_name, of_tree, side};
use thiserror::Error;

/// The way to what is read of the state beside the outboxes.
const BUFFERS: [&str; 3] = ["value", "pvm", "buffers"];

/// A message of an outbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The level of the outbox.
    pub level: i32,
    /// The index of the message in it.
    pub index: u64,
    /// The message.
    pub message: Vec<u8>,
}

/// Why a proof proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It is about another state.
    #[error("the proof is about the state {}, not {}", hex::encode(found), hex::encode(expected))]
    OtherState {
        /// The state it should be about.
        expected: Hash,
        /// The one it names.
        found: Hash,
    },
    /// It says that the state changes.
    #[error("the proof has two states, and an output changes none")]
    Changes,
    /// What it shows has another hash.
    #[error(
        "what the proof shows has the hash {}, which is not that of the state",
        hex::encode(found)
    )]
    OtherHash {
        /// The hash of what it shows.
        found: Hash,
    },
    /// It hides what is needed.
    #[error("the proof hides {path}")]
    Hidden {
        /// What.
        path: String,
    },
    /// The state does not have what every state has.
    #[error("the state has no {path}")]
    Missing {
        /// What.
        path: String,
    },
    /// The state has something there that is not what it should be.
    #[error("{path} is not {expected}")]
    Unreadable {
        /// Where.
        path: String,
        /// What should be there.
        expected: &'static str,
    },
    /// The state keeps no outbox of that level.
    #[error("the state has outboxes of levels after {after} up to {last}, not of level {level}")]
    OtherLevel {
        /// The level asked for.
        level: i32,
        /// The last level that is not kept any more.
        after: i32,
        /// The newest level.
        last: i32,
    },
    /// The outbox has no message of that index.
    #[error("the outbox of level {level} has {length} messages, and none of index {index}")]
    NoMessage {
        /// The level of the outbox.
        level: i32,
        /// The index asked for.
        index: u64,
        /// How many there are.
        length: u64,
    },
    /// The message is another one.
    #[error("the message of the state is another one than that behind the proof")]
    OtherMessage,
}

/// Why a proof is not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VerifyError {
    /// It is none.
    #[error(transparent)]
    Malformed(#[from] ProofError),
    /// It does not prove what it should.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// Checks what the operation that executes an outbox message has: a proof, the level of an outbox, an
/// index, a message. `state` is the hash that a commitment has of the state.
///
/// # Errors
/// When the bytes are malformed, or do not prove that the message is there in that state.
pub fn verify(bytes: &[u8], state: &[u8; 32]) -> Result<Output, VerifyError> {
    let mut reader = Reader::new(bytes)?;
    let header = reader.proof()?;
    let (level, index) = (reader.level()?, reader.index()?);
    let message = shown(&header.before, &header.after, &header.tree, state, level, index)?;
    if message != reader.rest() {
        return Err(Refused::OtherMessage.into());
    }
    Ok(Output { level, index, message: message.to_vec() })
}

/// Checks a proof without what comes behind it, and returns the message that it is about.
///
/// # Errors
/// When the bytes are malformed, or do not prove that there is such a message in that state.
pub fn verify_message(
    proof: &[u8],
    state: &[u8; 32],
    level: i32,
    index: u64,
) -> Result<Vec<u8>, VerifyError> {
    let mut reader = Reader::new(proof)?;
    let header = reader.proof()?;
    reader.end()?;
    let message = shown(&header.before, &header.after, &header.tree, state, level, index)?;
    Ok(message.to_vec())
}

fn shown<'a>(
    before: &Hash,
    after: &Hash,
    tree: &Tree<'a>,
    state: &Hash,
    level: i32,
    index: u64,
) -> Result<&'a [u8], Refused> {
    if before != after {
        return Err(Refused::Changes);
    }
    if before != state {
        return Err(Refused::OtherState { expected: *state, found: *before });
    }
    let found = of_tree(tree);
    if found != *state {
        return Err(Refused::OtherHash { found });
    }
    let root = Shown { tree, path: String::new() };
    let tag = root.child("tag")?;
    if tag.contents()? != b"\0\0\0\x04Some" {
        return Err(tag.unreadable("the tag of a state that has begun"));
    }
    let buffers = root.descend(&BUFFERS)?;
    for name in ["length", "head"] {
        buffers.child("input")?.child(name)?.int()?;
    }
    let output = buffers.child("output")?;
    let last = output.descend(&["2", "last_level"])?.level()?;
    let validity = output.descend(&["3", "validity_period"])?;
    let (period, unreadable) = (validity.level()?, validity.unreadable("a period of levels"));
    output.descend(&["4", "message_limit"])?.int()?;
    let after = last.checked_sub(period).ok_or(unreadable)?;
    if level <= after || level > last {
        return Err(Refused::OtherLevel { level, after, last });
    }
    let outbox = output.descend(&["1", "outboxes", &level.to_string()])?;
    let (length, head) = (outbox.child("length")?.int()?, outbox.child("head")?);
    if index >= length {
        return Err(Refused::NoMessage { level, index, length });
    }
    let place = head.int()?.checked_add(index).ok_or_else(|| head.unreadable("a small number"))?;
    let message = outbox.child("contents")?.child(&place.to_string())?;
    let (size, bytes) = message
        .contents()?
        .split_first_chunk()
        .ok_or_else(|| message.unreadable("a message behind its length"))?;
    if usize::try_from(u32::from_be_bytes(*size)) != Ok(bytes.len()) {
        return Err(message.unreadable("a message behind its length"));
    }
    Ok(bytes)
}

/// Something that a proof shows, and where it is.
struct Shown<'t, 'a> {
    tree: &'t Tree<'a>,
    path: String,
}

impl<'t, 'a> Shown<'t, 'a> {
    fn unreadable(&self, expected: &'static str) -> Refused {
        Refused::Unreadable { path: self.path.clone(), expected }
    }

    fn child(&self, name: &str) -> Result<Self, Refused> {
        let path = format!("{}/{name}", self.path);
        let mut part = match self.tree {
            Tree::Directory(part) => part,
            Tree::HiddenDirectory(_) => return Err(Refused::Hidden { path }),
            Tree::Contents(_) | Tree::HiddenContents(_) => return Err(Refused::Missing { path }),
        };
        let hash = of_name(name.as_bytes());
        let mut depth = 0;
        let tree = loop {
            match part {
                Part::Hidden(_) => return Err(Refused::Hidden { path }),
                Part::Listed(children) => {
                    break children.iter().find(|(own, _)| *own == name.as_bytes());
                }
                Part::Inode { sides: [left, right], .. } => {
                    let below = match side(&hash, depth) {
                        Some(false) => left,
                        Some(true) => right,
                        None => break None,
                    };
                    let Some(below) = below else { break None };
                    part = below;
                    depth += 1;
                }
                Part::Extender { bits, end, .. } => {
                    let mut sides = (depth..).zip(bits);
                    if !sides.all(|(depth, bit)| side(&hash, depth) == Some(*bit)) {
                        break None;
                    }
                    part = end;
                    depth += bits.len();
                }
            }
        };
        match tree {
            Some((_, tree)) => Ok(Self { tree, path }),
            None => Err(Refused::Missing { path }),
        }
    }

    fn descend(&self, names: &[&str]) -> Result<Self, Refused> {
        let here = Self { tree: self.tree, path: self.path.clone() };
        names.iter().try_fold(here, |place, name| place.child(name))
    }

    fn contents(&self) -> Result<&'a [u8], Refused> {
        match self.tree {
            Tree::Contents(bytes) => Ok(bytes),
            Tree::HiddenContents(_) | Tree::HiddenDirectory(_) => {
                Err(Refused::Hidden { path: self.path.clone() })
            }
            Tree::Directory(_) => Err(self.unreadable("contents")),
        }
    }

    /// A level, or a number of levels.
    fn level(&self) -> Result<i32, Refused> {
        let bytes = self.contents()?.try_into().map_err(|_| self.unreadable("a level"))?;
        Ok(i32::from_be_bytes(bytes))
    }

    /// A number whose first byte has a sign, which is not negative here.
    fn int(&self) -> Result<u64, Refused> {
        let wrong = || self.unreadable("a number that is not negative");
        let (first, rest) = self.contents()?.split_first().ok_or_else(wrong)?;
        if first & 0x40 != 0 || (first & 0x80 != 0) == rest.is_empty() || rest.len() > 8 {
            return Err(wrong());
        }
        let mut number = u64::from(first & 0x3f);
        let last = rest.len().saturating_sub(1);
        for (i, byte) in rest.iter().enumerate() {
            // All but the last byte say that there are more, and the last is no zero.
            if (byte & 0x80 != 0) == (i == last) || (i == last && *byte == 0) {
                return Err(wrong());
            }
            number |= u64::from(byte & 0x7f) << (6 + 7 * i);
        }
        Ok(number)
    }
}
