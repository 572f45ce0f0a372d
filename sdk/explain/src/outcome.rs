//! Results in words: a word, a sentence, and the values by their names.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tx_kernel::results::{MessageResult, Outcome, ResultCode};

use crate::text::grouped;

/// What became of an operation, in a word.
#[must_use]
pub fn of_operation(outcome: &Outcome) -> &'static str {
    match outcome.code {
        ResultCode::Applied => "applied",
        _ if outcome.is_final() => "failed",
        _ => "stale",
    }
}

/// What became of a message, in a word.
#[must_use]
pub fn of_message(result: &MessageResult) -> &'static str {
    match result {
        MessageResult::Done(outcome) => done(outcome.code).unwrap_or("done"),
        MessageResult::Held(_) => "held",
        MessageResult::Refused(_) => "refused",
    }
}

/// The word for a message that did what it was for. Each stands for one code.
#[must_use]
pub fn done(code: ResultCode) -> Option<&'static str> {
    Some(match code {
        ResultCode::DepositCredited => "credited",
        ResultCode::BatchAccepted => "accepted",
        ResultCode::BytesIgnored => "ignored",
        ResultCode::DepositReclaimed => "reclaimed",
        ResultCode::UpgradeAnnounced => "announced",
        ResultCode::UpgradeCancelled => "cancelled",
        ResultCode::PageKept => "kept",
        _ => return None,
    })
}

/// The values by their names.
pub fn values(outcome: &Outcome) -> impl Iterator<Item = (&'static str, u64)> {
    outcome.code.values().iter().copied().zip([outcome.first, outcome.second])
}

/// The values by their names, in decimal: programs that read JSON may know no integers beyond 2^53.
#[must_use]
pub fn values_in_decimal(outcome: &Outcome) -> BTreeMap<&'static str, String> {
    values(outcome).map(|(name, value)| (name, value.to_string())).collect()
}

/// The code's name and number, its values, and the sentence, as JSON has them.
#[must_use]
pub fn json(outcome: &Outcome) -> Value {
    json_with(outcome, &sentence(outcome))
}

/// The same with another sentence, such as one that knows how a ticket counts.
#[must_use]
pub fn json_with(outcome: &Outcome, sentence: &str) -> Value {
    json!({
        "code": outcome.code.name(),
        "number": outcome.code.number(),
        "values": values_in_decimal(outcome),
        "reason": sentence,
    })
}

/// The sentence, and the code's name behind it in brackets if the word before it does not stand for it.
#[must_use]
pub fn sentence_with_code(outcome: &Outcome) -> String {
    with_code(&sentence(outcome), outcome.code)
}

/// A sentence about this code with the code's name behind it, as in [`sentence_with_code`].
#[must_use]
pub fn with_code(sentence: &str, code: ResultCode) -> String {
    match code {
        // The sentence has the number.
        ResultCode::Unknown(_) | ResultCode::Applied => sentence.to_owned(),
        code if done(code).is_some() => sentence.to_owned(),
        code => format!("{sentence} ({code})"),
    }
}

