//! The result codes: one table with each code's number, name, subjects and values.
//!
//! Numbers and names are stable. They are never reused, and never given to another meaning.
//! `docs/protocol.md` has the same table, and a test holds the two together.

use std::fmt;

/// What a code is a result of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An operation of a batch.
    Operation,
    /// A message that did what it was for.
    Message,
    /// A deposit that could not be credited, and is held.
    HeldDeposit,
    /// A batch that was refused whole.
    Batch,
    /// A request for a held deposit that was refused.
    Request,
    /// An upgrade's command or page that was refused.
    Upgrade,
}

impl Subject {
    /// The subject as the documentation names it.
    pub const fn name(self) -> &'static str {
        match self {
            Subject::Operation => "operation",
            Subject::Message => "message",
            Subject::HeldDeposit => "held deposit",
            Subject::Batch => "batch",
            Subject::Request => "request",
            Subject::Upgrade => "upgrade",
        }
    }
}

impl fmt::Display for ResultCode {
    /// The name. Of a code that is not known, the number.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ResultCode::Unknown(number) => write!(f, "code {number}"),
            known => f.write_str(known.name()),
        }
    }
}

/// Whether an operation with this code can still come to another result.
enum Finality {
    /// Its counter is used up, or there is no other for it.
    Final,
    /// The same operation may be applied later.
    Open,
}

/// Each row: a sentence, the variant, the number, the name, its subjects, its finality, and the names of its values.
macro_rules! result_codes {
    ($(
        #[doc = $sentence:literal]
        $variant:ident = $number:literal, $name:literal, [$($subject:ident),+], $finality:ident,
            [$($value:literal),*];
    )+) => {
        /// A stable code: what became of an operation or a message.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum ResultCode {
            $(
                #[doc = $sentence]
                #[doc = concat!("\n\nNumber ", $number, ", `", $name, "`.")]
                $variant = $number,
            )+
            /// A number that this kernel does not know. A newer kernel has written it.
            Unknown(u16) = u16::MAX,
        }

        impl Default for ResultCode {
            fn default() -> Self {
                ResultCode::Applied
            }
        }

        impl ResultCode {
            /// Every code that this kernel knows, in the order of their numbers.
            pub const ALL: &[ResultCode] = &[$(ResultCode::$variant),+];

            /// The number, as it is stored.
            pub const fn number(self) -> u16 {
                match self {
                    $(ResultCode::$variant => $number,)+
                    ResultCode::Unknown(number) => number,
                }
            }

            /// The code that has this number.
            pub const fn from_number(number: u16) -> Self {
                match number {
                    $($number => ResultCode::$variant,)+
                    unknown => ResultCode::Unknown(unknown),
                }
            }

            /// The name, such as `BALANCE_TOO_LOW`. That of a number that is not known is `UNKNOWN`.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ResultCode::$variant => $name,)+
                    ResultCode::Unknown(_) => "UNKNOWN",
                }
            }

            /// The code that has this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(ResultCode::$variant),)+
                    _ => None,
                }
            }

            /// The meaning in a sentence.
            pub const fn sentence(self) -> &'static str {
                match self {
                    $(ResultCode::$variant => $sentence.trim_ascii(),)+
                    ResultCode::Unknown(_) => "A code of another version of the kernel.",
                }
            }

            /// What it can be a result of.
            pub const fn subjects(self) -> &'static [Subject] {
                match self {
                    $(ResultCode::$variant => &[$(Subject::$subject),+],)+
                    ResultCode::Unknown(_) => &[],
                }
            }

            /// The names of its values, the first and the second. It has no others.
            pub const fn values(self) -> &'static [&'static str] {
                match self {
                    $(ResultCode::$variant => &[$($value),*],)+
                    ResultCode::Unknown(_) => &["first", "second"],
                }
            }

            /// Whether an operation with this code can come to no other result.
            pub const fn is_final(self) -> bool {
                match self {
                    $(ResultCode::$variant => matches!(Finality::$finality, Finality::Final),)+
                    ResultCode::Unknown(_) => true,
                }
            }
        }
    };
}

