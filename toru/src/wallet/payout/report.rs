//! `toru payout report`: what became of every row, for programs and for an auditor.

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use super::super::error::payout::PayoutFailure;
use super::super::folders;
use super::super::session::Session;
use super::args::ReportArgs;
use super::status::PayoutStatus;
use super::{csv, file, html};
use crate::error::{Failure, shown_path, write_file};
use crate::ui::{Output, Ui};

/// Writes receipts.
pub(super) fn report(args: &ReportArgs, ui: &Ui) -> Result<Output, Failure> {
    let plan = file::read(&args.plan)?;
    let session = Session::open(&args.wallet, ui)?.with_payments(&args.records);
    let state = session.state()?;
    let store = folders::payments(&args.records, state.rollup())?;
    let parts = session.wallet.payout_progress(&store, &plan).map_err(PayoutFailure::of)?;
    let status = PayoutStatus::of(&session, &plan, &parts)?;
    let mut written = Vec::new();
    if let Some(out) = &args.out {
        write(out, &csv::receipts(&plan, &status.rows), args.overwrite)?;
        written.push(shown_path(out));
    }
    if let Some(out) = &args.html {
        write(out, &html::page(&plan, &status, state.block()), args.overwrite)?;
        written.push(shown_path(out));
    }
    let mut told = status.json();
    told["plan"] = super::text::plan_json(&plan);
    told["files"] = written.iter().map(String::as_str).collect::<Value>();
    told["level"] = json!(state.block().level.0);
    if let Some(told) = told.as_object_mut() {
        // They are in the files.
        told.remove("rows");
    }
    ui.answer(&told, || {
        let files = written.iter().map(|file| format!("wrote {file}\n"));
        format!("{}\n{}", status.summary(), files.collect::<String>())
    })
}

fn write(path: &Path, text: &str, overwrite: bool) -> Result<(), Failure> {
    if overwrite {
        return write_file(path, text);
    }
    match files::create(path, text.as_bytes(), files::Readers::All) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(Failure::writing(path)(error).with_hint("--overwrite writes in its place"))
        }
        Err(error) => Err(Failure::writing(path)(error)),
    }
}
