//! The shapes of what the node says of itself.

use serde_json::json;

use super::{Named, object, to};

/// All of them.
pub(super) fn schemas() -> Named {
    let any_text = || json!({"type": "string"});
    let head = object(
        &[("hash", to("BlockHash")), ("level", to("Level")), ("timestamp", to("Time"))],
        &[],
    );
    let l1 = object(
        &[
            ("connection", json!({"enum": ["connected", "reconnecting", "disconnected"]})),
            ("blocks_late", to("Level")),
        ],
        &[("last_seen_head", head)],
    );
    vec![
        (
            "Health",
            object(
                &[
                    ("healthy", to("Flag")),
                    ("degraded", to("Flag")),
                    ("l1", l1),
                    ("active_workers", json!({"type": "array"})),
                ],
                &[],
            ),
        ),
        (
            "Version",
            object(
                &[
                    ("version", any_text()),
                    ("store_version", any_text()),
                    ("context_version", any_text()),
                    ("sandbox", to("Flag")),
                ],
                &[],
            ),
        ),
        (
            "GcInfo",
            object(
                &[("first_available_level", to("Level"))],
                &[
                    ("last_gc_level", to("Level")),
                    ("last_context_split_level", to("Level")),
                    ("last_successful_gc_target", to("Level")),
                ],
            ),
        ),
        // As many fields as Octez's has; those that it always has are there.
        ("Config", json!({"type": "object", "required": CONFIG})),
    ]
}

/// The fields that a rollup node's configuration always has.
const CONFIG: [&str; 30] = [
    "smart-rollup-address",
    "smart-rollup-node-operator",
    "rpc-addr",
    "rpc-port",
    "acl",
    "performance-metrics",
    "reconnection_delay",
    "fee-parameters",
    "mode",
    "loser-mode",
    "apply-unsafe-patches",
    "unsafe-pvm-patches",
    "execute-outbox-messages-filter",
    "batcher",
    "injector",
    "l1_blocks_cache_size",
    "l2_blocks_cache_size",
    "l1_monitor_finalized",
    "l1_rpc_timeout",
    "loop_retry_delay",
    "log-kernel-debug",
    "unsafe-disable-wasm-kernel-checks",
    "no-degraded",
    "slow-vm-fallback",
    "gc-parameters",
    "cors",
    "bail-on-disagree",
    "commit-on",
    "opentelemetry",
    "dal_slot_status_max_fetch_attempts",
];
