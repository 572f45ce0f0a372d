//! One pinned ticket.

use encoding::{Kt1Address, Ticket};

/// What the ticketer pays out for a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PinKind {
    /// Tez.
    Tez,
    /// Tokens of FA1.2 or FA2.
    Fa,
    /// Anything else, or nothing.
    Other,
}

impl PinKind {
    /// Every kind.
    pub const ALL: [PinKind; 3] = [PinKind::Tez, PinKind::Fa, PinKind::Other];

    /// The word for it in a file.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            PinKind::Tez => "tez",
            PinKind::Fa => "fa",
            PinKind::Other => "other",
        }
    }

    /// The inverse of [`Self::word`].
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A name, and the one ticket that it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// The name.
    pub name: String,
    /// The ticket.
    pub ticket: Ticket,
    /// How many digits an amount has after the point. The content may say another number.
    pub decimals: u8,
    /// What the ticketer pays out for it.
    pub kind: PinKind,
    /// The contract that mints it and deposits it in one call, if there is one.
    pub helper: Option<Kt1Address>,
}
