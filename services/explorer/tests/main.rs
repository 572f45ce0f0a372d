//! The explorer: over an index that the tests fill, and over one that follows a node.

mod beside;
mod bounds;
#[path = "../../history/tests/common.rs"]
#[allow(dead_code, reason = "the tests of the index use more of it")]
mod common;
mod crawl;
mod csv;
mod events;
mod filling;
mod headers;
mod live;
mod load;
mod look;
mod million;
#[path = "../../../sdk/wallet/tests/common/mod.rs"]
mod octez;
mod pages;
mod panel;
mod search;
mod visitor;
mod withdrawn;
mod words;
