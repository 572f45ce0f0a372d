//! From a place in durable storage to its place in the cache.

/// A free entry of either table.
const FREE: u32 = u32::MAX;
/// Places at first; doubled when half are taken.
const FIRST_SIZE: usize = 64;

/// Which line of the cache holds line `number` of `group`.
#[derive(Debug)]
pub(crate) enum Table {
    /// One entry for each line there can be: for drafts that touch most of them.
    Direct {
        /// Lines in a group.
        width: usize,
        /// The groups seen, each with a block of `width` entries in `slots`.
        groups: Vec<u32>,
        slots: Vec<u32>,
    },
    /// Open addressing: for drafts that touch few.
    Hashed { entries: Vec<(u64, u32)>, taken: usize },
}

impl Table {
    /// An empty table for few of many lines.
    pub(crate) fn hashed() -> Self {
        Table::Hashed { entries: Vec::new(), taken: 0 }
    }

    /// An empty table for most of `width` lines a group.
    pub(crate) fn direct(width: usize) -> Self {
        Table::Direct { width, groups: Vec::new(), slots: Vec::new() }
    }

    /// The place of a line in the cache.
    #[inline]
    pub(crate) fn get(&self, group: u32, number: u32) -> Option<usize> {
        let slot = match self {
            Table::Direct { width, groups, slots } => {
                let at = usize::try_from(number).ok().filter(|number| number < width)?;
                let block = groups.iter().position(|known| *known == group)?;
                *slots.get(block * width + at)?
            }
            Table::Hashed { entries, .. } => {
                let key = key(group, number);
                let mut at = first_place(key, entries.len());
                loop {
                    let (found, slot) = entries.get(at)?;
                    if *slot == FREE || *found == key {
                        break *slot;
                    }
                    at = (at + 1) & (entries.len() - 1);
                }
            }
        };
        if slot == FREE { None } else { usize::try_from(slot).ok() }
    }

    /// Enters a line that is not there yet.
    pub(crate) fn insert(&mut self, group: u32, number: u32, slot: usize) {
        let Ok(slot) = u32::try_from(slot) else { return };
        match self {
            Table::Direct { width, groups, slots } => {
                let block = groups.iter().position(|known| *known == group).unwrap_or_else(|| {
                    groups.push(group);
                    slots.resize(slots.len() + *width, FREE);
                    groups.len() - 1
                });
                let at = usize::try_from(number).unwrap_or(usize::MAX);
                if at >= *width {
                    widen(groups.len(), width, slots, at);
                }
                if let Some(entry) = slots.get_mut(block * *width + at) {
                    *entry = slot;
                }
            }
            Table::Hashed { entries, taken } => {
                if *taken * 2 >= entries.len() {
                    let larger = (entries.len() * 2).max(FIRST_SIZE);
                    let old = std::mem::replace(entries, vec![(0, FREE); larger]);
                    old.into_iter()
                        .filter(|(_, slot)| *slot != FREE)
                        .for_each(|(key, slot)| place(entries, key, slot));
                }
                *taken += 1;
                place(entries, key(group, number), slot);
            }
        }
    }
}

/// Makes room for a line that is beyond what was expected.
fn widen(groups: usize, width: &mut usize, slots: &mut Vec<u32>, at: usize) {
    let wider = at.saturating_add(1).saturating_mul(2);
    let old = std::mem::replace(slots, vec![FREE; groups.saturating_mul(wider)]);
    for (block, old) in old.chunks(*width).enumerate() {
        if let Some(new) = slots.get_mut(block * wider..block * wider + old.len()) {
            new.copy_from_slice(old);
        }
    }
    *width = wider;
}

fn place(entries: &mut [(u64, u32)], key: u64, slot: u32) {
    let size = entries.len();
    let mut at = first_place(key, size);
    while entries.get(at).is_some_and(|(_, taken)| *taken != FREE) {
        at = (at + 1) & (size - 1);
    }
    if let Some(entry) = entries.get_mut(at) {
        *entry = (key, slot);
    }
}

fn key(group: u32, number: u32) -> u64 {
    u64::from(group) << 32 | u64::from(number)
}

/// Where a key is looked for first: the size is a power of two, the golden ratio spreads keys.
/// Whoever makes keys collide makes one message a little slower, and pays for all of it.
fn first_place(key: u64, size: usize) -> usize {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let spread = key.wrapping_mul(GOLDEN) >> 32;
    usize::try_from(spread).unwrap_or(0) & size.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_find_what_was_entered_and_nothing_else() {
        for mut table in [Table::hashed(), Table::direct(1_000), Table::direct(7)] {
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
}
