//! States by their facts, and the states that proofs are made in.

use super::level::bytes;
use crate::difference::Differences;
use crate::kind::{Kind, Verdict, is_called};
use pvm::{Durable, MachineState, Registers, Snapshot, Status};
use serde::Deserialize;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

/// The states of all vectors so far, by their hashes.
#[derive(Clone, Default)]
pub struct States(Rc<RefCell<HashMap<[u8; 32], Snapshot>>>);

impl States {
    /// Keeps a state.
    pub(super) fn keep(&self, hash: [u8; 32], state: Snapshot) {
        self.0.borrow_mut().insert(hash, state);
    }

    /// The state of a hash.
    pub(super) fn of(&self, hash: &[u8; 32]) -> Option<Snapshot> {
        self.0.borrow().get(hash).cloned()
    }
}

/// States by their facts.
pub struct State {
    states: States,
}

impl State {
    /// Keeps the states here.
    #[must_use]
    pub fn new(states: States) -> Self {
        Self { states }
    }
}

/// A state as the file has it. Bytes are hex.
#[derive(Deserialize)]
struct Vector {
    name: String,
    state_hash: String,
    facts: Facts,
}

#[derive(Deserialize)]
struct Facts {
    durable: BTreeMap<String, Written>,
    current_tick: String,
    max_nb_ticks: String,
    last_input: Option<(i32, u64)>,
    validity_period: i32,
    origin_validity_period: i32,
    outboxes: Option<BTreeMap<String, Vec<String>>>,
    outbox_rule: Option<Rule>,
}

#[derive(Deserialize)]
struct Written {
    value: Option<String>,
}

/// Outboxes with their messages, by level.
type Outboxes = Vec<(i32, Vec<Vec<u8>>)>;

/// Outboxes of which every second has one message, `m` and its place among them.
#[derive(Deserialize)]
struct Rule {
    first: i32,
    count: i32,
}

impl Kind for State {
    fn name(&self) -> &'static str {
        "states"
    }

    fn takes(&self, vector: &Value) -> bool {
        is_called(vector, "state")
    }

    fn play(&mut self, vector: &Value) -> Result<Verdict, String> {
        let vector = Vector::deserialize(vector).map_err(|error| error.to_string())?;
        let state = vector.facts.state()?;
        let mut differences = Differences::default();
        match state.state_hash() {
            Ok(hash) => {
                differences.compare(
                    "the hash of the state",
                    &vector.state_hash,
                    &hex::encode(hash),
                );
                self.states.keep(hash, state);
            }
            Err(error) => differences.add("the hash of the state", &vector.state_hash, error),
        }
        Ok(Verdict { name: vector.name, differences, unchecked: Vec::new() })
    }
}

impl Facts {
    fn state(&self) -> Result<Snapshot, String> {
        let mut durable = Durable::default();
        for (path, written) in &self.durable {
            let value = written.value.as_ref().ok_or("a value that is not whole")?;
            durable.set(path, &bytes(value)?).map_err(|error| error.to_string())?;
        }
        let number = |text: &str| text.parse().map_err(|_| format!("{text:?} is no number"));
        let registers = Registers {
            tick: number(&self.current_tick)?,
            ticks_per_run: number(&self.max_nb_ticks)?,
            origin_validity: self.origin_validity_period,
            validity: self.validity_period,
            last_input: self.last_input,
        };
        let machine = MachineState::from_parts(registers, self.outboxes()?);
        let machine = machine.ok_or("more outboxes than a state can be made with")?;
        Ok(Snapshot::new(durable, None, 0, Status::Running).with_machine(Some(machine)))
    }

    fn outboxes(&self) -> Result<Outboxes, String> {
        if let Some(Rule { first, count }) = &self.outbox_rule {
            let message =
                |i: i32| if i % 2 == 1 { vec![format!("m{i}").into_bytes()] } else { vec![] };
            return Ok((0..*count).map(|i| (first.saturating_add(i), message(i))).collect());
        }
        let outboxes = self.outboxes.as_ref().ok_or("a state has no outboxes")?;
        let outbox = |(level, messages): (&String, &Vec<String>)| {
            let level = level.parse().map_err(|_| format!("{level:?} is no level"))?;
            let messages =
                messages.iter().map(|message| bytes(message)).collect::<Result<_, _>>()?;
            Ok((level, messages))
        };
        outboxes.iter().map(outbox).collect()
    }
}

/// A hash from hex.
pub(super) fn hash(text: &str) -> Result<[u8; 32], String> {
    bytes(text)?.try_into().map_err(|_| format!("{text:?} is no hash"))
}
