//! Names of children, in place: a look-up compares numbers and follows no pointer.

use crate::merkle::{Kind, Label};
use equivalent::{Comparable, Equivalent};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// The bytes of a name that are kept in place.
const HEAD_BYTES: usize = 16;

/// The first bytes of a name, and zeros. No name has zeros of its own, so that heads are ordered as
/// the names are.
type Head = [u8; HEAD_BYTES];

/// The name of a child, as its parent keeps it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Name {
    head: Head,
    /// All of a name that is longer than its head.
    long: Option<Arc<str>>,
}

/// A step of a path: the name that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step<'a> {
    /// Its head as a number, which heads are ordered by.
    head: u128,
    long: Option<&'a [u8]>,
}

/// What heads are ordered by.
fn number(head: &Head) -> u128 {
    u128::from_be_bytes(*head)
}

impl Name {
    /// Its text.
    pub(super) fn text(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => {
                let end = self.head.iter().position(|&byte| byte == 0).unwrap_or(HEAD_BYTES);
                // A name is of ASCII characters, so there is always a text.
                self.head.get(..end).and_then(|text| str::from_utf8(text).ok()).unwrap_or_default()
            }
        }
    }
}

impl Label for Name {
    fn kind(&self) -> Kind {
        Kind::Directory
    }

    fn with_bytes<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        then(self.text().as_bytes())
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text().fmt(f)
    }
}

impl Ord for Name {
    fn cmp(&self, other: &Self) -> Ordering {
        let heads = number(&self.head).cmp(&number(&other.head));
        heads.then_with(|| self.long.cmp(&other.long))
    }
}

impl PartialOrd for Name {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Step<'_> {
    /// The name, to be kept.
    pub(super) fn to_name(self) -> Name {
        // A step is of ASCII characters, so there is always a text.
        let long = self.long.map(|name| Arc::from(str::from_utf8(name).unwrap_or_default()));
        Name { head: self.head.to_be_bytes(), long }
    }
}

impl Equivalent<Name> for Step<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.compare(name) == Ordering::Equal
    }
}

impl Comparable<Name> for Step<'_> {
    fn compare(&self, name: &Name) -> Ordering {
        let heads = self.head.cmp(&number(&name.head));
        heads.then_with(|| self.long.cmp(&name.long.as_deref().map(str::as_bytes)))
    }
}

/// The steps of a well-formed path.
#[derive(Clone, Debug)]
pub(super) struct Steps<'a> {
    path: &'a [u8],
    /// Where the next slash is, or the end.
    at: usize,
}

/// A slash in each byte of a head.
const SLASHES: u128 = u128::from_ne_bytes([b'/'; HEAD_BYTES]);
/// All bits but the highest of each byte.
const LOW_BITS: u128 = u128::from_ne_bytes([0x7f; HEAD_BYTES]);

/// How many bytes come before the first slash, if there is one. The bytes are ASCII characters or
/// zeros.
fn before_slash(head: u128) -> Option<usize> {
    // Slashes become zeros, and all else sets the highest bit of its byte: no sum of two bytes below
    // 2^7 reaches the next byte.
    let slashes = !(head ^ SLASHES).wrapping_add(LOW_BITS) & !LOW_BITS;
    let bytes = usize::try_from(slashes.leading_zeros() / 8).unwrap_or(HEAD_BYTES);
    (slashes != 0).then_some(bytes)
}

impl<'a> Steps<'a> {
    /// Those of a path.
    pub(super) fn new(path: &'a [u8]) -> Self {
        Self { path, at: 0 }
    }

    /// The bytes from a place on, as many as a head has, and zeros behind the end.
    fn head_from(&self, start: usize) -> u128 {
        let rest = self.path.get(start..).unwrap_or_default();
        if let Some(head) = rest.first_chunk() {
            return number(head);
        }
        let missing = HEAD_BYTES - rest.len();
        if let Some(end) = self.path.last_chunk() {
            let bits = u32::try_from(8 * missing).unwrap_or(u128::BITS);
            return number(end).checked_shl(bits).unwrap_or(0);
        }
        let mut head = [0; HEAD_BYTES];
        head[..rest.len()].copy_from_slice(rest);
        number(&head)
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        if self.at >= self.path.len() {
            return None;
        }
        let start = self.at + 1;
        let head = self.head_from(start);
        if let Some(bytes) = before_slash(head) {
            self.at = start + bytes;
            return Some(Step { head: head & !(u128::MAX >> (8 * bytes)), long: None });
        }
        let rest = self.path.get(start..).unwrap_or_default();
        let beyond = rest.get(HEAD_BYTES..).unwrap_or_default();
        let more = beyond.iter().position(|&byte| byte == b'/').unwrap_or(beyond.len());
        let name = rest.get(..HEAD_BYTES + more).unwrap_or(rest);
        self.at = start + name.len();
        Some(Step { head, long: (more > 0).then_some(name) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Steps::new(format!("/{text}").as_bytes()).next().unwrap().to_name()
    }

    #[test]
    fn a_name_is_a_pointer_and_its_head() {
        assert_eq!(size_of::<Name>(), 32);
        assert!(name("0123456789abcdef").long.is_none());
        assert!(name("0123456789abcdefg").long.is_some());
    }

    proptest! {
        #[test]
        fn names_have_their_text_and_its_order(
            // Around the length of a head, and often with the same beginning.
            one in "[-.a]{1,2}|[a]{14,15}[-.a]{0,4}",
            other in "[-.a]{1,2}|[a]{14,15}[-.a]{0,4}",
        ) {
            prop_assert_eq!(name(&one).text().to_owned(), one.clone());
            prop_assert_eq!(name(&one).cmp(&name(&other)), one.cmp(&other));
            let path = format!("/{one}/{other}");
            let first = Steps::new(path.as_bytes()).next().unwrap();
            prop_assert_eq!(first.compare(&name(&other)), one.cmp(&other));
            prop_assert_eq!(name(&one) == name(&other), one == other);
            let names: Vec<Name> = Steps::new(path.as_bytes()).map(Step::to_name).collect();
            prop_assert_eq!(names, [name(&one), name(&other)]);
        }
    }
}
