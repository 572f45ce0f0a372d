//! What the node says of itself: `/health`, `/version`, `/config`, `/local/gc_info`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::RequestContext;
use crate::error::NodeError;
use crate::limits::{MAX_LEVEL_BYTES, MAX_QUEUED_MESSAGES};
use crate::service::NodeService;
use crate::shapes::{
    BlockHash, Config, ConfigBatcher, ConfigCors, GcInfo, Health, HealthOfLayer1, Layer1Head,
    RollupAddress, Version, time,
};

type Result<T> = std::result::Result<T, NodeError>;

/// Where a rollup node is served unless it is told otherwise.
const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_932);

/// The version of what is kept, for `/version`: that of the file.
const STORE_VERSION: u32 = store::FORMAT;

pub(super) fn health(service: &mut NodeService<'_>, _: &RequestContext) -> Result<Health> {
    let head = service.chain.head();
    let last_seen_head = Layer1Head {
        hash: BlockHash::of(&service.chain.hash(head)?),
        level: head,
        timestamp: time(service.chain.head_time()),
    };
    // Layer 1 is here, and never late.
    let l1 = HealthOfLayer1 { connection: Default::default(), blocks_late: 0, last_seen_head };
    Ok(Health { healthy: true, degraded: false, l1, active_workers: Vec::new() })
}

pub(super) fn version(service: &mut NodeService<'_>, _: &RequestContext) -> Result<Version> {
    Ok(Version {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        store_version: STORE_VERSION.to_string(),
        // Durable storage is in the same file.
        context_version: STORE_VERSION.to_string(),
        sandbox: true,
        engine: service.chain.engine_name(),
    })
}

pub(super) fn gc_info(service: &mut NodeService<'_>, _: &RequestContext) -> Result<GcInfo> {
    // Nothing is collected by itself: `toru state prune` does, and what it has left begins here.
    Ok(GcInfo { first_available_level: service.chain.store().oldest()? })
}

/// All fields that a rollup node's configuration must have, as a node would have them that did what the
/// sandbox does.
pub(super) fn config(service: &mut NodeService<'_>, _: &RequestContext) -> Result<Config> {
    let address = service.options.address.unwrap_or(DEFAULT_ADDRESS);
    let cors = &service.options.cors;
    Ok(Config {
        smart_rollup_address: RollupAddress::of(&service.chain.store().identity().rollup).0,
        rpc_addr: address.ip().to_string(),
        rpc_port: address.port(),
        mode: "operator",
        batcher: ConfigBatcher {
            max_batch_elements: MAX_QUEUED_MESSAGES,
            max_batch_size: MAX_LEVEL_BYTES,
        },
        no_degraded: true,
        history_mode: "archive",
        cors: ConfigCors {
            allowed_headers: cors.headers().to_vec(),
            allowed_origins: cors.origins().to_vec(),
        },
        commit_on: "commitment",
        ..Config::default()
    })
}
