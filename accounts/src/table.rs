//! From what a number is of to its place in the cache: open addressing.

/// What is at no place.
const FREE: u32 = u32::MAX;
/// Places at first; doubled when half are taken.
const FIRST_SIZE: usize = 64;

/// Which place of the cache holds `number` of `group`.
#[derive(Debug)]
pub(crate) struct Table {
    entries: Vec<(u64, u32)>,
    taken: usize,
}

impl Table {
    /// With nothing in it.
    pub(crate) fn new() -> Self {
        Table { entries: Vec::new(), taken: 0 }
    }

    /// The place in the cache.
    #[inline]
    pub(crate) fn get(&self, group: u32, number: u32) -> Option<usize> {
        let key = key(group, number);
        let mut at = first_slot(key, self.entries.len());
        loop {
            let (found, slot) = self.entries.get(at)?;
            if *slot == FREE {
                return None;
            }
            if *found == key {
                return usize::try_from(*slot).ok();
            }
            at = (at + 1) & (self.entries.len() - 1);
        }
    }

    /// Enters what is not there yet.
    pub(crate) fn insert(&mut self, group: u32, number: u32, slot: usize) {
        if self.taken * 2 >= self.entries.len() {
            let larger = (self.entries.len() * 2).max(FIRST_SIZE);
            let old = std::mem::replace(&mut self.entries, vec![(0, FREE); larger]);
            old.into_iter()
                .filter(|(_, slot)| *slot != FREE)
                .for_each(|(key, slot)| self.fill_slot(key, slot));
        }
        self.taken += 1;
        // A draft has room for far fewer than 2^32.
        self.fill_slot(key(group, number), u32::try_from(slot).unwrap_or(FREE));
    }

    fn fill_slot(&mut self, key: u64, slot: u32) {
        let size = self.entries.len();
        let mut at = first_slot(key, size);
        while self.entries.get(at).is_some_and(|(_, taken)| *taken != FREE) {
            at = (at + 1) & (size - 1);
        }
        if let Some(entry) = self.entries.get_mut(at) {
            *entry = (key, slot);
        }
    }
}

fn key(group: u32, number: u32) -> u64 {
    u64::from(group) << 32 | u64::from(number)
}

/// Where a key is looked for first: the size is a power of two, the golden ratio spreads keys.
/// Whoever makes keys collide makes one message a little slower, and pays for all of it.
fn first_slot(key: u64, size: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let spread = key.wrapping_mul(GOLDEN) >> 32;
    usize::try_from(spread).unwrap_or(0) & size.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_is_found_and_nothing_else() {
        let mut table = Table::new();
        for slot in 0..600 {
            let number = u32::try_from(slot).unwrap_or(0);
            assert_eq!(table.get(number % 3, number), None);
            table.insert(number % 3, number, slot);
        }
        for slot in 0..600 {
            let number = u32::try_from(slot).unwrap_or(0);
            assert_eq!(table.get(number % 3, number), Some(slot));
            assert_eq!(table.get((number + 1) % 3, number), None);
        }
        assert_eq!(table.get(0, u32::MAX), None);
    }
}
