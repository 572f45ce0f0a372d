//! Small kernels in the text format, and a PVM for them.

use pvm::{Config, HostFn, IMPORT_MODULE, Pvm, Version};
use std::fmt::Write;

/// A module from the text format.
pub fn assemble(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap()
}

/// A kernel that imports every host function but those that are switched off, as `$name`, and has
/// this body.
///
/// In memory are, at 100: `/kernel/env/reboot` (18 bytes); at 200: `/count` (6); at 300: `/out`
/// (4). What a kernel reads goes to 1000.
pub fn kernel(body: &str) -> Vec<u8> {
    kernel_of(Version::default(), body)
}

/// The same for another version, which has fewer functions.
pub fn kernel_of(version: Version, body: &str) -> Vec<u8> {
    let mut text = String::from("(module\n");
    for function in HostFn::of(version).filter(|function| !function.is_nds()) {
        let name = function.name();
        write!(text, "(import \"{IMPORT_MODULE}\" \"{name}\" (func ${name}").unwrap();
        for ty in function.params() {
            write!(text, " (param {ty})").unwrap();
        }
        for ty in function.results() {
            write!(text, " (result {ty})").unwrap();
        }
        text.push_str("))\n");
    }
    text.push_str(
        r#"(memory (export "mem") 1)
        (data (i32.const 100) "/kernel/env/reboot")
        (data (i32.const 200) "/count")
        (data (i32.const 300) "/out")
        ;; Adds one to the byte at /count, and returns what it is then.
        (func $count (result i32)
            (drop (call $store_read (i32.const 200) (i32.const 6) (i32.const 0)
                                    (i32.const 900) (i32.const 2)))
            (i32.store16 (i32.const 900)
                (i32.add (i32.load16_u (i32.const 900)) (i32.const 1)))
            (drop (call $store_write (i32.const 200) (i32.const 6) (i32.const 0)
                                     (i32.const 900) (i32.const 2)))
            (i32.load16_u (i32.const 900)))
        (func $reboot
            (drop (call $store_write (i32.const 100) (i32.const 18) (i32.const 0)
                                     (i32.const 0) (i32.const 0))))
        (func $read (result i32)
            (call $read_input (i32.const 980) (i32.const 1000) (i32.const 4096)))
        (func (export "kernel_run")
"#,
    );
    text.push_str(body);
    text.push_str("))");
    assemble(&text)
}

/// A PVM as the debugger sets it up.
pub fn pvm(wasm: &[u8]) -> Pvm {
    Pvm::originate_wasm(wasm, Config::default()).unwrap()
}

/// The little-endian number at a path; 0 if there is none.
pub fn number(pvm: &Pvm, path: &str) -> i64 {
    let bytes = pvm.durable().get(path).unwrap_or_default();
    bytes.iter().rev().fold(0, |sum, byte| sum * 256 + i64::from(*byte))
}
