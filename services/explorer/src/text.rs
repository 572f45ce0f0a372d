//! Texts that strangers wrote, as a page shows them: the one way by which they get into one.

use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};
use layer1::plain::one_line;

use crate::limits::TEXT_CHARS;

/// A text that a stranger may have written: on one line, not too long, with nothing in it that is not seen, and apart
/// from the direction of what stands beside it. In a page it is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Text(String);

impl Text {
    /// Makes a text fit to be shown.
    pub(crate) fn of(text: &str) -> Self {
        let line = one_line(text);
        match line.char_indices().nth(TEXT_CHARS) {
            Some((at, _)) => Text(format!("{}…", line.get(..at).unwrap_or_default())),
            None => Text(line),
        }
    }

    /// For an attribute, where a template escapes it.
    pub(crate) fn plain(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let escaped = escape(&self.0, Html).map_err(|_| fmt::Error)?;
        write!(f, "<bdi>{escaped}</bdi>")
    }
}

impl HtmlSafe for Text {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_hostile_text_acts() {
        for (hostile, shown) in [
            ("<script>alert(1)</script>", "&#60;script&#62;alert(1)&#60;/script&#62;"),
            ("\" onload='x'", "&#34; onload=&#39;x&#39;"),
            ("&lt;b&gt;", "&#38;lt;b&#38;gt;"),
            ("gold\u{202e}dlog", "gold\\u{202e}dlog"),
            ("a\u{200b}b\u{2066}c", "a\\u{200b}b\\u{2066}c"),
            ("\u{1b}[2Jx\u{7}", "\\u{1b}[2Jx\\u{7}"),
            ("two\r\nlines\u{2028}three", "two lines three"),
            ("{{ 7 * 7 }}", "{{ 7 * 7 }}"),
            ("שלום", "שלום"),
        ] {
            assert_eq!(Text::of(hostile).to_string(), format!("<bdi>{shown}</bdi>"));
        }
        let long = Text::of(&"é".repeat(TEXT_CHARS + 1));
        assert_eq!(long.plain().chars().count(), TEXT_CHARS + 1);
        assert!(long.plain().ends_with('…'));
    }
}
