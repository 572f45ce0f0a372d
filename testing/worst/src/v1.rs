//! Levels of v1 batches: hashes to the curve and Miller loops, as many as the budgets have room for.

use encoding::limits::{GAS_PER_BATCH, GAS_PER_LEVEL, GAS_PER_PART, KEYS_PER_GAS};
use kit::{Person, Twin, batch, tx};

use crate::full::Full;

/// Signers of the fullest message.
const CROWD: u16 = 105;

/// What fills a level.
#[derive(Clone, Copy)]
pub enum Shape {
    /// Messages full of signers whose keys are known.
    Crowds,
    /// The smallest batches that count as large.
    Fives,
    /// Batches of one part: a final exponentiation for each.
    Singles,
    /// Messages full of keys that nobody has seen.
    Newcomers,
}

impl Shape {
    /// Each, with its name in the table.
    pub const ALL: [(Shape, &str); 4] = [
        (Shape::Crowds, "full messages, known keys"),
        (Shape::Fives, "batches of five parts"),
        (Shape::Singles, "batches of one part"),
        (Shape::Newcomers, "full messages, new keys"),
    ];

    /// Parts of a batch.
    fn parts(self) -> u16 {
        match self {
            Shape::Crowds => CROWD,
            Shape::Fives => 5,
            Shape::Singles => 1,
            Shape::Newcomers => 60,
        }
    }
}

/// People and the counters they have come to.
pub struct Crowd {
    counters: Vec<u64>,
    newest: u16,
}

impl Crowd {
    /// A crowd that the rollup knows.
    pub fn known_to(twin: &mut Twin) -> Self {
        let mut crowd = Crowd { counters: vec![1; CROWD.into()], newest: 0 };
        for _ in 0..3 {
            let message = crowd.new_ones(CROWD / 3);
            twin.run_level(&[message]);
        }
        crowd
    }

    /// A batch of one transaction by the first so many, who are known by now.
    fn together(&mut self, parts: u16) -> Vec<u8> {
        let people: Vec<Person> = (0..parts).map(Person::new).collect();
        let operations = people.iter().zip(&mut self.counters).map(|(one, counter)| {
            *counter += 1;
            one.does_by_address(*counter - 1, vec![])
        });
        batch(vec![(tx(operations.collect()), people.iter().collect())])
    }

    /// A batch of so many who show their keys.
    fn new_ones(&mut self, parts: u16) -> Vec<u8> {
        let people: Vec<Person> = (self.newest..self.newest + parts).map(Person::new).collect();
        self.newest += parts;
        let operations = people.iter().map(|one| one.does(0, vec![]));
        batch(vec![(tx(operations.collect()), people.iter().collect())])
    }

    /// Batches of this shape until the budget of a level is spent.
    pub fn level(&mut self, shape: Shape) -> Full {
        let mut left = GAS_PER_LEVEL.get();
        let mut level = Full::default();
        loop {
            // The greatest batch of this shape that the budget still has room for.
            let parts = (1..=shape.parts()).rev().find(|parts| units(shape, *parts) <= left);
            let Some(parts) = parts else { return level };
            left -= units(shape, parts);
            level.parts += usize::from(parts);
            level.messages.push(match shape {
                Shape::Newcomers => self.new_ones(parts),
                _ => self.together(parts),
            });
        }
    }
}

fn units(shape: Shape, parts: u16) -> u32 {
    let parts = u32::from(parts);
    let keys = match shape {
        Shape::Newcomers => parts.div_ceil(KEYS_PER_GAS),
        _ => 0,
    };
    parts * GAS_PER_PART.get() + GAS_PER_BATCH.get() + keys
}