/// A code with its values, as a sentence without a full stop. Empty where there is nothing to add.
#[must_use]
pub fn sentence(outcome: &Outcome) -> String {
    let Outcome { code, first, second } = *outcome;
    // Amounts, bytes and counts have their thousands set apart; levels, counters and indexes have not.
    let (some, other) = (grouped(&first.to_string()), grouped(&second.to_string()));
    match code {
        ResultCode::Applied => String::new(),
        ResultCode::CounterMismatch => {
            format!("counter {second}, but the next one is {first}")
        }
        ResultCode::StaleSibling => format!("operation {first} of its transaction is stale"),
        ResultCode::RolledBack => {
            format!("undone, as operation {first} of its transaction failed")
        }
        ResultCode::ZeroAmount => "the amount is zero".to_owned(),
        ResultCode::SelfTransfer => "sender and receiver are the same".to_owned(),
        ResultCode::UnknownTicket => "the rollup has never held this ticket".to_owned(),
        ResultCode::BalanceTooLow => {
            format!("balance too low: {some} available, {other} requested")
        }
        ResultCode::SupplyTooLarge => {
            format!("supply too large: {some} on the rollup, {other} more exceed 2^64 - 1")
        }
        ResultCode::CounterExhausted => "the account's last counter has been used".to_owned(),
        ResultCode::RegistryFull => "a registry has no index left".to_owned(),
        ResultCode::OutboxMessageTooLarge => {
            format!("the outbox message would have {some} bytes, more than layer 1 takes")
        }
        ResultCode::UnknownAccount => {
            format!("no account has index {first}: there are {other}")
        }
        ResultCode::TransactionExpired => {
            format!("the transaction expired with level {first}, this is level {second}")
        }
        ResultCode::NoIndexForSigner => "no index is left for the signer's account".to_owned(),
        ResultCode::OutboxQueueFull => {
            format!("the outbox queue is full: it has {some} messages of {other} bytes")
        }
        ResultCode::TooManyPending => {
            format!(
                "{some} messages of the account are in the outbox queue already, {other} are the most"
            )
        }
        ResultCode::DepositCredited => format!("{other} to account {first}"),
        ResultCode::BytesIgnored => {
            format!("bytes without a ticket are no known request: byte {some}")
        }
        ResultCode::BatchAccepted => format!("transactions: {some} applied, {other} not applied"),
        ResultCode::DepositReclaimed => format!("held deposit {first} is paid back"),
        ResultCode::UpgradeAnnounced => "the rollup expects the pages of the new kernel".to_owned(),
        ResultCode::UpgradeCancelled => "the upgrade was cancelled".to_owned(),
        ResultCode::PageKept if second == 0 => format!("{some} bytes of the new kernel so far"),
        ResultCode::PageKept => {
            format!(
                "the new kernel is complete with {some} bytes, and is installed with level {second}"
            )
        }
        ResultCode::WrongPayloadType => {
            format!("the payload does not have the rollup's type: byte {some}")
        }
        ResultCode::ReceiverNotTz4 => "the receiver is not a tz4 address".to_owned(),
        ResultCode::AmountOutOfRange => "the amount is negative or exceeds 2^64 - 1".to_owned(),
        ResultCode::TicketContentTooLarge => {
            format!("the ticket's content has {some} bytes, too many")
        }
        ResultCode::Interrupted => "the run that worked on it was interrupted".to_owned(),
        ResultCode::Malformed => format!("malformed at byte {some}"),
        ResultCode::UnknownVersion => format!("unknown wire format {first}"),
        ResultCode::V1NotAccepted => "this rollup does not accept v1 batches".to_owned(),
        ResultCode::Busy => {
            "the level cannot afford the verification, and too many messages wait already"
                .to_owned()
        }
        ResultCode::DuplicateSigner => {
            format!("transaction {first} has a second operation of its signer: operation {second}")
        }
        ResultCode::UnknownSigner => format!(
            "the rollup does not know the public key of the signer of transaction {first}, operation {second}"
        ),
        ResultCode::InvalidPublicKey => format!("invalid public key, at index {first}"),
        ResultCode::InvalidSignature => "invalid signature".to_owned(),
        ResultCode::WrongSignature => "wrong signature".to_owned(),
        ResultCode::AllStale => "every transaction has a counter that has been used".to_owned(),
        ResultCode::BatchExpired => {
            format!("the batch expired with level {first}, this is level {second}")
        }
        ResultCode::TooManyIndividualSignings => {
            format!("{some} signings are individual, {other} are the most")
        }
        ResultCode::KeyNotRegistered => format!(
            "the public key of the signer of transaction {first}, operation {second} is not registered"
        ),
        ResultCode::UnknownHeldDeposit => format!("there is no held deposit {first}"),
        ResultCode::AlreadyPaidBack => format!("held deposit {first} has already been paid back"),
        ResultCode::NotTheDepositor => format!("somebody else made held deposit {first}"),
        ResultCode::NothingToPay => {
            format!("held deposit {first} has no ticket that could be paid back")
        }
        ResultCode::NotTheAdministrator => "the sender is not the administrator".to_owned(),
        ResultCode::NoUpgrade => "no upgrade has been announced".to_owned(),
        ResultCode::PageNotExpected => "this is not the expected page".to_owned(),
        ResultCode::NotAKernel => {
            format!("the new kernel is not a WASM module, or too large: {some} bytes so far")
        }
        ResultCode::Unknown(number) => format!("code {number} ({some}, {other})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_have_their_values() {
        for (outcome, expected) in [
            (
                Outcome::new(ResultCode::BalanceTooLow, 5, 1_000),
                "balance too low: 5 available, 1,000 requested",
            ),
            (Outcome::new(ResultCode::CounterMismatch, 3, 1), "counter 1, but the next one is 3"),
            (Outcome::plain(ResultCode::Applied), ""),
            (Outcome::new(ResultCode::Unknown(9_999), 1, 2), "code 9999 (1, 2)"),
        ] {
            assert_eq!(sentence(&outcome), expected);
        }
        // The first value, the second, both or none: those that the code has, where two zeros stand for none.
        for code in ResultCode::ALL.iter().copied().filter(|code| *code != ResultCode::Applied) {
            let text = sentence(&Outcome::new(code, 77, 88));
            let shown = ["77", "88"].iter().filter(|value| text.contains(**value)).count();
            assert!(shown <= code.values().len(), "{text}");
            assert!(!text.contains("88") || code.values().len() == 2, "{text}");
        }
    }

    #[test]
    fn words_of_operations_and_messages() {
        assert_eq!(of_operation(&Outcome::plain(ResultCode::Applied)), "applied");
        assert_eq!(of_operation(&Outcome::plain(ResultCode::CounterMismatch)), "stale");
        assert_eq!(of_operation(&Outcome::plain(ResultCode::ZeroAmount)), "failed");
        let words: Vec<_> = ResultCode::ALL.iter().filter_map(|code| done(*code)).collect();
        assert_eq!(words.len(), 7);
        let numbers = ResultCode::ALL.iter().filter(|code| (100..200).contains(&code.number()));
        assert_eq!(numbers.count(), words.len());
    }

    #[test]
    fn json_has_the_code_by_name_and_by_number() {
        let outcome = Outcome::new(ResultCode::BalanceTooLow, 3, 5);
        let expected = json!({
            "code": "BALANCE_TOO_LOW",
            "number": 7,
            "values": {"available": "3", "requested": "5"},
            "reason": "balance too low: 3 available, 5 requested",
        });
        assert_eq!(json(&outcome), expected);
        assert_eq!(
            sentence_with_code(&outcome),
            "balance too low: 3 available, 5 requested (BALANCE_TOO_LOW)"
        );
    }
}
