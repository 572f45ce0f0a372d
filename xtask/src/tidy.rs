//! The rules for source files that neither rustfmt nor clippy knows.

mod words;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::command::about;
use crate::{circles, paths};

/// Longer files hold more than one concern.
const LINES_MAX: usize = 500;

/// What must not be in Rust code, and why. Split, so that this file does not offend itself.
const BANNED_IN_RUST: [(&str, &str); 3] = [
    (concat!("#[should", "_panic"), "test the value of an error, not that there is a panic"),
    (concat!("todo", "!"), "finish it, or file an issue"),
    (concat!("unimplemented", "!"), "finish it, or file an issue"),
];

/// The crates whose code writes files for people.
const WRITERS: [&str; 8] = [
    "sandbox/node",
    "sandbox/pvm",
    "sandbox/store",
    "sdk/keys",
    "sdk/wallet",
    "services/batcher",
    "services/operator",
    "toru",
];
/// How a file is written through a link, or under a name that can be guessed. Split, as above.
const WRITES: [&str; 3] =
    [concat!("fs::", "write("), concat!("File::", "create("), concat!(".create(", "true)")];

/// Folders that are not ours, or not source.
const SKIPPED: [&str; 2] = ["target", "node_modules"];

/// Checks every source file of a workspace.
///
/// # Errors
/// When a file cannot be read or parsed, or cargo fails.
pub fn check(workspace: &Path) -> Result<Vec<String>, String> {
    let mut sources = BTreeSet::new();
    let mut offences = gone(WRITERS.iter().copied(), |folder| workspace.join(folder).is_dir());
    for path in files(workspace)? {
        let shown = path.strip_prefix(workspace).unwrap_or(&path).display().to_string();
        let content = fs::read_to_string(&path).map_err(|error| format!("{shown}: {error}"))?;
        if shown.ends_with(".md") {
            let folder = path.parent().unwrap_or(workspace);
            offences.extend(dead_links(&shown, &content, |link| folder.join(link).exists()));
            offences.extend(paths::missing_in(workspace, &shown, &content));
        } else {
            offences.extend(file_offences(&shown, &content));
            offences.extend(words::gone(&shown, &content)?);
            sources.insert(path.canonicalize().map_err(about(&path))?);
        }
    }
    let base = workspace.canonicalize().map_err(about(workspace))?;
    for orphan in sources.difference(&circles::sources(workspace)?) {
        let shown = orphan.strip_prefix(&base).unwrap_or(orphan).display();
        offences
            .push(format!("{shown}: no crate has this file: declare it as a module or delete it"));
    }
    Ok(offences)
}

/// Folders that a rule names and that are not there: the rule would hold for nothing.
fn gone<'a>(folders: impl Iterator<Item = &'a str>, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let missing = folders.filter(|folder| !exists(folder));
    missing.map(|folder| format!("xtask/src/tidy.rs: there is no folder `{folder}`")).collect()
}

/// All files to check, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let in_folder = |error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(&folder).map_err(in_folder)? {
            let entry = entry.map_err(in_folder)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let kind = entry.file_type().map_err(in_folder)?;
            if name.starts_with('.') || SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && is_checked(&name) {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    Ok(found)
}

fn is_checked(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|e| e == "rs" || e == "md")
}

/// The links of a Markdown file to files that are not there.
fn dead_links(shown: &str, content: &str, exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut offences = Vec::new();
    for (i, line) in content.lines().enumerate() {
        for after in line.split("](").skip(1) {
            let link = after.split([')', '#']).next().unwrap_or_default();
            let elsewhere = link.is_empty() || link.contains("://");
            if !elsewhere && !exists(link) {
                offences.push(format!("{shown}:{}: there is no file `{link}`", i + 1));
            }
        }
    }
    offences
}

