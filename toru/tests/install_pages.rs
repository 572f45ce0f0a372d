//! `toru kernel pages`, `hash` and `build`: what a running rollup is sent, and where kernels come from.

use std::fs;

use crate::common::Folder;
use encoding::RollupAddress;
use inbox::upgrade::{Page, UpgradeCommand, hash_of_page};
use inbox::{Envelope, MessageKind, envelope};
use toru::inputs::ROLLUP_DEFAULT;

const ROLLUP: &str = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";

#[test]
fn the_pages_are_the_kernel() {
    let folder = Folder::new("pages");
    folder.file("k.wasm", kernel_wasm::EMBEDDED);
    fs::create_dir_all(folder.0.join("up")).unwrap();
    folder.file("up/notes.txt", "mine");
    let told = folder.played(&["kernel", "pages", "k.wasm", "--rollup", ROLLUP, "--out", "up"]);
    assert_eq!(fs::read(folder.0.join("up/notes.txt")).unwrap(), b"mine");

    let list = fs::read(folder.0.join("up/pages.json")).unwrap();
    let pages: Vec<String> = serde_json::from_slice(&list).unwrap();
    let (_, order) = told.trim_end().rsplit_once("0x").unwrap();
    let Ok(UpgradeCommand::Announce(first)) =
        UpgradeCommand::from_bytes(&hex::decode(order).unwrap())
    else {
        panic!("{told}")
    };
    assert!(told.starts_with(&format!("up/pages.json: {} pages", pages.len())), "{told}");
    let mut expected = Some(first);
    let mut whole = Vec::new();
    for (i, page) in pages.iter().enumerate() {
        let file = folder.0.join(format!("up/page-{i:04}.hex"));
        assert_eq!(fs::read_to_string(file).unwrap(), *page);
        // The tag of an external message is octez-client's to add.
        let message = [&[1][..], &hex::decode(page).unwrap()].concat();
        assert!(message.len() <= pvm::MAX_MESSAGE_BYTES);
        let rollup = RollupAddress(ROLLUP_DEFAULT.hash);
        let Envelope::External { kind: MessageKind::Page, body } =
            envelope(&message, &rollup, false)
        else {
            panic!("page {i} is for somebody else")
        };
        assert_eq!(Some(hash_of_page(body)), expected);
        let page = Page::decode(body).unwrap();
        whole.extend_from_slice(page.data);
        expected = page.next;
    }
    assert!(expected.is_none() && whole == kernel_wasm::EMBEDDED);
}

#[test]
fn refusals() {
    let folder = Folder::new("pages-refused");
    folder.file("k.wasm", kernel_wasm::EMBEDDED);
    folder.file("none.wasm", wat::parse_str("(module (memory (export \"m\") 1))").unwrap());
    let error =
        folder.refused(&["kernel", "pages", "none.wasm", "--rollup", ROLLUP, "--out", "up"]);
    assert!(
        error.starts_with(
            "error: none.wasm: breaks a rule: \"It exports a function kernel_run without"
        ),
        "{error}"
    );
    let error = folder.refused(&["kernel", "pages", "k.wasm", "--rollup", "sr1", "--out", "up"]);
    assert_eq!(error, "error: --rollup: \"sr1\" has 3 characters (expected 36)\n");
    assert!(!folder.0.join("up").exists());
    let error =
        folder.refused(&["kernel", "pages", "k.wasm", "--rollup", ROLLUP, "--out", "k.wasm"]);
    assert!(error.starts_with("error: cannot write k.wasm: "), "{error}");

    let error = folder.refused(&["kernel", "build", "--out", "x.wasm"]);
    let hint = "hint: --source names the folder of toru's sources\n";
    let expected = format!("error: .: no checkout (expected the package tx_kernel in it)\n{hint}");
    assert_eq!(error, expected);
    let error = folder.refused(&["kernel", "build", "--source", "no", "--out", "x.wasm"]);
    assert_eq!(error, "error: cannot read no: No such file or directory\n");
}

#[test]
fn the_hash_is_that_of_the_file() {
    let folder = Folder::new("hash");
    folder.file("k.wasm", b"\0asm");
    // `printf '\0asm' | b2sum -l 256`
    let hash = "c04f4579bbed4a462d59b8c24ba3098e71dc055d6b05bc1f0bfb04bac44b2ea2";
    let told = folder.played(&["kernel", "hash", "k.wasm"]);
    assert_eq!(told, format!("k.wasm: 4 bytes, blake2b-256 {hash}\n"));
    folder.played(&["kernel", "write", "ours.wasm"]);
    let ours = folder.played(&["kernel", "hash"]);
    let written = folder.played(&["kernel", "hash", "ours.wasm"]);
    assert_eq!(ours.strip_prefix("our kernel"), written.strip_prefix("ours.wasm"));
}
