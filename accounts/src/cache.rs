//! What a draft has read, by key, with its changes.

use encoding::{TicketHash, TicketIndex, Tz4Address};

use crate::table::{Spread, Table};

/// What entries are found by.
pub(crate) trait Key: Copy + Eq {
    /// A number that is the same for the same key, and mostly another for another one.
    fn number(&self, spread: Spread) -> u64;
}

impl Key for Tz4Address {
    fn number(&self, spread: Spread) -> u64 {
        spread.of_hash(&self.0)
    }
}

impl Key for TicketHash {
    fn number(&self, spread: Spread) -> u64 {
        spread.of_hash(&self.0.0)
    }
}

impl Key for TicketIndex {
    fn number(&self, _: Spread) -> u64 {
        self.0.into()
    }
}

#[derive(Clone, Copy, Debug)]
struct Entry<K, V> {
    key: K,
    value: V,
    changed: bool,
}

/// A map that remembers what has changed, in the order in which it was first asked for.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    entries: Vec<Entry<K, V>>,
    table: Table,
}

impl<K: Key, V> Cache<K, V> {
    pub(crate) const fn new(spread: Spread) -> Self {
        Cache { entries: Vec::new(), table: Table::new(spread) }
    }

    /// Whether nothing has been asked for yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    fn position(&self, key: &K) -> Option<usize> {
        let is_it = |at: usize| self.entries.get(at).is_some_and(|entry| entry.key == *key);
        self.table.get(key.number(self.table.spread()), is_it)
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.entries.get(self.position(key)?).map(|entry| &entry.value)
    }

    /// Keeps what was read.
    pub(crate) fn keep(&mut self, key: &K, value: V) {
        self.put(key, value, false);
    }

    /// Keeps what is to be written.
    pub(crate) fn change(&mut self, key: &K, value: V) {
        self.put(key, value, true);
    }

    fn put(&mut self, key: &K, value: V, changed: bool) {
        if let Some(entry) = self.position(key).and_then(|at| self.entries.get_mut(at)) {
            (entry.value, entry.changed) = (value, changed);
            return;
        }
        self.entries.push(Entry { key: *key, value, changed });
        let (entries, spread) = (&self.entries, self.table.spread());
        self.table.push(key.number(spread), &|at| {
            entries.get(at).map_or(0, |entry| entry.key.number(spread))
        });
    }

    /// What has changed.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().filter(|entry| entry.changed).map(|entry| (&entry.key, &entry.value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_whole_key_and_changes_told_in_order() {
        // Many share what they are looked for by.
        let key = |n: u16| {
            let mut hash = [0; 20];
            hash[0] = n.to_be_bytes()[1] % 16;
            hash[18..].copy_from_slice(&n.to_be_bytes());
            Tz4Address(hash)
        };
        let mut cache = Cache::new(Spread::ANY);
        for n in 0..1_000 {
            assert_eq!(cache.get(&key(n)), None);
            cache.keep(&key(n), n);
        }
        for n in (0..1_000).step_by(3) {
            cache.change(&key(n), n + 1);
        }
        cache.keep(&key(3), 3);
        for n in 0..1_000 {
            assert_eq!(cache.get(&key(n)), Some(&(n + u16::from(n % 3 == 0 && n != 3))));
        }
        let changed: Vec<u16> = cache.changed().map(|(_, value)| value - 1).collect();
        let expected: Vec<u16> = (0..1_000).step_by(3).filter(|n| *n != 3).collect();
        assert_eq!(changed, expected);
    }
}