/// What is wrong with one file.
fn file_offences(shown: &str, content: &str) -> Vec<String> {
    let mut offences = Vec::new();
    if !content.starts_with("//!") {
        offences.push(format!("{shown}:1: expected a first line `//! …` that says what it is for"));
    }
    let lines = content.lines().count();
    if lines > LINES_MAX {
        offences.push(format!("{shown}: {lines} lines (expected at most {LINES_MAX}): split it"));
    }
    for (i, line) in content.lines().enumerate() {
        for (banned, advice) in BANNED_IN_RUST {
            if line.contains(banned) {
                offences.push(format!("{shown}:{}: `{banned}`: {advice}", i + 1));
            }
        }
    }
    if is_writer(shown) {
        let shipped = content.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
        for (i, line) in shipped.enumerate() {
            for write in WRITES.iter().filter(|write| line.contains(**write)) {
                let advice = "a link would be followed: use the crate `files`";
                offences.push(format!("{shown}:{}: `{write}`: {advice}", i + 1));
            }
        }
    }
    offences
}

/// Whether a file has code that writes files for people, and is no test.
fn is_writer(shown: &str) -> bool {
    let in_a_writer =
        WRITERS.iter().any(|folder| Path::new(shown).starts_with(format!("{folder}/src")));
    in_a_writer && !shown.ends_with("tests.rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tidy_file_passes() {
        assert!(file_offences("a.rs", "//! What it is for.\nfn main() {}\n").is_empty());
    }

    #[test]
    fn every_rule_refuses() {
        for (content, expected) in [
            ("fn main() {}".to_owned(), "a.rs:1: expected a first line `//! …`"),
            (format!("//! Long.{}", "\n".repeat(501)), "a.rs: 501 lines (expected at most 500)"),
            (format!("//! X.\n{}]", BANNED_IN_RUST[0].0), "a.rs:2: `#[should_"),
            (format!("//! X.\n\n    {}()", BANNED_IN_RUST[1].0), "a.rs:3: `to"),
            (format!("//! X.\n{}()", BANNED_IN_RUST[2].0), "a.rs:2: `unimpl"),
        ] {
            let offences = file_offences("a.rs", &content);
            assert_eq!(offences.len(), 1, "{offences:?}");
            assert!(offences[0].starts_with(expected), "{offences:?}");
        }
    }

    #[test]
    fn files_are_written_through_no_link_but_in_tests() {
        for write in WRITES {
            let content = format!("//! X.\n    {write}path)\n");
            for folder in WRITERS {
                let file = format!("{folder}/src/part/x.rs");
                let offences = file_offences(&file, &content);
                assert_eq!(offences.len(), 1, "{offences:?}");
                assert!(offences[0].starts_with(&format!("{file}:2: ")), "{offences:?}");
            }
            let in_tests = format!("//! X.\n#[cfg(test)]\nmod tests {{\n    {write}path)\n}}\n");
            assert!(file_offences("toru/src/x.rs", &in_tests).is_empty());
            for elsewhere in
                ["toru/tests/x.rs", "xtask/src/x.rs", "sandbox/node/src/queue/tests.rs"]
            {
                assert!(file_offences(elsewhere, &content).is_empty(), "{elsewhere}");
            }
        }
    }

    #[test]
    fn a_link_to_nothing_is_named() {
        let text = "[a](here.md), [b](https://x.y)\n[c](gone.md#part) and [d](#part)";
        let offences = dead_links("a.md", text, |link| link == "here.md");
        assert_eq!(offences, ["a.md:2: there is no file `gone.md`"]);
    }

    #[test]
    fn files_are_found_but_not_in_target() {
        let root = std::env::temp_dir().join(format!("xtask-tidy-{}", std::process::id()));
        for folder in ["a/src", "target", ".git"] {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join("x.rs"), "fn x() {}").unwrap();
        }
        let found = files(&root).unwrap();
        fs::remove_dir_all(&root).unwrap();
        assert_eq!(found, [root.join("a/src/x.rs")]);
    }

    #[test]
    fn a_rule_for_a_folder_that_is_gone_is_named() {
        let offences = gone(["here", "gone"].into_iter(), |folder| folder == "here");
        assert_eq!(offences, ["xtask/src/tidy.rs: there is no folder `gone`"]);
    }
}
