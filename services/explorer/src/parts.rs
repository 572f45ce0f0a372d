//! What pages are made of: addresses, hashes, amounts, tickets and moments as they are shown everywhere.

use askama::Template;
use askama::filters::HtmlSafe;
use encoding::{Amount, Hash32, Level, Ticket, TicketIndex, Tz4Address};
use explain::outcome;
use history::{BoundedCount, LevelRow, MoveState, Settlement, TicketRow};
use layer1::plain::grouped;
use tx_kernel::results::Outcome;
use wallet::amount;
use wallet::pins::Pins;
use wallet::ticket::Token;

use crate::text::Text;

/// Something long that names something: its ends are shown, all of it is selected and copied.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "parts/name.html")]
pub(crate) struct LongName {
    /// The name that it has here, if it has one.
    pub called: Option<Text>,
    /// Where there is more about it.
    pub link: Option<String>,
    start: String,
    middle: String,
    end: String,
    full: String,
}

impl HtmlSafe for LongName {}

impl LongName {
    /// A text of letters and digits, of which so many are shown at each end.
    fn new(full: &str, ends: usize) -> Self {
        // What is not of one byte a character is no such text, and comes through here all the same.
        let full = Text::of(full).plain().to_owned();
        let long = full.is_ascii() && full.len() > 2 * ends + 3;
        let (start, middle, end) = match long {
            true => {
                let (start, rest) = full.split_at(ends);
                let (middle, end) = rest.split_at(rest.len() - ends);
                (start.to_owned(), middle.to_owned(), end.to_owned())
            }
            false => (full.clone(), String::new(), String::new()),
        };
        LongName { called: None, link: None, start, middle, end, full }
    }

    /// An account of the rollup.
    pub(crate) fn account(address: &Tz4Address, called: Option<&str>) -> Self {
        let address = address.to_string();
        let link = Some(format!("/account/{address}"));
        LongName { called: called.map(Text::of), link, ..Self::new(&address, 7) }
    }

    /// Somebody or something on layer 1.
    pub(crate) fn outside(address: &str) -> Self {
        Self::new(address, 7)
    }

    /// A transaction.
    pub(crate) fn transaction(hash: &Hash32) -> Self {
        let hash = hash.to_string();
        LongName { link: Some(format!("/tx/{hash}")), ..Self::new(&hash, 8) }
    }

    /// A transaction, by its hash in hexadecimal; nothing for another text.
    pub(crate) fn transaction_text(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self::transaction(&Hash32(bytes)))
    }

    /// A batch.
    pub(crate) fn batch(digest: &Hash32) -> Self {
        let digest = digest.to_string();
        LongName { link: Some(format!("/batch/{digest}")), ..Self::new(&digest, 8) }
    }

    /// A block.
    pub(crate) fn block(hash: &str) -> Self {
        LongName { link: Some(format!("/level/{hash}")), ..Self::new(hash, 7) }
    }

    /// Anything else.
    pub(crate) fn plain(text: &str) -> Self {
        Self::new(text, 8)
    }

    /// The same, not shortened.
    #[must_use]
    pub(crate) fn whole(mut self) -> Self {
        self.start.clone_from(&self.full);
        (self.middle, self.end) = (String::new(), String::new());
        self
    }
}

/// A ticket. What it calls itself is quoted where nobody here has pinned it.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "parts/ticket.html")]
pub(crate) struct TicketName {
    /// What to call it.
    pub label: Text,
    /// Whether the user has pinned that name.
    pub pinned: bool,
    link: String,
}

impl HtmlSafe for TicketName {}

/// A ticket of the index, with what is pinned of it.
pub(crate) fn token(row: &TicketRow, pins: &Pins) -> Token {
    token_of(&row.ticket, row.index, pins)
}

/// A ticket with what is pinned of it.
pub(crate) fn token_of(ticket: &Ticket, index: Option<TicketIndex>, pins: &Pins) -> Token {
    match index {
        Some(index) => Token::new(index, ticket.clone(), pins),
        None => Token::unindexed(ticket.clone(), pins),
    }
}

impl TicketName {
    /// Of a ticket.
    pub(crate) fn of(token: &Token) -> Self {
        let label = match (&token.pinned, &token.symbol, token.known_index()) {
            (Some(name), _, _) => name.clone(),
            // A name of strangers is in quotes, and beside it what tells it from any other.
            (None, Some(symbol), Some(index)) if token.resembles.is_none() => {
                format!("\"{symbol}\" #{index}")
            }
            (None, Some(symbol), None) if token.resembles.is_none() => format!("\"{symbol}\""),
            _ => token.among(&[]),
        };
        let link = format!("/ticket/{}", token.ticket.hash());
        TicketName { label: Text::of(&label), pinned: token.pinned.is_some(), link }
    }
}

/// How much of what.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(source = "<span class=\"amount\">{{ digits }}</span> {{ ticket }}", ext = "html")]
pub(crate) struct Sum {
    /// The digits, in the ticket's decimals.
    pub digits: String,
    /// Of what.
    pub ticket: TicketName,
}

