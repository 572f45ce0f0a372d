//! The pages of a sandbox: at its own address, over its own index.

use std::net::SocketAddr;

use explorer::limits::NODE_TIME;
use explorer::{ExplorerOptions, router};
use history::Handle;
use node::Options as NodeOptions;
use wallet::rpc::Node;

use super::accounts::Account;
use super::args::StartArgs;
use super::batcher::own;
use crate::error::Failure;

/// Has pages served beside what a sandbox serves already.
pub(super) fn show(
    args: &StartArgs,
    address: SocketAddr,
    history: &Handle,
    options: &mut NodeOptions,
) -> Result<(), Failure> {
    let node = Node::patient(&own(address).to_string(), NODE_TIME)?;
    let names = (0..).zip(Account::all());
    let pages = router(ExplorerOptions {
        readers: history.readers(),
        node,
        layer1: None,
        changes: history.changes(),
        pins: None,
        names: names.map(|(number, one): (u32, _)| (one.address, format!("dev{number}"))).collect(),
        sandbox: true,
        batcher: false,
        control: false,
        is_alone: false,
        any_host: args.allow_remote,
    });
    options.beside = std::mem::take(&mut options.beside).merge(pages);
    Ok(())
}
