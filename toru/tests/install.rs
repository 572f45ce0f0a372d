//! `toru kernel install`, and the rollup that its files begin: played in the embedded PVM until the
//! kernel has taken over, with pages missing and damaged on the way.

use std::fs;
use std::path::PathBuf;

use crate::common::Folder;
use pvm::{Config, PreimageDir, Pvm, PvmError};
use serde_json::Value;
use toru::inputs::{self, Levels, ROLLUP_DEFAULT};
use toru::view;

const BOOT: &str = "/kernel/boot.wasm";

/// Levels with a deposit of 1,000 in the first of them.
fn a_deposit() -> Levels {
    inputs::parse(include_bytes!("../demo/first.json"), &ROLLUP_DEFAULT).unwrap()
}

/// A custom section of bytes among which no page is like another: xorshift numbers.
fn filler(bytes: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let content = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    });
    let name = b"filler";
    let content: Vec<u8> =
        [&[6][..], name].concat().into_iter().chain(content.take(bytes)).collect();
    let mut section = vec![0];
    let mut rest = content.len();
    // The size in LEB128.
    while rest >= 0x80 {
        section.push(u8::try_from(rest % 0x80).unwrap() | 0x80);
        rest /= 0x80;
    }
    section.push(u8::try_from(rest).unwrap());
    section.extend(content);
    section
}

struct Installed {
    folder: Folder,
    report: Value,
}

impl Installed {
    fn new(name: &str, options: &[&str]) -> Self {
        let folder = Folder::new(name);
        Self::within(folder, options)
    }

    fn within(folder: Folder, options: &[&str]) -> Self {
        let args = [&["kernel", "install", "--out", "dist", "--json"], options].concat();
        let report = serde_json::from_str(&folder.played(&args)).unwrap();
        Self { folder, report }
    }

    fn preimages(&self) -> PathBuf {
        self.folder.0.join("dist/preimages")
    }

    fn installer(&self) -> Vec<u8> {
        fs::read(self.folder.0.join("dist/installer.wasm")).unwrap()
    }

    fn originate(&self) -> Pvm {
        let preimages = Box::new(PreimageDir::new(self.preimages()));
        let config = Config { rollup: ROLLUP_DEFAULT.hash, preimages, ..Config::default() };
        Pvm::originate_wasm(&self.installer(), config).unwrap()
    }

    /// A page that is not the root.
    fn page(&self) -> PathBuf {
        let root = self.report["root"].as_str().unwrap();
        let pages = fs::read_dir(self.preimages()).unwrap().map(|entry| entry.unwrap().path());
        pages.filter(|page| !page.ends_with(root)).min().unwrap()
    }
}

fn boot(pvm: &Pvm) -> Vec<u8> {
    pvm.durable().get(BOOT).unwrap().to_vec()
}

/// Plays empty levels until the installer has done its work: two are the most it may take.
fn take_over(pvm: &mut Pvm, kernel: &[u8]) {
    for _ in 0..2 {
        let report = pvm.run_level(&[]).unwrap();
        assert_eq!(report.first_trap(), None);
        if boot(pvm) == kernel {
            return;
        }
    }
    panic!("the installer is still there");
}

/// The kernel that has taken over credits a deposit.
fn credits(pvm: &mut Pvm) {
    for level in a_deposit() {
        let report = pvm.run_level(&level).unwrap();
        assert_eq!((report.first_trap(), report.unread), (None, 0));
    }
    let amounts: Vec<_> =
        view::state(pvm.durable()).unwrap().balances.into_iter().map(|b| b.amount).collect();
    assert_eq!(amounts, ["1000"]);
}

