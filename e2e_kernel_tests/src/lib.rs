//! Scenarios, run natively and as real WASM, with the same outcome demanded of both.
