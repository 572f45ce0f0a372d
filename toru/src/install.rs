//! `toru kernel install`: the files with which a kernel becomes a rollup.
//!
//! An operation of layer 1 has no room for a kernel. So the rollup begins with a small one, the
//! installer, which reveals the kernel page by page, puts it in its own place, and writes the
//! configuration. The installer and the encoding of its orders are those of the Tezos SDK; the files
//! are written here, since the SDK's own function goes on when one cannot be written.

mod command;
mod config;
mod files;
mod installer;
mod tickets;

use std::fs;
use std::path::Path;

pub use config::{ConfigArgs, WINDOW_MAX};
pub use files::Files;
pub use installer::{INSTALLER_BYTES_MAX, InstallError, Installation, prepare};

use crate::cli::InstallArgs;
use crate::error::{Failure, write_file};
use crate::kernel;
use crate::ui::{Output, Ui};

/// The file of the installer, in the folder that is written.
pub const INSTALLER_FILE: &str = "installer.wasm";
/// The same in hex, as `octez-client` reads it.
pub const HEX_FILE: &str = "installer.hex";
/// The folder of the pages.
pub const PREIMAGES_FOLDER: &str = "preimages";

/// The pinned tickets for the users of the rollup.
pub const TICKETS_FILE: &str = "tickets.json";

/// Does it.
pub fn install(args: &InstallArgs, ui: &Ui) -> Result<Output, Failure> {
    let module = match &args.kernel {
        Some(path) => kernel::read(path)?,
        None => kernel_wasm::EMBEDDED.to_vec(),
    };
    let module = kernel::require_rules(args.kernel.as_deref(), module, args.strip)?;
    let setup = args.config.instructions()?;
    let installation = prepare(&module.wasm, &setup)?;
    let tickets = args.tickets.as_deref().map(tickets::read).transpose()?;
    let files = write(&args.out, &installation, tickets)?;
    let text = if ui.is_json() {
        command::json(args, &installation, &files, module.custom_bytes)
    } else {
        command::words(args, &installation, &files) + &module.note(args.kernel.as_deref())
    };
    Ok(Output::from(text))
}

/// Writes the files. What else is in the folder stays. The installer comes last, so that none is
/// there whose pages are not.
fn write(
    out: &Path,
    installation: &Installation,
    tickets: Option<String>,
) -> Result<Files, Failure> {
    let preimages = out.join(PREIMAGES_FOLDER);
    fs::create_dir_all(&preimages).map_err(Failure::writing(&preimages))?;
    for (hash, page) in &installation.pages {
        write_file(&preimages.join(hex::encode(hash)), page)?;
    }
    let tickets = tickets.map(|text| {
        let path = out.join(TICKETS_FILE);
        write_file(&path, text).map(|()| path)
    });
    let tickets = tickets.transpose()?;
    let (hex, installer) = (out.join(HEX_FILE), out.join(INSTALLER_FILE));
    write_file(&hex, hex::encode(&installation.installer))?;
    write_file(&installer, &installation.installer)?;
    Ok(Files { installer, hex, preimages, tickets })
}

impl From<InstallError> for Failure {
    fn from(error: InstallError) -> Self {
        Failure::input(error.to_string())
    }
}
