//! A request for a page: what it names and asks for, read strictly.

use std::sync::Arc;

use encoding::{Hash32, Level, Tz4Address};
use history::{HistoryError, Page, Reader};
use layer1::address::{Address, Role};
use layer1::plain::quoted;
use wallet::block_times::BlockTimes;
use wallet::pins::Pins;

use crate::failure::Failure;
use crate::limits::ROWS;
use crate::look::Look;
use crate::parts::LongName;
use crate::seen::Seen;
use crate::site::Site;

/// A request for a page.
pub(crate) struct Visit<'s> {
    /// What pages are made with.
    pub site: &'s Arc<Site>,
    /// What the page will have seen of the chain, at least.
    pub seen: Seen,
    /// What the node says.
    pub look: Look,
    /// The pinned tickets.
    pub pins: Pins,
    /// Why those of the user are not among them, if they are not.
    pub pins_problem: Option<Arc<str>>,
    /// The path, as it was asked for.
    pub path: &'s str,
    /// What the path names: its variable parts in their order.
    pub named: Vec<String>,
    /// What is asked for beside that, as it was written.
    pub query: &'s str,
}

impl Visit<'_> {
    /// The path and query.
    pub(crate) fn here(&self) -> String {
        match self.query {
            "" => self.path.to_owned(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// A part of what the path names, from 0.
    pub(crate) fn named(&self, at: usize) -> &str {
        self.named.get(at).map_or("", String::as_str)
    }

    /// Something that the query asks for. What is empty is not asked for: a form sends all its fields.
    ///
    /// # Errors
    /// When it is there twice.
    pub(crate) fn asked(&self, name: &str) -> Result<Option<String>, Failure> {
        let all = form_urlencoded::parse(self.query.as_bytes());
        let mut found = all.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        match (found.next(), found.next()) {
            (_, Some(_)) => Err(Failure::malformed(format!("{name} is asked for twice"))),
            (value, None) => Ok(value.filter(|value| !value.is_empty())),
        }
    }

    /// Fails for what the page does not know.
    ///
    /// # Errors
    /// When the query asks for something else than these.
    pub(crate) fn asks_only(&self, names: &[&str]) -> Result<(), Failure> {
        let mut all = form_urlencoded::parse(self.query.as_bytes());
        match all.find(|(key, _)| !names.contains(&key.as_ref())) {
            Some((key, _)) => {
                Err(Failure::malformed(format!("this page does not know {}", quoted(&key))))
            }
            None => Ok(()),
        }
    }

    /// Which part of a long list is wanted.
    ///
    /// # Errors
    /// When that is no number.
    pub(crate) fn part(&self) -> Result<Page, Failure> {
        let after = match self.asked("after")? {
            None => None,
            Some(text) => Some(whole(&text).ok_or_else(|| {
                Failure::malformed(format!("after is a number, not {}", quoted(&text)))
            })?),
        };
        Ok(Page { after, rows: ROWS })
    }

    /// Whether it is the first part of what is listed.
    pub(crate) fn is_first_part(&self) -> bool {
        !form_urlencoded::parse(self.query.as_bytes()).any(|(key, _)| key == "after")
    }

    /// This page from another row on, with all else that was asked for.
    pub(crate) fn next(&self, after: Option<i64>) -> Option<String> {
        after.map(|after| self.with(&[("after", after.to_string())]))
    }

    /// This page with some of what is asked for in the place of what was.
    pub(crate) fn with(&self, asked: &[(&str, String)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let is_kept = |key: &str| asked.iter().all(|(name, _)| *name != key);
        let all = form_urlencoded::parse(self.query.as_bytes());
        for (key, value) in all.filter(|(key, value)| is_kept(key) && !value.is_empty()) {
            query.append_pair(&key, &value);
        }
        for (name, value) in asked {
            query.append_pair(name, value);
        }
        format!("{}?{}", self.path, query.finish())
    }

    /// Asks the index, in one view of it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(crate) fn read<T>(
        &self,
        ask: impl FnOnce(&Reader<'_>) -> Result<T, HistoryError>,
    ) -> Result<T, Failure> {
        Ok(self.site.readers.read(ask)?)
    }

    /// From what times of levels are known, if they are.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub(crate) fn times(&self) -> Result<Option<BlockTimes>, Failure> {
        let head = self.look.head().map(AsRef::as_ref);
        Ok(self.site.forecast.known(head, &self.site.readers)?)
    }

    /// An account as it is shown.
    pub(crate) fn account(&self, address: &Tz4Address) -> LongName {
        LongName::account(address, self.site.called(address))
    }
}

/// Whether a text is digits, and no sign before them.
pub(crate) fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number from 0 on: digits, and no sign before them.
pub(crate) fn whole(text: &str) -> Option<i64> {
    is_digits(text).then(|| text.parse().ok()).flatten()
}

/// Whether a text has the form of a block's hash.
pub(crate) fn is_block(text: &str) -> bool {
    /// Those of layer 1 have 51.
    const BLOCK_CHARS: usize = 64;
    let is_text = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    text.starts_with('B') && text.len() <= BLOCK_CHARS && is_text
}

/// A level: digits, and no sign before them.
pub(crate) fn level(text: &str) -> Option<Level> {
    whole(text).and_then(|number| i32::try_from(number).ok()).map(Level)
}

/// A hash: 64 hexadecimal digits.
///
/// # Errors
/// When it is something else.
pub(crate) fn hash(text: &str) -> Result<Hash32, Failure> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| {
        Failure::misnamed(format!("a hash has 64 hexadecimal digits, unlike {}", quoted(text)))
    })?;
    Ok(Hash32(bytes))
}

/// An account of the rollup.
///
/// # Errors
/// When it is something else.
pub(crate) fn account(text: &str) -> Result<Tz4Address, Failure> {
    let address = Address::parse_as(Role::Account, text);
    let address =
        address.map_err(|problem| Failure::misnamed(format!("{} {problem}", quoted(text))))?;
    Ok(Tz4Address(address.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_digits_alone() {
        assert_eq!((whole("0"), level("2147483647")), (Some(0), Some(Level(i32::MAX))));
        for text in ["", "-1", "+1", " 1", "1x", "9223372036854775808", "\u{661}"] {
            assert_eq!(whole(text), None, "{text:?}");
        }
        assert_eq!(level("2147483648"), None);
        assert!(hash(&"ab".repeat(32)).is_ok());
        for text in ["", "ab", &"ab".repeat(33), &"zz".repeat(32)] {
            assert!(hash(text).is_err(), "{text:?}");
        }
    }
}
