//! Tickets as people know them: names, decimals, and which ticket somebody means.

use encoding::{Amount, Kt1Address, Ticket, TicketContent, TicketIndex, blake2b_256};
use layer1::address::{Address, Role};
use layer1::michelson::{self, Node};

use crate::amount::{self, AmountError};
use crate::error::{TicketError, one_line};
use crate::limits::{MAX_DECIMALS, MAX_SYMBOL_CHARS};

/// The index of a ticket that is not known to have one. It is never shown.
const NO_INDEX: TicketIndex = TicketIndex(u32::MAX);

/// The byte that packed Micheline begins with.
const PACKED: u8 = 5;

/// A ticket that the rollup knows, with what its content says of it. What it says is its ticketer's
/// word: anybody can mint a ticket of any name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Its index in the rollup's registry; [`Token::known_index`] says whether it has one.
    pub index: TicketIndex,
    /// What it is.
    pub ticket: Ticket,
    /// What people call it; none if the content does not say.
    pub symbol: Option<String>,
    /// A longer name, if the content says one.
    pub name: Option<String>,
    /// How many digits an amount has after the point.
    pub decimals: u8,
}

impl Token {
    /// A ticket of that index, and what its content says.
    ///
    /// A `string` is a symbol if it is a word. The bytes of a `pair nat (option bytes)` may be a
    /// packed `map string bytes` or a JSON object, with `symbol`, `name` and `decimals` as TZIP-21
    /// has them.
    #[must_use]
    pub fn new(index: TicketIndex, ticket: Ticket) -> Self {
        let mut token = Token { index, ticket, symbol: None, name: None, decimals: 0 };
        let facts: Vec<(String, String)> = match &token.ticket.content {
            TicketContent::String(text) => vec![("symbol".to_owned(), lossless(text))],
            TicketContent::NatBytes(_, Some(data)) => {
                packed_map(data).or_else(|| json_object(data)).unwrap_or_default()
            }
            TicketContent::NatBytes(_, None) => Vec::new(),
        };
        for (key, value) in facts {
            match key.as_str() {
                "symbol" if is_word(&value) => token.symbol = Some(value),
                "name" => token.name = Some(one_line(&value)).filter(|name| !name.is_empty()),
                "decimals" => {
                    let decimals = value.parse().ok().filter(|some| *some <= MAX_DECIMALS);
                    token.decimals = decimals.unwrap_or(0);
                }
                _ => {}
            }
        }
        token
    }

    /// A ticket that is not known to have an index: no node was asked, or the rollup has never held it.
    #[must_use]
    pub fn unindexed(ticket: Ticket) -> Self {
        Token::new(NO_INDEX, ticket)
    }

    /// Its index in the rollup's registry, if it is known to have one.
    #[must_use]
    pub fn known_index(&self) -> Option<TicketIndex> {
        (self.index != NO_INDEX).then_some(self.index)
    }

    /// What to call it: its symbol, otherwise `#` and its index, otherwise its ticketer and content. The
    /// last two always mean this ticket, a symbol need not.
    #[must_use]
    pub fn label(&self) -> String {
        match (&self.symbol, self.known_index()) {
            (Some(symbol), _) => symbol.clone(),
            (None, Some(index)) => format!("#{index}"),
            (None, None) => {
                format!("{}/{}", self.ticket.ticketer, content_text(&self.ticket.content))
            }
        }
    }

    /// What to call it among others: its label, with its index where another one has the same label.
    #[must_use]
    pub fn among(&self, all: &[Token]) -> String {
        let label = self.label();
        let is_alike = |other: &Token| other.ticket != self.ticket && other.label() == label;
        match self.known_index() {
            Some(index) if all.iter().any(is_alike) => format!("{label} #{index}"),
            _ => label,
        }
    }

    /// What tells it from every other ticket of its ticketer, where its symbol alone does not: its id and
    /// its content, or the content's hash where it is long. `None` for a `string` that is its symbol.
    #[must_use]
    pub fn detail(&self) -> Option<String> {
        match (&self.ticket.content, &self.symbol) {
            (TicketContent::String(text), Some(symbol)) if symbol.as_bytes() == text => None,
            (content, _) => Some(content_text(content)),
        }
    }

    /// Reads an amount of it.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(&self, text: &str) -> Result<Amount, AmountError> {
        amount::parse(text, self.decimals)
    }

    /// An amount of it with its label.
    #[must_use]
    pub fn amount(&self, amount: Amount) -> String {
        format!("{} {}", amount::text(amount, self.decimals), self.label())
    }
}

/// Which ticket somebody means: `#7` by its index, `KT1…` if its ticketer has one only, `KT1…/NAME`,
/// or `NAME`.
///
/// A name means a ticket that is `held`, if there is one of that name: so nobody can come between by
/// depositing another one of the same name. If that does not settle it, nothing is guessed.
///
/// # Errors
/// When there is none, or there are several.
pub fn find<'a>(
    tokens: &'a [Token],
    held: &[TicketIndex],
    wanted: &str,
) -> Result<&'a Token, TicketError> {
    let all = named(tokens, wanted)?;
    let own: Vec<&Token> =
        all.iter().filter(|token| held.contains(&token.index)).copied().collect();
    match (all.as_slice(), own.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one),
        (several, _) => Err(TicketError::Several {
            wanted: one_line(wanted),
            indexes: several.iter().map(|token| token.index).collect(),
        }),
    }
}

