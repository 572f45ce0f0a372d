//! `toru state`: looks at a rollup that is kept in a file, and handles it as a whole.

mod commitments;
mod error;
mod proof_file;
mod prove;
mod report;
mod rollup;
mod verify;

use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use files::{Draft, Readers};
use layer1::plain::one_line;
use store::{ImportError, KeptState, Store, StoreError};

use crate::error::Failure;
use crate::ui::{Output, Ui};

pub(crate) use error::{failing, open};
pub use rollup::{Rollup, State};
pub use verify::VerifyArgs;

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
        state: String,
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
    /// Check a kept rollup, with the hashes of its states; play its levels again; or check the proof of an outbox message
    Verify(VerifyArgs),
    /// Give up history, outboxes and summaries of the levels before one, and the room they take
    Prune {
        /// The state's file and how to print it
        #[command(flatten)]
        show: Show,
        /// The first level to keep
        #[arg(value_name = "LEVEL", allow_negative_numbers = true)]
        level: i32,
    },
    /// Prove to layer 1 that a message is in an outbox
    Prove(prove::ProveArgs),
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
    ///    "last": 1, "state_hash": "srs1…", "stuck": null, "values": 9, "bytes": 1234, "snapshots": {"name": 0},
    ///    "levels": [{"level": 0, "runs": 1, "instructions": 1, "host_calls": 1, "messages": 1,
    ///                "inbox": "hex", "unread": 0, "outbox": 0, "stuck": false,
    ///                "forced_yield": false, "state_hash": "srs1…", "tick": 1}]}
    /// "oldest" is the least level whose end can be gone back to. "stuck" is why the kernel will
    /// never run again. "state_hash" is what a rollup node would commit to, and "tick" the ticks since the
    /// origination; both are null where they are not known.
    #[arg(long, verbatim_doc_comment)]
    pub json: bool,
}

/// Does what the command says, and shows the state after it.
pub fn execute(command: &StateCommand, ui: &Ui) -> Result<Output, Failure> {
    match command {
        StateCommand::Show { show } => show.of(&open(&show.file)?, ui),
        StateCommand::Export { show, export } => {
            let store = open(&show.file)?;
            let progress = ui.progress("exporting");
            write(&store, &show.file, export)?;
            drop(progress);
            show.of(&store, ui)
        }
        StateCommand::Import { show, export } => {
            let progress = ui.progress("importing");
            let store = import(&show.file, export)?;
            drop(progress);
            show.of(&store, ui)
        }
        StateCommand::Revert { show, state } => {
            let state = state.parse().map_or(KeptState::Snapshot(state), KeptState::Level);
            show.after(ui, |store| store.revert(state))
        }
        StateCommand::Snapshot { show, name, forget: false } => {
            show.after(ui, |store| store.snapshot(name))
        }
        StateCommand::Snapshot { show, name, forget: true } => {
            show.after(ui, |store| store.forget(name))
        }
        StateCommand::Verify(args) => verify::verify(args, ui),
        StateCommand::Prune { show, level } => {
            show.after(ui, |store| match store.prune(*level)? {
                0 => Ok(()),
                _ => store.compact(),
            })
        }
        StateCommand::Prove(args) => prove::execute(args, ui),
    }
}

impl Show {
    fn after(
        &self,
        ui: &Ui,
        change: impl FnOnce(&mut Store) -> Result<(), StoreError>,
    ) -> Result<Output, Failure> {
        let mut store = open(&self.file)?;
        change(&mut store).map_err(failing(&self.file))?;
        self.of(&store, ui)
    }

    fn of(&self, store: &Store, ui: &Ui) -> Result<Output, Failure> {
        let report = report::Report::of(store, self.levels).map_err(failing(&self.file))?;
        if ui.is_json() { report.json() } else { Ok(report.table()) }.map(Output::from)
    }
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
        other => Failure::in_file(export, &one_line(&other.to_string()))
            .with_hint("toru state export writes what can be imported"),
    })
}
