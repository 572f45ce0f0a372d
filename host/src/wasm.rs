//! The host of the real kernel: the imports of the WASM module.

use crate::{RawRollupCore, ReadInputMessageInfo};

mod import {
    use crate::ReadInputMessageInfo;

    #[link(wasm_import_module = "smart_rollup_core")]
    unsafe extern "C" {
        pub fn read_input(info: *mut ReadInputMessageInfo, dst: *mut u8, max: usize) -> i32;
        pub fn write_output(src: *const u8, len: usize) -> i32;
        pub fn write_debug(src: *const u8, len: usize);
        pub fn store_has(path: *const u8, len: usize) -> i32;
        pub fn store_delete(path: *const u8, len: usize) -> i32;
        pub fn store_copy(from: *const u8, from_len: usize, to: *const u8, to_len: usize) -> i32;
        pub fn store_move(from: *const u8, from_len: usize, to: *const u8, to_len: usize) -> i32;
        pub fn store_value_size(path: *const u8, len: usize) -> i32;
        pub fn store_read(p: *const u8, l: usize, offset: usize, dst: *mut u8, max: usize) -> i32;
        pub fn store_write(p: *const u8, l: usize, offset: usize, src: *const u8, n: usize) -> i32;
        pub fn reveal_preimage(hash: *const u8, len: usize, dst: *mut u8, max: usize) -> i32;
        pub fn reveal_metadata(dst: *mut u8, max: usize) -> i32;
    }
}

/// The PVM itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct WasmHost;

macro_rules! forward {
    ($($name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)?;)*) => {
        // SAFETY: each method hands its arguments to the PVM, which checks them against the
        // kernel's memory and touches only the ranges it is given.
        unsafe impl RawRollupCore for WasmHost {
            $(unsafe fn $name(&self, $($arg: $ty),*) $(-> $ret)? {
                // SAFETY: the caller keeps the contract of the method, which is the import's.
                unsafe { import::$name($($arg),*) }
            })*
        }
    };
}

forward! {
    read_input(info: *mut ReadInputMessageInfo, dst: *mut u8, max: usize) -> i32;
    write_output(src: *const u8, len: usize) -> i32;
    write_debug(src: *const u8, len: usize);
    store_has(path: *const u8, len: usize) -> i32;
    store_delete(path: *const u8, len: usize) -> i32;
    store_copy(from: *const u8, from_len: usize, to: *const u8, to_len: usize) -> i32;
    store_move(from: *const u8, from_len: usize, to: *const u8, to_len: usize) -> i32;
    store_value_size(path: *const u8, len: usize) -> i32;
    store_read(path: *const u8, len: usize, offset: usize, dst: *mut u8, max: usize) -> i32;
    store_write(path: *const u8, len: usize, offset: usize, src: *const u8, n: usize) -> i32;
    reveal_preimage(hash: *const u8, len: usize, dst: *mut u8, max: usize) -> i32;
    reveal_metadata(dst: *mut u8, max: usize) -> i32;
}
