//! The explorer over an index that the tests fill.

mod filling;
mod headers;
mod look;
mod pages;
mod panel;
mod visitor;
