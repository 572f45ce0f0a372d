//! How many bytes other layouts take for the same transfers.

use crate::trace::Trace;

/// Bytes of the aggregate signature.
const SIGNATURE: usize = 96;

/// TORU's batch of one-transfer transactions, everything by index, as its node wrote it: one byte
/// says how many transactions there are, then the signature; a transaction is a count of operations, a tag,
/// signer, counter, a tag, receiver, ticket and amount, each number in 1, 2, 4 or 8 bytes. Its
/// counters began at 1.
pub fn toru_bytes(trace: &Trace) -> usize {
    let index = |n: u32| {
        if n < 1 << 8 {
            1
        } else if n < 1 << 16 {
            2
        } else {
            4
        }
    };
    let number = |n: u64| u32::try_from(n).map_or(8, index);
    let each =
        |from, to, amount| 1 + 1 + index(from) + 1 + 1 + index(to) + index(0) + number(amount);
    let all: usize = trace.transfers.iter().map(|t| each(t.from, t.to, t.amount)).sum();
    // More than 62 transactions have a byte length of 4 bytes before them.
    let long = if trace.transfers.len() > 62 { 4 } else { 0 };
    1 + long + SIGNATURE + all
}

/// What the trace takes if it is written in as few bits as there are, with its signature.
pub fn entropy_bytes(trace: &Trace) -> f64 {
    trace.entropy_bits / 8.0 + SIGNATURE as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Transfer;

    #[test]
    fn the_smallest_transaction_of_toru_has_eight_bytes() {
        let transfers = vec![Transfer { from: 1, to: 2, amount: 3 }];
        let trace = Trace { accounts: 9, transfers, entropy_bits: 0.0 };
        assert_eq!(toru_bytes(&trace), 1 + 96 + 8);
        let transfers = vec![Transfer { from: 1 << 16, to: 1 << 16, amount: 1 << 16 }];
        let trace = Trace { accounts: 1 << 17, transfers, entropy_bits: 0.0 };
        assert_eq!(toru_bytes(&trace), 1 + 96 + 17);
    }
}
