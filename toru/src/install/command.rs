//! What is to be done with the files: the command for `octez-client`, and where the pages go.

use std::path::Path;

use serde_json::json;

use super::files::Files;
use super::installer::Installation;
use crate::cli::InstallArgs;
use crate::error::shown_path;
use crate::shell::word as shell;
use explain::text::grouped;
use layer1::plain::one_line;

/// The type of a rollup with our kernel: see docs/protocol.md.
pub const OUR_TYPE: &str = "or (pair string (ticket string)) \
    (or (pair string (ticket (pair nat (option bytes)))) bytes)";

/// What stands in the command for a type that we do not know.
const SOME_TYPE: &str = "TYPE";

/// Tez: the most that the origination may burn. Storage is 0.00025 tez a byte, and an installer with
/// all that fits its operation and the 6,314 bytes of the rollup itself is below 40,000.
const BURN_CAP_TEZ: u8 = 10;

/// The command that makes the rollup. Its kind is that of every WASM rollup, of whatever version.
fn originate(args: &InstallArgs, files: &Files) -> String {
    let michelson = michelson_type(args).unwrap_or_else(|| SOME_TYPE.to_owned());
    format!(
        "octez-client originate smart rollup {} from {} of kind wasm_2_0_0 of type {} \
         with kernel {} --burn-cap {BURN_CAP_TEZ}",
        shell(&args.alias),
        shell(&args.source),
        shell(&michelson),
        shell(&format!("file:{}", files.hex.display())),
    )
}

/// The rollup's type, if it is known.
fn michelson_type(args: &InstallArgs) -> Option<String> {
    match &args.michelson_type {
        Some(text) => Some(one_line(text)),
        None => args.kernel.is_none().then(|| OUR_TYPE.to_owned()),
    }
}

fn copy(preimages: &Path) -> String {
    format!(
        "mkdir -p DATA_DIR/wasm_2_0_0 && cp {}/* DATA_DIR/wasm_2_0_0/",
        shell(&preimages.display().to_string())
    )
}

/// How users pin the tickets.
fn import(tickets: &Path) -> String {
    format!("toru ticket import {} --rollup sr1…", shell(&tickets.display().to_string()))
}

/// For people.
pub fn words(args: &InstallArgs, installation: &Installation, files: &Files) -> String {
    let mut text = format!(
        "{}: {} bytes, and in hex {}\n{}: {} pages\nroot hash {}\n\n",
        shown_path(&files.installer),
        grouped(&installation.installer.len().to_string()),
        shown_path(&files.hex),
        shown_path(&files.preimages),
        installation.pages.len(),
        hex::encode(installation.root),
    );
    text.push_str(&format!(
        "Make the rollup. ALIAS is a name for it and SOURCE who pays, unless they were given:\n  {}\n\n\
         Give every node of the rollup the pages, before it plays the level after the origination. \
         DATA_DIR is the node's data folder:\n  {}\n",
        originate(args, files),
        copy(&files.preimages),
    ));
    if !installation.reveals.is_empty() {
        text.push_str("They need the pages of what the setup reveals, too:\n");
        for hash in &installation.reveals {
            text.push_str(&format!("  {}\n", hex::encode(hash)));
        }
    }
    if let Some(tickets) = &files.tickets {
        text.push_str(&format!(
            "\nGive the users {}, with the rollup's address sr1…. It pins the names of tickets for them:\n  {}\n",
            shown_path(tickets),
            import(tickets),
        ));
    }
    if michelson_type(args).is_none() {
        text.push_str("\nTYPE is what the kernel takes from contracts: --type puts it there.\n");
    }
    text
}

/// For machines. `custom_bytes` are what the kernel carries that nothing needs.
pub fn json(
    args: &InstallArgs,
    installation: &Installation,
    files: &Files,
    custom_bytes: usize,
) -> String {
    let path = |path: &Path| path.display().to_string();
    let value = json!({
        "installer": path(&files.installer),
        "installer_hex": path(&files.hex),
        "installer_bytes": installation.installer.len(),
        "preimages": path(&files.preimages),
        "pages": installation.pages.len(),
        "root": hex::encode(installation.root),
        "reveals": installation.reveals.iter().map(hex::encode).collect::<Vec<_>>(),
        "custom_bytes": custom_bytes,
        "type": michelson_type(args),
        "originate": originate(args, files),
        "copy": copy(&files.preimages),
        "tickets": files.tickets.as_deref().map(path),
    });
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_type_is_that_of_the_protocol() {
        assert!(include_str!("../../../docs/protocol.md").contains(OUR_TYPE));
    }
}
