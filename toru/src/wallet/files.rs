//! Files of transactions and batches.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde_json::json;
use wallet::error::FileError;
use wallet::indexes::KnownIndexes;
use wallet::limits::MAX_FILE_BYTES;
use wallet::signature_collection::SignatureCollection;
use wallet::transaction::Signable;

use super::error::file::SigningError;
use super::plan::Plan;
use crate::cli::groups::OutArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::key;
use crate::text_file;
use crate::ui::{Output, Ui};

/// Writes a file, and says so. One that is there may have signatures in it that nobody has twice.
pub(super) fn write(args: &OutArgs, text: &str, plan: &Plan, ui: &Ui) -> Result<Output, Failure> {
    let written = !args.dry_run;
    if written {
        write_new(&args.out, text)?;
    }
    let path = shown_path(&args.out);
    let told = json!({"file": path, "written": written, "plan": plan.json()});
    ui.answer(&told, || match written {
        true => format!("wrote {path}\n"),
        false => "nothing was written\n".to_owned(),
    })
}

/// Reads a transaction. One that names a signer by index is read if it is known here whose that is.
pub(super) fn transaction(path: &Path) -> Result<Signable, Failure> {
    let bytes = bytes(path)?;
    let wrong = SigningError::in_file(path);
    let read = Signable::from_json(&bytes);
    match (read, key::data_folder()) {
        (Err(FileError::SignerByIndex(_)), Some(folder)) => {
            let rollup = Signable::rollup_of_json(&bytes).map_err(SigningError::in_file(path))?;
            let known = KnownIndexes::in_folder(&folder.join("indexes"), &rollup)?;
            Ok(Signable::from_json_named_by(&bytes, &known).map_err(wrong)?)
        }
        (read, _) => Ok(read.map_err(wrong)?),
    }
}

/// Reads a batch.
pub(super) fn signature_collection(path: &Path) -> Result<SignatureCollection, Failure> {
    Ok(SignatureCollection::from_json(&bytes(path)?).map_err(SigningError::in_file(path))?)
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
    let wrong = SigningError::in_file(path);
    if u64::try_from(bytes.len()).is_ok_and(|length| length >= most) {
        return Err(wrong(FileError::TooLong).into());
    }
    // Editors put a mark before a text that they save.
    let text = text_file::without_mark(&bytes);
    Ok(text.map(<[u8]>::to_vec).map_err(|error| wrong(FileError::Json(error.to_string())))?)
}
