//! `cargo xtask fuzz`: fuzzes targets under libFuzzer, guided by coverage, one after the other, and prints
//! for each a row of the table in docs/testing.md. Instead of names there can be `all`. With `merge`
//! instead of seconds, what was kept is added to the committed corpus, where it leads somewhere new.
//!
//! The seconds are by the clock. What breaks a target is left in target/fuzz-finds. What leads somewhere
//! new is kept in target/fuzz-corpus, from which the next run goes on.

mod row;

use std::cell::LazyCell;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::command::{about, cargo, command, output, run, target_dir};

const CORPUS: &str = "testing/fuzz_targets/corpus";
/// The target that has all backends of BLS answer the same: a binary of its own, as it needs all of them.
const BACKENDS: &str = "backends";
const CORPUS_OF_BACKENDS: &str = "testing/fuzz_bls/corpus";
/// All decoders in one: its corpus is theirs.
const DECODERS: &str = "decoders";

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Selection {
    /// Seconds for each target, or none to merge.
    seconds: Option<u64>,
    targets: Vec<String>,
    /// libFuzzer's own options.
    options: Vec<String>,
}

/// Does what the arguments say.
///
/// # Errors
/// When the arguments are not understood, something cannot be built, or a target is broken.
pub fn main(workspace: &Path, arguments: &[String]) -> Result<(), String> {
    let asked = asked(arguments, &known(workspace)?)?;
    let all = LazyCell::new(|| Fuzzer::build(workspace, "fuzz", "guided"));
    let backends = LazyCell::new(|| Fuzzer::build(workspace, "fuzz_bls", "guided_bls"));
    if asked.seconds.is_some() {
        println!("{}", row::HEAD);
    }
    let mut broken = Vec::new();
    for target in &asked.targets {
        let fuzzer = if target == BACKENDS { &*backends } else { &*all };
        let fuzzer = fuzzer.as_ref().map_err(String::clone)?;
        let done = match asked.seconds {
            None if target == DECODERS => Ok(()),
            None => fuzzer.merge(target),
            Some(seconds) => fuzzer.fuzz(target, seconds, &asked.options),
        };
        if let Err(problem) = done {
            eprintln!("error: {problem}");
            broken.push(target.as_str());
        }
    }
    if broken.is_empty() { Ok(()) } else { Err(format!("broken: {}", broken.join(", "))) }
}

/// The names of the targets.
fn known(workspace: &Path) -> Result<Vec<String>, String> {
    let folder = workspace.join(CORPUS);
    let mut known = vec![BACKENDS.to_owned(), DECODERS.to_owned()];
    for entry in fs::read_dir(&folder).map_err(about(&folder))? {
        let entry = entry.map_err(about(&folder))?;
        known.push(entry.file_name().to_string_lossy().into_owned());
    }
    known.sort();
    Ok(known)
}

fn asked(arguments: &[String], known: &[String]) -> Result<Selection, String> {
    let usage = || {
        let targets = known.join(" ");
        format!(
            "usage: cargo xtask fuzz SECONDS|merge TARGET... [-- OPTION...]\n\
             targets: all, or of: {targets}"
        )
    };
    let (first, rest) = arguments.split_first().ok_or_else(usage)?;
    let seconds = match first.as_str() {
        "merge" => None,
        seconds => Some(seconds.parse().map_err(|_| usage())?),
    };
    let end = rest.iter().position(|one| one == "--").unwrap_or(rest.len());
    let (names, options) = rest.split_at(end);
    let mut targets = Vec::new();
    for name in names {
        match name.as_str() {
            "all" => targets.extend_from_slice(known),
            _ if known.contains(name) => targets.push(name.clone()),
            _ => return Err(usage()),
        }
    }
    if targets.is_empty() {
        return Err(usage());
    }
    Ok(Selection { seconds, targets, options: options.iter().skip(1).cloned().collect() })
}

/// What was built for it, and where it works.
struct Fuzzer {
    workspace: PathBuf,
    target_dir: PathBuf,
    /// libFuzzer with the targets.
    guided: PathBuf,
    /// It knows the inputs to begin with: those of the corpus, and the good ones that the targets make.
    /// The backends of BLS have a corpus alone.
    engine: Option<PathBuf>,
}

