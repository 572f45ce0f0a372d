//! The engine: a deterministic stream of mutations over a corpus that grows by outcome class.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use crate::decoders::chosen;
use crate::{Target, seeds};

/// Bytes: no input is longer. Levels hold several messages.
const LONGEST: usize = 8_192;
/// Inputs: as many as are kept of what was new.
const KEPT: usize = 4_000;

/// SplitMix64: small, fast, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.number() % (bound.max(1) as u64)).unwrap_or(0)
    }

    /// A byte: often one that means something.
    fn byte(&mut self) -> u8 {
        const TELLING: [u8; 12] = [0, 1, 2, 5, 7, 8, 9, 0x0a, 0x40, 0x7f, 0x80, 0xff];
        match self.below(3) {
            0 => TELLING[self.below(TELLING.len())],
            _ => self.number().to_le_bytes()[0],
        }
    }
}

/// What a run of the engine came to.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// How often the target was called.
    pub executions: u64,
    /// How often each class came up.
    pub classes: BTreeMap<String, u64>,
}

/// A target with the inputs that are mutated for it.
pub struct Engine {
    target: Target,
    inputs: Vec<Vec<u8>>,
    random: Random,
    last: Vec<u8>,
    /// What it came to so far.
    pub stats: Stats,
}

/// Where the committed inputs of a target are.
fn corpus_of(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name)
}

/// The committed inputs of a target. That of all decoders has those of each.
fn corpus(name: &str) -> io::Result<Vec<Vec<u8>>> {
    if name == "decoders" {
        let mut inputs = Vec::new();
        for (byte, name) in chosen() {
            inputs.extend(corpus(name)?.into_iter().map(|input| [&[byte], &input[..]].concat()));
        }
        return Ok(inputs);
    }
    let mut paths = fs::read_dir(corpus_of(name))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<PathBuf>>>()?;
    // The order of a folder is the file system's; ours is the same everywhere.
    paths.sort();
    paths.into_iter().map(fs::read).collect()
}

impl Engine {
    /// An engine over the committed corpus of a target and its seeds.
    pub fn new(name: &str, target: Target, seed: u64) -> io::Result<Self> {
        let mut inputs = seeds(name);
        inputs.extend(corpus(name)?);
        Ok(Engine {
            target,
            inputs,
            random: Random(seed),
            last: Vec::new(),
            stats: Stats::default(),
        })
    }

    /// Plays the corpus and the seeds. Returns how many they are.
    pub fn replay(&mut self) -> usize {
        for input in self.inputs.clone() {
            self.run_level(&input);
        }
        self.inputs.len()
    }

    /// Plays this many mutated inputs.
    pub fn run(&mut self, count: u64) {
        for _ in 0..count {
            let input = self.mutated();
            if self.run_level(&input) && self.inputs.len() < KEPT {
                self.inputs.push(input);
            }
        }
    }

    /// Plays an input. Returns whether it came to something new.
    fn run_level(&mut self, input: &[u8]) -> bool {
        self.last = input.to_vec();
        let class = (self.target)(input);
        self.stats.executions += 1;
        let count = self.stats.classes.entry(class).or_insert(0);
        *count += 1;
        *count == 1
    }

    /// The inputs that came to something new, the corpus included.
    pub fn inputs(&self) -> BTreeSet<Vec<u8>> {
        self.inputs.iter().cloned().collect()
    }

    /// The input that was played last: what broke the target, if it is broken.
    pub fn last(&self) -> &[u8] {
        &self.last
    }

    fn mutated(&mut self) -> Vec<u8> {
        let mut input = self.inputs[self.random.below(self.inputs.len())].clone();
        for _ in 0..=self.random.below(4) {
            self.mutate(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    /// One change: a bit, a byte, a length, a piece moved, doubled, dropped or taken from another.
    fn mutate(&mut self, input: &mut Vec<u8>) {
        let random = &mut self.random;
        let length = input.len();
        let at = random.below(length + 1);
        let size = 1 + random.below(32);
        let end = length.min(at + size);
        match random.below(9) {
            0 if at < length => input[at] ^= 1 << random.below(8),
            1 if at < length => input[at] = random.byte(),
            2 => input.insert(at, random.byte()),
            3 => drop(input.drain(at..end)),
            4 => {
                let piece = input[at..end].to_vec();
                let to = random.below(input.len() + 1);
                input.splice(to..to, piece);
            }
            5 => input.truncate(at),
            6 => {
                let other = &self.inputs[random.below(self.inputs.len())];
                let from = random.below(other.len() + 1);
                let piece = other[from..other.len().min(from + 8 * size)].to_vec();
                input.splice(at..end, piece);
            }
            7 if at + 4 <= length => {
                let number = [0, 1, 96, 4_096, u32::MAX][random.below(5)];
                input[at..at + 4].copy_from_slice(&number.to_be_bytes());
            }
            _ => {
                let random_bytes: Vec<u8> = (0..size).map(|_| random.byte()).collect();
                input.splice(at..at, random_bytes);
            }
        }
    }
}
