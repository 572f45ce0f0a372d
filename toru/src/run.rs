//! `toru run`: reads what it is given, plays it, shows what came out.

use std::path::Path;

use layer1::address::{Address, Role};

use crate::cli::RunArgs;
use crate::error::Failure;
use crate::inputs::{self, ROLLUP_DEFAULT};
use crate::interrupt::on_ctrl_c;
use crate::run_levels::{Engine, LevelError, RunConfig, run_levels};
use crate::setup::{self, SetupError};
use crate::state::State;
use crate::ui::{Output, Ui};
use crate::{json, kernel, profile, table, text_file, view};

/// Does it.
pub fn run(args: &RunArgs, ui: &Ui) -> Result<Output, Failure> {
    args.check()?;
    let state = State::of(args)?;
    let rollup = match &args.rollup {
        None => state.rollup().map_or(ROLLUP_DEFAULT, |hash| Address { hash, ..ROLLUP_DEFAULT }),
        Some(text) => Address::parse_as(Role::Rollup, text)
            .map_err(|problem| Failure::option("--rollup", text, &problem))?,
    };
    let levels = match &args.inputs {
        Some(path) => {
            let bytes = std::fs::read(path).map_err(Failure::reading(path))?;
            inputs::parse(&bytes, &rollup)
                .map_err(|problem| hinted(Failure::in_file(path, &problem), problem.hint()))?
        }
        None => vec![Vec::new()],
    };
    let mut setup = match &args.setup {
        Some(path) => read_setup(path, setup::parse)?,
        None => Vec::new(),
    };
    if args.accept_v1 {
        setup.extend(view::accept_v1());
    }
    if let Some(folder) = &args.preimages {
        std::fs::read_dir(folder).map_err(Failure::reading(folder))?;
    }
    let engine = match args.kernel() {
        Some(path) => Engine::Foreign(path.to_owned(), kernel::read(path)?),
        None if args.native => Engine::Native,
        None => Engine::Embedded,
    };
    let writes_state = setup.iter().any(|set| view::is_state(&set.path));
    let runs_ours = args.kernel().is_none() && state.runs_ours();
    let config = RunConfig {
        engine,
        rollup,
        preimages: args.preimages.clone(),
        setup,
        state,
        version: args.pvm_version,
        wasm_engine: args.engine.with_memory_limit(args.memory_limit_bytes())?,
        profiled: args.profile.is_some(),
        interrupt: interrupted_by_ctrl_c(),
        progress: ui.progress("running levels"),
    };
    let result = run_levels(config, levels)?;
    if let Some(folder) = &args.profile {
        profile::write(folder, &result.levels)?;
    }
    // A kernel from a file may be another build of ours.
    let ours = runs_ours || view::is_ours(&result.durable);
    let render = if ui.is_json() { json::render } else { table::render };
    let text = render(&result, ours, &rollup).map_err(|error| match writes_state {
        true => Failure::input(error.to_string()).with_hint("the setup writes into it"),
        false => error.into(),
    })?;
    let stuck = result.levels.iter().find(|level| level.stuck && !args.allow_stuck);
    let refused = stuck
        .map(|level| LevelError::Stuck { level: level.level, problem: level.why_stuck() }.into());
    Ok(Output { text, refused })
}

fn hinted(failure: Failure, hint: Option<&str>) -> Failure {
    match hint {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// What Ctrl-C sets. If it is pressed again, the process ends at once: a native kernel that never
/// returns notices nothing.
pub(crate) fn interrupted_by_ctrl_c() -> pvm::Interrupt {
    let interrupt = pvm::Interrupt::default();
    let handle = interrupt.clone();
    on_ctrl_c(move || handle.set());
    interrupt
}

/// Reads a setup file, of one of its two forms.
pub(crate) fn read_setup<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<Vec<T>, SetupError>,
) -> Result<Vec<T>, Failure> {
    let in_file = |problem: SetupError| hinted(Failure::in_file(path, &problem), problem.hint());
    let text = std::fs::read(path).map_err(Failure::reading(path))?;
    let text =
        text_file::text(&text).map_err(|error| in_file(SetupError::Syntax(error.to_string())))?;
    parse(text).map_err(in_file)
}
