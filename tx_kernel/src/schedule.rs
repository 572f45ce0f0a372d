//! Which batch is next, and whether its level can afford it.
//!
//! A level spends a number of units on verification. As long as it is asked for no more, batches are done
//! in the order of the inbox. Where it is asked for more, a batch is done only if the budget also covers
//! everything of a higher class that is still to come; else it waits for a later level. Once nothing new is
//! left, what the budget still has goes to those that wait, the highest class first, within it the oldest.

use encoding::limits::{DEFERRED_BATCHES, PRICE_CLASSES, UNITS_PER_LEVEL};

use crate::layout::{Cursors, Deferred, LevelUse};
use crate::price::Price;

/// What becomes of a batch that its level cannot afford.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deferral {
    /// It waits.
    Waits,
    /// It can wait once this one, of a lower class, has been refused as busy.
    InPlaceOf(u64),
    /// Too many wait, of no lower class: it is refused as busy.
    Busy,
}

impl LevelUse {
    /// Counts what a message that was taken in asks for.
    pub(crate) fn add_demand(&mut self, price: Price) {
        let demand = &mut self.demand[class(price)];
        *demand = demand.saturating_add(price.units);
    }

    /// Takes back what a message asked for whose turn has come.
    pub(crate) fn remove_demand(&mut self, price: Price) {
        let demand = &mut self.demand[class(price)];
        *demand = demand.saturating_sub(price.units);
    }

    /// Units: for each class, what is still asked for in higher ones, by messages whose turn is to come and by
    /// those that wait.
    fn demand_above(&self, cursors: &Cursors) -> [u32; PRICE_CLASSES] {
        let mut demand = self.demand;
        for one in &cursors.deferred {
            if let Some(units) = demand.get_mut(usize::from(one.class)) {
                *units = units.saturating_add(one.units);
            }
        }
        let mut above = 0_u32;
        for units in demand.iter_mut().rev() {
            above = above.saturating_add(std::mem::replace(units, above));
        }
        demand
    }

    /// Whether what is left of the budget covers so many units, and what is asked for in higher classes. What
    /// asks for nothing is always done.
    pub(crate) fn affords(&self, class: u8, units: u32, cursors: &Cursors) -> bool {
        self.covers(class, units, &self.demand_above(cursors))
    }

    fn covers(&self, class: u8, units: u32, demand_above: &[u32; PRICE_CLASSES]) -> bool {
        let above = demand_above.get(usize::from(class)).copied().unwrap_or(0);
        units == 0 || self.fits(units.saturating_add(above))
    }

    /// Whether what is left of the budget covers so many units.
    fn fits(&self, units: u32) -> bool {
        self.spent.checked_add(units).is_some_and(|sum| sum <= UNITS_PER_LEVEL)
    }

    /// The oldest batch that waits and that the level can afford.
    pub(crate) fn due(&self, cursors: &Cursors) -> Option<u64> {
        let above = self.demand_above(cursors);
        let due = |one: &&Deferred| self.covers(one.class, one.units, &above);
        cursors.deferred.iter().filter(due).map(|one| one.number).min()
    }

    /// The batch that gets what is left of the budget, once nothing new is to come: of those that wait and
    /// fit it the one of the highest class, and of these the oldest.
    pub(crate) fn best(&self, cursors: &Cursors) -> Option<u64> {
        let fitting = cursors.deferred.iter().filter(|one| self.fits(one.units));
        fitting.max_by_key(|one| (one.class, u64::MAX - one.number)).map(|one| one.number)
    }

    /// Spends units that were seen to fit.
    pub(crate) fn charge(&mut self, units: u32) {
        self.spent = self.spent.saturating_add(units);
    }
}

fn class(price: Price) -> usize {
    usize::from(price.class).min(PRICE_CLASSES - 1)
}

impl Cursors {
    /// Whether this batch waits since an earlier look at it.
    pub(crate) fn waits(&self, number: u64) -> bool {
        self.deferred.iter().any(|one| one.number == number)
    }

