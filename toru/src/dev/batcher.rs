//! The batcher of a sandbox: in the same process and at the same address, over the sandbox's own interface.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

use batcher::http::{HttpOptions, router};
use batcher::{Options, Running, StartError, start};
use layer1::plain::one_line;
use node::Options as NodeOptions;
use wallet::rpc::Node;

use super::args::StartArgs;
use super::opening::beside;
use crate::error::Failure;
use crate::ui::Ui;
use crate::wallet::batcher_failure;

/// A batcher that runs beside a sandbox.
pub(super) struct SandboxBatcher {
    running: Running,
}

impl SandboxBatcher {
    /// Starts one over the sandbox that is going to be served at an address, and has it served there. It finds the
    /// sandbox when that is there.
    pub(super) fn start(
        args: &StartArgs,
        address: SocketAddr,
        options: &mut NodeOptions,
    ) -> Result<Self, Failure> {
        let http = HttpOptions { any_host: args.allow_remote, ..HttpOptions::default() };
        let http = http.with_origins(&args.cors_origin, &args.cors_header);
        // They were read for the sandbox before.
        let http = http.map_err(Failure::internal)?;
        let node = Node::new(&own(address).to_string())?;
        let running = match &args.state {
            Some(file) => start(Options::new(beside(file, "batcher")), node),
            None => {
                let folder = files::scratch().map_err(Failure::writing(&std::env::temp_dir()))?;
                let running = start(Options::new(folder.path().join("batcher")), node);
                // Its files stay as long as this process has them open, and go with it however that ends.
                drop(folder);
                running
            }
        };
        let running = running.map_err(|error| without(&error))?;
        options.beside = router(running.handle(), http);
        Ok(Self { running })
    }

    /// Ends it.
    pub(super) fn end(self, ui: &Ui) {
        self.running.stop();
        if let Err(error) = self.running.join() {
            ui.tell(&format!("the batcher ended: {}\n", one_line(&error.to_string())));
        }
    }
}

/// Forgets what the batcher of a sandbox has kept that is no longer there: one that begins anew has the same
/// address.
pub(super) fn forget(file: &Path) -> Result<(), Failure> {
    let folder = beside(file, "batcher");
    match fs::symlink_metadata(&folder) {
        Ok(found) if found.is_dir() => {
            fs::remove_dir_all(&folder).map_err(Failure::writing(&folder))
        }
        _ => Ok(()),
    }
}

/// Where this machine itself gets to an address: one that stands for all of its own is none to call.
pub(super) fn own(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn without(error: &StartError) -> Failure {
    batcher_failure(error).with_hint("--no-batcher starts the sandbox without it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_all_interfaces_is_called_by_loopback() {
        for (address, called) in [
            ("0.0.0.0:1", "127.0.0.1:1"),
            ("[::]:1", "[::1]:1"),
            ("10.0.0.1:1", "10.0.0.1:1"),
            ("127.0.0.1:1", "127.0.0.1:1"),
        ] {
            assert_eq!(own(address.parse().unwrap()).to_string(), called);
        }
    }
}
