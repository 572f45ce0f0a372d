//! What the batcher counts.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($(#[doc = $doc:literal] $name:ident,)*) => {
        /// Counters since the start, and gauges as they are now.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Metrics { $(#[doc = $doc] pub $name: u64,)* }

        /// The counters that threads share.
        #[derive(Debug, Default)]
        pub(crate) struct Counters { $(pub(crate) $name: AtomicU64,)* }

        impl Counters {
            /// As they are now.
            pub(crate) fn snapshot(&self) -> Metrics {
                Metrics { $($name: self.$name.load(Ordering::Relaxed),)* }
            }
        }

        impl Metrics {
            /// Each by its name, with what it is.
            #[must_use]
            pub fn each(&self) -> Vec<(&'static str, &'static str, u64)> {
                vec![$((stringify!($name), $doc.trim(), self.$name),)*]
            }
        }
    };
}

counters! {
    /// Transactions that were submitted.
    submitted,
    /// Transactions that were accepted.
    accepted,
    /// Transactions that were refused.
    refused,
    /// Signatures of transactions that were wrong.
    wrong_signatures,
    /// Batches that were offered to their signers.
    offered,
    /// Signatures of batches that were taken.
    co_signatures,
    /// Signatures of batches that were wrong.
    wrong_co_signatures,
    /// Signers who were asked and were silent.
    silent,
    /// Batches of which there is no message: what was in them goes into smaller ones, or is dropped.
    unsealed,
    /// Batches that were sealed.
    sealed,
    /// Bytes of their messages.
    sealed_bytes,
    /// Transactions in them.
    sealed_transactions,
    /// Signings in them.
    sealed_signings,
    /// Individual signings in them: each costs the rollup a pairing.
    individual_signings,
    /// Milliseconds from the acceptance of transactions to their sealing, added up.
    sealing_ms,
    /// Messages that were given to the node.
    injected,
    /// Messages that were given to the node once more.
    injected_again,
    /// Batches that the kernel refused whole.
    refused_batches,
    /// Transactions that were applied.
    applied,
    /// Transactions that failed.
    failed,
    /// Transactions that expired.
    expired,
    /// Transactions that were dropped.
    dropped,
    /// Reorganisations of layer 1 that were seen.
    reorganisations,
    /// Requests to the node that failed.
    node_failures,
    /// Commits of the journal.
    commits,
    /// Subscribers that were cut off, as they were too slow.
    cut_off,
    /// Gauge: transactions that are pending.
    pending,
    /// Gauge: batches that have no final result yet.
    batches,
    /// Gauge: event streams.
    subscribers,
    /// Gauge: transactions that wait for a verifier.
    verifying,
    /// Gauge: the head's level.
    level,
}

/// Adds to a counter.
pub(crate) fn add(counter: &AtomicU64, more: usize) {
    counter.fetch_add(u64::try_from(more).unwrap_or(u64::MAX), Ordering::Relaxed);
}

/// Sets a gauge.
pub(crate) fn set(gauge: &AtomicU64, value: usize) {
    gauge.store(u64::try_from(value).unwrap_or(u64::MAX), Ordering::Relaxed);
}
