//! What the node says of itself.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::Moment;
use super::texts::{BlockHash, RollupAddress};

/// Whether the node works
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Health {
    pub(crate) healthy: bool,
    pub(crate) degraded: bool,
    pub(crate) l1: HealthOfLayer1,
    /// The sandbox has none.
    pub(crate) active_workers: Vec<String>,
}

/// How the node sees layer 1
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HealthOfLayer1 {
    pub(crate) connection: Connection,
    pub(crate) blocks_late: i32,
    pub(crate) last_seen_head: Layer1Head,
}

/// The connection to layer 1, which is here
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Connection {
    #[default]
    Connected,
}

/// A block of layer 1
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Layer1Head {
    pub(crate) hash: BlockHash,
    pub(crate) level: i32,
    pub(crate) timestamp: Moment,
}

/// The version of the sandbox
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Version {
    pub(crate) version: String,
    pub(crate) store_version: String,
    pub(crate) context_version: String,
    pub(crate) sandbox: bool,
    /// What runs the kernel: `wasmi`, `wasmtime`, or `native`
    pub(crate) engine: &'static str,
}

/// From which level on all is kept
#[derive(Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GcInfo {
    pub(crate) first_available_level: i32,
}

/// Whether the node follows layer 1: always, as it makes it
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Synchronized {
    Synchronized,
}

/// An error
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Error)]
#[expect(dead_code, reason = "its schema is that of refusals")]
pub(crate) struct ErrorShape {
    kind: ErrorKind,
    id: String,
    msg: String,
}

/// Whether the same request may be answered later
#[derive(ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "its schema is that of refusals")]
enum ErrorKind {
    Permanent,
    Temporary,
}

/// Fields of which the sandbox sets none.
pub(crate) type Empty = BTreeMap<String, String>;

/// All fields that the configuration of a rollup node always has
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Config {
    #[schema(value_type = RollupAddress)]
    pub(crate) smart_rollup_address: String,
    pub(crate) smart_rollup_node_operator: Empty,
    pub(crate) rpc_addr: String,
    pub(crate) rpc_port: u16,
    pub(crate) acl: Vec<String>,
    pub(crate) performance_metrics: bool,
    #[serde(rename = "reconnection_delay")]
    pub(crate) reconnection_delay: u32,
    pub(crate) fee_parameters: Empty,
    pub(crate) mode: &'static str,
    pub(crate) loser_mode: Vec<String>,
    pub(crate) apply_unsafe_patches: bool,
    pub(crate) unsafe_pvm_patches: Vec<String>,
    pub(crate) execute_outbox_messages_filter: Vec<String>,
    pub(crate) batcher: ConfigBatcher,
    pub(crate) injector: Empty,
    #[serde(rename = "l1_blocks_cache_size")]
    pub(crate) l1_blocks_cache_size: u32,
    #[serde(rename = "l2_blocks_cache_size")]
    pub(crate) l2_blocks_cache_size: u32,
    #[serde(rename = "l1_monitor_finalized")]
    pub(crate) l1_monitor_finalized: bool,
    #[serde(rename = "l1_rpc_timeout")]
    pub(crate) l1_rpc_timeout: u32,
    #[serde(rename = "loop_retry_delay")]
    pub(crate) loop_retry_delay: u32,
    pub(crate) log_kernel_debug: bool,
    pub(crate) unsafe_disable_wasm_kernel_checks: bool,
    pub(crate) no_degraded: bool,
    pub(crate) slow_vm_fallback: bool,
    pub(crate) gc_parameters: Empty,
    pub(crate) history_mode: &'static str,
    pub(crate) cors: ConfigCors,
    pub(crate) bail_on_disagree: bool,
    pub(crate) commit_on: &'static str,
    pub(crate) opentelemetry: bool,
    #[serde(rename = "dal_slot_status_max_fetch_attempts")]
    pub(crate) dal_slot_status_max_fetch_attempts: u32,
}

/// How much is taken into a level
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigBatcher {
    pub(crate) max_batch_elements: usize,
    pub(crate) max_batch_size: usize,
}

/// Which web pages may ask
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigCors {
    pub(crate) allowed_headers: Vec<String>,
    pub(crate) allowed_origins: Vec<String>,
}
