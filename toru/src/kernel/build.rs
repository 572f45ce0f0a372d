//! `toru kernel build`: our kernel from a checkout, compared with the one in this binary.

use kernel_wasm::checkout::Checkout;
use kernel_wasm::{EMBEDDED, hash};
use serde_json::json;

use super::hash_line;
use crate::cli::BuildArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::ui::{Output, Ui};

/// Does it.
pub fn build(args: &BuildArgs, ui: &Ui) -> Result<Output, Failure> {
    let checkout = Checkout::open(&args.source)?;
    let progress = ui.progress("building the kernel");
    let module = match args.reproducible {
        true => checkout.build_twice(|done| progress.at(done, 2))?,
        false => checkout.build()?,
    };
    drop(progress);
    write_file(&args.out, &module)?;
    let told = json!({
        "file": shown_path(&args.out),
        "bytes": module.len(),
        "blake2b": hash(&module),
        "embedded": module == EMBEDDED,
    });
    ui.answer(&told, || {
        let compared = if module == EMBEDDED { "the same" } else { "another one" };
        let line = hash_line(&shown_path(&args.out), &module);
        format!("{line}the kernel in this binary is {compared}\n")
    })
}
