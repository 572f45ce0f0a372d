//! What must not leak from the machine and the outer build into a kernel: variables and paths.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Whether a variable describes how native code is built. The kernel would differ with it.
pub(crate) fn describes_the_outer_build(variable: &OsStr) -> bool {
    const EXACT: [&str; 13] = [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
        "RUSTC_WORKSPACE_WRAPPER",
        // Such as what measures the coverage of tests.
        "RUSTC_WRAPPER",
        "TARGET",
        "HOST",
        "OUT_DIR",
        "OPT_LEVEL",
        "DEBUG",
        "PROFILE",
        "NUM_JOBS",
    ];
    const PREFIXES: [&str; 7] = [
        "CARGO_CFG_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PROFILE_",
        "CARGO_TARGET_WASM32_",
        "DEP_",
    ];
    let name = variable.to_string_lossy();
    EXACT.contains(&name.as_ref()) || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

/// Flags that replace the paths of this machine. Panic messages carry the paths of source files: the
/// kernel's bytes, and so its hash, would depend on where it was built.
pub(crate) fn remapped_paths(workspace: &Path) -> Vec<String> {
    let mut flags = Vec::new();
    let mut remap = |from: &Path, to: &str| {
        if let Ok(from) = from.canonicalize() {
            flags.push(format!("--remap-path-prefix={}={to}", from.display()));
        }
    };
    let homes = [
        env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")),
        env::var_os("CARGO_HOME").map(PathBuf::from),
    ];
    for home in homes.into_iter().flatten() {
        remap(&home, "/cargo");
        // One folder for each registry. The last flag that fits counts.
        for registry in std::fs::read_dir(home.join("registry/src")).into_iter().flatten().flatten()
        {
            remap(&registry.path(), "");
        }
    }
    remap(workspace, "/toru");
    flags
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_the_outer_build_are_known() {
        for variable in ["RUSTFLAGS", "CARGO_PROFILE_KERNEL_OPT_LEVEL", "CARGO_PKG_NAME", "TARGET"]
        {
            assert!(describes_the_outer_build(OsStr::new(variable)), "{variable}");
        }
        for variable in ["PATH", "HOME", "CARGO_HOME", "CARGO", "CARGO_NET_OFFLINE", "RUSTUP_HOME"]
        {
            assert!(!describes_the_outer_build(OsStr::new(variable)), "{variable}");
        }
    }

    #[test]
    fn the_workspace_gets_the_same_name_wherever_it_is() {
        let here = env::temp_dir().canonicalize().unwrap();
        let flags = remapped_paths(&here);
        let expected = format!("--remap-path-prefix={}=/toru", here.display());
        assert_eq!(flags.last(), Some(&expected));
    }
}
