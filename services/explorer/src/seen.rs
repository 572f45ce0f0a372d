//! What a page has seen of the chain: a number that goes with the page, and comes back with its request for events.
//!
//! Whoever has seen something else than there is now is told at once: nothing that happens while a page is on its way,
//! or while its stream is made anew, is missed.

use std::fmt;
use std::hash::{BuildHasher, RandomState};

use axum::http::HeaderMap;
use axum::http::header::HeaderName;

use crate::failure::Failure;

/// What a browser names when it makes a stream anew: the last event that it had.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Bits of the changes of an index, which are counted from its opening on.
const CHANGE_BITS: u32 = 32;
/// Bits that tell one process from another. With those before it is a number that JavaScript has without loss.
const PROCESS_BITS: u32 = 20;

/// The changes of the index that a page has seen, and in which process: another one counts anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen(u64);

/// What tells this process from one that was at the same address before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Process(u64);

impl Process {
    /// A number that another process hardly has.
    pub(crate) fn any() -> Self {
        Process(RandomState::new().hash_one(CHANGE_BITS) & mask(PROCESS_BITS))
    }

    /// What was seen after so many changes.
    pub(crate) const fn seen(self, changes: u64) -> Seen {
        Seen((self.0 << CHANGE_BITS) | (changes & mask(CHANGE_BITS)))
    }
}

const fn mask(bits: u32) -> u64 {
    (1 << bits) - 1
}

impl Seen {
    /// As the id of an event.
    pub(crate) const fn id(self) -> u64 {
        self.0
    }

    /// What whoever asks for events has seen, if they say so. The header is younger than the query, which stays as it
    /// was when the page was made.
    ///
    /// # Errors
    /// When the query asks for anything else, or names no number.
    pub(crate) fn of_request(query: &str, headers: &HeaderMap) -> Result<Option<Self>, Failure> {
        let mut seen = None;
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let number = digits(&value).filter(|_| name == "seen" && seen.is_none());
            let number = number.ok_or_else(|| {
                Failure::malformed("Events are asked for with seen=, a number, and nothing else.")
            })?;
            seen = Some(Seen(number));
        }
        // What is there and no id of ours is of somebody else, and has seen nothing of this.
        let last = headers.get(LAST_EVENT_ID).map(|last| last.to_str().ok().and_then(digits));
        Ok(last.map_or(seen, |last| Some(Seen(last.unwrap_or(u64::MAX)))))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A number of digits alone.
fn digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_made_anew_names_what_it_had_last() {
        let of = |query: &str, last: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.extend(last.map(|last| (LAST_EVENT_ID, last.parse().unwrap())));
            Seen::of_request(query, &headers).map(|seen| seen.map(Seen::id)).map_err(|_| ())
        };
        assert_eq!(of("", None), Ok(None));
        assert_eq!(of("seen=7", None), Ok(Some(7)));
        assert_eq!(of("seen=7", Some("9")), Ok(Some(9)));
        assert_eq!(of("", Some("9")), Ok(Some(9)));
        assert_eq!(of("seen=7", Some("x")), Ok(Some(u64::MAX)));
        for query in ["seen=", "seen=-1", "seen=+1", "seen=x", "seen=1&seen=2", "x=1", "seen"] {
            assert_eq!(of(query, None), Err(()), "{query}");
        }
        assert_eq!(of("seen=18446744073709551616", None), Err(()));
    }

    #[test]
    fn another_process_has_seen_nothing_of_this_one() {
        let (first, second) = (Process(1), Process(2));
        assert_eq!(first.seen(5), first.seen(5));
        assert_ne!(first.seen(5), second.seen(5));
        assert_ne!(first.seen(5), first.seen(6));
        // JavaScript has whole numbers up to 2^53 - 1.
        assert!(Process(mask(PROCESS_BITS)).seen(u64::MAX).id() < 1 << 53);
        assert!(Process::any().0 <= mask(PROCESS_BITS));
    }
}