impl HtmlSafe for Sum {}

impl Sum {
    /// An amount of a ticket.
    pub(crate) fn of(amount: Amount, token: &Token) -> Self {
        Sum { digits: digits(amount, token), ticket: TicketName::of(token) }
    }
}

/// An amount in a ticket's decimals, with its thousands set apart.
pub(crate) fn digits(amount: Amount, token: &Token) -> String {
    decimal(amount.get().into(), token)
}

/// The same of a sum, which may be more than any amount.
pub(crate) fn decimal(units: u128, token: &Token) -> String {
    let text = amount::digits(units, token.decimals);
    match text.split_once('.') {
        Some((whole, part)) => format!("{}.{part}", grouped(whole)),
        None => grouped(text),
    }
}

/// The same of digits of the index; as they are, if they are more than any sum.
pub(crate) fn decimal_text(digits: &str, token: &Token) -> String {
    digits.parse().map_or_else(|_| digits.to_owned(), |units| decimal(units, token))
}

/// A level, with its time where that is known.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(path = "parts/when.html")]
pub(crate) struct When {
    level: i32,
    time: Option<Moment>,
}

impl HtmlSafe for When {}

/// A time, for programs and for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Moment {
    /// As RFC 3339 has it.
    pub rfc_3339: String,
    /// The day and the time.
    pub words: String,
}

impl Moment {
    /// Of seconds since 1970, if the calendar has them.
    pub(crate) fn of(seconds: i64) -> Option<Self> {
        let rfc_3339 = wallet::block_times::utc(seconds)?;
        let (day, rest) = rfc_3339.split_once('T')?;
        let words = format!("{day} {} UTC", rest.trim_end_matches('Z'));
        Some(Moment { rfc_3339, words })
    }
}

impl When {
    /// A level of which perhaps the time is known.
    pub(crate) fn new(level: Level, time: Option<i64>) -> Self {
        When { level: level.0, time: time.and_then(Moment::of) }
    }

    /// Which level.
    pub(crate) fn level(&self) -> i32 {
        self.level
    }

    /// A level of the index.
    pub(crate) fn of(row: &LevelRow) -> Self {
        Self::new(row.level, row.time)
    }
}

/// A word about how something went, in a colour.
#[derive(Clone, Debug, PartialEq, Eq, Template)]
#[template(
    source = "<span class=\"tag {{ class }}\">{{ word }}</span>{% if !why.is_empty() %} <span class=\"why\">{{ why }}</span>{% endif %}",
    ext = "html"
)]
pub(crate) struct Tag {
    class: &'static str,
    word: &'static str,
    why: Text,
}

impl HtmlSafe for Tag {}

impl Tag {
    /// Something that went well.
    pub(crate) fn good(word: &'static str) -> Self {
        Tag { class: "good", word, why: Text::default() }
    }

    /// Something that did not.
    pub(crate) fn bad(word: &'static str) -> Self {
        Tag { class: "bad", word, why: Text::default() }
    }

    /// Something that is still to come.
    pub(crate) fn open(word: &'static str) -> Self {
        Tag { class: "open", word, why: Text::default() }
    }

    /// With a reason.
    #[must_use]
    pub(crate) fn because(mut self, why: &str) -> Self {
        self.why = Text::of(why);
        self
    }

    /// What became of an operation or of what it moves.
    pub(crate) fn of_state(state: MoveState, result: Option<&Settlement>) -> Self {
        match state {
            MoveState::Waits => Tag::open("waits"),
            MoveState::Applied => Tag::good("applied"),
            MoveState::NotApplied => {
                let why = result.map_or_else(String::new, |result| reason(&result.outcome));
                Tag::bad("not applied").because(&why)
            }
            MoveState::Unknown => Tag::open("unknown").because(RESULT_LOST),
        }
    }
}

/// Why nobody can tell what became of something.
pub(crate) const RESULT_LOST: &str =
    "its result was there in levels that the index has not seen, and is not kept any more";

/// A reason, with its code.
pub(crate) fn reason(outcome: &Outcome) -> String {
    outcome::sentence_with_code(outcome)
}

/// How many there are of something that is not counted without end.
pub(crate) fn counted(found: BoundedCount, one: &str) -> String {
    let words = count(found.count, one);
    if found.more { format!("more than {words}") } else { words }
}

/// How many more there are than are shown, if there are any.
pub(crate) fn more_than(all: u64, shown: usize) -> Option<String> {
    more_of(BoundedCount { count: all, more: false }, shown)
}

/// The same of something that is not counted without end.
pub(crate) fn more_of(all: BoundedCount, shown: usize) -> Option<String> {
    let more = all.count.saturating_sub(u64::try_from(shown).unwrap_or(u64::MAX));
    let words = grouped(more);
    (more > 0).then(|| if all.more { format!("more than {words}") } else { words })
}

/// How many there are of something.
pub(crate) fn count(number: u64, one: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {one}{ending}", grouped(number))
}
