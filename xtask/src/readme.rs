//! Runs every command that a Markdown file shows, so that none of them can rot.
//!
//! Commands are the lines of fenced `sh` blocks. `make` targets are looked up but not made: CI
//! makes them itself, and one of them is this check.

use std::path::Path;
use std::process::Command;

/// The commands of a Markdown text, each with the number of its line.
fn commands(markdown: &str) -> Vec<(usize, String)> {
    let mut commands: Vec<(usize, String)> = Vec::new();
    let mut inside = false;
    let mut continued = false;
    for (i, line) in markdown.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            inside = !inside && line.trim() == "```sh";
            continue;
        }
        let line = line.split(" # ").next().unwrap_or_default().trim();
        if !inside || line.is_empty() || line.starts_with('#') {
            continue;
        }
        let text = line.trim_end_matches('\\').trim_end();
        match commands.last_mut() {
            Some((_, command)) if continued => {
                command.push(' ');
                command.push_str(text);
            }
            _ => commands.push((i + 1, text.to_owned())),
        }
        continued = line.ends_with('\\');
    }
    commands
}

/// Runs the commands of a file in the workspace. `Err` when the file cannot be read.
pub fn check(workspace: &Path, file: &str) -> Result<Vec<String>, String> {
    let path = workspace.join(file);
    let markdown =
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let commands = commands(&markdown);
    if commands.is_empty() {
        return Err(format!("{file}: no command in it"));
    }
    let mut offences = Vec::new();
    let mut exported: Vec<(String, String)> = Vec::new();
    for (line, command) in commands {
        // The README speaks of the folder that cargo builds into by default.
        let command = match std::env::var("CARGO_TARGET_DIR") {
            Ok(folder) => command.replace("target/", &format!("{folder}/")),
            Err(_) => command,
        };
        let ran = if let Some(target) = command.strip_prefix("make ") {
            format!("make --dry-run {target} >/dev/null")
        } else {
            command.clone()
        };
        println!("{file}:{line}: {command}");
        let mut shell = Command::new("sh");
        shell.current_dir(workspace).envs(exported.iter().cloned());
        if let Some(names) = command.strip_prefix("export ") {
            match export(&mut shell, &ran, names) {
                Ok(more) => exported.extend(more),
                Err(problem) => offences.push(format!("{file}:{line}: {problem}: {command}")),
            }
            continue;
        }
        let status = shell.args(["-ec", &ran]).status();
        match status {
            Ok(status) if status.success() => {}
            Ok(status) => offences.push(format!("{file}:{line}: {status}: {command}")),
            Err(error) => offences.push(format!("{file}:{line}: {error}: {command}")),
        }
    }
    Ok(offences)
}

/// What a line that exports variables sets them to: the commands after it have them, as in a terminal.
fn export(
    shell: &mut Command,
    command: &str,
    assignments: &str,
) -> Result<Vec<(String, String)>, String> {
    let assigned = assignments.split_whitespace().filter_map(|word| word.split_once('='));
    let names: Vec<&str> = assigned.map(|(name, _)| name).collect();
    let shown: String = names.iter().map(|name| format!("; printf '%s\\0' \"${name}\"")).collect();
    let output = shell.args(["-ec", &format!("{command}{shown}")]).output();
    let output = output.map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(output.status.to_string());
    }
    let text = String::from_utf8(output.stdout).map_err(|error| error.to_string())?;
    Ok(names.into_iter().zip(text.split('\0')).map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_the_lines_of_sh_blocks() {
        let text = "x\n```sh\nmake demo   # a story\n# words\ntoru run \\\n  --json\n```\n\n```json\n{}\n```\n";
        let expected = [(3, "make demo".to_owned()), (5, "toru run --json".to_owned())];
        assert_eq!(commands(text), expected);
    }

    #[test]
    fn what_is_exported_stays() {
        let folder = std::env::temp_dir().join(format!("xtask-export-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let text =
            "```sh\nexport A=\"$PWD/x\" B=2\nexport C=\"$A$B\"\ntest \"$C\" = \"$PWD/x2\"\n```\n";
        std::fs::write(folder.join("A.md"), text).unwrap();
        let offences = check(&folder, "A.md").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(offences.is_empty(), "{offences:?}");
    }

    #[test]
    fn a_command_that_fails_is_named() {
        let folder = std::env::temp_dir().join(format!("xtask-readme-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("A.md"), "```sh\ntrue\nfalse\n```\n").unwrap();
        let offences = check(&folder, "A.md").unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(offences, ["A.md:3: exit status: 1: false"]);
    }
}
