//! The command line of `toru explorer`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use crate::cli::groups::{EndpointArgs, JsonArgs, Layer1Args, PinsArgs};
use crate::exit::EXIT_CODES;

/// Where it is served: beside a node.
const LISTEN: &str = "127.0.0.1:8933";

/// `toru explorer`.
#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub struct ExplorerArgs {
    /// Where to serve
    #[arg(long, value_name = "ADDRESS:PORT", default_value = LISTEN)]
    pub(super) listen: SocketAddr,

    /// Serve at an address that others can reach. Nobody can change anything there, but it speaks plain HTTP: put it
    /// behind a proxy with TLS
    #[arg(long)]
    pub(super) allow_remote: bool,

    /// File of the index; it is made if it is not there [default: explorer/ROLLUP.sqlite in $XDG_DATA_HOME/toru, or
    /// ~/.local/share/toru; of a sandbox none is kept]
    #[arg(long, value_name = "FILE")]
    pub(super) data: Option<PathBuf>,

    /// Make the index anew if it is of another version or of another rollup
    #[arg(long)]
    pub(super) rebuild: bool,

    /// A batcher of the rollup, for a page of what it is doing: http://HOST:PORT or https://…
    #[arg(long, value_name = "URL")]
    pub(super) batcher: Option<String>,

    /// Where layer 1 is.
    #[command(flatten)]
    pub(super) layer1: Layer1Args,

    /// Which node.
    #[command(flatten)]
    pub(super) at: EndpointArgs,

    /// Where pinned tickets are.
    #[command(flatten)]
    pub(super) pins: PinsArgs,

    /// How it is printed.
    #[command(flatten)]
    pub(super) json: JsonArgs,
}
