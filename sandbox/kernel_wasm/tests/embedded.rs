//! The embedded kernel is what the sources make.

use std::path::Path;

use kernel_wasm::checkout::Checkout;
use kernel_wasm::{EMBEDDED, hash};

#[test]
fn the_embedded_kernel_is_that_of_the_sources() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let built = Checkout::open(&workspace).unwrap().build().unwrap();
    assert_eq!(hash(&built), hash(EMBEDDED));
    assert_eq!(&EMBEDDED[..4], b"\0asm");
}

#[test]
fn the_hash_is_blake2b_of_256_bits() {
    // Of nothing, as RFC 7693's function has it with 32 bytes of digest and no key.
    assert_eq!(hash(&[]), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}
