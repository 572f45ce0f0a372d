//! `toru state verify`: whether a state goes together, and whether its levels come to the same when they are played again.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use layer1::plain::one_line;
use pvm::{
    ComparedEngine, Config, Engine, EngineKind, EngineLimit, Interrupt, PreimageDir, PvmError,
    Status,
};
use serde_json::{Value, json};
use store::{Difference, ReplayError, Replayed, Store};

use super::error::{failing, open};
use crate::engine::EngineArgs;
use crate::error::Failure;
use crate::exit::Exit;
use crate::run::interrupted_by_ctrl_c;
use crate::run_levels::LevelError;
use crate::ui::{Output, Ui, json_line};

/// The most bytes of a value that are shown in words.
const MAX_BYTES_SHOWN: usize = 32;

/// `toru state verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The file that toru run --state or toru dev --state keeps the rollup in
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// Play these levels again, each from the state before it that is kept, and compare what comes of it
    ///
    /// One level, or the first and the last with two dots between. Nothing in FILE changes. Compared are durable
    /// storage, the outbox, and what is kept of the level: runs, instructions, host calls, messages not read, whether it
    /// got stuck. With two engines and no --engine, every run is on both, and its ticks and its host calls are compared
    /// as well.
    #[arg(long, value_name = "LEVEL[..LEVEL]", allow_hyphen_values = true)]
    replay: Option<Levels>,

    /// What plays them.
    #[command(flatten)]
    engine: EngineArgs,

    /// Folder of preimages that the kernel has revealed, each in a file named by its hash in hex
    #[arg(long, value_name = "DIR", requires = "replay")]
    preimages: Option<PathBuf>,

    /// Print one JSON object instead of words
    ///
    ///   {"engines": ["wasmi"], "replayed": 1, "parted": [{"level": 0, "more": 0, "differences": [
    ///     {"kind": "value", "path": "/path", "part": 0, "kept": "hex", "found": null},
    ///     {"kind": "outbox", "index": 0, "kept": "hex", "found": "hex"},
    ///     {"kind": "fact", "what": "instructions", "kept": "1", "found": "2"},
    ///     {"kind": "status", "kept": null, "found": "why it is stuck"},
    ///     {"kind": "engines", "problem": "where they part"}]}]}
    /// "more" is how many differences of the level are left out. Without --replay, "engines" is empty.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

/// Levels, the first and the last among them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Levels(RangeInclusive<i32>);

impl FromStr for Levels {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let level = |text: &str| text.parse::<i32>();
        match (level(first), level(last)) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self(first..=last)),
            (Ok(_), Ok(_)) => Err("the first level comes after the last".to_owned()),
            _ => Err("expected a level, or two with two dots between, such as 3..10".to_owned()),
        }
    }
}

/// A level that was played again and parts from what is kept.
struct Parted {
    level: i32,
    differences: Vec<Difference>,
    more: u64,
    /// Where engines part from each other.
    engines: Option<String>,
}

/// Does it.
pub(super) fn verify(args: &VerifyArgs, ui: &Ui) -> Result<Output, Failure> {
    let store = open(&args.file)?;
    store.verify().map_err(failing(&args.file))?;
    let Some(Levels(levels)) = args.replay.clone() else {
        let told = json!({"engines": [], "replayed": 0, "parted": []});
        return ui.answer(&told, || "the state goes together\n".to_owned());
    };
    let (engine, names) = engines(args.engine)?;
    let config = config(args, engine, interrupted_by_ctrl_c());
    let (replayed, parted) = replay(&store, levels, config, args, ui)?;
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

fn words(replayed: usize, names: &[&str], parted: &[Parted]) -> String {
    let engines = names.join(" and ");
    let levels = if replayed == 1 { "level" } else { "levels" };
    let mut text =
        format!("the state goes together; {replayed} {levels} played again on {engines}\n");
    for Parted { level, differences, more, engines } in parted {
        text.push_str(&format!("level {level}:\n"));
        let told = differences.iter().map(difference_words).chain(engines.clone());
        let left_out = (*more > 0).then(|| format!("and {more} differences more"));
        for line in told.chain(left_out) {
            text.push_str(&format!("  {}\n", one_line(&line)));
        }
    }
    text
}

fn difference_words(difference: &Difference) -> String {
    match difference {
        Difference::Fact { what, kept, found } => {
            format!("{what}: {kept} kept, {found} found")
        }
        Difference::Status { kept, found } => {
            let status = |status: &Status| match status {
                Status::Running => "running".to_owned(),
                Status::Stuck(why) => format!("stuck for good ({why})"),
            };
            format!("kernel: {} kept, {} found", status(kept), status(found))
        }
        Difference::Outbox { index, kept, found } => format!(
            "outbox message {index}: {} kept, {} found",
            shown(kept.as_deref()),
            shown(found.as_deref())
        ),
        Difference::Value { path, part, kept, found } => {
            let part = if *part == 0 { String::new() } else { format!(" (part {part})") };
            let [kept, found] = [kept, found].map(|row| shown(row.as_deref()));
            format!("{path}{part}: {kept} kept, {found} found")
        }
    }
}

/// Bytes as hex, the first of many.
fn shown(bytes: Option<&[u8]>) -> String {
    match bytes {
        None => "nothing".to_owned(),
        Some([]) => "an empty value".to_owned(),
        Some(bytes) => match bytes.get(..MAX_BYTES_SHOWN) {
            Some(first) if first.len() < bytes.len() => {
                format!("{}… ({} bytes)", hex::encode(first), bytes.len())
            }
            _ => hex::encode(bytes),
        },
    }
}

fn as_json(parted: &Parted) -> Value {
    let hex = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(hex::encode);
    let differences = parted.differences.iter().map(|difference| match difference {
        Difference::Fact { what, kept, found } => {
            json!({"kind": "fact", "what": what, "kept": kept, "found": found})
        }
        Difference::Status { kept, found } => {
            let stuck = |status: &Status| match status {
                Status::Running => None,
                Status::Stuck(why) => Some(why.clone()),
            };
            json!({"kind": "status", "kept": stuck(kept), "found": stuck(found)})
        }
        Difference::Outbox { index, kept, found } => {
            json!({"kind": "outbox", "index": index, "kept": hex(kept), "found": hex(found)})
        }
        Difference::Value { path, part, kept, found } => json!({
            "kind": "value", "path": path, "part": part, "kept": hex(kept), "found": hex(found),
        }),
    });
    let engines = parted.engines.iter().map(|how| json!({"kind": "engines", "problem": how}));
    json!({
        "level": parted.level,
        "more": parted.more,
        "differences": differences.chain(engines).collect::<Value>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_one_or_two_with_dots_between() {
        let levels = |text: &str| text.parse::<Levels>().map(|Levels(range)| range);
        assert_eq!(levels("3"), Ok(3..=3));
        assert_eq!(levels("-1..2"), Ok(-1..=2));
        for wrong in ["", "..", "1..", "..2", "2..1", "1...2", "1-2", "1..2..3", "99999999999"] {
            assert!(levels(wrong).is_err(), "{wrong:?}");
        }
    }
}
