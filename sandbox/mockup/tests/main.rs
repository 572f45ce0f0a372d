//! All tests of the simulated layer 1.