    /// Lets a batch wait for a later level, or says who has to leave. One that waits already waits on.
    pub(crate) fn defer(&mut self, batch: Deferred) -> Deferral {
        if self.waits(batch.number) {
            return Deferral::Waits;
        }
        if self.deferred.len() >= DEFERRED_BATCHES {
            let leaves = self.deferred.iter().min_by_key(|one| (one.class, u64::MAX - one.number));
            return match leaves {
                Some(lowest) if lowest.class < batch.class => Deferral::InPlaceOf(lowest.number),
                _ => Deferral::Busy,
            };
        }
        self.deferred.push(batch);
        self.batches = self.batches.max(batch.number.saturating_add(1));
        Deferral::Waits
    }

    /// Takes a batch out: it is done, or refused.
    pub(crate) fn finish_batch(&mut self, number: u64) {
        match self.deferred.iter().position(|batch| batch.number == number) {
            Some(at) => {
                self.deferred.remove(at);
            }
            None => self.batches = self.batches.max(number.saturating_add(1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(number: u64, class: u8, units: u32) -> Deferred {
        Deferred { number, class, units }
    }

    fn cursors(deferred: &[Deferred]) -> Cursors {
        Cursors { deferred: deferred.to_vec(), batches: 1_000, ..Cursors::default() }
    }

    #[test]
    fn what_a_level_can_afford_whole_is_done_in_order() {
        let mut level = LevelUse::default();
        for (class, units) in [(0, 300), (10, 300), (3, 40)] {
            level.add_demand(Price { class, units });
        }
        level.remove_demand(Price { class: 0, units: 300 });
        assert!(
            level.affords(0, 300, &cursors(&[])),
            "the cheapest is done first, if it came first"
        );
        level.charge(300);
        level.remove_demand(Price { class: 10, units: 300 });
        assert!(level.affords(10, 300, &cursors(&[])));
    }

    #[test]
    fn what_pays_less_leaves_room_for_what_pays_more_and_is_still_to_come() {
        let mut level = LevelUse::default();
        level.add_demand(Price { class: 6, units: 600 });
        let none = cursors(&[]);
        assert!(level.affords(5, 40, &none) && !level.affords(5, 41, &none));
        assert!(level.affords(6, 640, &none), "its own class came later");
        assert!(level.affords(7, 640, &none));
        assert!(level.affords(0, 0, &none), "what asks for nothing is always done");
        let waits = cursors(&[waiting(3, 6, 40)]);
        assert!(!level.affords(5, 1, &waits));
    }

    #[test]
    fn of_those_that_wait_the_oldest_is_due_that_leaves_room_for_higher_classes() {
        let all = cursors(&[waiting(3, 5, 100), waiting(4, 7, 600), waiting(5, 7, 100)]);
        let mut level = LevelUse::default();
        assert_eq!(level.due(&all), Some(4));
        level.charge(600);
        assert_eq!(level.due(&all), None);
        assert_eq!(level.best(&all), None);
        level.spent = 540;
        assert_eq!(level.best(&all), Some(5), "the higher class, though the other is older");
        let all = cursors(&[waiting(3, 5, 100), waiting(2, 5, 100), waiting(4, 7, 600)]);
        assert_eq!(level.best(&all), Some(2), "the oldest that fits");
    }

    #[test]
    fn where_too_many_wait_the_lowest_class_leaves_and_of_it_the_last() {
        let mut cursors = Cursors::default();
        for number in (0..).take(DEFERRED_BATCHES) {
            let class = if number < 2 { 3 } else { 5 };
            assert_eq!(cursors.defer(waiting(number, class, 9)), Deferral::Waits);
        }
        assert_eq!(cursors.defer(waiting(500, 3, 9)), Deferral::Busy);
        assert_eq!(cursors.defer(waiting(500, 4, 9)), Deferral::InPlaceOf(1));
        cursors.finish_batch(1);
        assert_eq!(cursors.defer(waiting(500, 4, 9)), Deferral::Waits);
        assert_eq!((cursors.batches, cursors.deferred.len()), (501, DEFERRED_BATCHES));
        assert_eq!(cursors.defer(waiting(500, 4, 9)), Deferral::Waits, "it waits already");
        assert_eq!(cursors.deferred.len(), DEFERRED_BATCHES, "and is there once");
    }
}
