//! Rollups that are kept in a file: one binary of all files beside this one but `kills.rs`.

mod bad_exports;
mod bad_files;
mod common;
mod model;
mod no_room;
mod replay;
