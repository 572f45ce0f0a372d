//! What a client may take of a server: connections, bytes and time.

use std::time::Duration;

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Connections served at once.
    pub(crate) connections: usize,
    /// Connections that may be open while one is kept for another request.
    pub(crate) kept_connections: usize,
    /// Bytes: the request line and headers.
    pub(crate) head_bytes: usize,
    /// Headers of a request.
    pub(crate) headers: usize,
    /// Bytes: the body of a request.
    pub(crate) body_bytes: usize,
    /// Bytes: bodies and answers up to this size take no share of the next two.
    pub(crate) small_bytes: usize,
    /// Bytes: the larger bodies in memory at once.
    pub(crate) bodies_bytes: usize,
    /// Bytes: the larger answers in memory at once.
    pub(crate) answers_bytes: usize,
    /// For the head of a request, from its first byte, or from the connection's beginning.
    pub(crate) head_time: Duration,
    /// For the body of a request.
    pub(crate) body_time: Duration,
    /// For a client to read an answer, or a value of a stream.
    pub(crate) answer_time: Duration,
    /// For a kept connection to be silent.
    pub(crate) idle_time: Duration,
    /// For reading what a client still sends when its answer is written, so that it sees the answer.
    pub(crate) linger_time: Duration,
    /// For answers that are on their way when the server ends.
    pub(crate) last_answers_time: Duration,
}