impl Fuzzer {
    fn build(workspace: &Path, package: &str, binary: &str) -> Result<Self, String> {
        run(command(workspace, "sh").args(["scripts/setup.sh", "--fuzz"]))?;
        let version = output(command(workspace, "rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let host = host.ok_or("rustc does not say for which machine it is")?;
        let (target_dir, folder) = (target_dir(workspace), target_dir(workspace).join("fuzz"));
        // The instrumentation is a pass of LLVM's, which stable Rust can be asked for; only a sanitizer
        // would take a nightly one. `--target` keeps it out of build scripts.
        let passes = ["level=4", "inline-8bit-counters", "pc-table", "trace-compares"];
        let passes = passes.map(|pass| format!(" -Cllvm-args=-sanitizer-coverage-{pass}")).concat();
        let mut guided = cargo(workspace);
        guided
            .env("RUSTFLAGS", format!("-Cpasses=sancov-module{passes}"))
            .env("CARGO_TARGET_DIR", &folder)
            .args(["build", "--quiet", "--release", "--target", host])
            .args(["--config", "profile.release.debug-assertions=true"])
            .args(["--package", package, "--features", "libfuzzer"]);
        run(&mut guided)?;
        let mut engine = None;
        if package == "fuzz" {
            let build =
                ["build", "--quiet", "--release", "--package", "fuzz_targets", "--bin", "fuzz"];
            run(cargo(workspace).args(build))?;
            engine = Some(target_dir.join("release/fuzz"));
        }
        Ok(Self {
            workspace: workspace.to_owned(),
            guided: folder.join(host).join("release").join(binary),
            engine,
            target_dir,
        })
    }

    /// A folder of a target, made if it is not there.
    fn folder(&self, of: &str, target: &str) -> Result<PathBuf, String> {
        let folder = self.target_dir.join(of).join(target);
        fs::create_dir_all(&folder).map_err(about(&folder))?;
        Ok(folder)
    }

    /// The folder of a target's committed inputs.
    fn committed(&self, target: &str) -> PathBuf {
        match target {
            BACKENDS => self.workspace.join(CORPUS_OF_BACKENDS),
            target => self.workspace.join(CORPUS).join(target),
        }
    }

    fn log(&self, target: &str) -> PathBuf {
        self.target_dir.join(format!("fuzz-{target}.log"))
    }

    /// Runs a command that has both its outputs in the log of a target.
    fn logged(&self, target: &str, command: &mut Command) -> Result<String, String> {
        let path = self.log(target);
        let log = File::create(&path).map_err(about(&path))?;
        let errors = log.try_clone().map_err(about(&path))?;
        let done = run(command.env("TORU_FUZZ_TARGET", target).stdout(log).stderr(errors));
        let text = fs::read(&path).map_err(about(&path))?;
        done.map(|()| String::from_utf8_lossy(&text).into_owned())
    }

    /// Adds what was kept for a target. By edges alone: how often each was passed would keep too many.
    fn merge(&self, target: &str) -> Result<(), String> {
        let (committed, kept) = (self.committed(target), self.folder("fuzz-corpus", target)?);
        let count = || fs::read_dir(&committed).map(Iterator::count).map_err(about(&committed));
        let before = count()?;
        let mut merge = command(&self.workspace, &self.guided);
        merge.args(["-set_cover_merge=1", "-use_counters=0", "-max_len=8192"]);
        self.logged(target, merge.arg(&committed).arg(&kept)).map_err(|problem| {
            format!(
                "the inputs of {target} cannot be merged: {problem}: see {}",
                self.log(target).display()
            )
        })?;
        println!("{target}: {before} inputs, and {} more", count()?.saturating_sub(before));
        Ok(())
    }

    /// Fuzzes a target and prints its row.
    fn fuzz(&self, target: &str, seconds: u64, options: &[String]) -> Result<(), String> {
        let (kept, finds) =
            (self.folder("fuzz-corpus", target)?, self.folder("fuzz-finds", target)?);
        let corpus = self.target_dir.join("fuzz-corpus");
        let begin = ["--seconds", "0.01", "--keep"];
        if let Some(engine) = &self.engine {
            output(command(&self.workspace, engine).arg(target).args(begin).arg(corpus))?;
        }
        let begun = std::time::Instant::now();
        // The shell knows the CPU time of what it has waited for.
        let mut fuzz = command(&self.workspace, "sh");
        fuzz.args(["-c", "\"$@\"; code=$?; times; exit $code", "sh"])
            .arg(&self.guided)
            .arg(&kept)
            .args(self.engine.is_none().then(|| self.committed(target)))
            .arg(format!("-artifact_prefix={}/", finds.display()))
            .args(["-max_len=8192", "-timeout=60", "-print_final_stats=1"])
            .arg(format!("-max_total_time={seconds}"))
            .args(options);
        let done = self.logged(target, &mut fuzz);
        let path = self.log(target);
        let log = fs::read(&path).map_err(about(&path))?;
        let log = String::from_utf8_lossy(&log);
        println!("{}", row::of(target, &log, begun.elapsed().as_secs()));
        let places = format!("see {} and {}", path.display(), finds.display());
        done.map(drop).map_err(|problem| format!("{target} is broken: {problem}: {places}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked_for(text: &str) -> Result<Selection, String> {
        let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        asked(&words, &["decoders", "level", "v2"].map(str::to_owned))
    }

    #[test]
    fn arguments_are_seconds_targets_and_options() {
        let asked = asked_for("60 level v2 -- -jobs=2").unwrap();
        assert_eq!((asked.seconds, asked.targets.len()), (Some(60), 2));
        assert_eq!(asked.options, ["-jobs=2"]);
        let asked = asked_for("merge all").unwrap();
        assert_eq!((asked.seconds, asked.targets.len()), (None, 3));
        for bad in ["", "60", "soon level", "60 nothing", "60 -- level"] {
            assert!(asked_for(bad).unwrap_err().starts_with("usage:"), "{bad}");
        }
    }
}
