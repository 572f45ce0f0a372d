//! Michelson text into expressions, by recursive descent of bounded depth.

use super::lexer::{Lexer, ParseError, Position, Token};
use super::{DEPTH_MAX, Node, Prim};
use crate::plain::quoted;

/// Reads one expression, which must be all of the text.
pub fn parse(text: &str) -> Result<Node, ParseError> {
    let mut parser = Parser::new(text)?;
    let node = parser.application(0)?;
    match &parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("the end of the expression")),
    }
}

/// Reads the section of a script that begins with a primitive, such as `parameter`; `None` if there is
/// none. Other sections are passed over and may have anything in them, macros too. Their brackets count.
pub fn section(text: &str, name: &str) -> Result<Option<Node>, ParseError> {
    let mut parser = Parser::new(text)?;
    // A script may stand in braces or not.
    if parser.token == Token::Punct('{') {
        parser.advance()?;
    }
    let mut open = 0_usize;
    let mut begins = true;
    loop {
        match &parser.token {
            Token::Name(found) if begins && open == 0 && found == name => {
                return parser.application(0).map(Some);
            }
            Token::End => return Ok(None),
            Token::Punct('(' | '{') => open += 1,
            Token::Punct(')' | '}') => open = open.saturating_sub(1),
            _ => {}
        }
        begins = parser.token == Token::Punct(';');
        parser.advance()?;
    }
}

/// One token of look-ahead is all that Michelson needs.
struct Parser<'a> {
    lexer: Lexer<'a>,
    at: Position,
    token: Token,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Result<Self, ParseError> {
        let mut lexer = Lexer::new(text);
        let (at, token) = lexer.next()?;
        Ok(Self { lexer, at, token })
    }

    /// Steps on, and returns what was there.
    fn advance(&mut self) -> Result<Token, ParseError> {
        let (at, token) = self.lexer.next()?;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        ParseError::new(self.at, format!("expected {expected}, found {}", self.token))
    }

    /// A primitive with its annotations and arguments, or anything that is [`Self::atom`].
    fn application(&mut self, depth: usize) -> Result<Node, ParseError> {
        let Token::Name(_) = self.token else { return self.atom(depth) };
        let prim = self.prim()?;
        let mut annots = Vec::new();
        while let Token::Annot(_) = self.token {
            if let Token::Annot(annot) = self.advance()? {
                annots.push(annot);
            }
        }
        let mut args = Vec::new();
        loop {
            match self.token {
                Token::End | Token::Punct(')' | '}' | ';') => break,
                Token::Annot(_) => {
                    return Err(self.unexpected("annotations right after their primitive"));
                }
                _ => args.push(self.atom(depth + 1)?),
            }
        }
        Ok(Node::Prim { prim, args, annots })
    }

    /// What may stand as an argument: a literal, a bare primitive, `( … )` or `{ … }`.
    fn atom(&mut self, depth: usize) -> Result<Node, ParseError> {
        if depth >= DEPTH_MAX {
            let problem = format!("expected expressions at most {DEPTH_MAX} deep");
            return Err(ParseError::new(self.at, problem));
        }
        match self.token {
            Token::Punct('(') => self.parenthesised(depth),
            Token::Punct('{') => self.sequence(depth),
            Token::Name(_) => {
                Ok(Node::Prim { prim: self.prim()?, args: Vec::new(), annots: Vec::new() })
            }
            Token::Int(_) | Token::String(_) | Token::Bytes(_) => Ok(match self.advance()? {
                Token::Int(value) => Node::Int(value),
                Token::Bytes(value) => Node::Bytes(value),
                Token::String(value) => Node::String(value),
                _ => return Err(self.unexpected("a literal")),
            }),
            Token::Punct(_) | Token::Annot(_) | Token::End => {
                Err(self.unexpected("a Michelson expression"))
            }
        }
    }

    fn prim(&mut self) -> Result<Prim, ParseError> {
        let at = self.at;
        let Token::Name(name) = self.advance()? else {
            return Err(ParseError::new(at, "expected a primitive"));
        };
        Prim::from_name(&name).ok_or_else(|| {
            let advice = if name.chars().all(|c| c.is_ascii_uppercase() || c == '_') {
                " (macros are not expanded)"
            } else if name.chars().any(|c| c.is_ascii_digit()) {
                " (a string needs quotes)"
            } else {
                ""
            };
            ParseError::new(at, format!("{} is no Michelson primitive{advice}", quoted(&name)))
        })
    }

    fn parenthesised(&mut self, depth: usize) -> Result<Node, ParseError> {
        let open = self.at;
        self.advance()?;
        let node = self.application(depth + 1)?;
        match self.token {
            Token::Punct(')') => {
                self.advance()?;
                Ok(node)
            }
            _ => Err(self.unexpected(&format!("\")\" for the \"(\" at {open}"))),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Node, ParseError> {
        self.advance()?;
        let mut items = Vec::new();
        loop {
            if self.token == Token::Punct('}') {
                self.advance()?;
                return Ok(Node::Seq(items));
            }
            items.push(self.application(depth + 1)?);
            match self.token {
                Token::Punct(';') => {
                    self.advance()?;
                }
                Token::Punct('}') => {}
                _ => return Err(self.unexpected("\";\" or \"}\"")),
            }
        }
    }
}
