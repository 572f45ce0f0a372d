//! The one binary: runs the kernel on inputs, checks kernels.
