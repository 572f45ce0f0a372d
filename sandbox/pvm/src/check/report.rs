//! What is known of a module that keeps the rules.

use crate::abi::HostFn;

/// What a module is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its size in bytes.
    pub size: usize,
    /// The host functions it imports.
    pub imports: Vec<HostFn>,
    /// The names it exports.
    pub exports: Vec<String>,
    /// The name its memory is exported by.
    pub memory_export: String,
    /// The pages of 64 KiB its memory starts with.
    pub memory_pages: u64,
    /// The most pages its memory may grow to, where it says.
    pub memory_pages_max: Option<u64>,
    /// The functions it defines.
    pub functions: usize,
    /// The bytes of all its data segments.
    pub data_bytes: usize,
    /// Its custom sections: name and size.
    pub custom_sections: Vec<(String, usize)>,
}
