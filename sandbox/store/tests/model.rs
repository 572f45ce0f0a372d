//! Whatever is done with a store, in whatever order, it is as a list of states in memory would be.

use std::io::Cursor;

use crate::common::{Change, Folder, config, messages, pvm};
use proptest::prelude::*;
use pvm::{Durable, InfoPerLevel, LevelReport, Pvm, Snapshot};
use store::{KeptState, Persistent, Store, StoreError, inbox_hash};

/// What is done with the store.
#[derive(Clone, Debug)]
enum Step {
    Run(Vec<Change>),
    RunUnsynced(Vec<Change>),
    Sync,
    Snapshot(usize),
    Forget(usize),
    RevertTo(usize),
    Revert(u32),
    Travel(u32),
    Prune(u32),
    Reopen,
    ExportAndImport,
}

const NAMES: [&str; 3] = ["a", "before-it", "c"];

fn path() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "d"]), 1..4)
        .prop_map(|steps| steps.iter().map(|step| format!("/{step}")).collect())
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = (any::<u8>(), 0usize..2_000).prop_map(|(byte, len)| vec![byte % 4; len]);
    prop_oneof![
        6 => (path(), prop_oneof![Just(0), 0u32..9_000], bytes.clone())
            .prop_map(|(path, at, bytes)| Change::Write(path, at, bytes)),
        1 => (path(), 0u32..20_000).prop_map(|(path, len)| Change::Create(path, len)),
        1 => path().prop_map(Change::Delete),
        1 => path().prop_map(Change::DeleteValue),
        1 => (path(), path()).prop_map(|(from, to)| Change::Copy(from, to)),
        2 => (path(), path()).prop_map(|(from, to)| Change::Move(from, to)),
        2 => bytes.prop_map(Change::Output),
        1 => Just(Change::Reboot),
        1 => Just(Change::Trap),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop::collection::vec(change(), 0..8).prop_map(Step::Run),
        4 => prop::collection::vec(change(), 0..8).prop_map(Step::RunUnsynced),
        1 => Just(Step::Sync),
        1 => (0..NAMES.len()).prop_map(Step::Snapshot),
        1 => (0..NAMES.len()).prop_map(Step::Forget),
        1 => (0..NAMES.len()).prop_map(Step::RevertTo),
        1 => any::<u32>().prop_map(Step::Revert),
        3 => any::<u32>().prop_map(Step::Travel),
        1 => any::<u32>().prop_map(Step::Prune),
        2 => Just(Step::Reopen),
        1 => Just(Step::ExportAndImport),
    ]
}

/// The same in memory: every state from the oldest on, and the report that led to it.
struct Model {
    pvm: Pvm,
    states: Vec<(i32, Snapshot, Option<LevelReport>)>,
    names: Vec<(usize, i32)>,
}

impl Model {
    fn last(&self) -> i32 {
        self.states.last().unwrap().0
    }

    fn oldest(&self) -> i32 {
        self.states[0].0
    }

    /// A level that is near those that are kept, and mostly one of them.
    fn level(&self, seed: u32) -> i32 {
        let span = u32::try_from(self.states.len()).unwrap() + 4;
        self.oldest() - 2 + i32::try_from(seed % span).unwrap()
    }

    fn durable(&self, level: i32) -> Option<&Durable> {
        let state = self.states.iter().find(|(end, ..)| *end == level)?;
        Some(state.1.durable())
    }

    fn level_of(&self, name: usize) -> Option<i32> {
        self.names.iter().find(|(named, _)| *named == name).map(|(_, level)| *level)
    }
}

fn reopened(store: Persistent, folder: &Folder) -> Persistent {
    drop(store);
    let store = Store::open(&folder.path("store")).unwrap();
    store.verify().unwrap();
    Persistent::resume_wasm(store, config()).unwrap()
}

