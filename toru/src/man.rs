//! `toru man`: a manual page for each command, from the same texts as its help.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};
use serde_json::json;

use crate::error::{Failure, shown_path, write_file};
use crate::ui::{Output, Ui};

/// The section of the manual that commands are in.
const SECTION: &str = "1";
/// What stands before the exit codes in the text after a command's help.
const EXIT_CODES: &str = "Exit codes: ";

/// Writes a page for each command of a command line into a folder, which is made if it is not there.
///
/// # Errors
/// When a page cannot be written.
pub fn write<C: CommandFactory>(folder: &Path, ui: &Ui) -> Result<Output, Failure> {
    fs::create_dir_all(folder).map_err(Failure::writing(folder))?;
    let pages = pages::<C>()?;
    for (name, page) in &pages {
        let file = folder.join(name);
        write_file(&file, page)?;
    }
    let folder = shown_path(folder);
    let told = json!({"folder": folder, "pages": pages.len()});
    ui.answer(&told, || format!("{folder}: {} pages\n", pages.len()))
}

/// The pages of a command line, each with the name of its file.
///
/// # Errors
/// When a page cannot be made.
pub fn pages<C: CommandFactory>() -> Result<Vec<(String, Vec<u8>)>, Failure> {
    // Without this each folder of commands would have a page about asking for help.
    let mut command = C::command().disable_help_subcommand(true);
    command.build();
    pages_of(&command, None)
}

/// The pages of a command and of those below it, each with the name of its file. Where a command says
/// nothing of exit codes, those of the command above it are meant.
fn pages_of(command: &Command, above: Option<&str>) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let (notes, codes) = match after.split_once(EXIT_CODES) {
        Some((notes, codes)) => (notes, Some(codes)),
        None => (after.as_str(), above),
    };
    let page = page(command, notes.trim(), codes)
        .map_err(|error| Failure::internal(format!("a page of the manual: {error}")))?;
    let mut all = vec![page];
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        all.extend(pages_of(below, codes)?);
    }
    Ok(all)
}

fn page(command: &Command, notes: &str, codes: Option<&str>) -> io::Result<(String, Vec<u8>)> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone())
        .title(name)
        .section(SECTION)
        .source(format!("toru {version}"))
        .manual("toru");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut rest = Roff::new();
    if !notes.is_empty() {
        rest.control("SH", ["NOTES"]);
        rest.text([roman(notes)]);
    }
    if let Some(codes) = codes {
        rest.control("SH", ["EXIT CODES"]);
        for code in codes.trim_end_matches('.').split("; ") {
            // A sentence with a semicolon in it goes on.
            match code.split_once(' ').filter(|(number, _)| number.parse::<u8>().is_ok()) {
                Some((number, meaning)) => {
                    rest.control("TP", []);
                    rest.text([bold(number)]);
                    rest.text([roman(meaning)]);
                }
                None => {
                    rest.text([roman(code)]);
                }
            }
        }
    }
    page.write_all(rest.render().as_bytes())?;
    Ok((format!("{name}.{SECTION}"), page))
}
