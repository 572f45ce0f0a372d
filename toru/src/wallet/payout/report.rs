//! `toru payout report`: what became of every row, for programs and for an auditor.

use std::collections::HashMap;
use std::io;
use std::path::Path;

use encoding::Hash32;
use layer1::plain::grouped;
use serde_json::{Value, json};
use wallet::payout::StagedRow;
use wallet::transaction_status::TransactionStatus;

use super::super::counted::counted;
use super::super::error::payout::PayoutFailure;
use super::super::folders;
use super::super::history::transaction::status_of;
use super::super::session::Session;
use super::args::ReportArgs;
use super::status::PayoutStatus;
use super::{csv, file, html};
use crate::cli::groups::HistoryArgs;
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
    let mut status = PayoutStatus::of(&session, &plan, &parts)?;
    let asked = remember(&session, &args.history, &mut status.rows)?;
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
    told["from_history"] = json!(asked.as_ref().map(|asked| asked.found));
    if let Some(told) = told.as_object_mut() {
        // They are in the files.
        told.remove("rows");
    }
    ui.answer(&told, || {
        let files = written.iter().map(|file| format!("wrote {file}\n"));
        let asked = asked.as_ref().map_or_else(String::new, Lookup::text);
        format!("{}\n{asked}{}", status.summary(), files.collect::<String>())
    })
}

/// What a history was asked.
struct Lookup {
    url: String,
    /// Payments whose results the node does not know.
    unknown: usize,
    /// Those of them that the history knows.
    found: usize,
}

impl Lookup {
    fn text(&self) -> String {
        let (found, unknown) = (grouped(self.found), counted(self.unknown, "payment"));
        let url = &self.url;
        format!("of {unknown} that the node does not know, the history of {url} knows {found}\n")
    }
}

/// Asks the history for the payments whose results the node does not have any more.
fn remember(
    session: &Session<'_>,
    args: &HistoryArgs,
    rows: &mut [StagedRow],
) -> Result<Option<Lookup>, Failure> {
    let unknown = rows.iter().filter(|row| row.status.is_unknown()).count();
    if unknown == 0 {
        return Ok(None);
    }
    let Some(history) = session.history_if_any(args)? else { return Ok(None) };
    let settled = session.wallet.node().settled()?;
    let mut known: HashMap<Hash32, Option<TransactionStatus>> = HashMap::new();
    let mut found = 0;
    for row in rows.iter_mut().filter(|row| row.status.is_unknown()) {
        let status = match known.get(&row.hash) {
            Some(status) => *status,
            None => {
                let status = status_of(&history, &row.hash)?;
                known.insert(row.hash, status);
                status
            }
        };
        let Some(status) = status else { continue };
        found += 1;
        row.take(status, &settled);
    }
    Ok(Some(Lookup { url: history.client.url().to_owned(), unknown, found }))
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
