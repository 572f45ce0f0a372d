//! `toru kernel install --setup` with all that the SDK's installer can be told: set, move and reveal;
//! and `--strip`.

use std::fs;

use crate::common::Folder;
use pvm::{Config, PreimageDir, Pvm};
use serde_json::Value;
use toru::inputs::ROLLUP_DEFAULT;

/// A kernel that does nothing, with a name.
const KERNEL: &str = r#"(module (memory (export "mem") 1) (func $run (export "kernel_run")))"#;

/// A page with this content, in a folder, by its hash; and that hash.
fn page(folder: &Folder, content: &[u8]) -> String {
    let size = u32::try_from(content.len()).unwrap();
    let page = [&[0][..], &size.to_be_bytes(), content].concat();
    let hash = hex::encode(pvm::preimage_hash(&page));
    fs::create_dir_all(folder.0.join("dist/preimages")).unwrap();
    folder.file(&format!("dist/preimages/{hash}"), page);
    hash
}

/// Installs, and plays until the kernel has taken over.
fn installed(folder: &Folder, options: &[&str]) -> (Value, Pvm) {
    let args = [&["kernel", "install", "k.wat", "--out", "dist", "--json"], options].concat();
    let report: Value = serde_json::from_str(&folder.played(&args)).unwrap();
    let installer = fs::read(folder.0.join("dist/installer.wasm")).unwrap();
    let preimages = Box::new(PreimageDir::new(folder.0.join("dist/preimages")));
    let config = Config { rollup: ROLLUP_DEFAULT.hash, preimages, ..Config::default() };
    let mut pvm = Pvm::originate_wasm(&installer, config).unwrap();
    for _ in 0..2 {
        let report = pvm.run_level(&[]).unwrap();
        assert_eq!(report.first_trap(), None);
    }
    assert!(pvm.durable().get("/kernel/boot.wasm").is_some_and(|kernel| kernel[..] != installer));
    (report, pvm)
}

#[test]
fn values_are_written_moved_and_revealed_in_order() {
    let folder = Folder::new("setup-instructions");
    folder.file("k.wat", KERNEL);
    let hash = page(&folder, b"revealed");
    folder.file(
        "s.yaml",
        format!(
            "instructions:\n- set:\n    value: aa\n    to: /a/x\n- set: {{value: bb, to: /a/y}}\n\
             - set: {{value: cc, to: /b/old}}\n- move:\n    from: /a\n    to: /b\n\
             - reveal: {hash}\n  to: /a/z\n- move: {{from: /a/z, to: /c}}\n"
        ),
    );
    let (report, pvm) = installed(&folder, &["--setup", "s.yaml"]);
    assert_eq!(report["reveals"], serde_json::json!([hash]));
    let value = |path: &str| pvm.durable().get(path).map(|value| value.to_vec());
    assert_eq!(value("/b/x").as_deref(), Some(&b"\xaa"[..]));
    assert_eq!(value("/b/y").as_deref(), Some(&b"\xbb"[..]));
    assert_eq!((value("/b/old"), value("/a/x"), value("/a/z")), (None, None, None));
    assert_eq!(value("/c").as_deref(), Some(&b"revealed"[..]));

    let words = folder.played(&["kernel", "install", "k.wat", "--out", "d", "--setup", "s.yaml"]);
    let told = format!("They need the pages of what the setup reveals, too:\n  {hash}\n");
    assert!(words.contains(&told), "{words}");
}

