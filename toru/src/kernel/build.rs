//! `toru kernel build`: our kernel from a checkout, compared with the one in this binary.

use kernel_wasm::checkout::{BuildError, Checkout};
use kernel_wasm::{EMBEDDED, hash};
use serde_json::json;

use super::hash_line;
use crate::Output;
use crate::cli::BuildArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::out::json_line;
use crate::progress::Progress;

/// Does it.
pub fn build(args: &BuildArgs, json: bool) -> Result<Output, Failure> {
    let checkout = Checkout::open(&args.source)?;
    let progress = Progress::unless(json, "building the kernel");
    let module = match args.reproducible {
        true => checkout.build_twice(|done| progress.at(done, 2))?,
        false => checkout.build()?,
    };
    drop(progress);
    write_file(&args.out, &module)?;
    if json {
        let told = json!({
            "file": shown_path(&args.out),
            "bytes": module.len(),
            "blake2b": hash(&module),
            "embedded": module == EMBEDDED,
        });
        return json_line(&told).map(Output::from);
    }
    let compared = if module == EMBEDDED {
        "the kernel in this binary is the same\n"
    } else {
        "the kernel in this binary is another one\n"
    };
    Ok(Output::from(format!("{}{compared}", hash_line(&shown_path(&args.out), &module))))
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        match error {
            BuildError::NoCheckout(path) => {
                Self::NoCheckout { path, package: kernel_wasm::checkout::PACKAGE }
            }
            BuildError::Read { path, source } => Self::reading(&path)(source),
            BuildError::Write { path, source } => Self::writing(&path)(source),
            BuildError::Cargo(problem) => Self::Build(problem),
            BuildError::NotReproducible { first, second } => {
                Self::NotReproducible { first, second }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_kernels_that_differ_are_a_no() {
        let (first, second) = ("a1".to_owned(), "b2".to_owned());
        let failure = Failure::from(BuildError::NotReproducible { first, second });
        let expected = "two builds differ: blake2b-256 a1 and b2";
        assert_eq!((failure.to_string().as_str(), failure.exit_code()), (expected, 1));
    }
}
