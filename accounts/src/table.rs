//! From what something is found by to its place in a list: open addressing. The list has the keys, so a place takes
//! four bytes here.

/// What stands where nothing is entered. New memory is full of it.
const FREE: u32 = 0;
/// Places at first; doubled when half are taken.
const FIRST_SIZE: usize = 64;

/// Where in a list something is. Every item of the list has been entered, in its order.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Places in the list, counted from one.
    places: Vec<u32>,
    taken: usize,
}

impl Table {
    /// With nothing in it.
    pub(crate) const fn new() -> Self {
        Table { places: Vec::new(), taken: 0 }
    }

    /// The place of what `key` may stand for and `is_it` says is meant.
    #[inline]
    pub(crate) fn get(&self, key: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = first_place(key, self.places.len());
        loop {
            let place = *self.places.get(at)?;
            if place == FREE {
                return None;
            }
            let place = usize::try_from(place - 1).ok()?;
            if is_it(place) {
                return Some(place);
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Enters the next item of the list, which is not there yet. `key_of` tells the key of any item.
    pub(crate) fn push(&mut self, key_of: impl Fn(usize) -> u64) {
        self.make_room(1, &key_of);
        self.fill(key_of(self.taken), self.taken);
        self.taken += 1;
    }

    /// Makes room for so many more items, so that it has to be done once.
    pub(crate) fn make_room(&mut self, more: usize, key_of: impl Fn(usize) -> u64) {
        let wanted = self.taken.saturating_add(more).saturating_mul(2);
        if wanted > self.places.len() {
            let size = wanted.max(FIRST_SIZE).next_power_of_two();
            self.places = vec![FREE; size];
            (0..self.taken).for_each(|place| self.fill(key_of(place), place));
        }
    }

    fn fill(&mut self, key: u64, place: usize) {
        let size = self.places.len();
        let mut at = first_place(key, size);
        while self.places.get(at).is_some_and(|taken| *taken != FREE) {
            at = (at + 1) & (size - 1);
        }
        if let Some(entry) = self.places.get_mut(at) {
            // A draft has room for far fewer than 2^32.
            *entry = u32::try_from(place).map_or(FREE, |place| place.wrapping_add(1));
        }
    }
}

/// Where a key is looked for first: the size is a power of two, the golden ratio spreads keys.
/// Whoever makes keys collide makes one message a little slower, and pays for all of it.
#[inline]
fn first_place(key: u64, size: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let spread = key.wrapping_mul(GOLDEN) >> 32;
    usize::try_from(spread).unwrap_or(0) & size.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_is_found_and_nothing_else() {
        // Every third key is the same as another one's.
        let key = |at: usize| u64::try_from(at / 3 * 3 + (at % 3) / 2).unwrap();
        let mut table = Table::new();
        let find = |table: &Table, at: usize| table.get(key(at), |place| place == at);
        for at in 0..600 {
            assert_eq!(find(&table, at), None);
            table.push(key);
        }
        assert!((0..600).all(|at| find(&table, at) == Some(at)));
        assert_eq!(table.get(7, |_| false), None);
    }

    #[test]
    fn room_that_was_made_is_enough() {
        let key = |at: usize| u64::try_from(at).unwrap();
        let mut table = Table::new();
        table.make_room(1_000, key);
        let size = table.places.len();
        (0..1_000).for_each(|_| table.push(key));
        assert_eq!(table.places.len(), size);
    }
}
