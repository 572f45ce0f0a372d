//! What wasmi hands to the host functions.

use crate::engine::limit::Room;
use crate::host::Host;

/// What a store holds for the host functions.
pub(super) struct Context {
    pub(super) host: Host,
    /// Absent while the module is instantiated, when no host call is allowed.
    pub(super) memory: Option<wasmi::Memory>,
    /// What memory and tables take.
    pub(super) room: Room,
}
