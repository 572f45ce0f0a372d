//! Every help text, at 80 columns, and every page of the manual are as `tests/golden` has them. After a
//! change of one that is meant,
//! `UPDATE_EXPECT=1 cargo test --release -p toru --test toru_tests golden::` writes the files anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::common::Folder;
use clap::CommandFactory;
use expect_test::expect_file;
use toru::cli::Cli;

/// The files with what is expected.
fn golden(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(kind)
}

/// Every command by its words, `toru` itself first.
fn commands() -> Vec<Vec<String>> {
    fn add(command: &clap::Command, before: &[String], all: &mut Vec<Vec<String>>) {
        let words = [before, &[command.get_name().to_owned()]].concat();
        all.push(words.clone());
        for below in command.get_subcommands() {
            add(below, &words, all);
        }
    }
    let mut all = Vec::new();
    add(&Cli::command(), &[], &mut all);
    all
}

/// What is in a folder, and not among what there must be, is removed if files are written anew.
fn nothing_else(folder: &Path, expected: &BTreeSet<String>) {
    let names = fs::read_dir(folder).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let other: Vec<String> = names.filter(|name| !expected.contains(name)).collect();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        other.iter().for_each(|name| fs::remove_file(folder.join(name)).unwrap());
        return;
    }
    assert!(other.is_empty(), "{} has files of no command: {other:?}", folder.display());
}

#[test]
fn help_of_every_command() {
    let mut expected = BTreeSet::new();
    for words in commands() {
        let name = format!("{}.txt", words.join("-"));
        // Variables that options are taken from are shown with what is in them.
        let output = Command::new(env!("CARGO_BIN_EXE_toru"))
            .args(&words[1..])
            .arg("--help")
            .env_clear()
            .env("COLUMNS", "80")
            .output()
            .unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {output:?}");
        let text = String::from_utf8(output.stdout).unwrap();
        for line in text.lines().filter(|line| !line.contains(['{', '"', '<'])) {
            assert!(line.chars().count() <= 80, "{words:?}: {line}");
        }
        expect_file![golden("help").join(&name)].assert_eq(&text);
        expected.insert(name);
    }
    nothing_else(&golden("help"), &expected);
}

#[test]
fn every_page_of_the_manual() {
    let folder = Folder::new("golden-man");
    folder.played(&["man", "--out", "pages"]);
    let mut expected = BTreeSet::new();
    for entry in fs::read_dir(folder.0.join("pages")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        expect_file![golden("man").join(&name)].assert_eq(&text);
        expected.insert(name);
    }
    assert_eq!(expected.len(), commands().len());
    nothing_else(&golden("man"), &expected);
}
