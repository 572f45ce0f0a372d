//! The project's own checks and builds: cargo xtask.
