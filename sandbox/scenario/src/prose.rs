//! Outcomes and phrases as scenarios wrote them before there were result codes, for `toru test --rewrite`.
//!
//! This file goes when the rewriting does.

use tx_kernel::results::ResultCode;

use crate::kind::{CODED, Kind, NO_RESULT, NOT_OURS, PAID_BACK, UNCHANGED, WAITING};
use crate::words::{MEMO, split_memo};

/// The prose of each code, without punctuation; `{1}` and `{2}` are its values. Where two have the same prose, the word before it tells them apart.
const PROSE: [(ResultCode, &str); 50] = [
    (ResultCode::CounterMismatch, "counter {2} but the next one is {1}"),
    (ResultCode::StaleSibling, "operation {1} of its transaction is stale"),
    (ResultCode::RolledBack, "undone as operation {1} of its transaction failed"),
    (ResultCode::ZeroAmount, "the amount is zero"),
    (ResultCode::SelfTransfer, "sender and receiver are the same"),
    (ResultCode::UnknownTicket, "the rollup has never held this ticket"),
    (ResultCode::BalanceTooLow, "balance too low {1} available {2} requested"),
    (ResultCode::SupplyTooLarge, "supply too large {1} on the rollup {2} more exceed 2^64 - 1"),
    (ResultCode::CounterExhausted, "that was the account's last counter"),
    (ResultCode::RegistryFull, "a registry has no index left"),
    (
        ResultCode::OutboxMessageTooLarge,
        "the outbox message would have {1} bytes more than layer 1 takes",
    ),
    (
        ResultCode::OutboxQueueFull,
        "the queue for the outbox is full {1} messages of {2} bytes wait",
    ),
    (
        ResultCode::TooManyPending,
        "{1} of its messages wait for the outbox already {2} are the most",
    ),
    (ResultCode::UnknownAccount, "there is no account {1}"),
    (ResultCode::TransactionExpired, "it expired with level {1} this is {2}"),
    (ResultCode::NoIndexForSigner, "there is no index left for its signer"),
    (ResultCode::DepositCredited, "{2} to account {1}"),
    (ResultCode::BytesIgnored, "bytes without a ticket and no request of a known kind byte {1}"),
    (ResultCode::BatchAccepted, "transactions {1} applied {2} not"),
    (ResultCode::DepositReclaimed, "held deposit {1} is paid back"),
    (ResultCode::UnknownHeldDeposit, "there is no held deposit {1}"),
    (ResultCode::AlreadyPaidBack, "held deposit {1} has been paid back already"),
    (ResultCode::NotTheDepositor, "somebody else made held deposit {1}"),
    (ResultCode::NothingToPay, "held deposit {1} has no ticket that could be paid"),
    (ResultCode::UpgradeAnnounced, "its pages are waited for"),
    (ResultCode::UpgradeCancelled, "no other kernel will be installed"),
    (ResultCode::PageKept, "a page of a new kernel {1} bytes so far"),
    (ResultCode::PageKept, "the last page of a new kernel installed with level {2}"),
    (ResultCode::NotTheAdministrator, "its sender is not the administrator"),
    (ResultCode::NoUpgrade, "no upgrade has been announced"),
    (ResultCode::PageNotExpected, "not the page that is expected"),
    (ResultCode::NotAKernel, "no WASM module or too large a one {1} bytes so far"),
    (ResultCode::WrongPayloadType, "not of the rollup's type byte {1} of the payload"),
    (ResultCode::ReceiverNotTz4, "the receiver is no tz4 address"),
    (ResultCode::AmountOutOfRange, "the amount is negative or exceeds 2^64 - 1"),
    (ResultCode::TicketContentTooLarge, "the ticket's content has {1} bytes too many"),
    (ResultCode::Interrupted, "the run that worked on it was cut off"),
    (ResultCode::Malformed, "malformed at byte {1} of the batch"),
    (ResultCode::UnknownVersion, "unknown wire format {1}"),
    (ResultCode::V1NotAccepted, "this rollup takes no v1 batches see --accept-v1"),
    (ResultCode::Busy, "its level cannot afford it and too many wait already"),
    (ResultCode::DuplicateSigner, "transaction {1} operation {2} a second one by the same signer"),
    (ResultCode::UnknownSigner, "transaction {1} operation {2} nobody knows the signer's key"),
    (ResultCode::InvalidPublicKey, "transaction {1} a public key is none"),
    (ResultCode::InvalidSignature, "the signature is none"),
    (ResultCode::WrongSignature, "wrong signature"),
    (ResultCode::AllStale, "every transaction has a counter that has been used"),
    (ResultCode::BatchExpired, "it expired with level {1} this is {2}"),
    (ResultCode::TooManyIndividualSignings, "{1} signers signed for themselves {2} may"),
    (
        ResultCode::KeyNotRegistered,
        "transaction {1} operation {2} the signer's key is not registered",
    ),
];

/// A text without the punctuation that meant nothing.
fn plain(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !matches!(c, ',' | ':' | ';' | '(' | ')')).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The values in a text, if it is this prose.
fn values_in<'t>(text: &'t str, prose: &str) -> Option<[Option<&'t str>; 2]> {
    let mut values = [None; 2];
    let (words, known): (Vec<&str>, Vec<&str>) =
        (text.split(' ').collect(), prose.split(' ').collect());
    if words.len() != known.len() {
        return None;
    }
    for (word, known) in words.into_iter().zip(known) {
        let slot = match known {
            "{1}" => &mut values[0],
            "{2}" => &mut values[1],
            known if known == word => continue,
            _ => return None,
        };
        *slot = Some(word).filter(|word| word.chars().all(|c| c.is_ascii_digit()));
        slot.as_ref()?;
    }
    Some(values)
}