#[test]
fn what_the_installer_could_not_do_is_refused() {
    let folder = Folder::new("setup-refused");
    folder.file("k.wat", KERNEL);
    let hash = "00".repeat(33);
    let moves = |from: &str, to: &str| format!("{{move: {{from: {from}, to: {to}}}}}");
    let set = "{set: {value: aa, to: /a/x}}";
    for (instructions, expected) in [
        (
            moves("/a", "/b"),
            "error: the setup moves \"/a\", but nothing before that writes to it\n",
        ),
        (
            format!("{set}, {}, {}", moves("/a", "/b"), moves("/a/x", "/c")),
            "error: the setup moves \"/a/x\", but nothing before that writes to it\n",
        ),
        (
            format!("{set}, {}", moves("/a/xx", "/c")),
            "error: the setup moves \"/a/xx\", but nothing before that writes to it\n",
        ),
        (
            moves("/kernel", "/b"),
            "error: the setup moves \"/kernel\", where the installer has the kernel\n",
        ),
        (
            moves("/kernel/boot.wasm", "/b"),
            "error: the setup moves \"/kernel/boot.wasm\", where the installer has the kernel\n",
        ),
        (
            format!("{set}, {}", moves("/a", "/kernel")),
            "error: the setup writes to \"/kernel\", where the installer has the kernel\n",
        ),
        (
            format!("{set}, {}", moves("/a", "/kernel/boot.wasm")),
            "error: the setup writes to \"/kernel/boot.wasm\", where the installer has the kernel\n",
        ),
        (
            format!("{{reveal: '{hash}', to: /installer/x}}"),
            "error: the setup writes to \"/installer/x\", where the installer has the kernel\n",
        ),
        (
            "{reveal: '00', to: /a}".to_owned(),
            "error: s.yaml: instruction 0: \"reveal\": 1 bytes (expected the 33 of a preimage's \
             hash)\n",
        ),
    ] {
        folder.file("s.yaml", format!("instructions: [{instructions}]"));
        let args = ["kernel", "install", "k.wat", "--out", "d", "--setup", "s.yaml"];
        assert_eq!(folder.refused(&args), expected, "{instructions}");
        assert!(!folder.0.join("d").exists());
    }
}

#[test]
fn names_are_a_note_and_can_be_left_out() {
    let folder = Folder::new("setup-strip");
    folder.file("k.wat", KERNEL);
    let named = wat::parse_str(KERNEL).unwrap();
    let (report, pvm) = installed(&folder, &[]);
    assert!(report["custom_bytes"].as_u64().is_some_and(|bytes| bytes > 0), "{report}");
    assert_eq!(pvm.durable().get("/kernel/boot.wasm").as_deref(), Some(&named[..]));
    let words = folder.played(&["kernel", "install", "k.wat", "--out", "d"]);
    assert!(words.contains("k.wat carries ") && words.contains("--strip leaves them out"));

    let (report, pvm) = installed(&folder, &["--strip"]);
    assert_eq!(report["custom_bytes"], 0);
    let stripped = pvm::strip(&named);
    assert_eq!(pvm.durable().get("/kernel/boot.wasm").as_deref(), Some(&stripped[..]));
    let words = folder.played(&["kernel", "install", "k.wat", "--out", "d", "--strip"]);
    assert!(!words.contains("--strip"), "{words}");

    let pages = [
        "kernel",
        "pages",
        "k.wat",
        "--out",
        "p",
        "--rollup",
        "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57",
    ];
    assert!(folder.played(&pages).contains("--strip leaves them out"));
    let stripped = [&pages[..], &["--strip"]].concat();
    assert!(!folder.played(&stripped).contains("--strip"));
}

#[test]
fn exits_of_ticketers_are_part_of_the_configuration() {
    let folder = Folder::new("setup-exits");
    folder.file("k.wat", KERNEL);
    let (xtz, token) =
        ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT", "KT1UuCZfusSPmKYDZ9EiP3dafh3QzPDV8tZF");
    let (burn, withdraw) = (format!("{xtz}%burn"), format!("{token}%withdraw"));
    let (_, pvm) = installed(&folder, &["--exit", &burn, "--exit", &withdraw]);
    let exit = |contract: &str| {
        let contract = encoding::Kt1Address::from_base58(contract).unwrap();
        pvm.durable().get(&tx_kernel::layout::exit_path(&contract)).map(|name| name.to_vec())
    };
    assert_eq!(exit(xtz).as_deref(), Some(&b"burn"[..]));
    assert_eq!(exit(token).as_deref(), Some(&b"withdraw"[..]));
    let long = format!("{xtz}%{}", "a".repeat(32));
    for (wrong, expected) in [
        (xtz, "names no entrypoint (expected KT1…%burn)"),
        (&format!("{xtz}%"), "names no entrypoint"),
        (&format!("{xtz}%two words"), "names no entrypoint"),
        (&long, "names no entrypoint"),
        ("tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU%burn", "is not a contract address"),
        ("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHt%burn", "wrong checksum"),
    ] {
        let refused =
            folder.refused(&["kernel", "install", "k.wat", "--out", "d", "--exit", wrong]);
        assert!(refused.contains(expected), "{wrong}: {refused}");
    }
    let twice = ["kernel", "install", "k.wat", "--out", "d", "--exit", &burn, "--exit", &burn];
    assert!(folder.refused(&twice).contains("has one already"));
    assert!(!folder.0.join("d").exists());
}
