//! `--engine`: which engine runs WASM, and what is said where a toru has it not.

use crate::common::Folder;
use std::process::Command;

/// Commands that run WASM, each with what it needs.
fn commands() -> [&'static [&'static str]; 4] {
    [
        &["run"],
        &["dev", "--rpc", "127.0.0.1:0", "--block-time", "0"],
        &["state", "verify", "s", "--replay", "0"],
        &["test", "t.yaml"],
    ]
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    let scenario = "scenario: nothing happens\nlevels:\n  - messages: []\n";
    folder.file("t.yaml", scenario);
    folder.played(&["run", "--state", "s"]);
    folder
}

#[test]
#[cfg(not(feature = "fast"))]
fn an_engine_that_this_toru_has_not_is_refused_with_how_to_get_it() {
    let folder = folder("engines-missing");
    let expected = "error: --engine wasmtime: this toru was built without that engine\n\
        hint: `make fast` builds a toru that has it, in a few minutes more; wasmi comes to the same\n";
    for command in commands() {
        let args = [command, &["--engine", "wasmtime"]].concat();
        assert_eq!(folder.refused(&args), expected, "{args:?}");
        let mut by_environment = Command::new(env!("CARGO_BIN_EXE_toru"));
        by_environment.args(command).env("TORU_ENGINE", "wasmtime").current_dir(&folder.0);
        let output = by_environment.output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {output:?}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), expected, "{command:?}");
    }
}

#[test]
fn an_engine_that_there_is_not_is_refused() {
    let folder = folder("engines-unknown");
    for command in commands() {
        let refused = folder.refused(&[command, &["--engine", "wasmer"]].concat());
        assert!(refused.contains("wasmer") && refused.contains("wasmtime"), "{refused}");
    }
}

#[test]
fn both_engines_print_the_same() {
    let folder = folder("engines-same");
    let built = pvm::EngineKind::ALL.into_iter().filter(|kind| kind.is_built());
    for command in [&["run", "--json"][..], &["test", "t.yaml", "--json"]] {
        let printed = built
            .clone()
            .map(|kind| folder.played(&[command, &["--engine", kind.name()]].concat()));
        let printed: Vec<String> = printed.collect();
        assert!(printed.windows(2).all(|pair| pair[0] == pair[1]), "{command:?}: {printed:?}");
    }
}

#[test]
#[cfg(feature = "fast")]
fn compiled_kernels_are_kept_in_the_cache_of_the_user() {
    let folder = Folder::new("engines-cache");
    let cache = folder.0.join("cache");
    let run = || {
        let mut toru = Command::new(env!("CARGO_BIN_EXE_toru"));
        toru.args(["run", "--engine", "wasmtime", "--json"]).env("XDG_CACHE_HOME", &cache);
        let output = toru.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let files = || std::fs::read_dir(cache.join("toru/engine")).unwrap().map(|e| e.unwrap().path());
    let compiled = run();
    let kept: Vec<_> = files().collect();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(run(), compiled);
    // What is damaged is compiled anew.
    let whole = std::fs::read(&kept[0]).unwrap();
    std::fs::write(&kept[0], &whole[..whole.len() / 2]).unwrap();
    assert_eq!(run(), compiled);
    assert!(std::fs::read(&kept[0]).unwrap().len() == whole.len());
}
