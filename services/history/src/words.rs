//! What the index says in a word or a number.

/// An enum whose values the index has as words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// All, in their order.
            pub const ALL: [$name; [$($word),*].len()] = [$($name::$variant),*];

            /// In a word, as the index has it.
            #[must_use]
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// What a word stands for.
            #[must_use]
            pub fn of_word(word: &str) -> Option<Self> {
                $name::ALL.into_iter().find(|one| one.word() == word)
            }
        }
    };
}

words! {
    /// What became of a message.
    ResultKind {
        /// It did what it was for.
        Done = "done",
        /// A deposit that is held.
        Held = "held",
        /// It was refused whole.
        Refused = "refused",
    }
}

words! {
    /// What a move is.
    MoveKind {
        /// From layer 1 to an account.
        Deposit = "deposit",
        /// From one account to another.
        Transfer = "transfer",
        /// From an account to layer 1.
        Withdrawal = "withdrawal",
    }
}

words! {
    /// How far a withdrawal is.
    WithdrawalWord {
        /// It waits for room in the outbox.
        Queued = "queued",
        /// It is in an outbox that no commitment has.
        Outbox = "outbox",
        /// A commitment has it that is not known to be published.
        Committed = "committed",
        /// The commitment is published, and can be refuted.
        Cementing = "cementing",
        /// Layer 1 executes it for whoever asks.
        Executable = "executable",
        /// It has been executed.
        Executed = "executed",
        /// Nobody executed it in time.
        Lost = "lost",
        /// The node does not tell.
        Unknown = "unknown",
    }
}

/// What the index has for the result of a message of which nobody can tell what became of it.
pub(crate) const UNKNOWN: &str = "unknown";

impl WithdrawalWord {
    /// Whether there is more to come.
    #[must_use]
    pub const fn is_open(self) -> bool {
        !matches!(self, WithdrawalWord::Executed | WithdrawalWord::Lost | WithdrawalWord::Unknown)
    }
}

/// How far a move is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveState {
    /// The kernel has put it off.
    Waits,
    /// It was applied.
    Applied,
    /// It was not applied: nothing moved.
    NotApplied,
    /// Nobody can tell any more: its result was there in levels that the index has not seen.
    Unknown,
}

impl MoveState {
    /// The number that the index has.
    #[must_use]
    pub const fn number(self) -> i64 {
        match self {
            MoveState::Waits => 0,
            MoveState::Applied => 1,
            MoveState::NotApplied => 2,
            MoveState::Unknown => 3,
        }
    }

    /// The state of a number.
    #[must_use]
    pub const fn of_number(number: i64) -> Option<Self> {
        match number {
            0 => Some(MoveState::Waits),
            1 => Some(MoveState::Applied),
            2 => Some(MoveState::NotApplied),
            3 => Some(MoveState::Unknown),
            _ => None,
        }
    }
}
