//! Command lines that a user is to run: each word as a shell takes it.

/// A word that a shell takes as it is.
pub(crate) fn word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:=@".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', r"'\''")),
    }
}

/// Words as a command line.
pub(crate) fn line(words: &[String]) -> String {
    words.iter().map(|one| word(one)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_a_shell_would_read_are_quoted() {
        for (given, expected) in [
            ("alice", "alice"),
            ("a/b-c.hex", "a/b-c.hex"),
            ("a b", "'a b'"),
            ("$(rm x)", "'$(rm x)'"),
            ("it's $x", r"'it'\''s $x'"),
            ("Pair \"a\" 1", "'Pair \"a\" 1'"),
            ("é", "'é'"),
            ("", "''"),
        ] {
            assert_eq!(word(given), expected);
        }
        assert_eq!(line(&["a".to_owned(), "b c".to_owned()]), "a 'b c'");
    }
}