#[test]
fn our_kernel_takes_over_with_its_configuration() {
    let folder = Folder::new("install-ours");
    let exit = "/toru/config/exits/01aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    folder.file("a.yaml", format!("instructions: [{{set: {{value: '6f7574', to: {exit}}}}}]"));
    // The longest that the installer takes for this path.
    let long = "5a".repeat(487 - 6 - "/else/long".len());
    folder.file("b.yaml", format!("instructions: [{{set: {{value: '{long}', to: /else/long}}}}]"));
    let installed = Installed::within(
        folder,
        &[
            "--setup",
            "a.yaml",
            "--setup",
            "b.yaml",
            "--accept-v1",
            "--administrator",
            "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "--upgrade-delay",
            "258",
        ],
    );
    let installer = installed.installer();
    assert_eq!(installed.report["installer_bytes"], installer.len());
    let in_hex = fs::read_to_string(installed.folder.0.join("dist/installer.hex")).unwrap();
    assert_eq!(hex::decode(in_hex).unwrap(), installer);
    for page in fs::read_dir(installed.preimages()).unwrap() {
        let page = page.unwrap();
        let hash = encoding::blake2b_256(&[&fs::read(page.path()).unwrap()]);
        assert_eq!(page.file_name().to_str().unwrap(), format!("00{}", hex::encode(hash.0)));
    }

    let mut pvm = installed.originate();
    take_over(&mut pvm, kernel_wasm::EMBEDDED);
    let value = |path: &str| pvm.durable().get(path).map(|value| hex::encode(&*value));
    assert_eq!(value(exit).as_deref(), Some("6f7574"));
    assert_eq!(value("/else/long"), Some(long));
    assert_eq!(value("/toru/config/accept_v1").as_deref(), Some("01"));
    assert_eq!(value("/toru/config/administrator"), Some("00".repeat(20)));
    assert_eq!(value("/toru/config/upgrade_delay").as_deref(), Some("00000102"));
    credits(&mut pvm);
}

#[test]
fn a_kernel_of_380_kilobytes_takes_over() {
    let size = 380 * 1_024;
    let folder = Folder::new("install-large");
    let mut large = kernel_wasm::EMBEDDED.to_vec();
    large.extend(filler(size - large.len() - 11));
    assert_eq!(large.len(), size);
    folder.file("large.wasm", &large);
    let installed = Installed::within(folder, &["large.wasm"]);
    // 4,091 bytes a page, and one for their 96 hashes.
    assert_eq!(installed.report["pages"], size.div_ceil(4_091) + 1);
    assert_eq!(installed.report["type"], Value::Null);
    let mut pvm = installed.originate();
    take_over(&mut pvm, &large);
    credits(&mut pvm);
}

#[test]
fn a_missing_page_stops_the_level_until_it_is_there() {
    let installed = Installed::new("install-missing", &["--accept-v1"]);
    let page = installed.page();
    let content = fs::read(&page).unwrap();
    fs::remove_file(&page).unwrap();
    let mut pvm = installed.originate();
    for _ in 0..2 {
        let missing = pvm.run_level(&a_deposit()[0]);
        let Err(PvmError::MissingPreimage { hash, .. }) = missing else { panic!("{missing:?}") };
        assert!(page.ends_with(hex::encode(hash.as_slice())));
        assert_eq!((pvm.level(), boot(&pvm)), (0, installed.installer()));
        assert_eq!(pvm.durable().get("/toru/config/accept_v1"), None);
    }
    fs::write(&page, content).unwrap();
    take_over(&mut pvm, kernel_wasm::EMBEDDED);
    credits(&mut pvm);
}

#[test]
fn a_corrupted_page_is_not_installed() {
    let installed = Installed::new("install-corrupted", &[]);
    let page = installed.page();
    let content = fs::read(&page).unwrap();
    let mut corrupted = content.clone();
    *corrupted.last_mut().unwrap() ^= 1;
    fs::write(&page, corrupted).unwrap();
    let mut pvm = installed.originate();
    for _ in 0..2 {
        // A node stops there, or the installer stays: never may something else be the kernel.
        let played = pvm.run_level(&[]);
        assert_eq!(hash_of_boot(&pvm), kernel_wasm::hash(&installed.installer()), "{played:?}");
    }
    fs::write(&page, content).unwrap();
    take_over(&mut pvm, kernel_wasm::EMBEDDED);
    credits(&mut pvm);
}

fn hash_of_boot(pvm: &Pvm) -> String {
    kernel_wasm::hash(&boot(pvm))
}

