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
use crate::exit::Exit;
use crate::ui::{Output, Ui};

/// Writes receipts.
pub(super) fn report(args: &ReportArgs, ui: &Ui) -> Result<Output, Failure> {
    let plan = file::read(&args.plan)?;
    is_apart(args)?;
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

/// Fails if a report would be written over the plan, which has the signatures, or over the other report.
fn is_apart(args: &ReportArgs) -> Result<(), Failure> {
    // What is not there yet is no other file by another name.
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let plan = real(&args.plan);
    for out in args.out.iter().chain(&args.html) {
        if real(out) == plan {
            let problem = format!("{} is the plan itself", shown_path(out));
            let failure = Failure::new(Exit::Input, problem).of_kind("file");
            return Err(failure.with_hint("nothing was written; name another file"));
        }
    }
    match (&args.out, &args.html) {
        (Some(out), Some(html)) if real(out) == real(html) => {
            let problem = format!("--out and --html both name {}", shown_path(out));
            let failure = Failure::new(Exit::Input, problem).of_kind("file");
            Err(failure.with_hint("nothing was written; name two files"))
        }
        _ => Ok(()),
    }
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
