//! `toru kernel pages`: what is sent to a running rollup to give it another kernel.

use std::fs;

use encoding::RollupAddress;
use inbox::envelope::framed_page;
use inbox::upgrade::{UpgradeCommand, hash_of_page, pages};
use layer1::address::{Address, Role};
use serde_json::json;

use crate::cli::PagesArgs;
use crate::error::{Failure, shown_path, write_file};
use crate::kernel;
use crate::ui::{Output, Ui};

/// The file with all pages, beside a file for each.
pub const LIST_FILE: &str = "pages.json";

/// Does it. What else is in the folder stays.
pub fn write_pages(args: &PagesArgs, ui: &Ui) -> Result<Output, Failure> {
    let module = kernel::read(&args.kernel)?;
    let module = kernel::require_rules(Some(&args.kernel), module, args.strip)?;
    let rollup = Address::parse_as(Role::Rollup, &args.rollup)
        .map_err(|problem| Failure::option("--rollup", &args.rollup, &problem))?;
    let bodies = pages(&module.wasm);
    let Some(first) = bodies.first() else {
        return Err(Failure::internal("a kernel without pages"));
    };
    let order = UpgradeCommand::Announce(hash_of_page(first)).to_bytes();
    let messages: Vec<String> =
        bodies.iter().map(|body| message(&RollupAddress(rollup.hash), body)).collect();

    fs::create_dir_all(&args.out).map_err(Failure::writing(&args.out))?;
    let list = serde_json::to_string_pretty(&messages).map_err(Failure::internal)?;
    let files = messages.iter().enumerate().map(|(i, message)| {
        let name = format!("page-{i:04}.hex");
        (name, message.clone())
    });
    for (name, content) in files.chain([(LIST_FILE.to_owned(), list)]) {
        let path = args.out.join(name);
        write_file(&path, content)?;
    }
    let list = shown_path(&args.out.join(LIST_FILE));
    let order = format!("0x{}", hex::encode(order));
    let told = json!({"list": &list, "pages": messages.len(), "order": &order});
    ui.answer(&told, || {
        format!(
            "{list}: {} pages, to be sent in this order, each with\n  \
             octez-client send smart rollup message 'hex:[\"PAGE\"]' from SOURCE\n\
             bytes for the administrator's contract to send: {order}\n{}",
            messages.len(),
            module.note(Some(&args.kernel)),
        )
    })
}

/// A page as `octez-client send smart rollup message 'hex:[…]'` takes it: it adds the first byte,
/// the tag of an external message.
fn message(rollup: &RollupAddress, body: &[u8]) -> String {
    hex::encode(framed_page(rollup, body).split_first().map_or(&[][..], |(_, rest)| rest))
}
