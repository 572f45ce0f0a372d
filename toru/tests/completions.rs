//! `toru completions` and `toru man`: the shells and the formatter that read them find nothing wrong, and
//! a command line is completed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::Folder;

/// Runs a program. One that is not there fails the test: nothing would be tested without it.
fn run(program: &str, args: &[&str], folder: &Path) -> Output {
    let output = Command::new(program).args(args).current_dir(folder).output();
    output.unwrap_or_else(|error| panic!("{program}: {error}: sh scripts/setup.sh --tests"))
}

/// What bash makes of the last word of a command line.
fn completed(folder: &Folder, words: &[&str]) -> Vec<String> {
    let (last, line) = (words.len() - 1, words.join(" "));
    let before = words[last - 1];
    let script = format!(
        "source toru.bash; COMP_WORDS=({line}); COMP_CWORD={last}; COMP_LINE='{line}'; \
         COMP_POINT=${{#COMP_LINE}}; complete -p toru >/dev/null || exit 3; \
         _toru toru '{}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words[last]
    );
    let output = run("bash", &["--norc", "-c", &script], &folder.0);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).filter(|line| !line.is_empty()).collect()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = Folder::new("completions");
    folder.file("toru.bash", folder.played(&["completions", "bash"]));
    let checked = run("bash", &["-n", "toru.bash"], &folder.0);
    assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    for (words, expected) in [
        (&["toru", "ke"][..], &["kernel", "key"][..]),
        (&["toru", "key", "im"], &["import"]),
        (&["toru", "run", "--inp"], &["--inputs"]),
        (&["toru", "test", "--engine", "na"], &["native"]),
        (&["toru", "completions", "z"], &["zsh"]),
        (&["toru", "nothing-like-it"], &[]),
    ] {
        let mut found = completed(&folder, words);
        found.sort();
        assert_eq!(found, expected, "{words:?}");
    }
}

#[test]
fn the_other_shells_take_theirs() {
    let folder = Folder::new("completions-others");
    let (zsh, fish) =
        (folder.played(&["completions", "zsh"]), folder.played(&["completions", "fish"]));
    assert!(zsh.starts_with("#compdef toru\n"), "{zsh}");
    assert!(fish.contains("complete -c toru "), "{fish}");
    for (shell, script) in [("zsh", zsh), ("fish", fish)] {
        let checked = run(shell, &["-n", shell], &folder.file(shell, script).0);
        assert!(checked.status.success() && checked.stderr.is_empty(), "{checked:?}");
    }
    let refused = folder.refused(&["completions", "cmd"]);
    assert!(refused.starts_with("error: invalid value 'cmd' for '<SHELL>'"), "{refused}");
}

/// The commands that a help text lists.
fn commands(folder: &Folder, words: &[&str]) -> Vec<String> {
    let help = folder.played(&[words, &["--help"]].concat());
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let names = listed.take_while(|line| !line.is_empty());
    // What a command is for may go on in a line of its own.
    let names = names.filter(|line| !line.starts_with("   "));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn each_command_has_a_page_that_groff_takes() {
    let folder = Folder::new("man");
    let mut expected = Vec::new();
    let mut open = vec![Vec::new()];
    while let Some(words) = open.pop() {
        let name: String = words.iter().map(|word| format!("-{word}")).collect();
        expected.push(format!("toru{name}.1"));
        let given: Vec<&str> = words.iter().map(String::as_str).collect();
        let below = commands(&folder, &given);
        open.extend(below.into_iter().map(|one| [&words[..], &[one]].concat()));
    }
    expected.sort();
    assert!(expected.contains(&"toru-kernel-check.1".to_owned()), "{expected:?}");

    let said = folder.played(&["man", "--out", "pages/man1"]);
    assert_eq!(said, format!("pages/man1: {} pages\n", expected.len()));
    let pages = folder.0.join("pages/man1");
    let entries = fs::read_dir(&pages).unwrap();
    let mut found: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    found.sort();
    assert_eq!(found, expected);

    for page in &found {
        let text = fs::read_to_string(pages.join(page)).unwrap();
        for section in ["NAME", "SYNOPSIS", "\"EXIT CODES\""] {
            assert!(text.contains(&format!(".SH {section}\n")), "{page} has no {section}");
        }
        let formatted = run("groff", &["-k", "-mandoc", "-ww", "-Tutf8", page], &pages);
        assert!(formatted.status.success() && formatted.stderr.is_empty(), "{page}: {formatted:?}");
    }
    let page = fs::read_to_string(pages.join("toru-kernel-check.1")).unwrap();
    assert!(page.contains("\\fB2\\fR\nbad usage or input:"), "{page}");
    assert!(page.contains("a module that breaks a rule"), "{page}");
    for command in ["send", "register", "tx-show", "swap-accept", "batch-submit"] {
        let page = fs::read_to_string(pages.join(format!("toru-{command}.1"))).unwrap();
        for stage in ["included", "final", "committed", "cemented"] {
            assert!(page.contains(&format!("\"{stage}\"")), "{command}: {page}");
        }
    }
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = Folder::new("man-refused");
    let refused = folder.file("there", "").refused(&["man", "--out", "there"]);
    assert_eq!(refused, "error: cannot write there: File exists\n");
}
