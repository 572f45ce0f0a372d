//! The host functions by name and signature: what a kernel may import.

use crate::version::Version;
use wasmparser::ValType;

/// The one module a kernel may import from.
pub const IMPORT_MODULE: &str = "smart_rollup_core";

/// The function the PVM calls.
pub const ENTRY_POINT: &str = "kernel_run";

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

macro_rules! host_functions {
    ($($(#[$doc:meta])* $since:ident $variant:ident = $name:literal
        ($($param:ident),*) $(-> $result:ident)?;)*) => {
        /// A host function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum HostFn {
            $($(#[$doc])* $variant,)*
        }

        impl HostFn {
            /// All of them, of every version.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The first version that has it.
            #[must_use]
            pub const fn since(self) -> Version {
                match self {
                    $(Self::$variant => Version::$since,)*
                }
            }

            /// The name a kernel imports it by.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Its parameters.
            #[must_use]
            pub const fn params(self) -> &'static [ValType] {
                match self {
                    $(Self::$variant => &[$($param),*],)*
                }
            }

            /// Its results: one, or none.
            #[must_use]
            pub const fn results(self) -> &'static [ValType] {
                match self {
                    $(Self::$variant => &[$($result)?],)*
                }
            }
        }
    };
}

host_functions! {
    /// The next inbox message.
    V0 ReadInput = "read_input" (I32, I32, I32) -> I32;
    /// A message to the outbox.
    V0 WriteOutput = "write_output" (I32, I32) -> I32;
    /// A line for the log.
    V0 WriteDebug = "write_debug" (I32, I32);
    /// What is at a key: nothing, a value, a subtree, both.
    V0 StoreHas = "store_has" (I32, I32) -> I32;
    /// The number of children of a key.
    V0 StoreListSize = "store_list_size" (I32, I32) -> I64;
    /// The name of a child of a key.
    V0 StoreGetNthKey = "store_get_nth_key" (I32, I32, I64, I32, I32) -> I32;
    /// Deletes a subtree.
    V0 StoreDelete = "store_delete" (I32, I32) -> I32;
    /// Deletes a value and leaves what is below.
    V1 StoreDeleteValue = "store_delete_value" (I32, I32) -> I32;
    /// Makes a value of zeros.
    V1 StoreCreate = "store_create" (I32, I32, I32) -> I32;
    /// Whether there is a value or a subtree.
    V2 StoreExists = "store_exists" (I32, I32) -> I32;
    /// Copies a subtree.
    V0 StoreCopy = "store_copy" (I32, I32, I32, I32) -> I32;
    /// Moves a subtree.
    V0 StoreMove = "store_move" (I32, I32, I32, I32) -> I32;
    /// The size of a value.
    V0 StoreValueSize = "store_value_size" (I32, I32) -> I32;
    /// Reads from a value.
    V0 StoreRead = "store_read" (I32, I32, I32, I32, I32) -> I32;
    /// Writes into a value.
    V0 StoreWrite = "store_write" (I32, I32, I32, I32, I32) -> I32;
    /// The hash of a subtree, as it is part of the hash of the state.
    V1 StoreGetHash = "__internal_store_get_hash" (I32, I32, I32, I32) -> I32;
    /// The preimage of a hash.
    V0 RevealPreimage = "reveal_preimage" (I32, I32, I32, I32) -> I32;
    /// The rollup's address and origination level.
    V0 RevealMetadata = "reveal_metadata" (I32, I32) -> I32;
    /// Any reveal request.
    V3 Reveal = "reveal" (I32, I32, I32, I32) -> I32;
    /// Grows or shrinks the registry of the new durable storage.
    V6 NdsRegistryResize = "nds_registry_resize" (I64) -> I32;
    /// Copies a database over another.
    V6 NdsRegistryCopy = "nds_registry_copy" (I64, I64) -> I32;
    /// Moves a database over another.
    V6 NdsRegistryMove = "nds_registry_move" (I64, I64) -> I32;
    /// Empties a database.
    V6 NdsRegistryClear = "nds_registry_clear" (I64) -> I32;
    /// Whether a database has a key.
    V6 NdsStoreExists = "nds_store_exists" (I64, I32, I32) -> I32;
    /// Reads from a value of a database.
    V6 NdsStoreRead = "nds_store_read" (I64, I32, I32, I64, I32, I32) -> I32;
    /// Writes into a value of a database.
    V6 NdsStoreWrite = "nds_store_write" (I64, I32, I32, I64, I32, I32) -> I32;
    /// Replaces a value of a database.
    V6 NdsStoreSet = "nds_store_set" (I64, I32, I32, I32, I32) -> I32;
    /// Deletes a key of a database.
    V6 NdsStoreDelete = "nds_store_delete" (I64, I32, I32) -> I32;
    /// The size of a value of a database.
    V6 NdsStoreValueSize = "nds_store_value_size" (I64, I32, I32) -> I32;
    /// The hash of a database.
    V6 NdsDatabaseGetHash = "nds_database_get_hash" (I64, I32, I32) -> I32;
}

impl HostFn {
    /// The functions of a version.
    pub fn of(version: Version) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |function| function.since() <= version)
    }

    /// Whether it belongs to the new durable storage, which no rollup here has: a call stops the level
    /// with [`crate::PvmError::Raised`]. The default node has none of these, and exits when a kernel imports
    /// one.
    #[must_use]
    pub fn is_nds(self) -> bool {
        self.name().starts_with("nds_")
    }
    /// The function of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }
}

impl std::fmt::Display for HostFn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
