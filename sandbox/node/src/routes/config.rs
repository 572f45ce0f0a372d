//! What the node says of itself: `/health`, `/version`, `/config`, `/local/gc_info`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use super::{Asked, Served};
use crate::base58;
use crate::desk::Desk;
use crate::error::NodeError;
use crate::limits::{MAX_LEVEL_BYTES, MAX_QUEUED_MESSAGES};
use crate::shapes::time;

type Result<T> = std::result::Result<T, NodeError>;

/// Where a rollup node is served unless it is told otherwise.
const DEFAULT_ADDRESS: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8_932);

/// The version of what is kept, for `/version`: that of the file.
const STORE_VERSION: u32 = store::FORMAT;

pub(super) fn health(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    let head = desk.chain.head();
    Ok(json!({
        "healthy": true,
        "degraded": false,
        // Layer 1 is here, and never late.
        "l1": {
            "connection": "connected",
            "blocks_late": 0,
            "last_seen_head": {
                "hash": base58::block(&desk.chain.hash(head)?),
                "level": head,
                "timestamp": time(desk.chain.head_time()),
            },
        },
        "active_workers": [],
    })
    .into())
}

pub(super) fn version(_: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    Ok(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "store_version": STORE_VERSION.to_string(),
        // There is no context beside what is kept.
        "context_version": STORE_VERSION.to_string(),
        "sandbox": true,
    })
    .into())
}

pub(super) fn gc_info(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    // Nothing is collected by itself: `toru state prune` does, and what it has left begins here.
    Ok(json!({"first_available_level": desk.chain.store().oldest()?}).into())
}

/// All fields that a rollup node's configuration must have, as a node would have them that did what the
/// sandbox does.
pub(super) fn config(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served> {
    let address = desk.options.address.unwrap_or(DEFAULT_ADDRESS);
    let batch_bytes = i64::try_from(MAX_LEVEL_BYTES).unwrap_or(i64::MAX);
    let told: Value = json!({
        "smart-rollup-address": base58::rollup(&desk.chain.store().identity().rollup),
        "smart-rollup-node-operator": {},
        "rpc-addr": address.ip().to_string(),
        "rpc-port": address.port(),
        "acl": [],
        "performance-metrics": false,
        "reconnection_delay": 0,
        "fee-parameters": {},
        "mode": "operator",
        "loser-mode": [],
        "apply-unsafe-patches": false,
        "unsafe-pvm-patches": [],
        "execute-outbox-messages-filter": [],
        "batcher": {"max_batch_elements": MAX_QUEUED_MESSAGES, "max_batch_size": batch_bytes},
        "injector": {},
        "l1_blocks_cache_size": 0,
        "l2_blocks_cache_size": 0,
        "l1_monitor_finalized": false,
        "l1_rpc_timeout": 0,
        "loop_retry_delay": 0,
        "log-kernel-debug": false,
        "unsafe-disable-wasm-kernel-checks": false,
        "no-degraded": true,
        "slow-vm-fallback": false,
        "gc-parameters": {},
        "history-mode": "archive",
        "cors": {"allowed_headers": [], "allowed_origins": []},
        "bail-on-disagree": false,
        "commit-on": "commitment",
        "opentelemetry": false,
        "dal_slot_status_max_fetch_attempts": 0,
    });
    Ok(told.into())
}