fn revert(real: &mut Persistent, model: &mut Model, state: KeptState<'_>, level: Option<i32>) {
    let kept = level.filter(|level| model.durable(*level).is_some());
    let in_the_way = kept.is_some_and(|level| model.names.iter().any(|(_, at)| *at > level));
    match (real.revert(state), kept) {
        (Ok(()), Some(level)) if !in_the_way => {
            model.states.retain(|(end, ..)| *end <= level);
            let state = &model.states.last().unwrap().1;
            model.pvm.restore(state);
        }
        (Err(StoreError::SnapshotInTheWay { level: at, .. }), Some(level)) if in_the_way => {
            assert!(at > level);
        }
        (Err(StoreError::NotKept { .. }), None) => assert!(level.is_some()),
        (Err(StoreError::NoSnapshot { .. }), None) => assert_eq!(level, None),
        (outcome, _) => panic!("{state:?} {kept:?}: {outcome:?}"),
    }
}

fn take(real: &mut Persistent, model: &mut Model, step: &Step) {
    match step {
        Step::Run(changes) | Step::RunUnsynced(changes) => {
            let inbox = messages(changes);
            let info = InfoPerLevel {
                predecessor_timestamp: i64::from(model.last()),
                predecessor: [u8::try_from(changes.len()).unwrap(); 32],
            };
            real.set_info_per_level(info);
            model.pvm.set_info_per_level(info);
            let report = model.pvm.run_level(&inbox).unwrap();
            let played = match step {
                Step::Run(_) => real.run_level(&inbox),
                _ => real.run_level_unsynced(&inbox),
            };
            assert_eq!(played.unwrap(), report);
            model.states.push((report.level, model.pvm.snapshot(), Some(report)));
        }
        Step::Sync => real.sync().unwrap(),
        Step::Snapshot(name) => {
            let outcome = real.snapshot(NAMES[*name]);
            match model.level_of(*name) {
                None => {
                    outcome.unwrap();
                    let last = model.last();
                    model.names.push((*name, last));
                }
                Some(taken) => assert!(matches!(
                    outcome, Err(StoreError::SnapshotExists { level, .. }) if level == taken
                )),
            }
        }
        Step::Forget(name) => {
            assert_eq!(real.forget(NAMES[*name]).is_ok(), model.level_of(*name).is_some());
            model.names.retain(|(named, _)| named != name);
        }
        Step::RevertTo(name) => {
            let level = model.level_of(*name);
            revert(real, model, KeptState::Snapshot(NAMES[*name]), level);
        }
        Step::Revert(seed) => {
            let level = model.level(*seed);
            revert(real, model, KeptState::Level(level), Some(level));
        }
        Step::Travel(seed) => {
            let level = model.level(*seed);
            match (real.store().at(KeptState::Level(level)), model.durable(level)) {
                (Ok(durable), Some(expected)) => {
                    assert_eq!(durable, *expected);
                    let state = real.store().state_at(KeptState::Level(level)).unwrap();
                    let kept = model.states.iter().find(|(end, ..)| *end == level).unwrap();
                    assert_eq!(state.state_hash(), kept.1.state_hash());
                    for of in (level - 3)..=level {
                        let proof = state.prove_output(of, 0);
                        assert_eq!(proof, kept.1.prove_output(of, 0));
                    }
                }
                (Err(StoreError::NotKept { oldest, last, .. }), None) => {
                    assert_eq!((oldest, last), (model.oldest(), model.last()));
                }
                (outcome, _) => panic!("{level}: {:?}", outcome.map(|_| ())),
            }
        }
        Step::Prune(seed) => {
            let before = model.level(*seed);
            let reached = before - 1;
            let dropped = usize::try_from(reached - model.oldest()).unwrap_or(0);
            match real.prune(before) {
                Ok(count) => {
                    assert!(reached <= model.last());
                    assert_eq!(usize::try_from(count).unwrap(), dropped);
                    model.states.drain(..dropped);
                    assert!(model.names.iter().all(|(_, level)| *level >= model.oldest()));
                }
                Err(StoreError::SnapshotInTheWay { level, .. }) => assert!(level < reached),
                Err(StoreError::NotKept { .. }) => assert!(reached > model.last()),
                Err(other) => panic!("{other}"),
            }
        }
        Step::Reopen | Step::ExportAndImport => {}
    }
}

