//! Michelson text into tokens, each with where it begins.

use std::fmt;

use num_bigint::BigInt;

use super::is_string_char;
use crate::plain::quoted;

/// What is wrong with a Michelson text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {problem}")]
pub struct ParseError {
    /// Where in the text.
    pub at: Position,
    /// What was expected, what was found.
    pub problem: String,
}

impl ParseError {
    pub(super) fn new(at: Position, problem: impl Into<String>) -> Self {
        Self { at, problem: problem.into() }
    }
}

/// Digits beyond this could not fit a message, and reading them takes time that grows with their
/// square.
pub(crate) const INT_DIGITS_MAX: usize = 10_000;

/// Characters of an annotation, its sigil included.
const ANNOT_BYTES_MAX: usize = 255;

/// A place in the text; both count from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in its line.
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The smallest pieces of Michelson text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Int(BigInt),
    String(String),
    Bytes(Vec<u8>),
    Name(String),
    Annot(String),
    /// One of `( ) { } ;`.
    Punct(char),
    /// One of either kind: the parser cares about where some stand.
    Comment,
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(i) => f.write_str(&quoted(&i.to_string())),
            Self::String(_) => f.write_str("a string"),
            Self::Bytes(_) => f.write_str("bytes"),
            Self::Name(name) | Self::Annot(name) => f.write_str(&quoted(name)),
            Self::Punct(c) => write!(f, "\"{c}\""),
            Self::Comment => f.write_str("a comment"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// Reads tokens one by one.
pub(super) struct Lexer<'a> {
    rest: std::iter::Peekable<std::str::Chars<'a>>,
    at: Position,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        // A mark of the byte order is no part of the text.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        Self { rest: text.chars().peekable(), at: Position { line: 1, column: 1 } }
    }

    fn bump(&mut self) -> Option<char> {
        let c = self.rest.next()?;
        if c == '\n' {
            self.at = Position { line: self.at.line + 1, column: 1 };
        } else {
            self.at.column += 1;
        }
        Some(c)
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(&c) = self.rest.peek() {
            if !accept(c) {
                break;
            }
            taken.push(c);
            self.bump();
        }
        taken
    }

    /// The next token and where it begins.
    pub(super) fn next(&mut self) -> Result<(Position, Token), ParseError> {
        self.take_while(|c| matches!(c, ' ' | '\n'));
        let at = self.at;
        let Some(&c) = self.rest.peek() else { return Ok((at, Token::End)) };
        let token = match c {
            '(' | ')' | '{' | '}' | ';' => {
                self.bump();
                Token::Punct(c)
            }
            '"' => self.string(at)?,
            '-' | '0'..='9' => self.number(at)?,
            'a'..='z' | 'A'..='Z' => {
                Token::Name(self.take_while(|c| c.is_ascii_alphanumeric() || c == '_'))
            }
            '#' => {
                self.take_while(|c| c != '\n');
                Token::Comment
            }
            '/' => self.block_comment(at)?,
            c if is_sigil(c) => self.annot(at)?,
            '\t' | '\r' => {
                let expected = "expected spaces and line feeds between expressions";
                return Err(ParseError::new(at, format!("{expected}, found {c:?}")));
            }
            other => {
                return Err(ParseError::new(at, format!("{EXPECTED}, found {other:?}")));
            }
        };
        Ok((at, token))
    }

    /// From its sigil to the next character that cannot be in an annotation.
    fn annot(&mut self, start: Position) -> Result<Token, ParseError> {
        let mut annot: String = self.bump().into_iter().collect();
        annot.push_str(&self.take_while(is_annot_char));
        if annot.len() > ANNOT_BYTES_MAX {
            let expected =
                format!("expected an annotation of at most {ANNOT_BYTES_MAX} characters");
            return Err(ParseError::new(start, format!("{expected}, found {}", annot.len())));
        }
        Ok(Token::Annot(annot))
    }

    /// `/* … */`, in which others may nest.
    fn block_comment(&mut self, start: Position) -> Result<Token, ParseError> {
        self.bump();
        if self.rest.peek() != Some(&'*') {
            return Err(ParseError::new(start, format!("{EXPECTED}, found '/'")));
        }
        self.bump();
        let mut open = 1_usize;
        while open > 0 {
            match (self.bump(), self.rest.peek()) {
                (Some('*'), Some('/')) => {
                    self.bump();
                    open -= 1;
                }
                (Some('/'), Some('*')) => {
                    self.bump();
                    open += 1;
                }
                (Some(_), _) => {}
                (None, _) => {
                    return Err(ParseError::new(start, "expected \"*/\" to close this comment"));
                }
            }
        }
        Ok(Token::Comment)
    }

    fn string(&mut self, start: Position) -> Result<Token, ParseError> {
        self.bump();
        let mut content = String::new();
        loop {
            let at = self.at;
            match self.bump() {
                Some('"') => return Ok(Token::String(content)),
                None | Some('\n') => {
                    let expected = "expected a closing quote before the end of the line";
                    return Err(ParseError::new(start, expected));
                }
                Some('\\') => content.push(match self.bump() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('b') => '\u{8}',
                    Some('r') => '\r',
                    Some('\\') => '\\',
                    Some('"') => '"',
                    other => {
                        let found = other.map_or_else(
                            || "the end".to_owned(),
                            |c| format!("\"\\{}\"", c.escape_debug()),
                        );
                        let expected = r#"expected an escape among \n \t \b \r \\ \""#;
                        return Err(ParseError::new(at, format!("{expected}, found {found}")));
                    }
                }),
                Some(c) if is_string_char(c) && c != '\r' => content.push(c),
                Some(c) => {
                    let expected = "expected printable ASCII in a string";
                    return Err(ParseError::new(at, format!("{expected}, found {c:?}")));
                }
            }
        }
    }

    /// A number or `0x` bytes.
    fn number(&mut self, start: Position) -> Result<Token, ParseError> {
        let minus = self.rest.peek() == Some(&'-');
        if minus {
            self.bump();
        }
        let digits = self.take_while(|c| c.is_ascii_digit());
        if digits == "0" && !minus && self.rest.peek() == Some(&'x') {
            self.bump();
            return self.bytes(start);
        }
        if digits.is_empty() {
            return Err(self.unexpected("a digit after \"-\""));
        }
        if digits.len() > INT_DIGITS_MAX {
            let expected = format!("expected a number of at most {INT_DIGITS_MAX} digits");
            return Err(ParseError::new(start, format!("{expected}, found {}", digits.len())));
        }
        self.delimited("a number")?;
        let parsed = BigInt::parse_bytes(digits.as_bytes(), 10)
            .ok_or_else(|| ParseError::new(start, "expected a number"))?;
        Ok(Token::Int(if minus { -parsed } else { parsed }))
    }

    fn bytes(&mut self, start: Position) -> Result<Token, ParseError> {
        let digits = self.take_while(|c| c.is_ascii_hexdigit());
        if self.rest.peek().is_some_and(char::is_ascii_alphanumeric) {
            return Err(self.unexpected("a hex digit"));
        }
        match hex::decode(&digits) {
            Ok(bytes) => Ok(Token::Bytes(bytes)),
            Err(_) => {
                let expected = "expected an even number of hex digits after 0x";
                Err(ParseError::new(start, format!("{expected}, found {}", digits.len())))
            }
        }
    }

    /// `12a` is a mistake, not `12` and then `a`. Anything but letters may follow at once.
    fn delimited(&mut self, what: &str) -> Result<(), ParseError> {
        match self.rest.peek() {
            Some(c) if c.is_ascii_alphabetic() => {
                Err(self.unexpected(&format!("a space or a delimiter after {what}")))
            }
            _ => Ok(()),
        }
    }

    fn unexpected(&mut self, expected: &str) -> ParseError {
        let found = self
            .rest
            .peek()
            .map_or_else(|| "the end".to_owned(), |c| format!("\"{}\"", c.escape_debug()));
        ParseError::new(self.at, format!("expected {expected}, found {found}"))
    }
}

/// What is missing when a character begins nothing at all.
const EXPECTED: &str = "expected a Michelson expression";

/// Whether this is an annotation: anything else, printed beside a primitive, would read as something else.
pub(crate) fn is_annot(text: &str) -> bool {
    let mut chars = text.chars();
    let begins = chars.next().is_some_and(is_sigil);
    begins && chars.all(is_annot_char) && text.len() <= ANNOT_BYTES_MAX
}

/// What an annotation begins with. Two of them may come again in it.
fn is_sigil(c: char) -> bool {
    matches!(c, '@' | ':' | '$' | '&' | '%' | '!' | '?')
}

fn is_annot_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '%' | '@')
}
