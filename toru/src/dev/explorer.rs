//! What a sandbox serves for people who look at it, at its own address: the explorer's pages with the control panel,
//! and the history as JSON.

use std::net::SocketAddr;
use std::sync::Arc;

use explorer::limits::NODE_TIME;
use explorer::{ExplorerOptions, router};
use history::Handle;
use history::http::{HttpOptions, router as history_router};
use node::{Cors, Options as NodeOptions};
use wallet::rpc::Node;

use super::accounts::Account;
use super::args::StartArgs;
use super::batcher::own;
use super::control::SandboxCommands;
use crate::error::Failure;

/// Has it served at the address where the sandbox is going to be.
pub(super) fn serve(
    index: &Handle,
    args: &StartArgs,
    address: SocketAddr,
    rollup: String,
    options: &mut NodeOptions,
) -> Result<(), Failure> {
    let any_host = args.allow_remote;
    let address = own(address);
    let node = Node::patient(&address.to_string(), NODE_TIME)?;
    let named = Account::all().into_iter().zip(0..);
    let names = named.map(|(account, number)| (account.address, format!("dev{number}"))).collect();
    let commands = SandboxCommands::new(address, rollup);
    let pages = router(ExplorerOptions {
        readers: index.readers(),
        layer1: None,
        node: node.clone(),
        changes: index.changes(),
        pins: None,
        names,
        sandbox: true,
        batcher: (!args.no_batcher).then_some(node),
        control: Some(Arc::new(commands)),
        is_alone: false,
        any_host,
    });
    // They were read for the sandbox before.
    let cors = Cors::new(args.cors_origin.clone(), args.cors_header.clone());
    let cors = cors.map_err(Failure::internal)?;
    let http = HttpOptions { any_host, behind_proxy: false, cors };
    let history = history_router(index.clone(), http);
    let beside = std::mem::take(&mut options.beside);
    options.beside = beside.merge(history).merge(pages);
    Ok(())
}
