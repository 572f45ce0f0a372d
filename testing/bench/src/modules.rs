//! What is measured: the modules, and how much of it.

use std::path::Path;

/// The modules that are measured beside the kernel.
#[derive(Clone, Debug)]
pub struct Modules {
    /// The kernel itself.
    pub kernel: Vec<u8>,
    /// `direct_wasm`, if it is there.
    pub direct: Option<Vec<u8>>,
    /// `bls_wasm` with blst, if it is there.
    pub blst: Option<Vec<u8>>,
    /// `ed25519_wasm`, if it is there.
    pub ed25519: Option<Vec<u8>>,
}

impl Modules {
    /// The kernel, and what the folder has beside it.
    pub fn beside(kernel: &[u8], folder: &Path) -> Modules {
        let read = |name: &str| std::fs::read(folder.join(name)).ok();
        Modules {
            kernel: kernel.to_vec(),
            direct: read("direct_wasm.wasm"),
            blst: read("bls_wasm.wasm"),
            ed25519: read("ed25519_wasm.wasm"),
        }
    }

    /// What is not there, by its file name.
    pub fn missing(&self) -> Vec<&'static str> {
        [
            ("direct_wasm.wasm", &self.direct),
            ("bls_wasm.wasm", &self.blst),
            ("ed25519_wasm.wasm", &self.ed25519),
        ]
        .into_iter()
        .filter_map(|(name, module)| module.is_none().then_some(name))
        .collect()
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Less of everything: for a look, and for tests.
    pub quick: bool,
}
