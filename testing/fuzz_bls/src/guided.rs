//! All backends of `bls` under libFuzzer: `cargo xtask fuzz SECONDS backends`.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    bls::compare(data);
});