/// The outcome that this prose stands for behind this word.
fn coded(kind: Kind, word: &str, prose: &str) -> Option<String> {
    PROSE.iter().filter(|(code, _)| kind.can_be(word, *code)).find_map(|(code, known)| {
        let values = values_in(prose, known)?;
        let named = code.values().iter().zip(values);
        let named = named.filter_map(|(name, value)| Some(format!("{name} {}", value?)));
        let first = match (word, CODED.contains(&word)) {
            ("", _) => code.name().to_owned(),
            (_, true) => format!("{word} {code}"),
            (_, false) => word.to_owned(),
        };
        Some([first].into_iter().chain(named).collect::<Vec<_>>().join(", "))
    })
}

/// An outcome in prose as it is written now, or nothing if it is not one in prose.
pub(crate) fn modern_outcome(kind: Kind, text: &str) -> Option<String> {
    let (outcome, memo) = match kind {
        Kind::Operation => split_memo(text),
        Kind::Message | Kind::Held => (text, None),
    };
    let plain = plain(outcome);
    let modern = match kind {
        Kind::Held => match plain.strip_suffix(PAID_BACK) {
            Some(prose) => format!("{}, {PAID_BACK}", coded(kind, "", prose.trim_end())?),
            None => coded(kind, "", &plain)?,
        },
        Kind::Operation | Kind::Message => {
            let earlier = plain.strip_prefix(UNCHANGED).map(str::trim_start);
            let (word, prose) = earlier.unwrap_or(&plain).split_once(' ')?;
            let modern = coded(kind, word, prose)?;
            if earlier.is_some() { format!("{UNCHANGED}, {modern}") } else { modern }
        }
    };
    Some(memo.map_or(modern.clone(), |memo| format!("{modern},{MEMO}{memo}")))
}

/// Phrases of sentences and what they are now.
const PHRASES: [(&str, &str); 2] = [
    ("a key that is none", "an invalid key"),
    ("with a proof that is none", "with an invalid proof"),
];

/// A sentence as it is written now, or nothing if it does not change.
pub(crate) fn modern_sentence(text: &str) -> Option<String> {
    let mut modern = text.to_owned();
    for (before, now) in PHRASES {
        modern = modern.replace(before, now);
    }
    if let Some(size) = modern.strip_suffix(" bytes that are none") {
        modern = format!("an invalid module of {size} bytes");
    }
    (modern != text).then_some(modern)
}

/// An outcome or a sentence as it is written now, or nothing if it does not change.
pub(crate) fn modern(text: &str) -> Option<String> {
    if [NO_RESULT, NOT_OURS, WAITING].contains(&text) {
        return None;
    }
    let (times, outcome) = match text.split_once(" times ") {
        Some((times, outcome)) if times.chars().all(|c| c.is_ascii_digit()) => {
            (format!("{times} times "), outcome)
        }
        _ => (String::new(), text),
    };
    let outcome = modern_outcome(Kind::Operation, outcome)
        .or_else(|| modern_outcome(Kind::Message, outcome))
        .map(|outcome| format!("{times}{outcome}"));
    outcome.or_else(|| modern_sentence(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_in_prose_have_their_code_and_values() {
        for (text, expected) in [
            (
                "failed, balance too low, 3 available, 5,000 requested",
                "failed BALANCE_TOO_LOW, available 3, requested 5000",
            ),
            (
                "stale, counter 3, but the next one is 0",
                "stale COUNTER_MISMATCH, expected 0, provided 3",
            ),
            (
                "stale, it expired with level 1, this is 2",
                "stale TRANSACTION_EXPIRED, expiry 1, level 2",
            ),
            (
                "refused, it expired with level 1, this is 2",
                "refused BATCH_EXPIRED, expiry 1, level 2",
            ),
            ("72 times refused: wrong signature", "72 times refused WRONG_SIGNATURE"),
            ("unchanged, failed, the amount is zero", "unchanged, failed ZERO_AMOUNT"),
            ("failed, the amount is zero, with memo a, b", "failed ZERO_AMOUNT, with memo a, b"),
            ("held, the amount is zero", "held ZERO_AMOUNT"),
            ("accepted, transactions, 1 applied, 0 not", "accepted, applied 1, unapplied 0"),
            ("kept, the last page of a new kernel, installed with level 9", "kept, level 9"),
            (
                "a key that is none registers with a proof that is none",
                "an invalid key registers with an invalid proof",
            ),
            ("500 bytes that are none", "an invalid module of 500 bytes"),
        ] {
            let now = modern(text).unwrap();
            assert_eq!(now, expected);
            assert_eq!(modern(&now), None, "{now}");
        }
        for text in [
            "applied",
            "failed",
            "no result",
            "alice has 5 gold",
            "failed, too bad",
            "stale, wrong signature",
        ] {
            assert_eq!(modern(text), None, "{text}");
        }
        assert_eq!(
            modern_outcome(Kind::Held, "the amount is zero, paid back").as_deref(),
            Some("ZERO_AMOUNT, paid back")
        );
    }

    #[test]
    fn every_code_but_applied_had_its_prose() {
        for code in ResultCode::ALL.iter().filter(|code| **code != ResultCode::Applied) {
            assert!(PROSE.iter().any(|(known, _)| known == code), "{code}");
        }
    }
}
