//! The files that a kernel was made of, from the list that cargo leaves beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The files of a dependency list (`MODULE: FILE FILE …`, with spaces in names escaped), and the manifests
/// that decide how they are compiled. When none of them changes, the kernel does not.
pub(crate) fn sources(workspace: &Path, listed: &str) -> Vec<PathBuf> {
    let mut files: BTreeSet<PathBuf> =
        ["Cargo.toml", "Cargo.lock"].map(|file| workspace.join(file)).into();
    for name in names(listed) {
        // A crate's manifest is beside its `src`.
        let file = workspace.join(name);
        let of_its_crate = file.ancestors().map(|folder| folder.join("Cargo.toml"));
        files.extend(of_its_crate.into_iter().find(|manifest| manifest.is_file()));
        files.insert(file);
    }
    files.into_iter().collect()
}

/// The names after the colon.
fn names(listed: &str) -> Vec<String> {
    let first = listed.lines().next().unwrap_or_default();
    let Some((_, list)) = first.split_once(": ") else { return Vec::new() };
    let mut names = vec![String::new()];
    let mut escaped = false;
    for letter in list.chars() {
        match (letter, names.last_mut()) {
            ('\\', _) if !escaped => escaped = true,
            (' ', _) if !escaped => names.push(String::new()),
            (_, Some(name)) => {
                name.push(letter);
                escaped = false;
            }
            (_, None) => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_spaces_that_are_not_escaped() {
        let listed = "/t/a.wasm: /w/a/src/lib.rs /w/my\\ own/b.rs  /w/c.rs\n\n/w/c.rs:\n";
        assert_eq!(names(listed), ["/w/a/src/lib.rs", "/w/my own/b.rs", "/w/c.rs"]);
        assert!(names("").is_empty() && names("/t/a.wasm:").is_empty());
    }

    #[test]
    fn manifests_are_sources_too() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = sources(Path::new("/w"), &format!("x: {}/src/sources.rs", here.display()));
        let expected = [
            PathBuf::from("/w/Cargo.lock"),
            "/w/Cargo.toml".into(),
            here.join("Cargo.toml"),
            here.join("src/sources.rs"),
        ];
        let mut expected = expected.to_vec();
        expected.sort();
        assert_eq!(found, expected);
    }
}
