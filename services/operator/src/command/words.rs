//! The words of a command, told apart as a shell does, without anything else that a shell does.

use thiserror::Error;

/// Why the words are not to be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BadWords {
    /// There are none.
    #[error("expected a command, such as 'octez-client --endpoint http://127.0.0.1:8732'")]
    Empty,
    /// A quote has no end.
    #[error("a quote {0} has no end")]
    Quote(char),
    /// A character that no argument can have.
    #[error("an argument cannot have a zero byte in it")]
    Zero,
}

/// Splits a text at its spaces. What is between two `'` or two `"` is kept together. There are no variables, no
/// patterns and no escapes.
///
/// # Errors
/// When there are no words, or a quote has no end.
pub fn split(text: &str) -> Result<Vec<String>, BadWords> {
    if text.contains('\0') {
        return Err(BadWords::Zero);
    }
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in text.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    if let Some(open) = quote {
        return Err(BadWords::Quote(open));
    }
    words.extend(word);
    match words.first() {
        Some(first) if !first.is_empty() => Ok(words),
        _ => Err(BadWords::Empty),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_as_a_shell_tells_them_apart_and_nothing_else() {
        for (text, expected) in [
            ("octez-client", &["octez-client"][..]),
            ("  a \t b\nc ", &["a", "b", "c"]),
            ("a 'b c' \"d 'e'\"", &["a", "b c", "d 'e'"]),
            ("a b'c d'e ''", &["a", "bc de", ""]),
            ("a $(rm x) `y` *;|&>\\", &["a", "$(rm", "x)", "`y`", "*;|&>\\"]),
        ] {
            assert_eq!(split(text).unwrap(), expected, "{text}");
        }
        for text in ["", "  ", "'' a"] {
            assert_eq!(split(text), Err(BadWords::Empty), "{text:?}");
        }
        assert_eq!(split("a 'b"), Err(BadWords::Quote('\'')));
        assert_eq!(split("a \"b"), Err(BadWords::Quote('"')));
        assert_eq!(split("a\0"), Err(BadWords::Zero));
    }
}
