//! The host functions by name and signature: what a kernel may import.

use wasmparser::ValType;

/// The one module a kernel may import from.
pub const IMPORT_MODULE: &str = "smart_rollup_core";

/// The function the PVM calls.
pub const ENTRY_POINT: &str = "kernel_run";

const I32: ValType = ValType::I32;
const I64: ValType = ValType::I64;

macro_rules! host_functions {
    ($($(#[$doc:meta])* $variant:ident = $name:literal ($($param:ident),*) $(-> $result:ident)?;)*) => {
        /// A host function.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum HostFn {
            $($(#[$doc])* $variant,)*
        }

        impl HostFn {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

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
    ReadInput = "read_input" (I32, I32, I32) -> I32;
    /// A message to the outbox.
    WriteOutput = "write_output" (I32, I32) -> I32;
    /// A line for the log.
    WriteDebug = "write_debug" (I32, I32);
    /// What is at a key: nothing, a value, a subtree, both.
    StoreHas = "store_has" (I32, I32) -> I32;
    /// The number of children of a key.
    StoreListSize = "store_list_size" (I32, I32) -> I64;
    /// The name of a child of a key.
    StoreGetNthKey = "store_get_nth_key" (I32, I32, I64, I32, I32) -> I32;
    /// Deletes a subtree.
    StoreDelete = "store_delete" (I32, I32) -> I32;
    /// Deletes a value and leaves what is below.
    StoreDeleteValue = "store_delete_value" (I32, I32) -> I32;
    /// Makes a value of zeros.
    StoreCreate = "store_create" (I32, I32, I32) -> I32;
    /// Whether there is a value or a subtree.
    StoreExists = "store_exists" (I32, I32) -> I32;
    /// Copies a subtree.
    StoreCopy = "store_copy" (I32, I32, I32, I32) -> I32;
    /// Moves a subtree.
    StoreMove = "store_move" (I32, I32, I32, I32) -> I32;
    /// The size of a value.
    StoreValueSize = "store_value_size" (I32, I32) -> I32;
    /// Reads from a value.
    StoreRead = "store_read" (I32, I32, I32, I32, I32) -> I32;
    /// Writes into a value.
    StoreWrite = "store_write" (I32, I32, I32, I32, I32) -> I32;
    /// The hash of a subtree in the reference's own tree encoding. That encoding is not
    /// reproduced here: the function links, and where there is a tree answers
    /// [`crate::Code::Other`].
    StoreGetHash = "__internal_store_get_hash" (I32, I32, I32, I32) -> I32;
    /// The preimage of a hash.
    RevealPreimage = "reveal_preimage" (I32, I32, I32, I32) -> I32;
    /// The rollup's address and origination level.
    RevealMetadata = "reveal_metadata" (I32, I32) -> I32;
    /// Any reveal request.
    Reveal = "reveal" (I32, I32, I32, I32) -> I32;
}

impl HostFn {
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
