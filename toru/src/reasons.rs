//! The kernel's codes in words.

use tx_kernel::results::{Outcome, ResultCode};

use crate::describe::grouped;

/// What became of an operation, in a word.
pub fn of_operation(reason: &Outcome) -> &'static str {
    match reason.code {
        ResultCode::Applied => "applied",
        _ if reason.is_final() => "failed",
        _ => "stale",
    }
}

/// What became of a message that was neither held nor refused, in a word.
pub fn of_message(reason: &Outcome) -> &'static str {
    match reason.code {
        ResultCode::DepositCredited => "credited",
        ResultCode::BatchAccepted => "accepted",
        ResultCode::BytesIgnored => "ignored",
        ResultCode::DepositReclaimed => "reclaimed",
        ResultCode::UpgradeAnnounced => "announced",
        ResultCode::UpgradeCancelled => "cancelled",
        ResultCode::PageKept => "kept",
        _ => "done",
    }
}

/// A code with its values, as a sentence without a full stop. Empty where there is nothing to add.
pub fn words(reason: &Outcome) -> String {
    let first = grouped(&reason.first.to_string());
    let second = grouped(&reason.second.to_string());
    match reason.code {
        ResultCode::Applied => String::new(),
        ResultCode::CounterMismatch => {
            format!("counter {}, but the next one is {}", reason.second, reason.first)
        }
        ResultCode::StaleSibling => {
            format!("operation {first} of its transaction is stale")
        }
        ResultCode::RolledBack => format!("undone, as operation {first} of its transaction failed"),
        ResultCode::ZeroAmount => "the amount is zero".to_owned(),
        ResultCode::SelfTransfer => "sender and receiver are the same".to_owned(),
        ResultCode::UnknownTicket => "the rollup has never held this ticket".to_owned(),
        ResultCode::BalanceTooLow => {
            format!("balance too low: {first} available, {second} requested")
        }
        ResultCode::SupplyTooLarge => {
            format!("supply too large: {first} on the rollup, {second} more exceed 2^64 - 1")
        }
        ResultCode::CounterExhausted => "that was the account's last counter".to_owned(),
        ResultCode::RegistryFull => "a registry has no index left".to_owned(),
        ResultCode::OutboxMessageTooLarge => {
            format!("the outbox message would have {first} bytes, more than layer 1 takes")
        }
        ResultCode::OutboxQueueFull => {
            format!("the queue for the outbox is full: {first} messages of {second} bytes wait")
        }
        ResultCode::TooManyPending => {
            format!("{first} of its messages wait for the outbox already, {second} are the most")
        }
        ResultCode::UnknownAccount => format!("there is no account {}", reason.first),
        ResultCode::TransactionExpired => {
            format!("it expired with level {}, this is {}", reason.first, reason.second)
        }
        ResultCode::NoIndexForSigner => "there is no index left for its signer".to_owned(),
        ResultCode::DepositCredited => format!("{second} to account {}", reason.first),
        ResultCode::BytesIgnored => {
            format!("bytes without a ticket, and no request of a known kind: byte {first}")
        }
        ResultCode::DepositReclaimed => format!("held deposit {first} is paid back"),
        ResultCode::UnknownHeldDeposit => format!("there is no held deposit {first}"),
        ResultCode::AlreadyPaidBack => format!("held deposit {first} has been paid back already"),
        ResultCode::NotTheDepositor => format!("somebody else made held deposit {first}"),
        ResultCode::NothingToPay => {
            format!("held deposit {first} has no ticket that could be paid")
        }
        ResultCode::UpgradeAnnounced => "its pages are waited for".to_owned(),
        ResultCode::UpgradeCancelled => "no other kernel will be installed".to_owned(),
        ResultCode::PageKept if reason.second == 0 => {
            format!("a page of a new kernel: {first} bytes so far")
        }
        ResultCode::PageKept => {
            format!("the last page of a new kernel: installed with level {}", reason.second)
        }
        ResultCode::NotTheAdministrator => "its sender is not the administrator".to_owned(),
        ResultCode::NoUpgrade => "no upgrade has been announced".to_owned(),
        ResultCode::PageNotExpected => "not the page that is expected".to_owned(),
        ResultCode::NotAKernel => {
            format!("no WASM module, or too large a one: {first} bytes so far")
        }
        ResultCode::BatchAccepted => {
            format!("transactions: {first} applied, {second} not")
        }
        ResultCode::WrongPayloadType => {
            format!("not of the rollup's type: byte {first} of the payload")
        }
        ResultCode::ReceiverNotTz4 => "the receiver is no tz4 address".to_owned(),
        ResultCode::AmountOutOfRange => "the amount is negative or exceeds 2^64 - 1".to_owned(),
        ResultCode::TicketContentTooLarge => {
            format!("the ticket's content has {first} bytes, too many")
        }
        ResultCode::Interrupted => "the run that worked on it was cut off".to_owned(),
        ResultCode::Malformed => format!("malformed at byte {first} of the batch"),
        ResultCode::UnknownVersion => format!("unknown wire format {first}"),
        ResultCode::V1NotAccepted => "this rollup takes no v1 batches (see --accept-v1)".to_owned(),
        ResultCode::Busy => "its level cannot afford it, and too many wait already".to_owned(),
        ResultCode::DuplicateSigner => {
            format!("transaction {first}, operation {second}: a second one by the same signer")
        }
        ResultCode::UnknownSigner => {
            format!("transaction {first}, operation {second}: nobody knows the signer's key")
        }
        ResultCode::InvalidPublicKey => format!("transaction {first}: a public key is none"),
        ResultCode::InvalidSignature => "the signature is none".to_owned(),
        ResultCode::WrongSignature => "wrong signature".to_owned(),
        ResultCode::AllStale => "every transaction has a counter that has been used".to_owned(),
        ResultCode::BatchExpired => {
            format!("it expired with level {}, this is {}", reason.first, reason.second)
        }
        ResultCode::TooManyIndividualSignings => {
            format!("{first} signers signed for themselves, {second} may")
        }
        ResultCode::KeyNotRegistered => {
            format!("transaction {first}, operation {second}: the signer's key is not registered")
        }
        ResultCode::Unknown(number) => format!("code {number} ({first}, {second})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_values() {
        for (reason, expected) in [
            (
                Outcome::new(ResultCode::BalanceTooLow, 5, 1_000),
                "balance too low: 5 available, 1,000 requested",
            ),
            (Outcome::new(ResultCode::CounterMismatch, 3, 1), "counter 1, but the next one is 3"),
            (Outcome::plain(ResultCode::Applied), ""),
            (Outcome::new(ResultCode::Unknown(9_999), 1, 2), "code 9999 (1, 2)"),
        ] {
            assert_eq!(words(&reason), expected);
        }
        assert_eq!(of_operation(&Outcome::plain(ResultCode::Applied)), "applied");
        assert_eq!(of_operation(&Outcome::plain(ResultCode::CounterMismatch)), "stale");
        assert_eq!(of_operation(&Outcome::plain(ResultCode::ZeroAmount)), "failed");
    }
}
