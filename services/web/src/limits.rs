//! What a client may take of a server: connections, bytes and time.

use std::time::Duration;

/// The limits of a server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections served at once.
    pub connections: usize,
    /// Connections that may be open while one is kept for another request.
    pub kept_connections: usize,
    /// Connections that the system keeps until they are taken. The system may have less room.
    pub backlog: i32,
    /// Open files that are asked of the system, for those connections and all else.
    pub files: u64,
    /// Bytes: the request line and headers.
    pub head_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// Bytes: the body of a request.
    pub body_bytes: usize,
    /// Bytes: bodies and answers up to this size take no share of the next two.
    pub small_bytes: usize,
    /// Bytes: the larger bodies in memory at once.
    pub bodies_bytes: usize,
    /// Bytes: the larger answers in memory at once.
    pub answers_bytes: usize,
    /// For the head of a request, from its first byte, or from the connection's beginning.
    pub head_time: Duration,
    /// For the body of a request.
    pub body_time: Duration,
    /// For a client to read an answer, or a value of a stream.
    pub answer_time: Duration,
    /// For a kept connection to be silent.
    pub idle_time: Duration,
    /// For reading what a client still sends when its answer is written, so that it sees the answer.
    pub linger_time: Duration,
    /// For answers that are on their way when the server ends.
    pub last_answers_time: Duration,
}
