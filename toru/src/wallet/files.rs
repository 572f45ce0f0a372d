//! Files of transactions and batches.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use wallet::error::FileError;
use wallet::limits::MAX_FILE_BYTES;
use wallet::signature_collection::SignatureCollection;
use wallet::transaction::Signable;

use super::failure::WalletFailure;
use super::plan::Plan;
use super::session::Common;
use super::submit::json_text;
use crate::Output;
use crate::error::{Failure, shown_path, write_file};
use crate::text_file;

/// Where a file goes.
#[derive(Debug, Args)]
pub struct OutArgs {
    /// Write the file here; an existing one stays as it is
    #[arg(long, value_name = "FILE.json")]
    out: PathBuf,

    /// Show what would be in it, and stop
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Which file is signed, and with what.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// Which file; the signature is added to it
    #[arg(value_name = "FILE.json")]
    pub(super) file: PathBuf,

    /// With which key
    #[arg(long)]
    pub(super) key: String,

    /// Show what it would sign, and stop
    #[arg(long)]
    pub(super) dry_run: bool,

    /// Do not ask whether it is to be signed
    #[arg(long)]
    pub(super) yes: bool,

    /// Where.
    #[command(flatten)]
    pub(super) common: Common,
}

impl OutArgs {
    /// Writes it, and says so. A file that is there may have signatures in it that nobody has twice.
    pub fn write(&self, text: &str, plan: &Plan, json: bool) -> Result<Output, Failure> {
        if !self.dry_run {
            write_new(&self.out, text)?;
        }
        let path = shown_path(&self.out);
        let written = !self.dry_run;
        Ok(Output::from(match (json, written) {
            (true, _) => {
                json_text(&json!({"file": path, "written": written, "plan": plan.json()}))?
            }
            (false, true) => format!("wrote {path}\n"),
            (false, false) => "nothing was written\n".to_owned(),
        }))
    }
}

/// Reads a transaction.
pub(super) fn transaction(path: &Path) -> Result<Signable, Failure> {
    Signable::from_json(&bytes(path)?).map_err(of(path))
}

/// Reads a batch.
pub(super) fn signature_collection(path: &Path) -> Result<SignatureCollection, Failure> {
    SignatureCollection::from_json(&bytes(path)?).map_err(of(path))
}

/// Writes what was signed in the place of what was to be.
pub(super) fn replace(path: &Path, text: &str) -> Result<(), Failure> {
    write_file(path, text)
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let told = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            let words = "it is there already, and may have signatures in it: give another name";
            io::Error::new(error.kind(), words)
        }
        _ => error,
    };
    let written = ::files::create(path, text.as_bytes(), ::files::Readers::All);
    written.map_err(told).map_err(Failure::writing(path))
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let file = File::open(path).map_err(Failure::reading(path))?;
    let mut bytes = Vec::new();
    // One byte more than there may be shows that there are more.
    let most = MAX_FILE_BYTES + 1;
    file.take(most).read_to_end(&mut bytes).map_err(Failure::reading(path))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length >= most) {
        return Err(of(path)(FileError::TooLong));
    }
    // Editors put a mark before a text that they save.
    let text = text_file::without_mark(&bytes);
    text.map(<[u8]>::to_vec).map_err(|error| of(path)(FileError::Json(error.to_string())))
}

fn of(path: &Path) -> impl FnOnce(FileError) -> Failure + '_ {
    move |problem| WalletFailure::File { path: path.to_owned(), problem }.into()
}