/// All tickets that somebody may mean: at least one.
///
/// # Errors
/// When there is none.
pub fn named<'a>(tokens: &'a [Token], wanted: &str) -> Result<Vec<&'a Token>, TicketError> {
    let unknown = || TicketError::Unknown(one_line(wanted));
    if let Some(number) = wanted.strip_prefix('#') {
        let index = amount::index(number).ok_or_else(unknown)?;
        let found = tokens.iter().find(|token| token.index.0 == index);
        return Ok(vec![found.ok_or_else(unknown)?]);
    }
    let (ticketer, name) = match wanted.split_once('/') {
        Some((ticketer, name)) => (Some(ticketer), Some(name)),
        None if wanted.starts_with("KT1") => (Some(wanted), None),
        None => (None, Some(wanted)),
    };
    let ticketer = ticketer.map(ticketer_of).transpose()?;
    let fits = |token: &&Token| {
        ticketer.is_none_or(|ticketer| token.ticket.ticketer == ticketer)
            && name.is_none_or(|name| token.symbol.as_deref() == Some(name))
    };
    let all: Vec<&Token> = tokens.iter().filter(fits).collect();
    if all.is_empty() { Err(unknown()) } else { Ok(all) }
}

/// A content in words: all of it, or its hash where it is long.
fn content_text(content: &TicketContent) -> String {
    /// Bytes: what is longer is told by its hash.
    const SHOWN: usize = 32;
    let shown = |bytes: &[u8]| match bytes.len() {
        0..=SHOWN => format!("0x{}", hex::encode(bytes)),
        _ => format!("with blake2b {}", blake2b_256(&[bytes])),
    };
    match content {
        TicketContent::String(text) => match std::str::from_utf8(text) {
            Ok(words)
                if text.len() <= SHOWN
                    && words.chars().all(|c| c == ' ' || c.is_ascii_graphic()) =>
            {
                format!("string {words:?}")
            }
            _ => format!("string {}", shown(text)),
        },
        TicketContent::NatBytes(id, None) => format!("id {id}, no bytes"),
        TicketContent::NatBytes(id, Some(data)) => format!("id {id}, bytes {}", shown(data)),
    }
}

/// The contract that somebody means.
fn ticketer_of(text: &str) -> Result<Kt1Address, TicketError> {
    match Address::parse_as(Role::Contract, text) {
        Ok(address) => Ok(Kt1Address(address.hash)),
        Err(problem) => Err(TicketError::Ticketer { text: one_line(text), problem }),
    }
}

/// Text, or hexadecimal where it is none.
fn lossless(bytes: &[u8]) -> String {
    std::str::from_utf8(bytes).map_or_else(|_| hex::encode(bytes), str::to_owned)
}

/// Whether a symbol can be written in a command, and taken for nothing else.
fn is_word(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-$+".contains(c);
    (1..=MAX_SYMBOL_CHARS).contains(&text.chars().count())
        && text.chars().all(plain)
        && !text.starts_with("KT1")
}

/// What a packed `map string bytes` holds.
fn packed_map(data: &[u8]) -> Option<Vec<(String, String)>> {
    let Some((&PACKED, rest)) = data.split_first() else { return None };
    let Ok(Node::Seq(entries)) = michelson::decode(rest) else { return None };
    let entry = |entry: &Node| match entry {
        Node::Prim { prim, args, .. } if prim.name() == "Elt" => match args.as_slice() {
            [Node::String(key), Node::Bytes(value)] => Some((key.clone(), lossless(value))),
            _ => None,
        },
        _ => None,
    };
    entries.iter().map(entry).collect()
}

