//! The sandbox over real sockets: one binary of all files beside this one.

mod bad_requests;
mod commitments;
mod common;
mod contracts;
mod document;
mod http;
mod interface;
mod layer1;
mod octez;
mod reveals;
mod solvency;
