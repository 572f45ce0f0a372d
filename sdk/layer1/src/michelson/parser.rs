//! Michelson text into expressions, by recursive descent of bounded depth.
//!
//! What is taken and what is refused is what Octez's own parser of expressions takes and refuses, comments in
//! odd places included, but for two things. Lines need not be aligned: an expression has one meaning
//! however it is indented. And strings have the characters that layer 1 allows, no others.
//!
//! - Parentheses stand around a primitive with its annotations and arguments, and only where they are
//!   an argument, or all of the text.
//! - Annotations follow their primitive at once. The outermost one can have some in parentheses only.
//! - In a sequence semicolons may be between, before and after its nodes, but never two in a row. No
//!   semicolon is needed between a sequence and the next node.

use super::lexer::{Lexer, ParseError, Position, Token};
use super::{DEPTH_MAX, Node, Prim};
use crate::plain::quoted;

/// Reads one expression, which must be all of the text.
///
/// # Errors
/// Where the text is no expression: the place, what was expected, and what was found.
pub fn parse(text: &str) -> Result<Node, ParseError> {
    let mut parser = Parser::new(text)?;
    let open = parser.at;
    let node = if parser.token == Token::Punct('(') {
        parser.advance()?;
        parser.wrapped(open, 0)?
    } else {
        parser.skip_comments()?;
        match parser.token {
            Token::Punct('{') => parser.sequence(0)?,
            Token::Name(_) => {
                let prim = parser.prim()?;
                if let Token::Annot(_) = parser.token {
                    let expected = "parentheses around a primitive with annotations";
                    return Err(parser.unexpected(expected));
                }
                Node::Prim { prim, args: parser.arguments(0)?, annots: Vec::new() }
            }
            _ => {
                let node = parser.literal()?;
                parser.skip_comments()?;
                node
            }
        }
    };
    match &parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("the end of the expression")),
    }
}

/// Reads the section of a script that begins with a primitive, such as `parameter`; `None` if there is
/// none. Other sections are passed over and may have anything in them, macros too. Their brackets count.
///
/// # Errors
/// When the text is malformed: in which line and column, and what was expected there.
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

    fn skip_comments(&mut self) -> Result<(), ParseError> {
        while self.token == Token::Comment {
            self.advance()?;
        }
        Ok(())
    }

    fn unexpected(&self, expected: &str) -> ParseError {
        ParseError::new(self.at, format!("expected {expected}, found {}", self.token))
    }

    fn check_depth(&self, depth: usize) -> Result<(), ParseError> {
        if depth < DEPTH_MAX {
            return Ok(());
        }
        let problem = format!("expected expressions at most {DEPTH_MAX} deep");
        Err(ParseError::new(self.at, problem))
    }

    /// A number, a string or bytes.
    fn literal(&mut self) -> Result<Node, ParseError> {
        match self.token {
            Token::Int(_) | Token::String(_) | Token::Bytes(_) => Ok(match self.advance()? {
                Token::Int(value) => Node::Int(value),
                Token::Bytes(value) => Node::Bytes(value),
                Token::String(value) => Node::String(value),
                _ => return Err(self.unexpected("a literal")),
            }),
            _ => Err(self.unexpected("a Michelson expression")),
        }
    }

    /// A primitive with its annotations and arguments, which stands at this depth.
    fn application(&mut self, depth: usize) -> Result<Node, ParseError> {
        let prim = self.prim()?;
        let mut annots = Vec::new();
        while let Token::Annot(_) = self.token {
            if let Token::Annot(annot) = self.advance()? {
                annots.push(annot);
            }
        }
        Ok(Node::Prim { prim, args: self.arguments(depth)?, annots })
    }

    /// The arguments of a primitive at this depth: literals, bare primitives, `( … )` and `{ … }`.
    fn arguments(&mut self, depth: usize) -> Result<Vec<Node>, ParseError> {
        let mut args = Vec::new();
        loop {
            let is_argument = !matches!(
                self.token,
                Token::Comment | Token::Annot(_) | Token::End | Token::Punct(')' | '}' | ';')
            );
            if is_argument {
                self.check_depth(depth + 1)?;
            }
            args.push(match self.token {
                Token::Comment => {
                    self.advance()?;
                    continue;
                }
                Token::Int(_) | Token::String(_) | Token::Bytes(_) => self.literal()?,
                Token::Name(_) => {
                    Node::Prim { prim: self.prim()?, args: Vec::new(), annots: Vec::new() }
                }
                Token::Punct('{') => self.sequence(depth + 1)?,
                Token::Punct('(') => {
                    let open = self.at;
                    self.advance()?;
                    self.skip_comments()?;
                    self.wrapped(open, depth + 1)?
                }
                Token::Annot(_) => {
                    return Err(self.unexpected("annotations right after their primitive"));
                }
                Token::Punct(_) | Token::End => return Ok(args),
            });
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

    /// What follows a `(`: a primitive, at this depth, and the `)`.
    fn wrapped(&mut self, open: Position, depth: usize) -> Result<Node, ParseError> {
        let Token::Name(_) = self.token else {
            return Err(self.unexpected(&format!("a primitive after the \"(\" at {open}")));
        };
        let node = self.application(depth)?;
        match self.token {
            Token::Punct(')') => {
                self.advance()?;
                Ok(node)
            }
            _ => Err(self.unexpected(&format!("\")\" for the \"(\" at {open}"))),
        }
    }

    /// A sequence, which stands at this depth.
    fn sequence(&mut self, depth: usize) -> Result<Node, ParseError> {
        self.check_depth(depth)?;
        self.advance()?;
        let mut items = Vec::new();
        loop {
            match self.token {
                Token::Comment => {
                    self.advance()?;
                }
                Token::Punct(';') => {
                    self.advance()?;
                    if self.token == Token::Punct(';') {
                        return Err(self.unexpected("an expression or \"}\" after \";\""));
                    }
                }
                Token::Punct('}') => {
                    self.advance()?;
                    return Ok(Node::Seq(items));
                }
                Token::Punct('{') => items.push(self.sequence(depth + 1)?),
                _ => {
                    self.check_depth(depth + 1)?;
                    if let Token::Name(_) = self.token {
                        items.push(self.application(depth + 1)?);
                    } else {
                        items.push(self.literal()?);
                        self.skip_comments()?;
                    }
                    if !matches!(self.token, Token::Punct(';' | '}')) {
                        return Err(self.unexpected("\";\" or \"}\""));
                    }
                }
            }
        }
    }
}
