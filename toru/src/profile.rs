//! `toru run --profile`: collapsed stacks of each level, and a flame graph of all.

use std::fs;
use std::path::Path;

use inferno::flamegraph::{self, Options};

use crate::error::{Failure, write_file};
use crate::function::function_text;
use crate::run_levels::LevelResult;

/// Writes `level-N.collapsed` for each level, and `flamegraph.svg`, to a folder, made if need be.
pub fn write(folder: &Path, levels: &[LevelResult]) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(Failure::writing(folder))?;
    let mut all = String::new();
    for level in levels {
        let Some(profile) = &level.profile else { continue };
        let text: String = profile.stacks().map(|(stack, count)| line(stack, count)).collect();
        let file = folder.join(format!("level-{}.collapsed", level.level));
        write_file(&file, &text)?;
        all.push_str(&text);
    }
    // There is no graph of nothing.
    if all.is_empty() {
        return Ok(());
    }
    let mut options = Options::default();
    options.title = "Instructions by function".to_owned();
    options.count_name = "instructions".to_owned();
    let mut graph = Vec::new();
    flamegraph::from_lines(&mut options, all.lines(), &mut graph)
        .map_err(|error| Failure::internal(format!("cannot draw the flame graph: {error}")))?;
    let file = folder.join("flamegraph.svg");
    write_file(&file, graph)
}

/// A line of collapsed stacks, with the functions of Rust as their sources call them.
fn line(stack: &str, instructions: u64) -> String {
    let names: Vec<String> = stack.split(';').map(function_text).collect();
    format!("{} {instructions}\n", names.join(";"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_rust_are_as_in_their_sources() {
        let mangled = "kernel_run;_ZN5inbox2v15Batch6decode17hfdf10193c564e5c9E;func[7]";
        assert_eq!(line(mangled, 12), "kernel_run;inbox::v1::Batch::decode;func[7] 12\n");
    }
}
