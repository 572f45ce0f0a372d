//! A kernel that verifies Ed25519 signatures one by one: what the transaction kernel would cost that
//! gives every transfer a signature of its own.
//!
//! Each external message of a level is `01 ‖ public key (32) ‖ signature (64) ‖ what was signed`.

use ed25519_dalek::{Signature, VerifyingKey};

/// Bytes of a public key and a signature.
pub const HEADER_BYTES: usize = 32 + 64;

/// Whether the signature of one message is good.
#[must_use]
pub fn verify(message: &[u8]) -> bool {
    let split = message.split_first_chunk::<32>().and_then(|(key, rest)| {
        let (signature, signed) = rest.split_first_chunk::<64>()?;
        Some((VerifyingKey::from_bytes(key).ok()?, Signature::from_bytes(signature), signed))
    });
    split.is_some_and(|(key, signature, signed)| key.verify_strict(signed, &signature).is_ok())
}

/// One run: what the PVM calls. A wrong signature traps: there is nothing to measure.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
pub extern "C" fn kernel_run() {
    use host::{Host, WasmHost};

    while let Ok(Some((_, message))) = WasmHost.next_input() {
        if let [1, body @ ..] = message.as_slice() {
            assert!(verify(body), "a wrong signature");
        }
    }
}
