//! Names of children, in place: a look-up compares numbers and follows no pointer.

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
    head: Head,
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

impl<'a> Step<'a> {
    fn new(name: &'a [u8]) -> Self {
        let mut head = [0; HEAD_BYTES];
        for (to, from) in head.iter_mut().zip(name) {
            *to = *from;
        }
        Self { head, long: (name.len() > HEAD_BYTES).then_some(name) }
    }

    /// The name, to be kept.
    pub(super) fn to_name(self) -> Name {
        // A step is of ASCII characters, so there is always a text.
        let long = self.long.map(|name| Arc::from(str::from_utf8(name).unwrap_or_default()));
        Name { head: self.head, long }
    }
}

impl Equivalent<Name> for Step<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.compare(name) == Ordering::Equal
    }
}

impl Comparable<Name> for Step<'_> {
    fn compare(&self, name: &Name) -> Ordering {
        let heads = number(&self.head).cmp(&number(&name.head));
        heads.then_with(|| self.long.cmp(&name.long.as_deref().map(str::as_bytes)))
    }
}

/// The steps of a well-formed path.
#[derive(Clone, Debug)]
pub(super) struct Steps<'a> {
    /// What is left: nothing, or a slash and the next name.
    rest: &'a [u8],
}

impl<'a> Steps<'a> {
    /// Those of a path.
    pub(super) fn new(path: &'a [u8]) -> Self {
        Self { rest: path }
    }
}

impl<'a> Iterator for Steps<'a> {
    type Item = Step<'a>;

    fn next(&mut self) -> Option<Step<'a>> {
        let (_slash, rest) = self.rest.split_first()?;
        let end = rest.iter().position(|&byte| byte == b'/').unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        self.rest = rest;
        Some(Step::new(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn name(text: &str) -> Name {
        Step::new(text.as_bytes()).to_name()
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
            prop_assert_eq!(Step::new(one.as_bytes()).compare(&name(&other)), one.cmp(&other));
            prop_assert_eq!(name(&one) == name(&other), one == other);
            let path = format!("/{one}/{other}");
            let names: Vec<Name> = Steps::new(path.as_bytes()).map(Step::to_name).collect();
            prop_assert_eq!(names, [name(&one), name(&other)]);
        }
    }
}
