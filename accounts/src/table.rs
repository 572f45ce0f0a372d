//! From what something is found by to its place in a list: open addressing. The list has the keys, so a place takes
//! four bytes here.

/// What stands where nothing is entered. New memory is full of it.
const FREE: u32 = 0;
/// Places at first, as a power of two; doubled when half are taken.
const FIRST_POWER: u32 = 6;

/// What spreads keys, beside the keys themselves.
///
/// Whoever makes a message chooses the keys in it. If they knew where each is looked for, they would choose such as are
/// all looked for in one place, and each look-up would go through all of them. So a message's keys are spread by a
/// number that depends on all of the message: changing a key changes where all others are looked for. What is stored
/// does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spread(u64);

impl Spread {
    /// For drafts that look for few things.
    pub(crate) const ANY: Spread = Spread(0x9e37_79b9_7f4a_7c15);

    /// That of a message with this digest.
    pub(crate) fn by(digest: &[u8; 32]) -> Spread {
        let first = digest.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        // An odd factor keeps different keys different.
        Spread(first | 1)
    }

    /// A number that looks random, of which the highest bits matter.
    #[inline(always)]
    pub(crate) fn of(self, key: u64) -> u64 {
        let once = key.wrapping_mul(self.0);
        (once ^ once >> 32).wrapping_mul(self.0)
    }

    /// The same of a hash, all of whose bytes count: some of them may have been chosen.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn of_hash(self, hash: &[u8]) -> u64 {
        let words = hash.chunks(8).map(|chunk| {
            let mut word = [0; 8];
            word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(word)
        });
        words.fold(0, |sum, word| self.of(sum ^ word))
    }
}

/// Where in a list something is. Every item of the list has been entered, in its order.
#[derive(Debug)]
pub(crate) struct Table {
    /// Places in the list, counted from one. A power of two of them, or none.
    places: Vec<u32>,
    /// How far a spread key is shifted to be a place here.
    shift: u32,
    taken: usize,
    spread: Spread,
}

impl Table {
    /// With nothing in it.
    pub(crate) const fn new(spread: Spread) -> Self {
        Table { places: Vec::new(), shift: u64::BITS - 1, taken: 0, spread }
    }

    /// How keys are spread.
    pub(crate) fn spread(&self) -> Spread {
        self.spread
    }

    /// The place of what `key` may stand for and `is_it` says is meant.
    #[inline(always)]
    pub(crate) fn get(&self, key: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mut at = self.first_place(key);
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
    #[inline]
    pub(crate) fn push(&mut self, key: u64, key_of: &dyn Fn(usize) -> u64) {
        if self.taken >= self.places.len() / 2 {
            self.make_room(1, key_of);
        }
        self.fill(key, self.taken);
        self.taken += 1;
    }

    /// Makes room for so many more items, so that it has to be done once.
    #[inline(never)] // Smaller apart: docs/bls.md.
    pub(crate) fn make_room(&mut self, more: usize, key_of: &dyn Fn(usize) -> u64) {
        let wanted = self.taken.saturating_add(more).saturating_mul(2);
        if wanted > self.places.len() {
            let size = wanted.max(1 << FIRST_POWER).next_power_of_two();
            self.shift = u64::BITS - size.trailing_zeros();
            // Those of before go first: memory has not to hold both.
            self.places = Vec::new();
            self.places = vec![FREE; size];
            (0..self.taken).for_each(|place| self.fill(key_of(place), place));
        }
    }

    #[inline(always)]
    fn fill(&mut self, key: u64, place: usize) {
        let mut at = self.first_place(key);
        // A draft has room for far fewer than 2^32.
        let entry = u32::try_from(place).map_or(FREE, |place| place.wrapping_add(1));
        while let Some(taken) = self.places.get_mut(at) {
            if *taken == FREE {
                *taken = entry;
                return;
            }
            at = (at + 1) & (self.places.len() - 1);
        }
    }

    /// Where a key is looked for first.
    #[inline(always)]
    fn first_place(&self, key: u64) -> usize {
        usize::try_from(self.spread.of(key) >> self.shift).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_entered_is_found_and_nothing_else() {
        // Every third key is the same as another one's.
        let key = |at: usize| u64::try_from(at / 3 * 3 + (at % 3) / 2).unwrap();
        for spread in [Spread::ANY, Spread::by(&[0; 32]), Spread::by(&[0xff; 32])] {
            let mut table = Table::new(spread);
            let find = |table: &Table, at: usize| table.get(key(at), |place| place == at);
            for at in 0..600 {
                assert_eq!(find(&table, at), None);
                table.push(key(at), &key);
            }
            assert!((0..600).all(|at| find(&table, at) == Some(at)));
            assert_eq!(table.get(7, |_| false), None);
        }
    }

    #[test]
    fn room_that_was_made_is_enough() {
        let key = |at: usize| u64::try_from(at).unwrap();
        let mut table = Table::new(Spread::ANY);
        table.make_room(1_000, &key);
        let size = table.places.len();
        (0..1_000).for_each(|at| table.push(key(at), &key));
        assert_eq!(table.places.len(), size);
    }

    /// How many places are looked at to find each of these keys once.
    fn looked_at(spread: Spread, keys: &[u64]) -> usize {
        let mut table = Table::new(spread);
        keys.iter().for_each(|key| table.push(*key, &|at| keys[at]));
        let looks = std::cell::Cell::new(0);
        for (at, key) in keys.iter().enumerate() {
            let is_it = |place| {
                looks.set(looks.get() + 1);
                place == at
            };
            assert_eq!(table.get(*key, is_it), Some(at));
        }
        looks.get()
    }

    #[test]
    fn keys_chosen_to_be_looked_for_in_one_place_are_not_in_another_message() {
        const KEYS: usize = 2_000;
        // Indexes of accounts that are all looked for in one place, if they are spread as in a draft for few.
        let one_place = |key: &u64| Spread::ANY.of(*key) >> 52 == 0;
        let chosen: Vec<u64> = (0..u64::from(u32::MAX)).filter(one_place).take(KEYS).collect();
        assert_eq!(chosen.len(), KEYS);
        assert!(looked_at(Spread::ANY, &chosen) > KEYS * KEYS / 4, "the choice is one");
        for message in 0..50_u8 {
            let factors = [1, 3, 5, 7, 11, 13, 17, 19].repeat(4);
            let bytes = factors.iter().map(|factor| (message ^ 0x5a).wrapping_mul(151 ^ factor));
            let digest = bytes.collect::<Vec<u8>>().try_into().unwrap();
            assert!(looked_at(Spread::by(&digest), &chosen) < KEYS * 4, "message {message}");
        }
    }

    #[test]
    fn all_bytes_of_a_hash_count() {
        let spread = Spread::by(&[7; 32]);
        let hash = [1_u8; 20];
        for at in 0..20 {
            let mut other = hash;
            other[at] ^= 0x40;
            assert_ne!(spread.of_hash(&hash), spread.of_hash(&other), "{at}");
        }
    }
}
