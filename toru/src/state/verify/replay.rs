//! Whether levels that are kept come to the same when they are played again.

use std::ops::RangeInclusive;

use layer1::plain::one_line;
use pvm::{
    ComparedEngine, Config, Engine, EngineKind, EngineLimit, Interrupt, PreimageDir, PvmError,
};
use serde_json::{Value, json};
use store::{ReplayError, Replayed, Store};

use super::super::error::failing;
use super::args::VerifyArgs;
use super::told::{Parted, as_json, words};
use crate::engine::EngineArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::run::interrupted_by_ctrl_c;
use crate::run_levels::LevelError;
use crate::ui::{Output, Ui, json_line};

/// Plays them, and says where they part from what is kept.
pub(super) fn verify_levels(
    store: &Store,
    levels: RangeInclusive<i32>,
    args: &VerifyArgs,
    ui: &Ui,
) -> Result<Output, Failure> {
    let (engine, names) = engines(args.engine)?;
    let config = config(args, engine, interrupted_by_ctrl_c());
    let (replayed, parted) = replay(store, levels, config, args, ui)?;
    let text = match ui.is_json() {
        true => json_line(&json!({
            "engines": names,
            "replayed": replayed,
            "parted": parted.iter().map(as_json).collect::<Value>(),
        }))?,
        false => words(replayed, &names, &parted),
    };
    let refused = (!parted.is_empty()).then(|| {
        let problem = match parted.as_slice() {
            [one] => format!("level {} does not come to what is kept of it", one.level),
            all => format!("{} levels do not come to what is kept of them", all.len()),
        };
        Failure::new(Exit::No, problem)
    });
    Ok(Output { text, refused })
}

/// What plays the levels: the engine that is named, or all there are, compared with each other.
fn engines(args: EngineArgs) -> Result<(Box<dyn Engine>, Vec<&'static str>), Failure> {
    let named = |engine| EngineArgs { engine: Some(engine) };
    if args.engine.is_some() || !EngineKind::Wasmtime.is_built() {
        return Ok((args.engine()?, vec![args.kind().name()]));
    }
    use crate::engine::EngineName::{Wasmi, Wasmtime};
    let both = ComparedEngine::new(named(Wasmi).engine()?, named(Wasmtime).engine()?);
    Ok((Box::new(both), EngineKind::ALL.map(EngineKind::name).to_vec()))
}

fn config(args: &VerifyArgs, engine: Box<dyn Engine>, interrupt: Interrupt) -> Config {
    let mut config = Config { engine, interrupt, ..Config::default() };
    if let Some(folder) = &args.preimages {
        config.preimages = Box::new(PreimageDir::new(folder.clone()));
    }
    config
}

/// How many levels were played, and those that part, the first first.
fn replay(
    store: &Store,
    levels: RangeInclusive<i32>,
    config: Config,
    args: &VerifyArgs,
    ui: &Ui,
) -> Result<(usize, Vec<Parted>), Failure> {
    let native = store.identity().fixed_kernel.then(scenario::native_program);
    let mut pvm = store.replayer(native, config).map_err(failing(&args.file))?;
    let progress = ui.progress("playing levels again");
    let of = usize::try_from(i64::from(*levels.end()) - i64::from(*levels.start()) + 1);
    let (mut replayed, mut parted) = (0, Vec::new());
    let played = store.replay(levels, &mut pvm, |Replayed { level, differences, more, .. }| {
        replayed += 1;
        progress.at(replayed, of.unwrap_or(usize::MAX));
        if !differences.is_empty() {
            parted.push(Parted { level, differences, more, engines: None });
        }
    });
    drop(progress);
    match played {
        Ok(()) => {}
        // The levels before are not played then: what engines make of them may be anything.
        Err(ReplayError::Pvm { level, source: PvmError::Limited(EngineLimit::Parted(how)) }) => {
            parted.push(Parted { level, differences: Vec::new(), more: 0, engines: Some(how) });
        }
        Err(error) => return Err(failed(error, args)),
    }
    parted.reverse();
    Ok((replayed, parted))
}

fn failed(error: ReplayError, args: &VerifyArgs) -> Failure {
    let problem = one_line(&error.to_string());
    match error {
        ReplayError::Store(error) => failing(&args.file)(error),
        ReplayError::OtherInbox { .. } => Failure::new(Exit::No, problem),
        ReplayError::NoInbox { .. } => Failure::in_file(&args.file, &problem).with_hint(
            "a version of toru that kept no inboxes played it: begin with a later level",
        ),
        ReplayError::Pvm { level, source: PvmError::Interrupted } => {
            LevelError::Interrupted { level }.into()
        }
        ReplayError::Pvm { source: PvmError::MissingPreimage { .. }, .. } => {
            Failure::in_file(&args.file, &problem)
                .with_hint("--preimages DIR names the folder to look into")
        }
        ReplayError::Pvm { .. } => Failure::in_file(&args.file, &problem),
    }
}
