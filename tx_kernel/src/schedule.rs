//! Which batch is next, and whether its level can afford it.
//!
//! A level has a budget of verification gas. As long as it is asked for no more, batches are done
//! in the order of the inbox. Where it is asked for more, a batch is done only if the budget also covers
//! everything of a higher class that is still to come; else it waits for a later level. Once nothing new is
//! left, what the budget still has goes to those that wait, the highest class first, within it the oldest.

use encoding::limits::{DEFERRED_BATCHES, GAS_PER_LEVEL, PRICE_CLASSES};

use encoding::VerificationGas;

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
    /// Counts what an ingested message asks for.
    pub(crate) fn add_demand(&mut self, price: Price) {
        let demand = &mut self.demand[class(price)];
        *demand = demand.plus(price.gas);
    }

    /// Takes back what a message asked for whose turn has come.
    pub(crate) fn remove_demand(&mut self, price: Price) {
        let demand = &mut self.demand[class(price)];
        *demand = demand.minus(price.gas);
    }

    /// For each class, the gas that is still asked for in higher ones, by messages whose turn is to come and by
    /// those that wait.
    fn demand_above(&self, cursors: &Cursors) -> [VerificationGas; PRICE_CLASSES] {
        let mut demand = self.demand;
        for one in &cursors.deferred {
            if let Some(gas) = demand.get_mut(usize::from(one.class)) {
                *gas = gas.plus(one.gas);
            }
        }
        let mut above = VerificationGas::ZERO;
        for gas in demand.iter_mut().rev() {
            above = above.plus(std::mem::replace(gas, above));
        }
        demand
    }

    /// Whether what is left of the budget covers so much gas, and what is asked for in higher classes. What
    /// asks for nothing is always done.
    pub(crate) fn affords(&self, class: u8, gas: VerificationGas, cursors: &Cursors) -> bool {
        self.covers(class, gas, &self.demand_above(cursors))
    }

    fn covers(
        &self,
        class: u8,
        gas: VerificationGas,
        demand_above: &[VerificationGas; PRICE_CLASSES],
    ) -> bool {
        let above = demand_above.get(usize::from(class)).copied().unwrap_or_default();
        gas.is_zero() || self.fits(gas.plus(above))
    }

    /// Whether what is left of the budget covers so much gas.
    fn fits(&self, gas: VerificationGas) -> bool {
        self.spent.plus(gas) <= GAS_PER_LEVEL
    }

    /// The oldest batch that waits and that the level can afford.
    pub(crate) fn due(&self, cursors: &Cursors) -> Option<u64> {
        if cursors.deferred.is_empty() {
            return None;
        }
        let above = self.demand_above(cursors);
        let due = |one: &&Deferred| self.covers(one.class, one.gas, &above);
        cursors.deferred.iter().filter(due).map(|one| one.number).min()
    }

    /// The batch that gets what is left of the budget, once nothing new is to come: of those that wait and
    /// fit it the one of the highest class, and of these the oldest.
    pub(crate) fn best(&self, cursors: &Cursors) -> Option<u64> {
        let fitting = cursors.deferred.iter().filter(|one| self.fits(one.gas));
        fitting.max_by_key(|one| (one.class, u64::MAX - one.number)).map(|one| one.number)
    }

    /// Spends gas that was seen to fit.
    pub(crate) fn charge(&mut self, gas: VerificationGas) {
        self.spent = self.spent.plus(gas);
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

    fn gas_of(gas: u32) -> VerificationGas {
        VerificationGas::new(gas)
    }

    fn deferred(number: u64, class: u8, gas: u32) -> Deferred {
        Deferred { number, class, gas: gas_of(gas) }
    }

    fn cursors(deferred: &[Deferred]) -> Cursors {
        Cursors { deferred: deferred.to_vec(), batches: 1_000, ..Cursors::default() }
    }

    #[test]
    fn what_a_level_can_afford_whole_is_done_in_order() {
        let mut level = LevelUse::default();
        for (class, gas) in [(0, 300), (10, 300), (3, 40)] {
            level.add_demand(Price { class, gas: gas_of(gas) });
        }
        level.remove_demand(Price { class: 0, gas: gas_of(300) });
        assert!(
            level.affords(0, gas_of(300), &cursors(&[])),
            "the cheapest is done first, if it came first"
        );
        level.charge(gas_of(300));
        level.remove_demand(Price { class: 10, gas: gas_of(300) });
        assert!(level.affords(10, gas_of(300), &cursors(&[])));
    }

    #[test]
    fn what_pays_less_leaves_room_for_what_pays_more_and_is_still_to_come() {
        let mut level = LevelUse::default();
        level.add_demand(Price { class: 6, gas: gas_of(600) });
        let none = cursors(&[]);
        assert!(level.affords(5, gas_of(40), &none) && !level.affords(5, gas_of(41), &none));
        assert!(level.affords(6, gas_of(640), &none), "its own class came later");
        assert!(level.affords(7, gas_of(640), &none));
        assert!(level.affords(0, gas_of(0), &none), "what asks for nothing is always done");
        let waits = cursors(&[deferred(3, 6, 40)]);
        assert!(!level.affords(5, gas_of(1), &waits));
    }

    #[test]
    fn of_those_that_wait_the_oldest_is_due_that_leaves_room_for_higher_classes() {
        let all = cursors(&[deferred(3, 5, 100), deferred(4, 7, 600), deferred(5, 7, 100)]);
        let mut level = LevelUse::default();
        assert_eq!(level.due(&all), Some(4));
        level.charge(gas_of(600));
        assert_eq!(level.due(&all), None);
        assert_eq!(level.best(&all), None);
        level.spent = gas_of(540);
        assert_eq!(level.best(&all), Some(5), "the higher class, though the other is older");
        let all = cursors(&[deferred(3, 5, 100), deferred(2, 5, 100), deferred(4, 7, 600)]);
        assert_eq!(level.best(&all), Some(2), "the oldest that fits");
    }

    #[test]
    fn where_too_many_wait_the_lowest_class_leaves_and_of_it_the_last() {
        let mut cursors = Cursors::default();
        for number in (0..).take(DEFERRED_BATCHES) {
            let class = if number < 2 { 3 } else { 5 };
            assert_eq!(cursors.defer(deferred(number, class, 9)), Deferral::Waits);
        }
        assert_eq!(cursors.defer(deferred(500, 3, 9)), Deferral::Busy);
        assert_eq!(cursors.defer(deferred(500, 4, 9)), Deferral::InPlaceOf(1));
        cursors.finish_batch(1);
        assert_eq!(cursors.defer(deferred(500, 4, 9)), Deferral::Waits);
        assert_eq!((cursors.batches, cursors.deferred.len()), (501, DEFERRED_BATCHES));
        assert_eq!(cursors.defer(deferred(500, 4, 9)), Deferral::Waits, "it waits already");
        assert_eq!(cursors.deferred.len(), DEFERRED_BATCHES, "and is there once");
    }
}