#[test]
fn the_words_say_what_to_do() {
    let folder = Folder::new("install-words");
    let ours = folder.played(&["kernel", "install", "--out", "my dist", "--alias", "toru"]);
    let command = "octez-client originate smart rollup toru from SOURCE of kind wasm_2_0_0 of type \
         'or (pair string (ticket string)) (or (pair string (ticket (pair nat (option bytes)))) \
         bytes)' with kernel 'file:my dist/installer.hex' --burn-cap 10\n";
    assert!(ours.contains(command), "{ours}");
    assert!(ours.contains("cp 'my dist/preimages'/* DATA_DIR/wasm_2_0_0/\n"), "{ours}");

    folder.file("k.wasm", kernel_wasm::EMBEDDED);
    let foreign = folder.played(&["kernel", "install", "k.wasm", "--out", "d"]);
    assert!(foreign.contains(" of type TYPE with "), "{foreign}");
    assert!(
        foreign.ends_with("TYPE is what the kernel takes from contracts: --type puts it there.\n")
    );
    let args = ["kernel", "install", "k.wasm", "--out", "d", "--type", "bytes"];
    assert!(folder.played(&args).contains(" of type bytes with "));
}

#[test]
fn what_is_in_the_folder_stays() {
    let folder = Folder::new("install-existing");
    fs::create_dir_all(folder.0.join("dist/preimages")).unwrap();
    folder.file("dist/notes.txt", "mine").file("dist/preimages/00ff", "another rollup's");
    folder.played(&["kernel", "install", "--out", "dist"]);
    folder.played(&["kernel", "install", "--out", "dist", "--accept-v1"]);
    assert_eq!(fs::read(folder.0.join("dist/notes.txt")).unwrap(), b"mine");
    assert_eq!(fs::read(folder.0.join("dist/preimages/00ff")).unwrap(), b"another rollup's");
}

#[test]
fn refusals() {
    let folder = Folder::new("install-refused");
    let floats = r#"(module (memory (export "memory") 1)
        (func (export "kernel_run") (drop (f32.add (f32.const 1) (f32.const 2)))))"#;
    let instruction = |path: &str, bytes: usize| {
        let value = "00".repeat(bytes);
        format!("{{set: {{value: '{value}', to: {path}}}}},")
    };
    let set = |path: &str, bytes: usize| format!("instructions: [{}]", instruction(path, bytes));
    folder
        .file("floats.wasm", wat::parse_str(floats).unwrap())
        .file("file", "")
        .file("path.yaml", set("toru", 1))
        .file("boot.yaml", set("/kernel/boot.wasm/x", 1))
        .file("long.yaml", set("/long", 477))
        .file("large.yaml", format!("instructions: [{}]", instruction("/large", 400).repeat(40)));
    for (options, expected) in [
        (
            &["floats.wasm", "--out", "d"][..],
            "error: floats.wasm: breaks a rule: \"No type and no instruction is about floats",
        ),
        (&["file", "--out", "d"], "error: file: not a WASM module"),
        (&["no.wasm", "--out", "d"], "error: cannot read no.wasm: No such file or directory\n"),
        (
            &["--setup", "path.yaml", "--out", "d"],
            "error: path.yaml: instruction 0: \"to\": \"toru\" is no path",
        ),
        (
            &["--setup", "boot.yaml", "--out", "d"],
            "error: the setup writes to \"/kernel/boot.wasm/x\", where the installer has the kernel\n",
        ),
        (&["--setup", "large.yaml", "--out", "d"], "error: the installer has 32"),
        (
            &["--setup", "long.yaml", "--out", "d"],
            "error: the value for \"/long\" has 477 bytes, 476 are the most that the installer \
             writes there\n",
        ),
        (
            &["--administrator", "tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU", "--out", "d"],
            "error: --administrator: \"tz1Ke2h7sDdakHJQh8WX4Z372du1KChsksyU\" is not a contract \
             address",
        ),
        (&["--upgrade-delay", "2147483648", "--out", "d"], "error: invalid value '2147483648'"),
    ] {
        let error = folder.refused(&[&["kernel", "install"], options].concat());
        assert!(error.starts_with(expected), "{error}");
        assert!(!folder.0.join("d").exists(), "{options:?}");
    }
    let error = folder.refused(&["kernel", "install", "--out", "file"]);
    assert!(error.starts_with("error: cannot write file/preimages: "), "{error}");
    fs::create_dir_all(folder.0.join("d/installer.wasm")).unwrap();
    let error = folder.refused(&["kernel", "install", "--out", "d"]);
    assert_eq!(error, "error: cannot write d/installer.wasm: Is a directory\n");
}
