//! What a draft has read, by key: a list, as a message has room for few.

#[derive(Clone, Debug)]
pub(crate) struct Entry<K, V> {
    pub key: K,
    pub value: V,
    pub changed: bool,
}

/// A small map that remembers what has changed.
#[derive(Clone, Debug)]
pub(crate) struct Cache<K, V>(Vec<Entry<K, V>>);

impl<K: Clone + Eq, V> Cache<K, V> {
    pub(crate) fn new() -> Self {
        Cache(Vec::new())
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        self.0.iter().find(|entry| entry.key == *key).map(|entry| &entry.value)
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
        match self.0.iter_mut().find(|entry| entry.key == *key) {
            Some(entry) => (entry.value, entry.changed) = (value, changed),
            None => self.0.push(Entry { key: key.clone(), value, changed }),
        }
    }

    pub(crate) fn remove(&mut self, key: &K) {
        self.0.retain(|entry| entry.key != *key);
    }

    /// What has changed.
    pub(crate) fn changed(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().filter(|entry| entry.changed).map(|entry| (&entry.key, &entry.value))
    }
}
