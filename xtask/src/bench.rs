//! `cargo xtask bench`: builds the modules that are measured beside the kernel, and measures.

use std::fs;
use std::path::{Path, PathBuf};

use crate::command::{about, cargo, command, run, target_dir, works};

const TARGET: &str = "wasm32-unknown-unknown";

/// A module that is built for measuring.
struct Module<'a> {
    package: &'a str,
    flags: &'a str,
    arguments: &'a [&'a str],
}

const BESIDE_THE_KERNEL: [Module<'_>; 3] = [
    // As kernel_build has it for the kernel.
    Module { package: "direct_wasm", flags: "-Cllvm-args=-inline-threshold=25", arguments: &[] },
    // The backend that is the faster one in WASM for curve25519, of 32 bits, built for speed.
    Module {
        package: "ed25519_wasm",
        flags: "--cfg curve25519_dalek_bits=\"32\"",
        arguments: &[
            "--config",
            "profile.kernel.opt-level=3",
            "--config",
            "profile.kernel.overflow-checks=false",
        ],
    },
    Module { package: "bls_wasm", flags: "", arguments: &["--features", "blst-in-wasm"] },
];

impl Module<'_> {
    /// Builds it. Returns the file.
    fn build(&self, workspace: &Path, folder: &Path) -> Result<PathBuf, String> {
        println!("==> building {} {}", self.package, self.arguments.join(" "));
        let mut cargo = cargo(workspace);
        cargo.env("CARGO_TARGET_DIR", folder);
        if !self.flags.is_empty() {
            cargo.env("RUSTFLAGS", self.flags);
        }
        cargo.args(["rustc", "--quiet", "--package", self.package, "--lib"]);
        cargo.args(["--crate-type", "cdylib", "--profile", "kernel", "--target", TARGET]);
        run(cargo.args(self.arguments))?;
        Ok(folder.join(TARGET).join("kernel").join(format!("{}.wasm", self.package)))
    }
}

/// Measures. The counts are held against the baseline, or become it.
///
/// # Errors
/// When a module does not build, or a count has changed.
pub fn run_all(workspace: &Path, toru: &Path, baseline: bool) -> Result<(), String> {
    let folder = target_dir(workspace).join("bench");
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    for module in BESIDE_THE_KERNEL {
        let built = module.build(workspace, &folder.join("build"))?;
        let target = folder.join(format!("{}.wasm", module.package));
        fs::copy(&built, &target).map_err(about(&built))?;
    }
    let (report, kept) = ("testing/bench/report.json", "testing/bench/baseline.json");
    let mut measure = command(workspace, toru);
    measure.args(["bench", "--output", report]);
    if !baseline {
        return run(measure.args(["--baseline", kept]));
    }
    run(&mut measure)?;
    let kept = workspace.join(kept);
    fs::copy(workspace.join(report), &kept).map(drop).map_err(about(&kept))
}

/// Measures BLS in WASM, as docs/bls.md has it: our own at each level of optimisation, and blst where
/// there is a clang that can build it.
///
/// # Errors
/// When a module does not build.
pub fn bls(workspace: &Path) -> Result<(), String> {
    let folder = target_dir(workspace).join("bench-bls");
    fs::create_dir_all(&folder).map_err(about(&folder))?;
    let variant = |name: &str, level: &str, more: &[&str]| {
        let level = format!("profile.kernel.opt-level={level}");
        let arguments = [&["--config", &level][..], more].concat();
        let module = Module { package: "bls_wasm", flags: "", arguments: &arguments };
        let (built, target) =
            (module.build(workspace, &folder)?, folder.join(format!("{name}.wasm")));
        fs::copy(&built, &target).map_err(about(&built))?;
        Ok::<_, String>(format!("{name}={}", target.display()))
    };
    let mut variants = Vec::new();
    if has_wasm_clang(workspace) {
        variants.push(variant("blst", "\"s\"", &["--features", "blst-in-wasm"])?);
    }
    for (name, level) in [("own-3", "3"), ("own-s", "\"s\""), ("own-z", "\"z\"")] {
        variants.push(variant(name, level, &[])?);
    }
    let toru = ["run", "--release", "--quiet", "--package", "toru", "--", "bench", "--bls"];
    run(cargo(workspace).args(toru).args(variants))
}

fn has_wasm_clang(workspace: &Path) -> bool {
    let empty = ["-c", "-x", "c", "/dev/null", "-o", "/dev/null"];
    works(command(workspace, "clang").arg(format!("--target={TARGET}")).args(empty))
}