result_codes! {
    /// The operation was applied.
    Applied = 0, "APPLIED", [Operation], Final, [];
    /// The operation's counter is not the next one of its signer.
    CounterMismatch = 1, "COUNTER_MISMATCH", [Operation], Open, ["expected", "provided"];
    /// Another operation of the transaction is stale.
    StaleSibling = 2, "STALE_SIBLING", [Operation], Open, ["operation"];
    /// Another operation of the transaction failed, and this one was undone.
    RolledBack = 3, "ROLLED_BACK", [Operation], Final, ["operation"];
    /// The amount is zero.
    ZeroAmount = 4, "ZERO_AMOUNT", [Operation, HeldDeposit], Final, [];
    /// Sender and receiver are the same account.
    SelfTransfer = 5, "SELF_TRANSFER", [Operation], Final, [];
    /// The rollup has never held that ticket.
    UnknownTicket = 6, "UNKNOWN_TICKET", [Operation], Final, [];
    /// The sender's balance is lower than the amount.
    BalanceTooLow = 7, "BALANCE_TOO_LOW", [Operation], Final, ["available", "requested"];
    /// The ticket's supply on the rollup would exceed 2^64 − 1.
    SupplyTooLarge = 8, "SUPPLY_TOO_LARGE", [HeldDeposit], Final, ["supply", "added"];
    /// The account's last counter has been used.
    CounterExhausted = 9, "COUNTER_EXHAUSTED", [Operation], Final, ["counter"];
    /// A registry has no index left for the account or the ticket.
    RegistryFull = 10, "REGISTRY_FULL", [Operation, HeldDeposit], Final, [];
    /// The outbox message would be too large for layer 1.
    OutboxMessageTooLarge = 11, "OUTBOX_MESSAGE_TOO_LARGE", [Operation], Final, ["bytes"];
    /// No account has that index.
    UnknownAccount = 12, "UNKNOWN_ACCOUNT", [Operation], Final, ["index", "accounts"];
    /// The transaction has expired.
    TransactionExpired = 13, "TRANSACTION_EXPIRED", [Operation], Open, ["expiry", "level"];
    /// The registry has no index left for the signer's account.
    NoIndexForSigner = 14, "NO_INDEX_FOR_SIGNER", [Operation], Open, [];
    /// The outbox queue is full.
    OutboxQueueFull = 15, "OUTBOX_QUEUE_FULL", [Operation, Request], Final, ["messages", "bytes"];
    /// Too many messages of the account, or of the depositor, are in the outbox queue.
    TooManyPending = 16, "TOO_MANY_PENDING", [Operation, Request], Final, ["pending", "limit"];

    /// A deposit was credited.
    DepositCredited = 100, "DEPOSIT_CREDITED", [Message], Final, ["account", "amount"];
    /// Bytes without a ticket that are no known request had no effect.
    BytesIgnored = 101, "BYTES_IGNORED", [Message], Final, ["offset"];
    /// A batch was accepted.
    BatchAccepted = 102, "BATCH_ACCEPTED", [Message], Final, ["applied", "unapplied"];
    /// A held deposit is paid back as requested.
    DepositReclaimed = 103, "DEPOSIT_RECLAIMED", [Message], Final, ["deposit"];
    /// An upgrade was announced.
    UpgradeAnnounced = 104, "UPGRADE_ANNOUNCED", [Message], Final, [];
    /// An upgrade was cancelled.
    UpgradeCancelled = 105, "UPGRADE_CANCELLED", [Message], Final, [];
    /// A page of a new kernel was kept. The level is that of the installation, or 0 before the last page.
    PageKept = 106, "PAGE_KEPT", [Message], Final, ["bytes", "level"];

    /// The payload does not have the rollup's type.
    WrongPayloadType = 200, "WRONG_PAYLOAD_TYPE", [HeldDeposit], Final, ["offset"];
    /// The receiver is not a tz4 address.
    ReceiverNotTz4 = 201, "RECEIVER_NOT_TZ4", [HeldDeposit], Final, [];
    /// The amount is negative or exceeds 2^64 − 1.
    AmountOutOfRange = 202, "AMOUNT_OUT_OF_RANGE", [HeldDeposit], Final, [];
    /// The ticket's content is longer than 2,000 bytes.
    TicketContentTooLarge = 203, "TICKET_CONTENT_TOO_LARGE", [HeldDeposit], Final, ["bytes"];
    /// The run that worked on the message was interrupted.
    Interrupted = 204, "INTERRUPTED", [HeldDeposit, Batch], Final, [];

    /// The bytes are malformed.
    Malformed = 300, "MALFORMED", [Batch, Request, Upgrade], Final, ["offset"];
    /// This kernel does not know the wire format's version.
    UnknownVersion = 301, "UNKNOWN_VERSION", [Batch], Final, ["version"];
    /// This rollup does not accept batches in wire format v1.
    V1NotAccepted = 302, "V1_NOT_ACCEPTED", [Batch], Final, [];
    /// The level cannot afford the verification, and too many messages already wait for a later level.
    Busy = 303, "BUSY", [Batch, Request], Final, [];
    /// A signer has two operations in one transaction.
    DuplicateSigner = 304, "DUPLICATE_SIGNER", [Batch], Final, ["transaction", "operation"];
    /// The rollup does not know the signer's public key.
    UnknownSigner = 305, "UNKNOWN_SIGNER", [Batch], Final, ["transaction", "operation"];
    /// A public key is invalid. The index is that of its transaction in v1, of its registration in v2.
    InvalidPublicKey = 306, "INVALID_PUBLIC_KEY", [Batch, Request], Final, ["index"];
    /// The signature, or a proof of possession, is not a valid point.
    InvalidSignature = 307, "INVALID_SIGNATURE", [Batch, Request], Final, [];
    /// The signature, or a proof of possession, does not match the signers and what they sign.
    WrongSignature = 308, "WRONG_SIGNATURE", [Batch, Request], Final, [];
    /// Every transaction of the batch has a counter that has been used.
    AllStale = 309, "ALL_STALE", [Batch], Final, [];
    /// The batch has expired.
    BatchExpired = 310, "BATCH_EXPIRED", [Batch], Final, ["expiry", "level"];
    /// Too many signings of the batch are individual.
    TooManyIndividualSignings = 311, "TOO_MANY_INDIVIDUAL_SIGNINGS", [Batch], Final, ["signings", "limit"];
    /// The rollup knows the signer's public key, but it is not registered with a proof of possession.
    KeyNotRegistered = 312, "KEY_NOT_REGISTERED", [Batch], Final, ["transaction", "operation"];

    /// No held deposit has that number.
    UnknownHeldDeposit = 400, "UNKNOWN_HELD_DEPOSIT", [Request], Final, ["deposit"];
    /// The held deposit has already been paid back.
    AlreadyPaidBack = 401, "ALREADY_PAID_BACK", [Request], Final, ["deposit"];
    /// Somebody else made the held deposit.
    NotTheDepositor = 402, "NOT_THE_DEPOSITOR", [Request], Final, ["deposit"];
    /// The held deposit has no ticket that fits an outbox message.
    NothingToPay = 403, "NOTHING_TO_PAY", [Request], Final, ["deposit"];
    /// The sender of the command is not the administrator.
    NotTheAdministrator = 404, "NOT_THE_ADMINISTRATOR", [Upgrade], Final, [];
    /// No upgrade has been announced that could be cancelled.
    NoUpgrade = 405, "NO_UPGRADE", [Upgrade], Final, [];
    /// The page is not the expected one.
    PageNotExpected = 406, "PAGE_NOT_EXPECTED", [Upgrade], Final, [];
    /// The new kernel is not a WASM module, or too large.
    NotAKernel = 407, "NOT_A_KERNEL", [Upgrade], Final, ["bytes"];
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_names_there_and_back() {
        for code in ResultCode::ALL.iter().copied() {
            assert_eq!(ResultCode::from_number(code.number()), code);
            assert_eq!(ResultCode::from_name(code.name()), Some(code));
        }
        let names: BTreeSet<_> = ResultCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(names.len(), ResultCode::ALL.len());
        assert!(ResultCode::ALL.is_sorted_by_key(|code| code.number()));
        assert_eq!(ResultCode::from_name("UNKNOWN"), None);
    }

    #[test]
    fn a_number_of_another_kernel_stays_what_it_is() {
        for number in [17, 99, 9_999, u16::MAX] {
            assert_eq!(ResultCode::from_number(number), ResultCode::Unknown(number));
            assert_eq!(ResultCode::Unknown(number).number(), number);
        }
    }

    #[test]
    fn a_name_is_its_variant_in_capitals() {
        for code in ResultCode::ALL {
            let camel = format!("{code:?}").replace("V1", "V1_");
            let mut name = String::new();
            for letter in camel.chars() {
                if letter.is_ascii_uppercase() && !name.is_empty() && !name.ends_with('_') {
                    name.push('_');
                }
                name.push(letter.to_ascii_uppercase());
            }
            assert_eq!(code.name(), name);
        }
    }
}
