//! Paths that documents name in code (`tx_kernel/src/level.rs`): each must exist.

use std::path::Path;

/// What the last part of such a path ends with. Folders end with `/`.
const ENDINGS: [&str; 11] =
    [".rs", ".py", ".ts", ".mjs", ".sh", ".md", ".toml", ".yaml", ".json", ".txt", "/"];

/// The paths in code of a Markdown file that are not there. `exists` is asked with a path from the root of the
/// workspace, `is_folder` whether a name is one of its folders: only a path that begins in one is looked at, as
/// anything else may be of the reader's machine.
pub fn missing(
    shown: &str,
    content: &str,
    is_folder: impl Fn(&str) -> bool,
    exists: impl Fn(&str) -> bool,
) -> Vec<String> {
    let mut offences = Vec::new();
    let mut in_block = false;
    for (i, line) in content.lines().enumerate() {
        if line.starts_with("```") {
            in_block = !in_block;
            continue;
        }
        if in_block {
            continue;
        }
        for code in line.split('`').skip(1).step_by(2) {
            let is_path = ENDINGS.iter().any(|ending| code.ends_with(ending));
            let (first, rest) = code.split_once('/').unwrap_or((code, ""));
            let plain = code.chars().all(|c| c.is_ascii_alphanumeric() || "/_.-".contains(c));
            if is_path
                && plain
                && !first.is_empty()
                && !rest.is_empty()
                && is_folder(first)
                && !exists(code)
            {
                offences.push(format!("{shown}:{}: there is no `{code}`", i + 1));
            }
        }
    }
    offences
}

/// [`missing`] in a workspace, whose build folder does not count: what is in it is made.
pub fn missing_in(workspace: &Path, shown: &str, content: &str) -> Vec<String> {
    let is_folder = |name: &str| name != "target" && workspace.join(name).is_dir();
    missing(shown, content, is_folder, |path| workspace.join(path).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_that_is_gone_is_named() {
        let text = "`kernel/src/a.rs` and `kernel/src/gone.rs`,\n`kernel/src/gone/`, `kernel/src`\n\
                    ```\n`kernel/src/gone.rs`\n```\n`mine/x.rs` `x.rs` `kernel/*.rs`";
        let offences =
            missing("a.md", text, |name| name == "kernel", |path| path == "kernel/src/a.rs");
        assert_eq!(
            offences,
            ["a.md:1: there is no `kernel/src/gone.rs`", "a.md:2: there is no `kernel/src/gone/`"]
        );
    }
}
