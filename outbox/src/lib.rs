//! What layer 1 executes: outbox messages and the durable queue they wait in.
