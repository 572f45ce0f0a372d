//! The kernel's codes in words.

use tx_kernel::results::{Reason, code};

use crate::describe::grouped;

/// What became of an operation, in a word.
pub fn of_operation(reason: &Reason) -> &'static str {
    match reason.code {
        code::APPLIED => "applied",
        _ if reason.is_final() => "failed",
        _ => "stale",
    }
}

/// What became of a message that was neither held nor refused, in a word.
pub fn of_message(reason: &Reason) -> &'static str {
    match reason.code {
        code::DEPOSIT_CREDITED => "credited",
        code::BATCH_ACCEPTED => "accepted",
        code::BYTES_IGNORED => "ignored",
        code::RECLAIMED => "reclaimed",
        code::UPGRADE_ANNOUNCED => "announced",
        code::UPGRADE_CANCELLED => "cancelled",
        code::PAGE_KEPT => "kept",
        _ => "done",
    }
}

/// A code with its values, as a sentence without a full stop. Empty where there is nothing to add.
pub fn words(reason: &Reason) -> String {
    let first = grouped(&reason.first.to_string());
    let second = grouped(&reason.second.to_string());
    match reason.code {
        code::APPLIED => String::new(),
        code::COUNTER_MISMATCH => {
            format!("counter {}, but the next one is {}", reason.second, reason.first)
        }
        code::STALE_SIBLING => {
            format!("operation {first} of its transaction is stale")
        }
        code::ROLLED_BACK => format!("undone, as operation {first} of its transaction failed"),
        code::ZERO_AMOUNT => "the amount is zero".to_owned(),
        code::SELF_TRANSFER => "sender and receiver are the same".to_owned(),
        code::UNKNOWN_TICKET => "the rollup has never held this ticket".to_owned(),
        code::BALANCE_TOO_LOW => format!("balance too low: {first} available, {second} requested"),
        code::SUPPLY_TOO_LARGE => {
            format!("supply too large: {first} on the rollup, {second} more exceed 2^64 - 1")
        }
        code::COUNTER_EXHAUSTED => "that was the account's last counter".to_owned(),
        code::REGISTRY_FULL => "a registry has no index left".to_owned(),
        code::MESSAGE_TOO_LARGE => {
            format!("the outbox message would have {first} bytes, more than layer 1 takes")
        }
        code::QUEUE_FULL => {
            format!("the queue for the outbox is full: {first} messages of {second} bytes wait")
        }
        code::TOO_MANY_WAIT => {
            format!("{first} of its messages wait for the outbox already, {second} are the most")
        }
        code::UNKNOWN_ACCOUNT => format!("there is no account {}", reason.first),
        code::EXPIRED => {
            format!("it expired with level {}, this is {}", reason.first, reason.second)
        }
        code::NO_INDEX_FOR_SIGNER => "there is no index left for its signer".to_owned(),
        code::DEPOSIT_CREDITED => format!("{second} to account {}", reason.first),
        code::BYTES_IGNORED => {
            format!("bytes without a ticket, and no request of a known kind: byte {first}")
        }
        code::RECLAIMED => format!("held deposit {first} is paid back"),
        code::NOT_HELD => format!("there is no held deposit {first}"),
        code::ALREADY_PAID_BACK => format!("held deposit {first} has been paid back already"),
        code::NOT_THE_DEPOSITOR => format!("somebody else made held deposit {first}"),
        code::NOTHING_TO_PAY => format!("held deposit {first} has no ticket that could be paid"),
        code::UPGRADE_ANNOUNCED => "its pages are waited for".to_owned(),
        code::UPGRADE_CANCELLED => "no other kernel will be installed".to_owned(),
        code::PAGE_KEPT if reason.second == 0 => {
            format!("a page of a new kernel: {first} bytes so far")
        }
        code::PAGE_KEPT => {
            format!("the last page of a new kernel: installed with level {}", reason.second)
        }
        code::NOT_THE_ADMINISTRATOR => "its sender is not the administrator".to_owned(),
        code::NO_UPGRADE => "no upgrade has been announced".to_owned(),
        code::PAGE_NOT_EXPECTED => "not the page that is expected".to_owned(),
        code::NOT_A_KERNEL => format!("no WASM module, or too large a one: {first} bytes so far"),
        code::BATCH_ACCEPTED => {
            format!("transactions: {first} applied, {second} not")
        }
        code::UNKNOWN_SHAPE => format!("not of the rollup's type: byte {first} of the payload"),
        code::RECEIVER_NOT_TZ4 => "the receiver is no tz4 address".to_owned(),
        code::AMOUNT_OUT_OF_RANGE => "the amount is negative or exceeds 2^64 - 1".to_owned(),
        code::CONTENT_TOO_LARGE => format!("the ticket's content has {first} bytes, too many"),
        code::INTERRUPTED => "the run that worked on it was cut off".to_owned(),
        code::MALFORMED => format!("malformed at byte {first} of the batch"),
        code::UNKNOWN_VERSION => format!("unknown wire format {first}"),
        code::V1_NOT_ACCEPTED => "this rollup takes no v1 batches (see --accept-v1)".to_owned(),
        code::BUSY => "its level cannot afford it, and too many wait already".to_owned(),
        code::DUPLICATE_SIGNER => {
            format!("transaction {first}, operation {second}: a second one by the same signer")
        }
        code::UNKNOWN_SIGNER => {
            format!("transaction {first}, operation {second}: nobody knows the signer's key")
        }
        code::INVALID_KEY => format!("transaction {first}: a public key is none"),
        code::INVALID_SIGNATURE => "the signature is none".to_owned(),
        code::WRONG_SIGNATURE => "wrong signature".to_owned(),
        code::ALL_STALE => "every transaction has a counter that has been used".to_owned(),
        code::BATCH_EXPIRED => {
            format!("it expired with level {}, this is {}", reason.first, reason.second)
        }
        code::TOO_MANY_OWN_PARTS => {
            format!("{first} signers signed for themselves, {second} may")
        }
        code::KEY_NOT_PROVEN => {
            format!("transaction {first}, operation {second}: the signer's key is not registered")
        }
        unknown => format!("code {unknown} ({first}, {second})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values() {
        for (reason, expected) in [
            (
                Reason::new(code::BALANCE_TOO_LOW, 5, 1_000),
                "balance too low: 5 available, 1,000 requested",
            ),
            (Reason::new(code::COUNTER_MISMATCH, 3, 1), "counter 1, but the next one is 3"),
            (Reason::plain(code::APPLIED), ""),
            (Reason::new(9_999, 1, 2), "code 9999 (1, 2)"),
        ] {
            assert_eq!(words(&reason), expected);
        }
        assert_eq!(of_operation(&Reason::plain(code::APPLIED)), "applied");
        assert_eq!(of_operation(&Reason::plain(code::COUNTER_MISMATCH)), "stale");
        assert_eq!(of_operation(&Reason::plain(code::ZERO_AMOUNT)), "failed");
    }
}
