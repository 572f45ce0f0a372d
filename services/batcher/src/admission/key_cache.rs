//! Public keys that were read: to read one takes a square root and a check of its group, and most senders come again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use batcher_api::{KeyError, SignerKey};

use crate::limits::KNOWN_KEYS;

/// Keys by their texts. Those that nobody has used for longest are forgotten first, half of them at a time.
#[derive(Default)]
pub(crate) struct KeyCache(Mutex<Halves>);

#[derive(Default)]
struct Halves {
    young: HashMap<String, SignerKey>,
    old: HashMap<String, SignerKey>,
}

impl KeyCache {
    fn lock(&self) -> MutexGuard<'_, Halves> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads a key, or remembers it.
    pub(crate) fn read(&self, text: &str) -> Result<SignerKey, KeyError> {
        let known = {
            let mut halves = self.lock();
            match halves.young.get(text).copied() {
                Some(key) => return Ok(key),
                None => halves.old.remove(text),
            }
        };
        // Nobody waits while one is read.
        let key = match known {
            Some(key) => key,
            None => SignerKey::read(text)?,
        };
        self.keep(text, key);
        Ok(key)
    }

    fn keep(&self, text: &str, key: SignerKey) {
        let mut halves = self.lock();
        if halves.young.len() >= KNOWN_KEYS / 2 {
            halves.old = std::mem::take(&mut halves.young);
        }
        halves.young.insert(text.to_owned(), key);
    }
}

#[cfg(test)]
mod tests {
    use bls::SecretKey;

    use super::*;

    fn text(number: u64) -> String {
        let mut seed = [0; 32];
        seed[..8].copy_from_slice(&number.to_be_bytes());
        hex::encode(SecretKey::derive(&seed).unwrap().public_key().to_compressed())
    }

    #[test]
    fn what_is_remembered_is_what_was_read_and_nothing_else_is() {
        let cache = KeyCache::default();
        let text = text(1);
        for _ in 0..2 {
            assert_eq!(cache.read(&text), SignerKey::read(&text));
        }
        assert_eq!(cache.lock().young.len(), 1);
        // The identity, a point that is none, and no key at all.
        let identity = format!("c0{}", "00".repeat(47));
        for (bad, error) in [
            (identity.as_str(), KeyError::Point),
            (&format!("8{}", &text[1..94]), KeyError::Form),
            (&"ff".repeat(48), KeyError::Point),
            ("BLpk", KeyError::Form),
        ] {
            assert_eq!(cache.read(bad), Err(error), "{bad}");
        }
        assert_eq!(cache.lock().young.len(), 1);
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for_and_those_in_use_stay() {
        let cache = KeyCache::default();
        let mine = text(1);
        let key = cache.read(&mine).unwrap();
        for number in 0..2 * KNOWN_KEYS {
            // Texts stand for keys: to make so many of them would take minutes.
            cache.keep(&number.to_string(), key);
            if number % 1_000 == 0 {
                let halves = cache.lock();
                let is_known = halves.old.contains_key(&mine) || halves.young.contains_key(&mine);
                drop(halves);
                assert!(is_known, "{number}");
                assert_eq!(cache.read(&mine), Ok(key));
            }
        }
        let halves = cache.lock();
        assert!(halves.young.len() + halves.old.len() <= KNOWN_KEYS);
    }
}