fn compare(real: &Persistent, model: &Model) {
    assert_eq!(real.store().durable(), model.pvm.durable());
    assert_eq!(real.pvm().durable(), model.pvm.durable());
    assert_eq!(real.pvm().level(), model.pvm.level());
    assert_eq!(real.store().status(), model.pvm.status());
    assert_eq!(real.store().state().state_hash(), model.pvm.state_hash());
    assert_eq!(real.store().oldest().unwrap(), model.oldest());
    let levels = real.store().levels(..).unwrap();
    assert_eq!(levels.len(), model.states.len() - 1);
    for (summary, (level, state, report)) in levels.iter().zip(&model.states[1..]) {
        let report = report.as_ref().unwrap();
        assert_eq!(summary.level, *level);
        assert_eq!(summary.state.map(|known| known.hash), state.state_hash().ok());
        assert_eq!(usize::try_from(summary.runs).unwrap(), report.runs.len());
        assert_eq!(summary.instructions, report.instructions());
        assert_eq!(real.store().outbox(*level).unwrap(), report.outbox);
        let inbox = real.store().inbox(*level).unwrap().unwrap();
        assert_eq!(inbox_hash(&inbox), summary.inbox);
    }
    let value = |state: &Snapshot| state.durable().get("/a");
    let mut changes = Vec::new();
    for pair in model.states.windows(2) {
        if value(&pair[0].1) != value(&pair[1].1) {
            changes.push((pair[1].0, value(&pair[0].1)));
        }
    }
    // A longer value is in parts, of which the first is told.
    let is_short = |state: &Snapshot| value(state).is_none_or(|value| value.len() <= 4_096);
    if model.states.iter().all(|(_, state, _)| is_short(state)) {
        assert_eq!(real.store().changes_of("/a").unwrap(), changes);
    }
    let mut names: Vec<_> =
        model.names.iter().map(|(name, level)| (NAMES[*name].to_owned(), *level)).collect();
    names.sort();
    assert_eq!(real.store().snapshots().unwrap(), names);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn a_store_is_as_a_list_of_states(steps in prop::collection::vec(step(), 1..40)) {
        let folder = Folder::in_memory("model");
        let mut real = Persistent::create(&folder.path("store"), pvm()).unwrap();
        let pvm = pvm();
        let origin = pvm.snapshot();
        let mut model = Model { pvm, states: vec![(100, origin, None)], names: Vec::new() };
        for step in &steps {
            match step {
                Step::Reopen => real = reopened(real, &folder),
                Step::ExportAndImport => {
                    let mut bytes = Vec::new();
                    real.store().export(&mut bytes).unwrap();
                    drop(real);
                    std::fs::remove_file(folder.path("store")).unwrap();
                    let store = Store::import(Cursor::new(&bytes[..]), &folder.path("store")).unwrap();
                    let mut again = Vec::new();
                    store.export(&mut again).unwrap();
                    assert_eq!(bytes, again);
                    real = Persistent::resume_wasm(store, config()).unwrap();
                }
                step => take(&mut real, &mut model, step),
            }
            compare(&real, &model);
        }
        compare(&reopened(real, &folder), &model);
    }
}

#[test]
fn the_whole_of_history_can_be_travelled_to() {
    let folder = Folder::in_memory("travel");
    let mut real = Persistent::create(&folder.path("store"), pvm()).unwrap();
    let mut states = vec![real.pvm().durable().clone()];
    for i in 0..40u8 {
        let from = format!("/x/{}", i % 5);
        let changes = [
            Change::Write(from.clone(), 0, vec![i; 1_000]),
            Change::Write("/long".to_owned(), u32::from(i) * 900, vec![i; 900]),
            Change::Move(from, format!("/y/{}", i % 3)),
            Change::Copy("/x".to_owned(), format!("/z/{i}")),
        ];
        real.run_level(&messages(&changes)).unwrap();
        states.push(real.pvm().durable().clone());
    }
    for (level, state) in (100..).zip(&states) {
        assert_eq!(real.store().at(KeptState::Level(level)).unwrap(), *state, "{level}");
    }
    assert_eq!(states[1].get("/x/0"), None);
    assert_eq!(real.store().durable().get("/long").unwrap().len(), 36_000);
}
