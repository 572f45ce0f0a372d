//! The explorer over an index that the tests fill.

mod crawl;
mod filling;
mod headers;
mod look;
mod million;
mod pages;
mod panel;
mod search;
mod visitor;
