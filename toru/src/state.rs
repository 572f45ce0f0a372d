//! `toru state`: looks at a rollup that is kept in a file, and handles it as a whole.

mod report;
mod rollup;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use files::{Draft, Readers};
use store::{ImportError, Place, Store, StoreError};

use crate::Output;
use crate::error::{Failure, io_reason};
use crate::plain::one_line;
use crate::progress::Progress;

pub use rollup::{Rollup, State};

/// `toru state`.
#[derive(Debug, Subcommand)]
#[command(after_help = crate::exit::EXIT_CODES)]
pub enum StateCommand {
    /// Show what is kept: the rollup, its last levels, its snapshots
    Show {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
    },
    /// Write all of it to a file that toru state import reads
    Export {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// Where to; replaced if it is there
        #[arg(value_name = "EXPORT")]
        export: PathBuf,
    },
    /// Make a state of an export; there must be no such file yet
    Import {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// What toru state export wrote
        #[arg(value_name = "EXPORT")]
        export: PathBuf,
    },
    /// Go back to the end of a level, or to a snapshot; the levels after it are dropped
    Revert {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// A level, or the name of a snapshot
        #[arg(value_name = "LEVEL|NAME", allow_negative_numbers = true)]
        place: String,
    },
    /// Give the state as it is a name to come back to
    Snapshot {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// The name: a letter, then letters, digits, '.', '_' or '-'
        #[arg(value_name = "NAME")]
        name: String,
        /// Forget that snapshot instead
        #[arg(long)]
        forget: bool,
    },
    /// Give up history, outboxes and summaries of the levels before one, and the room they take
    Prune {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// The first level to keep
        #[arg(value_name = "LEVEL", allow_negative_numbers = true)]
        level: i32,
    },
}

/// Which state, and how it is shown when the command is done.
#[derive(Debug, Args)]
pub struct Show {
    /// The file that toru run --state keeps the rollup in
    #[arg(value_name = "FILE")]
    file: PathBuf,

    /// How many of the last levels to show
    #[arg(long, value_name = "COUNT", default_value_t = 10)]
    levels: u32,

    /// Print one JSON object instead of tables
    ///
    ///   {"rollup": "sr1…", "origination_level": 0, "native": false, "next_level": 2, "oldest": -1,
    ///    "last": 1, "stuck": null, "values": 9, "bytes": 1234, "snapshots": {"name": 0},
    ///    "levels": [{"level": 0, "runs": 1, "instructions": 1, "host_calls": 1, "messages": 1,
    ///                "inbox": "hex", "unread": 0, "outbox": 0, "stuck": false,
    ///                "forced_yield": false}]}
    /// "oldest" is the least level whose end can be gone back to. "stuck" is why the kernel will
    /// never run again.
    #[arg(long, verbatim_doc_comment)]
    json: bool,
}

/// Does what the command says, and shows the state after it.
pub fn execute(command: &StateCommand) -> Result<Output, Failure> {
    match command {
        StateCommand::Show { show } => show.of(&open(&show.file)?),
        StateCommand::Export { show, export } => {
            let store = open(&show.file)?;
            let progress = Progress::unless(show.json, "exporting");
            write(&store, &show.file, export)?;
            drop(progress);
            show.of(&store)
        }
        StateCommand::Import { show, export } => {
            let progress = Progress::unless(show.json, "importing");
            let store = import(&show.file, export)?;
            drop(progress);
            show.of(&store)
        }
        StateCommand::Revert { show, place } => {
            let place = place.parse().map_or(Place::Snapshot(place), Place::Level);
            show.after(|store| store.revert(place))
        }
        StateCommand::Snapshot { show, name, forget: false } => {
            show.after(|store| store.snapshot(name))
        }
        StateCommand::Snapshot { show, name, forget: true } => {
            show.after(|store| store.forget(name))
        }
        StateCommand::Prune { show, level } => show.after(|store| match store.prune(*level)? {
            0 => Ok(()),
            _ => store.compact(),
        }),
    }
}

impl Show {
    fn after(
        &self,
        change: impl FnOnce(&mut Store) -> Result<(), StoreError>,
    ) -> Result<Output, Failure> {
        let mut store = open(&self.file)?;
        change(&mut store).map_err(failing(&self.file))?;
        self.of(&store)
    }

    fn of(&self, store: &Store) -> Result<Output, Failure> {
        let report = report::Report::of(store, self.levels).map_err(failing(&self.file))?;
        if self.json { report.json() } else { Ok(report.table()) }.map(Output::from)
    }
}

/// Opens the state in a file.
pub fn open(file: &Path) -> Result<Store, Failure> {
    Store::open(file).map_err(failing(file))
}

/// An export beside its place first, so that one that is there stays whole until the new one is.
fn write(store: &Store, file: &Path, export: &Path) -> Result<(), Failure> {
    let mut draft = Draft::new(export, Readers::All).map_err(Failure::writing(export))?;
    store.export(BufWriter::new(draft.file())).map_err(|error| match error {
        StoreError::Io { action: "write the export", source } => Failure::writing(export)(source),
        other => failing(file)(other),
    })?;
    draft.put().map(|_| ()).map_err(Failure::writing(export))
}

fn import(file: &Path, export: &Path) -> Result<Store, Failure> {
    let from = File::open(export).map_err(Failure::reading(export))?;
    Store::import(BufReader::new(from), file).map_err(|error| match error {
        ImportError::Store(error) => failing(file)(error),
        ImportError::Io(source) => Failure::reading(export)(source),
        other => Failure::Store {
            path: export.to_owned(),
            problem: one_line(&other.to_string()),
            hint: Some("toru state export writes what can be imported"),
        },
    })
}

/// For `map_err` when something is wrong with a state.
pub(crate) fn failing(file: &Path) -> impl FnOnce(StoreError) -> Failure + '_ {
    move |error| Failure::Store {
        path: file.to_owned(),
        problem: problem(&error),
        hint: hint(&error),
    }
}

/// What is wrong, in one line.
pub(crate) fn problem(error: &StoreError) -> String {
    match error {
        StoreError::Io { action, source } => format!("cannot {action}: {}", io_reason(source)),
        StoreError::OtherRollup { what: "address", .. } => {
            "the state is of a rollup with another address".to_owned()
        }
        other => one_line(&other.to_string()),
    }
}

/// What to do about it, where there is something to do.
pub(crate) fn hint(error: &StoreError) -> Option<&'static str> {
    Some(match error {
        StoreError::Exists => "give another name, or delete that file",
        StoreError::InUse => "wait until it has ended, or stop it",
        StoreError::NotAStore { .. } => "toru run --state makes a state where there is no file",
        StoreError::Damaged { .. } => "toru state import makes a state of an export",
        StoreError::OtherFormat { .. } => "the version of toru that made it can export it",
        StoreError::OtherRollup { .. } => "leave the option out, or name another file",
        StoreError::NotKept { .. } | StoreError::NoSnapshot { .. } => {
            "toru state show says what there is"
        }
        StoreError::SnapshotExists { .. } | StoreError::SnapshotInTheWay { .. } => {
            "toru state snapshot FILE NAME --forget forgets it"
        }
        StoreError::TooMuch | StoreError::TooDeep(_) => "the state is as it was before the level",
        StoreError::MustReopen => "run it again: the state is whole",
        StoreError::Io { .. }
        | StoreError::NoLevelBefore
        | StoreError::OutOfOrder { .. }
        | StoreError::SnapshotName { .. }
        | StoreError::Database { .. } => return None,
    })
}