/// What a JSON object holds.
fn json_object(data: &[u8]) -> Option<Vec<(String, String)>> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(data).ok()?;
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    Some(object.iter().map(|(key, value)| (key.clone(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(index: u32, ticketer: u8, content: TicketContent) -> Token {
        Token::new(TicketIndex(index), Ticket { ticketer: Kt1Address([ticketer; 20]), content })
    }

    fn named(index: u32, ticketer: u8, name: &str) -> Token {
        token(index, ticketer, TicketContent::String(name.as_bytes().to_vec()))
    }

    fn with_bytes(data: Vec<u8>) -> Token {
        token(0, 1, TicketContent::NatBytes(0.into(), Some(data)))
    }

    #[test]
    fn contents_say_what_they_are_of() {
        let hex_of = |text: &str| format!("0x{}", hex::encode(text));
        let map = format!(
            "{{ Elt \"decimals\" {} ; Elt \"name\" {} ; Elt \"symbol\" {} }}",
            hex_of("6"),
            hex_of("Tether USD"),
            hex_of("USDt")
        );
        let packed = [vec![PACKED], michelson::encode(&michelson::parse(&map).unwrap())].concat();
        for data in [packed, br#"{"symbol":"USDt","name":"Tether USD","decimals":6}"#.to_vec()] {
            let found = with_bytes(data);
            assert_eq!(found.symbol.as_deref(), Some("USDt"));
            assert_eq!(found.name.as_deref(), Some("Tether USD"));
            assert_eq!(found.decimals, 6);
            assert_eq!(found.amount(Amount::new(12_500_000)), "12.5 USDt");
        }
        assert_eq!(named(3, 1, "gold").label(), "gold");
        for odd in ["", "two words", "\u{1b}[2J", "KT1x", "#5", "a/b", &"x".repeat(33)] {
            assert_eq!(named(3, 1, odd).label(), "#3", "{odd:?}");
        }
        for data in [&b""[..], &[PACKED], b"{", b"[1]", br#"{"decimals": 200, "symbol": 7.5e3}"#] {
            assert_eq!(with_bytes(data.to_vec()).decimals, 0);
        }
    }

    #[test]
    fn what_reads_alike_is_told_apart() {
        let facts = br#"{"symbol":"gold"}"#;
        let with = |id: u8| TicketContent::NatBytes(id.into(), Some(facts.to_vec()));
        let all = [token(0, 1, with(0)), token(1, 1, with(1)), named(2, 1, "gold")];
        assert!(all.iter().all(|token| token.label() == "gold"));
        let details: Vec<Option<String>> = all.iter().map(Token::detail).collect();
        assert_eq!(details[0].as_deref(), Some("id 0, bytes 0x7b2273796d626f6c223a22676f6c64227d"));
        assert!(details[0] != details[1] && details[2].is_none(), "{details:?}");
        let called: Vec<String> = all.iter().map(|token| token.among(&all)).collect();
        assert_eq!(called, ["gold #0", "gold #1", "gold #2"]);
        assert_eq!(all[1].among(&all[1..2]), "gold");
        let long = token(0, 1, TicketContent::NatBytes(0.into(), Some(vec![7; 33]))).detail();
        assert!(long.is_some_and(|text| text.starts_with("id 0, bytes with blake2b ")));
        assert_eq!(named(0, 1, "\u{202e}x").detail().as_deref(), Some("string 0xe280ae78"));
    }

    #[test]
    fn a_place_that_is_not_known_is_never_shown() {
        for content in [
            TicketContent::String(b"gold".to_vec()),
            TicketContent::String(b"two words".to_vec()),
            TicketContent::NatBytes(7.into(), None),
        ] {
            let ticket = Ticket { ticketer: Kt1Address([1; 20]), content };
            let token = Token::unindexed(ticket);
            assert_eq!(token.known_index(), None);
            let shown = format!("{} {:?}", token.label(), token.detail());
            assert!(!shown.contains('#') && !shown.contains("4294967295"), "{shown}");
        }
        assert_eq!(named(3, 1, "gold").known_index(), Some(TicketIndex(3)));
    }

    #[test]
    fn a_name_means_one_ticket_or_none() {
        let tokens =
            [named(0, 1, "gold"), named(1, 2, "gold"), named(2, 2, "tin"), named(3, 3, "?")];
        let index = |held: &[u32], wanted: &str| {
            let held: Vec<TicketIndex> = held.iter().copied().map(TicketIndex).collect();
            find(&tokens, &held, wanted).map(|token| token.index.0)
        };
        assert_eq!(index(&[], "tin").unwrap(), 2);
        assert_eq!(index(&[1, 2], "gold").unwrap(), 1);
        assert_eq!(index(&[], "#3").unwrap(), 3);
        assert_eq!(index(&[], &format!("{}/gold", Kt1Address([1; 20]))).unwrap(), 0);
        assert_eq!(index(&[], &Kt1Address([1; 20]).to_string()).unwrap(), 0);
        for held in [&[][..], &[0, 1]] {
            let several = index(held, "gold");
            assert!(
                matches!(several, Err(TicketError::Several { indexes, .. }) if indexes.len() == 2)
            );
        }
        let two = index(&[], &Kt1Address([2; 20]).to_string());
        assert!(matches!(two, Err(TicketError::Several { .. })));
        for wanted in ["silver", "#4", "#", "#x", "?", "", "Gold"] {
            assert!(matches!(index(&[], wanted), Err(TicketError::Unknown(_))), "{wanted}");
        }
        let good = Kt1Address([1; 20]).to_string();
        let bad = good.replacen("KT1", "KT1a", 1);
        for wanted in ["KT1/gold", "x/gold", &bad[..36], &format!("{}/gold", &bad[..36])] {
            let found = index(&[], wanted);
            assert!(matches!(found, Err(TicketError::Ticketer { .. })), "{wanted}: {found:?}");
        }
        let said = index(&[], &bad[..36]).unwrap_err().to_string();
        assert!(said.contains("wrong checksum"), "{said}");
    }
}
